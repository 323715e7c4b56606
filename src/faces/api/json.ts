/**
 * What leaves as JSON: exact values, and records as their reader sees them.
 *
 * bigint and decimal travel as texts, since a JSON number would lose their last
 * digits; bytes only say how many there are.
 */

import type { RecordView } from '../../gate/records.ts'
import type { Value, Values } from '../../model/model.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export function jsonOfRecord({ key, title, values, masked, related, version }: RecordView): Json {
  return {
    key,
    title,
    values: jsonOfValues(values),
    masked,
    related: jsonOf(related),
    version,
  }
}

export function jsonOfValues(values: Values): Json {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, jsonOfValue(value)]))
}

function jsonOfValue(value: Value): Json {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return { bytes: value.length }
  // JSON has no infinity and would say null, which means something else.
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

/** The result of an action, whatever it is made of. What JSON has no form for is left out. */
export function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return jsonOfValue(value)
  if (value instanceof Uint8Array) return { bytes: value.length }
  if (Array.isArray(value)) return value.map(jsonOf)
  if (value instanceof Map) return jsonOf(Object.fromEntries(value))
  if (typeof value !== 'object') return null
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined && typeof part !== 'function')
      .map(([name, part]) => [name, jsonOf(part)]),
  )
}
