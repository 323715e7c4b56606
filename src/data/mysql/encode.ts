/**
 * Values as a column shall store them.
 *
 * In strict mode the server refuses much of what it can't store, but one value
 * a statement, and it still rounds decimals and fractions of a second, pads
 * bytes, drops spaces and corrects the case of labels without a word. All of
 * that is refused here, at the field.
 */

import { AdminError } from '../../errors.ts'
import { canonicalDecimal } from '../../model/decimal.ts'
import { canonicalDate, canonicalSpan, canonicalTime, canonicalTimestamp } from '../../model/instant.ts'
import type { Value } from '../../model/model.ts'
import type { Coded } from './codec.ts'
import type { Column } from './column.ts'
import { shown } from './float.ts'
import { labelsOfSet } from './labels.ts'

/** Bytes of whole numbers, by the kind of column. */
const WIDTHS: ReadonlyMap<string, bigint> = new Map([
  ['tinyint', 1n],
  ['smallint', 2n],
  ['mediumint', 3n],
  ['int', 4n],
  ['integer', 4n],
  ['bigint', 8n],
])

/** As far as TIME goes, before midnight and after. */
export const MOST_HOURS = 838

const OLDEST_YEAR = 1901n
const LATEST_YEAR = 2155n

/** @throws AdminError `invalid-input` at the field when the column would store something else. */
export function written(field: Coded, column: Column, value: Exclude<Value, null>): unknown {
  const problem = problemOf(field, column, value)
  if (problem !== null) {
    throw new AdminError('invalid-input', `Check ${field.name}.`, { fields: { [field.name]: [problem] } })
  }
  return stored(field, column, value)
}

function stored(field: Coded, column: Column, value: Exclude<Value, null>): unknown {
  if (typeof value === 'number' && WIDTHS.has(column.kind)) return BigInt(value)
  // the largest is a little less than what it is shown as
  if (typeof value === 'number' && column.kind === 'float') return Math.fround(value)
  if (field.type === 'set') return labelsOfSet(value)?.join(',') ?? ''
  if (field.type === 'timestamp' || field.type === 'timestamptz') return moment(String(value))
  return value
}

/** `2026-11-21T10:00:00Z` as the server takes it; the session's zone is UTC. */
export function moment(value: string): string {
  return value.replace('T', ' ').replace(/Z$/, '')
}

function problemOf(field: Coded, column: Column, value: Exclude<Value, null>): string | null {
  if (value instanceof Uint8Array) return problemOfBytes(column, value)
  switch (typeof value) {
    case 'number':
      return WIDTHS.has(column.kind) || column.kind === 'year'
        ? problemOfWhole(column, value)
        : problemOfFloat(column, value)
    case 'bigint':
      return problemOfInteger(column, value)
    case 'string':
      return problemOfText(field, column, value)
    default:
      return null
  }
}

function problemOfWhole(column: Column, value: number): string | null {
  return Number.isSafeInteger(value) ? problemOfInteger(column, BigInt(value)) : 'must be a whole number'
}

function problemOfInteger({ kind, isUnsigned, precision }: Column, value: bigint): string | null {
  if (kind === 'bit') {
    const most = 2n ** BigInt(precision ?? 1) - 1n
    return value >= 0n && value <= most ? null : `must be from 0 to ${most}`
  }
  if (kind === 'year') {
    // 1 to 99 would become years of this century or the last
    const isYear = value === 0n || (value >= OLDEST_YEAR && value <= LATEST_YEAR)
    return isYear ? null : `must be a year from ${OLDEST_YEAR} to ${LATEST_YEAR}`
  }
  const width = WIDTHS.get(kind)
  if (width === undefined) return null
  const count = 2n ** (8n * width)
  const least = isUnsigned ? 0n : -count / 2n
  const most = least + count - 1n
  return value >= least && value <= most ? null : `must be from ${least} to ${most}`
}

function problemOfFloat({ kind, scale }: Column, value: number): string | null {
  if (!Number.isFinite(value)) return 'must be a number'
  if (kind === 'float' && shown(Math.fround(value)) !== value) {
    return 'must have fewer digits: this column stores about 7'
  }
  const rounds = scale !== null && Number(value.toFixed(scale)) !== value
  return rounds ? `must have at most ${scale} digits after the point` : null
}

function problemOfText(field: Coded, column: Column, value: string): string | null {
  switch (field.type) {
    case 'decimal':
      return problemOfDecimal(column, value)
    case 'date':
      return canonicalDate(value) === null ? 'must be a day that exists' : null
    case 'time':
      return canonicalTime(value) === null && canonicalSpan(value, MOST_HOURS) === null
        ? `must be a time, of ${MOST_HOURS} hours at most`
        : problemOfFraction(column, value)
    case 'set':
      return problemOfSet(column, value)
    case 'native':
      return value.isWellFormed() ? null : 'must be text: it holds half a character'
    case 'timestamp':
    case 'timestamptz':
      return canonicalTimestamp(value, 'utc') === null
        ? 'must be a moment that exists'
        : problemOfFraction(column, value)
    default:
      return problemOfCharacters(column, value)
  }
}

function problemOfDecimal({ precision, scale, isUnsigned }: Column, value: string): string | null {
  const canonical = canonicalDecimal(value, null)
  if (canonical === null) return 'must be a decimal number'
  if (isUnsigned && canonical.startsWith('-')) return 'must not be negative'
  const [whole = '', fraction = ''] = canonical.replace('-', '').split('.')
  if (scale !== null && fraction.length > scale) return `must have at most ${scale} digits after the point`
  const most = precision === null ? null : precision - (scale ?? 0)
  const digits = whole === '0' ? 0 : whole.length
  return most !== null && digits > most ? `must have at most ${most} digits before the point` : null
}

function problemOfFraction({ fraction }: Column, value: string): string | null {
  const [, digits = ''] = /\.(\d*?)0*Z?$/.exec(value) ?? []
  if (digits.length <= fraction) return null
  return fraction === 0
    ? 'must be a whole second: this column stores no fractions'
    : `must have at most ${fraction} digits of a second`
}

function problemOfCharacters({ kind, maxLength, labels }: Column, value: string): string | null {
  if (!value.isWellFormed()) return 'must be text: it holds half a character'
  if (labels !== null && !labels.includes(value)) return `must be one of ${labels.join(', ')}`
  if (kind === 'char' && value.endsWith(' ')) return 'must not end in a space: this column drops it'
  // the length of the longer types is in bytes, and the server counts those
  const isCounted = (kind === 'char' || kind === 'varchar') && maxLength !== null
  const isLong = isCounted && [...value].length > maxLength
  return isLong ? `must have at most ${maxLength} characters` : null
}

function problemOfSet({ labels }: Column, value: string): string | null {
  const given = labelsOfSet(value)
  if (given === null) return 'must be a list of texts'
  const unknown = labels === null ? [] : given.filter((label) => !labels.includes(label))
  return unknown.length > 0 ? `must be some of ${labels?.join(', ')}` : null
}

function problemOfBytes({ kind, maxLength }: Column, value: Uint8Array): string | null {
  if (maxLength === null) return null
  // a shorter one would be filled up with zeros
  if (kind === 'binary' && value.length !== maxLength) return `must have exactly ${maxLength} bytes`
  return value.length > maxLength ? `must have at most ${maxLength} bytes` : null
}
