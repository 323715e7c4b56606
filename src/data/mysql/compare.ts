/**
 * Comparisons that mean the same as those of `model/holds.ts`.
 *
 * The server compares texts by the collation of their column, most of which
 * disregard case, accents and spaces at the end. Here a text equals only itself:
 * the bytes decide, and beside them stands the column's own comparison, which is
 * never narrower and lets an index serve.
 */

import { type RawBuilder, sql } from 'kysely'
import { canonicalDecimal } from '../../model/decimal.ts'
import type { FieldType, Value } from '../../model/model.ts'
import { conjunction, FALSE, type SqlOperator, TRUE } from '../sql/dialect.ts'
import type { Coded } from './codec.ts'
import type { Column } from './column.ts'
import { moment } from './encode.ts'
import { storedComparison } from './float.ts'
import { labelsOfSet } from './labels.ts'

/** Digits of the longest decimal that the server computes with, and behind its point. */
const MOST_DIGITS = 65
const MOST_FRACTION = 30

const GEOMETRIES: ReadonlySet<string> = new Set([
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
])

/** Character sets whose bytes are those of UTF-8. */
const UTF8: ReadonlySet<string> = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii'])

/** Kinds whose `=` is exact with any whole number. */
const WHOLE: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'integer', 'bigint'])

export function isGeometry({ kind }: Column): boolean {
  return GEOMETRIES.has(kind)
}

export function compared(
  field: Coded,
  column: Column,
  expression: RawBuilder<unknown>,
  operator: SqlOperator,
  value: Value,
): RawBuilder<boolean> {
  if (value === null || !fits(field.type, value)) return FALSE
  if (value instanceof Uint8Array || typeof value === 'boolean') {
    return guarded(field, expression, plain(expression, operator, value))
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return comparedNumber(column, expression, operator, value)
  }
  switch (field.type) {
    case 'decimal':
      return plain(expression, operator, wholeDecimal(value))
    case 'date':
      return plain(expression, operator, value)
    case 'timestamp':
    case 'timestamptz':
      return plain(expression, operator, sql`CAST(${moment(value)} AS DATETIME(6))`)
    case 'time':
      return plain(expression, operator, sql`CAST(${value} AS TIME(6))`)
    case 'set': {
      const labels = labelsOfSet(value)
      return labels ? comparedText(column, expression, operator, labels.join(',')) : FALSE
    }
    default:
      return comparedText(column, expression, operator, value)
  }
}

/** Equal to one of several whole numbers or texts, none of them NULL; null for other values. */
export function among(
  { type }: Coded,
  column: Column,
  expression: RawBuilder<unknown>,
  values: readonly Value[],
): RawBuilder<boolean> | null {
  const fitting = values.filter((value) => value !== null && fits(type, value))
  if (fitting.length === 0) return FALSE
  if (WHOLE.has(column.kind) && !fitting.some(isInexact)) return isOneOf(expression, fitting)
  const texts = fitting.filter((value) => typeof value === 'string')
  const isText = column.charset !== null && texts.length === fitting.length
  if (!isText || !texts.every((value) => isComparable(column, value))) return null
  return conjunction([
    isOneOf(expression, texts),
    isOneOf(
      bytesOf(column, expression),
      texts.map((value) => Buffer.from(value)),
    ),
  ])
}

function isInexact(value: Value): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value)
}

function isOneOf(expression: RawBuilder<unknown>, values: readonly Value[]): RawBuilder<boolean> {
  return sql<boolean>`${expression} IN (${sql.join(values.map((value) => sql`${value}`))})`
}

/**
 * Whether two columns hold the same, under the aliases of their tables, as `compared` says of a value.
 * Null: their own comparison says just that.
 */
export function sameColumns(
  one: Column,
  here: RawBuilder<unknown>,
  other: Column,
  there: RawBuilder<unknown>,
): RawBuilder<boolean> | null {
  if (one.charset === null && other.charset === null) return null
  const exact = sql<boolean>`${bytesOf(other, there)} = ${bytesOf(one, here)}`
  const { charset, collation } = other
  // the collation of the other side lets its index serve, and the server would refuse two different ones
  if (one.charset === null || !isName(charset) || !isName(collation)) return exact
  const alike = sql`CONVERT(${here} USING ${sql.raw(charset)}) COLLATE ${sql.raw(collation)}`
  return conjunction([sql`${there} = ${one.collation === collation ? here : alike}`, exact])
}

function isName(text: string | null): text is string {
  return text !== null && /^\w+$/.test(text)
}

/** A value of another kind compares with nothing; the server would turn `abc` into 0. */
function fits(type: FieldType, value: Exclude<Value, null>): boolean {
  switch (type) {
    case 'int':
    case 'bigint':
    case 'float':
      return typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value))
    case 'bool':
      return typeof value === 'boolean'
    case 'bytes':
      return value instanceof Uint8Array
    case 'decimal':
      return typeof value === 'string' && canonicalDecimal(value, null) !== null
    default:
      return typeof value === 'string'
  }
}

function plain(
  expression: RawBuilder<unknown>,
  operator: SqlOperator,
  operand: RawBuilder<unknown> | Value,
): RawBuilder<boolean> {
  return sql<boolean>`${expression} ${sql.raw(operator)} ${operand}`
}

/** A truth that is stored as 7 is neither, and differs from nothing. */
function guarded(
  { type }: Coded,
  expression: RawBuilder<unknown>,
  condition: RawBuilder<boolean>,
): RawBuilder<boolean> {
  return type === 'bool' ? conjunction([sql`${expression} IN (0, 1)`, condition]) : condition
}

function comparedNumber(
  column: Column,
  expression: RawBuilder<unknown>,
  operator: SqlOperator,
  value: number | bigint,
): RawBuilder<boolean> {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    return infinite(operator, value > 0)
  }
  if (column.kind === 'float') {
    const stored = storedComparison(operator, Number(value))
    if (typeof stored === 'boolean') return stored ? TRUE : FALSE
    return plain(sql`(${expression} + 0e0)`, stored.operator, stored.value)
  }
  // the server takes 70 for the year 1970 when it compares
  if (column.kind === 'year') return plain(sql`CAST(${expression} AS UNSIGNED)`, operator, value)
  return plain(expression, operator, value)
}

/** No column holds an infinity. */
function infinite(operator: SqlOperator, isPositive: boolean): RawBuilder<boolean> {
  if (operator === '=' || operator === '<>') return operator === '<>' ? TRUE : FALSE
  return isPositive === operator.startsWith('<') ? TRUE : FALSE
}

/** As a decimal of all its digits: a text would be compared as a floating-point number. */
export function wholeDecimal(text: string): RawBuilder<unknown> {
  const canonical = canonicalDecimal(text, null) ?? '0'
  const [whole = '', fraction = ''] = canonical.replace('-', '').split('.')
  const scale = Math.min(fraction.length, MOST_FRACTION)
  const isRepresentable = whole.length + scale <= MOST_DIGITS && fraction.length === scale
  if (!isRepresentable) return sql`${Number(canonical)}`
  return sql`CAST(${canonical} AS DECIMAL(${sql.raw(String(MOST_DIGITS))}, ${sql.raw(String(scale))}))`
}

function comparedText(
  column: Column,
  expression: RawBuilder<unknown>,
  operator: SqlOperator,
  value: string,
): RawBuilder<boolean> {
  const exact = plain(bytesOf(column, expression), operator, Buffer.from(value))
  if (operator !== '=') return exact
  const isSame = sql<boolean>`${expression} = ${value}`
  return isComparable(column, value) ? conjunction([isSame, exact]) : exact
}

/** The text of a column in the bytes of UTF-8, whose order is that of code points. */
function bytesOf(column: Column, expression: RawBuilder<unknown>): RawBuilder<unknown> {
  if (isGeometry(column)) return sql`CAST(ST_AsText(${expression}) AS BINARY)`
  if (column.charset === null) return sql`CAST(CAST(${expression} AS CHAR) AS BINARY)`
  if (UTF8.has(column.charset)) return sql`CAST(${expression} AS BINARY)`
  return sql`CAST(CONVERT(${expression} USING utf8mb4) AS BINARY)`
}

/** Characters that a column can't hold are an error to the server, even in a comparison. */
function isComparable({ charset, kind }: Column, value: string): boolean {
  if (kind === 'uuid') return UUID.test(value)
  if (charset === null) return false
  return charset === 'utf8mb4' || [...value].every((character) => character <= '\u007f')
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
