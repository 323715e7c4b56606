/**
 * Values as text, and back: the exact form that audit diffs, forms and keys use.
 *
 * Lossless for every type but bytes, which have a short description here and
 * their whole form only in `key.ts`. What people type is looser and is read by
 * `parse.ts`; what people see in lists is formatted by the pages.
 */

import { canonicalDecimal } from './decimal.ts'
import type { Field, Value } from './model.ts'

/** How many bytes a description shows before it breaks off. */
const SHOWN_BYTES = 16

/** The exact text of a value; null stays null. Bytes become `<12 bytes, 0a1b…>`. */
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
  const shown = Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex')
  const count = bytes.length === 1 ? '1 byte' : `${bytes.length} bytes`
  if (bytes.length === 0) return `<${count}>`
  return `<${count}, ${shown}${bytes.length > SHOWN_BYTES ? '…' : ''}>`
}
