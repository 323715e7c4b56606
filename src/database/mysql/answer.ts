/**
 * What a server answered, in the types of `Answer`.
 *
 * Every value comes as the bytes that the server printed and is read by the type
 * of its column, so that no setting of a driver or of a borrowed pool decides
 * what a value is.
 */

import type { FieldPacket, ResultSetHeader, TypeCast } from 'mysql2'
import type { Answer } from '../connection.ts'

/** What a driver hands over for one statement that was run with `RAW_VALUES`. */
export type RawResult = ResultSetHeader | readonly (readonly (Buffer | null)[])[]

/** Leaves every value as the bytes that came. */
export const RAW_VALUES: TypeCast = (field) => field.buffer()

/** Column types by number (https://mariadb.com/kb/en/result-set-packets/#field-types). */
const TYPE = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  longLong: 8,
  int24: 9,
  year: 13,
  varChar: 15,
  bit: 16,
  vector: 242,
  tinyBlob: 249,
  mediumBlob: 250,
  longBlob: 251,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const

const INTEGERS: ReadonlySet<number> = new Set([
  TYPE.tiny,
  TYPE.short,
  TYPE.long,
  TYPE.longLong,
  TYPE.int24,
  TYPE.year,
])
const FLOATS: ReadonlySet<number> = new Set([TYPE.float, TYPE.double])
/** Text, or bytes where the character set is `binary`. */
const STRINGS: ReadonlySet<number> = new Set([
  TYPE.varChar,
  TYPE.tinyBlob,
  TYPE.mediumBlob,
  TYPE.longBlob,
  TYPE.blob,
  TYPE.varString,
  TYPE.string,
])
const BINARY = 63

type Read = (bytes: Buffer) => unknown

export function answerOf(result: RawResult, fields: readonly FieldPacket[] | undefined): Answer {
  if (isHeader(result)) {
    const { affectedRows, insertId } = result
    // the driver rounds what is larger: such a number is not told
    const isExact = Number.isSafeInteger(insertId) && insertId > 0
    return { rows: [], changes: BigInt(affectedRows), lastRowId: isExact ? BigInt(insertId) : 0n }
  }
  const columns = (fields ?? []).map((field) => ({ name: field.name, read: readerOf(field) }))
  const rows = result.map((values) => {
    // without a prototype, since a column may have any name
    const row: Record<string, unknown> = Object.create(null)
    for (const [index, { name, read }] of columns.entries()) {
      const bytes = values[index] ?? null
      row[name] = bytes === null ? null : read(bytes)
    }
    return row
  })
  return { rows, changes: 0n, lastRowId: 0n }
}

function isHeader(result: RawResult): result is ResultSetHeader {
  return !Array.isArray(result)
}

function readerOf({ columnType = TYPE.varString, characterSet }: FieldPacket): Read {
  if (INTEGERS.has(columnType)) return (bytes) => BigInt(bytes.toString('latin1'))
  if (FLOATS.has(columnType)) return (bytes) => Number(bytes.toString('latin1'))
  if (columnType === TYPE.bit) return (bytes) => BigInt(`0x${bytes.toString('hex') || '0'}`)
  const isBytes = STRINGS.has(columnType) && characterSet === BINARY
  // bytes of their own, since these lie in what was received
  if (isBytes || columnType === TYPE.geometry || columnType === TYPE.vector)
    return (bytes) => Uint8Array.from(bytes)
  return (bytes) => bytes.toString()
}
