/** Keys of many records, in portions that every engine takes in one statement. */

import type { Key, Value } from '../model/model.ts'

/** A key of several fields is a condition of its own for each record, and engines nest only so many. */
const AT_ONCE = 200

export function chunksOf<One>(all: readonly One[]): readonly (readonly One[])[] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, index) =>
    all.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  )
}

/** Each key once, the first of those that are the same. */
export function distinctKeys(keys: readonly Key[]): readonly Key[] {
  return [...new Map(keys.map((key) => [exactly(key), key])).values()]
}

/** A text that two keys share only when they are the same. */
export function exactly(key: Key): string {
  return JSON.stringify(key.map(printable))
}

function printable(value: Value): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) }
  return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('hex') } : value
}
