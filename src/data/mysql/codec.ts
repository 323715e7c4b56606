/**
 * Values of fields in the columns of MariaDB and MySQL.
 *
 * Reading never fails: what does not fit its field's type, such as a zero date,
 * is given as the text that the server prints.
 * Writing refuses, at the field, what the server would store as something else.
 */

import { type RawBuilder, sql } from 'kysely'
import { canonicalDecimal } from '../../model/decimal.ts'
import { canonicalDate, canonicalSpan, canonicalTime, canonicalTimestamp } from '../../model/instant.ts'
import type { Field, FieldType, Value } from '../../model/model.ts'
import type { Codec } from '../sql/dialect.ts'
import { narrowed, printed } from '../sql/raw.ts'
import type { Column } from './column.ts'
import { among, compared, isGeometry, wholeDecimal } from './compare.ts'
import { MOST_HOURS, written } from './encode.ts'
import { shown } from './float.ts'
import { setOfLabels } from './labels.ts'

/** What a field says that its values depend on. */
export type Coded = Pick<Field, 'name' | 'type' | 'scale'>

export function codecOf(field: Coded, column: Column): Codec {
  return {
    isNullable: column.isNullable,
    select: (expression) => selected(column, expression),
    ...(field.type === 'bytes' && { measure: (expression) => sql`OCTET_LENGTH(${expression})` }),
    decode: (raw) => (raw === null ? null : (READERS[field.type](field, raw, column) ?? printed(raw))),
    encode: (value) => (value === null ? null : written(field, column, value)),
    compare: (expression, operator, value) => compared(field, column, expression, operator, value),
    among: (expression, values) => among(field, column, expression, values),
    compares: served(field, column),
    order: (expression) => ordered(column, expression),
    operand: (raw) =>
      column.kind === 'decimal' && typeof raw === 'string' ? wholeDecimal(raw) : sql`${raw}`,
  }
}

function selected(column: Column, expression: RawBuilder<unknown>): RawBuilder<unknown> {
  // by itself it would be printed with six digits
  if (column.kind === 'float') return sql`(${expression} + 0e0)`
  return isGeometry(column) ? sql`ST_AsText(${expression})` : expression
}

/** An enum or a set is sorted by the numbers of its labels, and must then be compared by them. */
/** Texts are told apart by their bytes, which equal ones of the column's collation are looked through for. */
function served(field: Coded, column: Column): 'range' | 'equal' | 'none' {
  if (column.kind === 'float' || column.kind === 'year') return 'none'
  switch (field.type) {
    case 'int':
    case 'bigint':
    case 'float':
    case 'decimal':
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'bytes':
      return 'range'
    case 'json':
    case 'opaque':
      return 'none'
    default:
      return field.type === 'text' && column.charset === null ? 'none' : 'equal'
  }
}

function ordered(column: Column, expression: RawBuilder<unknown>): RawBuilder<unknown> {
  if (column.kind === 'enum' || column.kind === 'set') return sql`CAST(${expression} AS UNSIGNED)`
  // MySQL's own type of JSON has an order that no text has
  if (column.kind === 'json') return sql`CAST(${expression} AS CHAR)`
  return selected(column, expression)
}

type Read = (field: Coded, raw: unknown, column: Column) => Value

const READERS: Readonly<Record<FieldType, Read>> = {
  int: (_, raw) => (typeof raw === 'bigint' ? narrowed(raw) : null),
  bigint: (_, raw) => (typeof raw === 'bigint' ? raw : null),
  decimal: (field, raw) =>
    typeof raw === 'string' || typeof raw === 'bigint' ? decimal(field, String(raw)) : null,
  float: (_, raw, column) => (typeof raw === 'number' ? floating(column, raw) : null),
  bool: (_, raw) => (raw === 0n || raw === 1n ? raw === 1n : null),
  text,
  enum: text,
  uuid: text,
  json: text,
  native: text,
  opaque: text,
  array: () => null,
  set: (_, raw) => (typeof raw === 'string' ? setOfLabels(raw) : null),
  date: (_, raw) => (typeof raw === 'string' ? canonicalDate(raw) : null),
  time: (_, raw) => (typeof raw === 'string' ? (canonicalTime(raw) ?? canonicalSpan(raw, MOST_HOURS)) : null),
  timestamp: (_, raw) => (typeof raw === 'string' ? canonicalTimestamp(raw, 'none') : null),
  timestamptz: (_, raw) => (typeof raw === 'string' ? canonicalTimestamp(raw, 'utc') : null),
  bytes: (_, raw) => (raw instanceof Uint8Array ? raw : null),
}

function text(_: Coded, raw: unknown): Value {
  return typeof raw === 'string' ? raw : null
}

function decimal({ scale }: Coded, raw: string): string | null {
  return canonicalDecimal(raw, scale) ?? canonicalDecimal(raw, null)
}

function floating({ kind }: Column, raw: number): number {
  return kind === 'float' ? shown(raw) : raw
}
