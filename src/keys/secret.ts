/**
 * The installation's secret: a text that does not print, and what makes one unfit.
 *
 * Secrets come from the configuration and wrap the key rings; nothing else uses them.
 */

import type { Mistake } from '../errors.ts'

/** A text that does not print: not by string, not as JSON, not in a dump of its owner. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }
}

/** 256 random bits as 43 letters and digits, as `castellan secret` prints. */
export function newSecret(randomBytes: (size: number) => Uint8Array): string {
  return Buffer.from(randomBytes(SECRET_BYTES)).toString('base64url')
}

const SECRET_BYTES = 32
const SECRET_REMEDY = 'Make one with "castellan secret" and set CASTELLAN_SECRET_KEY to it.'

/** Texts of tutorials and sample files, which everybody knows. */
const WELL_KNOWN =
  /change[-_ ]?(me|this)|replace[-_ ]?(me|this)|your[-_ ]?(secret|key)|insecure|example|password|secret[-_ ]?key|keyboard ?cat|0123456789|abcdefgh|this[-_ ]?is[-_ ]?(an?|my|the|not)|(my|super|top)[-_ ]?secret|non[-_ ]?dev|random[-_ ]?(secret|key|string)/i

/** A short text written several times is as easy to guess as the short text. */
const REPEATED = /^(.{1,20}?)\1+.{0,19}$/s

/** All that is wrong with the configured secrets; the texts themselves are never quoted. */
export function secretMistakes(keys: readonly string[]): Mistake[] {
  const place = 'CASTELLAN_SECRET_KEY'
  if (keys.length === 0) {
    return [{ id: 'C101', place, problem: 'there is no secret to wrap keys with.', remedy: SECRET_REMEDY }]
  }
  return keys.flatMap((key, index): Mistake[] => {
    const which = keys.length === 1 ? 'the secret' : `secret ${index + 1} of ${keys.length}`
    const bytes = Buffer.byteLength(key)
    if (WELL_KNOWN.test(key)) {
      return [{ id: 'C103', place, problem: `${which} is a well-known text.`, remedy: SECRET_REMEDY }]
    }
    if (bytes < SECRET_BYTES) {
      const problem = `${which} has ${bytes} bytes and needs ${SECRET_BYTES}.`
      return [{ id: 'C102', place, problem, remedy: SECRET_REMEDY }]
    }
    if (new Set(key).size < 10 || REPEATED.test(key)) {
      return [{ id: 'C103', place, problem: `${which} is easy to guess.`, remedy: SECRET_REMEDY }]
    }
    return []
  })
}
