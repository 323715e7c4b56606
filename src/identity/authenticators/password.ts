/**
 * Storing and checking passwords: Argon2id (RFC 9106) in the PHC string format.
 *
 * Every computation holds its memory for a fifth of a second, so they queue:
 * as many at once as there are cores, at most three, and a bounded number that wait.
 */

import { type Argon2Parameters, argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AdminError } from '../../errors.ts'
import type { RandomBytes } from '../random.ts'

const derive = promisify(argon2)

export interface PasswordCost {
  readonly memoryKib: number
  readonly passes: number
}

/** What SECURITY.md's measurements recommend for sign-ins that are rare. */
export const DEFAULT_COST: PasswordCost = { memoryKib: 64 * 1024, passes: 3 }

const SALT_BYTES = 16
const TAG_BYTES = 32
const LANES = 1
/** Of 64 MiB each, so that a crowd at the door stays under 300 MiB. */
const MAX_AT_ONCE = 3
const MAX_WAITING = 64

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,172})$/

export interface Passwords {
  /** `$argon2id$v=19$m=65536,t=3,p=1$<salt>$<tag>`. */
  hash(password: string): Promise<string>
  /** With `stored` null it takes as long and answers false, so that time does not tell whether there is a password. */
  verify(password: string, stored: string | null): Promise<boolean>
  /** Whether it was made with other parameters than today's. */
  isOutdated(stored: string): boolean
}

export interface PasswordsOptions {
  readonly cost: PasswordCost
  readonly cores: number
  readonly randomBytes: RandomBytes
}

/** @throws AdminError `limit-exceeded` from every function when too many wait. */
export function createPasswords({ cost, cores, randomBytes }: PasswordsOptions): Passwords {
  const inTurn = queue(Math.max(1, Math.min(MAX_AT_ONCE, cores)))

  function tagOf(password: string, parts: Parts): Promise<Buffer> {
    const parameters: Argon2Parameters = {
      message: password.normalize('NFC'),
      nonce: parts.salt,
      parallelism: parts.lanes,
      tagLength: parts.tagBytes,
      memory: parts.memoryKib,
      passes: parts.passes,
    }
    return inTurn(() => derive('argon2id', parameters))
  }

  function fresh(): Parts {
    return { ...cost, lanes: LANES, salt: Buffer.from(randomBytes(SALT_BYTES)), tagBytes: TAG_BYTES }
  }

  return {
    async hash(password) {
      const parts = fresh()
      return written(parts, await tagOf(password, parts))
    },
    async verify(password, stored) {
      const read = stored === null ? null : parsed(stored)
      const tag = await tagOf(password, read ?? fresh())
      return read !== null && timingSafeEqual(tag, read.tag)
    },
    isOutdated(stored) {
      const read = parsed(stored)
      return read === null || read.memoryKib !== cost.memoryKib || read.passes !== cost.passes
    },
  }
}

interface Parts extends PasswordCost {
  readonly lanes: number
  readonly salt: Buffer
  readonly tagBytes: number
}

function written({ memoryKib, passes, lanes, salt }: Parts, tag: Buffer): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

function parsed(stored: string): (Parts & { readonly tag: Buffer }) | null {
  const match = PHC.exec(stored)
  if (!match) return null
  const [, memoryKib, passes, lanes, salt = '', encodedTag = ''] = match
  const tag = Buffer.from(encodedTag, 'base64')
  return {
    memoryKib: Number(memoryKib),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    tagBytes: tag.length,
    tag,
  }
}

/** Runs at most `width` at once, in the order of arrival. */
function queue(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running >= width) {
      if (waiting.length >= MAX_WAITING) throw tooMany()
      // whoever ends hands over its place, so nobody who comes later slips in between
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

function tooMany(): AdminError {
  return new AdminError('limit-exceeded', 'Too many sign-ins at once. Try again in 5 seconds.', {
    retryAfterSeconds: 5,
  })
}
