/**
 * Values of fields in SQLite columns.
 *
 * SQLite lets any value into any column. Reading never fails: a value that does
 * not fit its field's type is given as text, as SQLite itself would print it
 * (bytes as their description). Comparing takes such a value for false, and
 * writing refuses what the column would change.
 */

import { type RawBuilder, sql } from 'kysely'
import { AdminError } from '../../errors.ts'
import { canonicalDecimal } from '../../model/decimal.ts'
import { canonicalDate, canonicalTime, canonicalTimestamp } from '../../model/instant.ts'
import type { Field, FieldType, Value } from '../../model/model.ts'
import { type Codec, conjunction, FALSE, type SqlOperator } from '../sql/dialect.ts'
import { narrowed, printed } from '../sql/raw.ts'
import type { Column } from './column.ts'
import { isOutOfOrder, mostDigits, OWN_FORM, readMoment, type TemporalType, writeMoment } from './temporal.ts'

/** A REAL keeps 15 decimal digits for certain. */
const EXACT_DIGITS = 15
/** Of a date and a time without a zone. */
const LENGTH_TO_NANOSECONDS = sql.lit('2026-11-21T10:00:00.123456789'.length)
const LARGEST_INTEGER = 2n ** 63n - 1n

const TEMPORAL: ReadonlySet<FieldType> = new Set(['date', 'time', 'timestamp', 'timestamptz'])
const NUMERIC: ReadonlySet<FieldType> = new Set(['int', 'bigint', 'decimal', 'float'])

/** What a codec has to know of the field. */
export type Coded = Pick<Field, 'name' | 'type' | 'scale'>

export function codecOf(field: Coded, column: Column): Codec {
  return {
    isNullable: column.isNullable,
    select: (expression) => expression,
    ...(field.type === 'bytes' && { measure: measured }),
    decode: (raw) => (raw === null ? null : (read(field, column, raw) ?? printed(raw))),
    encode: (value) => (value === null ? null : written(field, column, value)),
    compare: (expression, operator, value) => compared(field, column, expression, operator, value),
    compares: comparesOf(field, column),
    among: (expression, values) => (isWhole(field) ? amongWhole(expression, values) : null),
    order: (expression) => inOrder(field, column, expression),
    ...(isOutOfOrder(column.form) && { operand: (value: unknown) => inOneLength(sql`${value}`) }),
  }
}

/** What an index over the column serves. */
function comparesOf(field: Coded, column: Column): NonNullable<Codec['compares']> {
  if (isOutOfOrder(column.form)) return 'none'
  return isExactText(field, column) || column.collation !== 'BINARY' ? 'equal' : 'range'
}

/** What stands in the order of the values, where the column itself does not. */
function inOrder(field: Coded, column: Column, expression: RawBuilder<unknown>): RawBuilder<unknown> {
  if (isExactText(field, column)) return sql`CAST(${expression} AS REAL)`
  return isOutOfOrder(column.form) ? inOneLength(expression) : expression
}

/** `…T10:00:00.5Z` as `…T10:00:00.500000000`. */
function inOneLength(expression: RawBuilder<unknown>): RawBuilder<unknown> {
  const point = sql`CASE instr(${expression}, '.') WHEN 0 THEN '.' ELSE '' END`
  return sql`substr(rtrim(${expression}, 'Zz') || ${point} || '000000000', 1, ${LENGTH_TO_NANOSECONDS})`
}

/** SQLite knows the length of a blob without reading it; what is none is text, so that no number of its own looks like a length. */
function measured(expression: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`CASE typeof(${expression}) WHEN 'blob' THEN length(${expression}) ELSE CAST(${expression} AS TEXT) END`
}

const READERS: Partial<Record<FieldType, (field: Coded, raw: unknown) => Value>> = {
  int: (_, raw) => (typeof raw === 'bigint' ? narrowed(raw) : null),
  bigint: (_, raw) => (typeof raw === 'bigint' ? raw : null),
  float: (_, raw) => (typeof raw === 'bigint' || typeof raw === 'number' ? Number(raw) : null),
  bool: (_, raw) => (raw === 0n || raw === 1n ? raw === 1n : null),
  decimal: readDecimal,
  // a view into the driver's memory becomes bytes of their own
  bytes: (_, raw) => (raw instanceof Uint8Array ? new Uint8Array(raw) : null),
}

/** The value of the field's type, or null when the stored one is none. */
function read(field: Coded, column: Column, raw: unknown): Value {
  if (isTemporal(field.type)) return readMoment(field.type, column.form ?? OWN_FORM, raw)
  const reader = READERS[field.type]
  if (reader) return reader(field, raw)
  return typeof raw === 'string' ? raw : null
}

function readDecimal(field: Coded, raw: unknown): string | null {
  const text = typeof raw === 'number' ? plainDigits(raw) : String(raw)
  if (raw instanceof Uint8Array) return null
  return canonicalDecimal(text, field.scale) ?? canonicalDecimal(text, null)
}

/** The shortest digits that read back as the same number, without an exponent. */
function plainDigits(value: number): string {
  const text = String(value)
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  if (whole === '') return text
  const shift = Number(exponent)
  const digits = whole + fraction
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - whole.length)}${digits}`
  return `${sign}${digits.padEnd(whole.length + shift, '0')}`
}

function written(field: Coded, column: Column, value: Exclude<Value, null>): unknown {
  if (isTemporal(field.type)) return writtenMoment(field, field.type, column, String(value))
  switch (field.type) {
    case 'decimal':
      if (canonicalDecimal(String(value), null) === null) throw refused(field, 'must be a decimal number')
      return isExactText(field, column) ? String(value) : writtenDecimal(field, String(value))
    case 'int':
    case 'bigint':
      return writtenInteger(field, value)
    case 'float':
      // SQLite would store NULL
      if (Number.isNaN(value)) throw refused(field, 'must be a number')
      return value
    default:
      return value
  }
}

/** `infinity` and years that other databases know are no moments here. */
function writtenMoment(field: Coded, type: TemporalType, column: Column, value: string): string | bigint {
  if (!isMoment(type, value)) throw refused(field, 'must be a date or time of the years 1 to 9999')
  const form = column.form ?? OWN_FORM
  const most = mostDigits(type, form)
  if (most !== null && digitsOf(value) > most) {
    const finest = most === 0 ? 'whole seconds' : `at most ${most} digits of a second`
    throw refused(field, `must have ${finest}: this column stores no finer times`)
  }
  return writeMoment(type, form, value)
}

/** Of the fraction of a second, those that mean something. */
function digitsOf(moment: string): number {
  return /\.(\d*?)0*Z?$/.exec(moment)?.[1]?.length ?? 0
}

function isMoment(type: TemporalType, value: string): boolean {
  if (type === 'date') return canonicalDate(value) !== null
  return type === 'time' ? canonicalTime(value) !== null : canonicalTimestamp(value, 'utc') !== null
}

function writtenInteger(field: Coded, value: Value): Value {
  const isTooLarge = typeof value === 'bigint' && BigInt.asIntN(64, value) !== value
  if (isTooLarge) throw refused(field, `must be at most ${LARGEST_INTEGER}`)
  return value
}

/** NUMERIC columns turn text into INTEGER or REAL; what a REAL would round is refused instead. */
function writtenDecimal(field: Coded, text: string): bigint | number {
  const canonical = canonicalDecimal(text, null)
  if (canonical === null) throw refused(field, 'must be a decimal number')
  if (!canonical.includes('.')) {
    const whole = BigInt(canonical)
    if (BigInt.asIntN(64, whole) === whole) return whole
  }
  const digits = canonical.replace(/^-?0*\.?0*|\./g, '')
  if (digits.length > EXACT_DIGITS) {
    throw refused(field, `must have at most ${EXACT_DIGITS} digits: this column stores no more`)
  }
  return Number(canonical)
}

function refused(field: Coded, problem: string): AdminError {
  return new AdminError('invalid-input', `Check ${field.name}.`, { fields: { [field.name]: [problem] } })
}

function compared(
  field: Coded,
  column: Column,
  expression: RawBuilder<unknown>,
  operator: SqlOperator,
  value: Value,
): RawBuilder<boolean> {
  if (Number.isNaN(value)) return FALSE
  const isOrdering = operator !== '=' && operator !== '<>'
  const stored = sql`${comparable(field, column, value)}`
  const isMoved = isOrdering || isOutOfOrder(column.form)
  const operand = isOutOfOrder(column.form) ? inOneLength(stored) : stored
  const isText = !NUMERIC.has(field.type) && typeof value === 'string'
  const isForeign = isText && column.collation !== 'BINARY'
  const subject = isMoved ? inOrder(field, column, expression) : expression
  const exact = isForeign ? sql`${subject} COLLATE BINARY` : subject
  const condition = sql<boolean>`${exact} ${sql.raw(operator)} ${operand}`
  if (operator !== '=') return conjunction([condition, guard(field, column, expression)])
  // the column's own collation lets its index serve, the exact one decides
  return isForeign ? sql<boolean>`(${expression} = ${operand} AND ${condition})` : condition
}

function isWhole({ type }: Coded): boolean {
  return type === 'int' || type === 'bigint'
}

/** Whole numbers are exact in the JSON that SQLite reads. */
function amongWhole(expression: RawBuilder<unknown>, values: readonly Value[]): RawBuilder<boolean> | null {
  const isExact = values.every(
    (value) =>
      Number.isSafeInteger(value) || (typeof value === 'bigint' && BigInt.asIntN(64, value) === value),
  )
  return isExact
    ? sql<boolean>`${expression} IN (SELECT value FROM json_each(${`[${values.join()}]`}))`
    : null
}

/** Keeps out values of another storage class, which SQLite would order as well. */
function guard(field: Coded, column: Column, expression: RawBuilder<unknown>): RawBuilder<boolean> {
  if (field.type === 'bytes') return sql<boolean>`typeof(${expression}) = 'blob'`
  if (field.type === 'bool') return sql<boolean>`${expression} IN (0, 1)`
  const isNumber = NUMERIC.has(field.type) || (column.form !== null && column.form.kind !== 'text')
  if (isNumber && !isExactText(field, column))
    return sql<boolean>`typeof(${expression}) IN ('integer', 'real')`
  return sql<boolean>`typeof(${expression}) = 'text'`
}

/** The value as the column would store it, were it stored; never refused, since a comparison may be far off. */
function comparable(field: Coded, column: Column, value: Value): unknown {
  if (isTemporal(field.type) && typeof value === 'string') {
    // no moment that the column could count: every text is above its numbers
    if (!isMoment(field.type, value)) return value
    return writeMoment(field.type, column.form ?? OWN_FORM, value)
  }
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : Number(value)
  if (field.type === 'decimal' && typeof value === 'string') {
    return isExactText(field, column) ? value : comparableDecimal(value)
  }
  return value
}

function comparableDecimal(text: string): bigint | number {
  const canonical = canonicalDecimal(text, null) ?? '0'
  if (canonical.includes('.')) return Number(canonical)
  const whole = BigInt(canonical)
  return BigInt.asIntN(64, whole) === whole ? whole : Number(canonical)
}

/** A decimal in a column with TEXT affinity: exact at any length, and ordered by its number. */
function isExactText(field: Coded, column: Column): boolean {
  return field.type === 'decimal' && column.affinity === 'text'
}

function isTemporal(type: FieldType): type is TemporalType {
  return TEMPORAL.has(type)
}
