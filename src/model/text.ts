/**
 * Values as text, and back: the exact form that audit diffs, forms and keys use.
 *
 * Lossless for every type but bytes, of which only their number and their
 * SHA-256 stand here: enough to tell any two apart. Their whole form is in `key.ts`. What people type is looser and is read by
 * `parse.ts`; what people see in lists is formatted by the pages.
 */

import { createHash } from 'node:crypto'
import { canonicalDecimal } from './decimal.ts'
import type { Field, Value } from './model.ts'

/** The exact text of a value; null stays null. Bytes become `<12 bytes, SHA-256 0a1b…>`. */
export function textOf(field: Pick<Field, 'type'>, value: Value): string | null {
  if (value === null) return null
  if (value instanceof Uint8Array) return describeBytes(value)
  // The engine keeps the sign of a zero, and so must its text.
  if (field.type === 'float' && Object.is(value, -0)) return '-0'
  return String(value)
}

/**
 * The value whose `textOf` is exactly that text, or undefined when no value of
 * the field's type has it: `007` is nobody's number. Bytes have none.
 */
export function valueOfText(field: Pick<Field, 'type' | 'scale'>, text: string): Value | undefined {
  const value = readAs(field, text)
  return value !== undefined && textOf(field, value) === text ? value : undefined
}

function readAs(field: Pick<Field, 'type' | 'scale'>, text: string): Value | undefined {
  switch (field.type) {
    case 'int':
      return /^-?\d+$/.test(text) ? Number(text) : undefined
    case 'float':
      return text.trim() === '' ? undefined : Number(text)
    case 'bigint':
      return /^-?\d+$/.test(text) ? BigInt(text) : undefined
    case 'decimal':
      return (
        [canonicalDecimal(text, field.scale), canonicalDecimal(text, null)].find((one) => one === text) ??
        undefined
      )
    case 'bool':
      return text === 'true'
    case 'bytes':
      return undefined
    default:
      return text
  }
}

function describeBytes(bytes: Uint8Array): string {
  return `<${byteCount(bytes)}, SHA-256 ${digestOf(bytes)}>`
}

/** How many bytes a value of a field of bytes has: they may be there, or, in a list, their number alone. Null: it is none. */
export function lengthOfBytes({ type }: Pick<Field, 'type'>, value: Value): number | null {
  if (value instanceof Uint8Array) return value.length
  return type === 'bytes' && typeof value === 'number' ? value : null
}

/** "12 bytes". */
export function byteCount({ length }: Uint8Array): string {
  return length === 1 ? '1 byte' : `${length} bytes`
}

/** SHA-256 (FIPS 180-4) in hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
