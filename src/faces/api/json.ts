/**
 * What leaves as JSON: exact values, and records as their reader sees them.
 *
 * bigint and decimal travel as texts, since a JSON number would lose their last
 * digits; an array or a set is a JSON array of its members; bytes say how many
 * there are and, but in a list, their SHA-256; they come whole from an address of their own.
 */

import type { RecordView } from '../../gate/records.ts'
import { hasMembers, wireMembersOf } from '../../model/members.ts'
import { type Field, fieldOf, type Model, type Value, type Values } from '../../model/model.ts'
import { digestOf, lengthOfBytes, textOf } from '../../model/text.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export function jsonOfRecord(
  { key, title, values, masked, related, version }: RecordView,
  model: Pick<Model, 'fields'>,
): Json {
  return {
    key,
    title,
    values: jsonOfValues(values, model),
    masked,
    related: jsonOf(related),
    version,
  }
}

export function jsonOfValues(values: Values, model: Pick<Model, 'fields'>): Json {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const field = fieldOf(model, name)
      const members = field && hasMembers(field) ? wireMembersOf(value) : null
      return [name, members ?? (field ? jsonOfField(field, value) : jsonOfValue(value))]
    }),
  )
}

/** A list has read of bytes only how many there are. */
function jsonOfField(field: Field, value: Value): Json {
  const bytes = value instanceof Uint8Array ? null : lengthOfBytes(field, value)
  return bytes === null ? jsonOfValue(value) : { bytes }
}

function jsonOfValue(value: Value): Json {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return { bytes: value.length, sha256: digestOf(value) }
  // JSON has no infinity and would say null, which means something else; a zero would lose its sign.
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value
  return textOf({ type: 'float' }, value)
}

/** The result of an action, whatever it is made of. What JSON has no form for is left out. */
export function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return jsonOfValue(value)
  if (value instanceof Uint8Array) return jsonOfValue(value)
  if (Array.isArray(value)) return value.map(jsonOf)
  if (value instanceof Map) return jsonOf(Object.fromEntries(value))
  if (typeof value !== 'object') return null
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined && typeof part !== 'function')
      .map(([name, part]) => [name, jsonOf(part)]),
  )
}
