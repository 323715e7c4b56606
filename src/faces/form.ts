/**
 * A posted form, split into what it says of the record and what it brings along.
 *
 * Seven names are ours: the CSRF token, the version the form was made from, and
 * the evidence that an obligation asks for. Names that begin with `~` are about
 * other records that are written along with it. Every other name is a field's.
 */

import { AdminError } from '../errors.ts'

export interface Form {
  /** As typed, by field name; without prototype, so any name is safe to look up. */
  readonly fields: Readonly<Record<string, string>>
  readonly evidence: Evidence
  /** What stands under names that begin with `~`, in the order of the form; those of a set may stand often. */
  readonly along: ReadonlyMap<string, readonly string[]>
}

/** Begins the names of what a form says of other records. */
export const ALONG = '~'

/** Begins the names that may stand any number of times: the members of a set. */
export const MEMBER = '~link.'

/** Each absent when the form left it out or empty. */
export interface Evidence {
  readonly reason?: string
  readonly ticket?: string
  readonly confirmation?: string
  /** A code that proves again who asks. */
  readonly code?: string
  /** The answer of a passkey, which proves the same. */
  readonly passkey?: string
  /** The version of the record that the form was made from. */
  readonly version?: string
}

const EVIDENCE = {
  _reason: 'reason',
  _ticket: 'ticket',
  _confirmation: 'confirmation',
  _code: 'code',
  _passkey: 'passkey',
  _version: 'version',
} as const

/**
 * Reads a form; what was typed stays as it was typed, spaces included.
 *
 * A name stands once. The exception is a checkbox, which may follow a hidden
 * `false` of the same name, so that an empty one says so.
 *
 * @throws AdminError `invalid-input` at every other name that stands more than once.
 */
export function readForm(form: URLSearchParams): Form {
  const fields: Record<string, string> = Object.create(null)
  const evidence: Partial<Record<(typeof EVIDENCE)[keyof typeof EVIDENCE], string>> = {}
  const repeated: Record<string, readonly string[]> = {}
  const along = new Map<string, readonly string[]>()

  for (const name of new Set(form.keys())) {
    const values = form.getAll(name)
    const value = single(values)
    if (name.startsWith(MEMBER)) along.set(name, values)
    else if (value === null) repeated[name] = ['must be sent once']
    else if (name.startsWith(ALONG)) along.set(name, [value])
    else if (!isEvidence(name) && name !== '_csrf') fields[name] = value
    else if (isEvidence(name) && value.trim() !== '') evidence[EVIDENCE[name]] = value.trim()
  }
  const names = Object.keys(repeated)
  if (names.length > 0) {
    throw new AdminError('invalid-input', `The form sends ${names.join(', ')} more than once.`, {
      fields: repeated,
    })
  }
  return { fields, evidence, along }
}

function single(values: readonly string[]): string | null {
  if (values.length === 1) return values[0] ?? null
  const isCheckbox = values.length === 2 && values[0] === 'false' && values[1] === 'true'
  return isCheckbox ? 'true' : null
}

function isEvidence(name: string): name is keyof typeof EVIDENCE {
  return Object.hasOwn(EVIDENCE, name)
}
