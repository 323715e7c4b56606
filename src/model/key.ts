/**
 * Keys as they stand in addresses.
 *
 * One record has exactly one address: what does not read back to the same text
 * leads nowhere. Callers percent-encode; this file knows nothing of URLs but
 * the words that the pages keep for themselves.
 */

import type { Field, Key, Model, Value } from './model.ts'
import { fieldOf } from './model.ts'
import { textOf, valueOfText } from './text.ts'

/** Words that stand in a record's place in an address and mean something else. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set([
  'new',
  'edit',
  'import',
  'export',
  'trash',
  'history',
])

/** Segments that a URL parser removes, however they are encoded, and one that can't be seen. */
const LOST_IN_ADDRESSES: ReadonlySet<string> = new Set(['', '.', '..'])

/**
 * A single key is its text, with a `~` before it when it is a reserved word,
 * begins with `~` or would be lost in an address. A key of several fields is a
 * JSON array of texts: `["10482","1"]`. Bytes are hexadecimal.
 *
 * A key that holds NULL names no single record; it gets a text that `decodeKey` refuses.
 */
export function encodeKey(model: Model, key: Key): string {
  const fields = keyFields(model)
  const [first] = fields
  if (first === undefined || fields.length > 1) {
    return JSON.stringify(fields.map((field, index) => partText(field, key[index] ?? null)))
  }
  const only = partText(first, key[0] ?? null)
  if (only === null) return '~null'
  return isSpecial(only) ? `~${only}` : only
}

/** The key of that address, or null when no record can have it. */
export function decodeKey(model: Model, text: string): Key | null {
  const fields = keyFields(model)
  const texts = fields.length === 1 ? [text.startsWith('~') ? text.slice(1) : text] : partsOf(text)
  if (fields.length === 0 || texts?.length !== fields.length) return null
  const key: Value[] = []
  for (const [index, field] of fields.entries()) {
    const value = partValue(field, texts[index] ?? '')
    if (value === undefined) return null
    key.push(value)
  }
  return encodeKey(model, key) === text ? key : null
}

function isSpecial(text: string): boolean {
  return text.startsWith('~') || RESERVED_WORDS.has(text) || LOST_IN_ADDRESSES.has(text)
}

/** Found once for a model, and not again for each record of a list. */
const keyFieldsOf = new WeakMap<Model, readonly Field[]>()

function keyFields(model: Model): readonly Field[] {
  const known = keyFieldsOf.get(model)
  if (known) return known
  const fields = (model.key ?? []).map((name) => {
    const field = fieldOf(model, name)
    if (!field) throw new TypeError(`The key of "${model.name}" names "${name}", which is not a field of it.`)
    return field
  })
  keyFieldsOf.set(model, fields)
  return fields
}

function partsOf(text: string): readonly string[] | null {
  try {
    const parts: unknown = JSON.parse(text)
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : null
  } catch {
    return null
  }
}

function partText(field: Field, value: Value): string | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : textOf(field, value)
}

function partValue(field: Field, text: string): Value | undefined {
  if (field.type !== 'bytes') return valueOfText(field, text)
  return /^(?:[0-9a-f]{2})*$/.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : undefined
}
