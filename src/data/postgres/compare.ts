/**
 * Comparisons in SQL that mean what `model/holds.ts` means by them.
 *
 * Where the column's own comparison is the same, it is used, so that an index
 * serves. Where it is not (a collation, `citext`, `real`), it narrows and the
 * exact one decides. What is no value of the field's type equals nothing.
 */

import { type RawBuilder, sql } from 'kysely'
import { isDecimal } from '../../model/decimal.ts'
import type { Field, FieldType, Value } from '../../model/model.ts'
import { FALSE, type SqlOperator, TRUE } from '../sql/dialect.ts'
import type { Column } from './column.ts'
import { isCertain, printedBy } from './printed.ts'
import { type TemporalType, writeMoment } from './temporal.ts'
import { isSingle, listText, UUID } from './write.ts'

type Condition = RawBuilder<boolean>
type Expression = RawBuilder<unknown>
type Comparer = (column: Column, expression: Expression, operator: SqlOperator, value: Value) => Condition

export function compared(
  field: Field,
  column: Column,
  expression: Expression,
  operator: SqlOperator,
  value: Value,
): Condition {
  if (field.type === 'array') return compareList(field, column, expression, operator, value)
  return COMPARERS[field.type](column, expression, operator, value)
}

/** Equal to one of the values, as one array of the very type that `compared` casts each of them to. */
export function among(
  field: Field,
  column: Column,
  expression: Expression,
  values: readonly Value[],
): Condition | null {
  const type = column.isArray ? undefined : ELEMENTS[field.type]
  if (!type || !values.every((value) => type.isElement(column, value))) return null
  return sql`${expression} = ANY(${`{${values.map(type.written).join()}}`}::${sql.raw(type.name)}[])`
}

interface ElementType {
  readonly name: string
  isElement(column: Column, value: Value): boolean
  /** As it stands in the text of an array (PostgreSQL, section 8.15.2). */
  written(value: Value): string
}

const INTEGERS: ElementType = {
  name: 'int8',
  isElement: (_, value) =>
    Number.isSafeInteger(value) || (typeof value === 'bigint' && BigInt.asIntN(64, value) === value),
  written: String,
}

const ELEMENTS: Readonly<Partial<Record<FieldType, ElementType>>> = {
  int: INTEGERS,
  bigint: INTEGERS,
  uuid: {
    name: 'uuid',
    isElement: (_, value) => typeof value === 'string' && UUID.test(value),
    written: String,
  },
  text: {
    name: 'text',
    isElement: ({ base, collation }, value) =>
      typeof value === 'string' &&
      (base === 'text' || base === 'varchar') &&
      collation !== 'loose' &&
      !value.includes('\0'),
    written: (value) => `"${String(value).replaceAll(/["\\]/g, '\\$&')}"`,
  },
}

const COMPARERS: Readonly<Record<Exclude<FieldType, 'array'>, Comparer>> = {
  int: compareInteger,
  bigint: compareInteger,
  decimal: compareDecimal,
  float: compareFloat,
  bool: (_, expression, operator, value) =>
    typeof value === 'boolean' ? sql`${expression} ${sql.raw(operator)} ${value}::bool` : FALSE,
  text: compareText,
  enum: compareText,
  uuid: compareUuid,
  date: momentComparer('date'),
  time: momentComparer('time'),
  timestamp: momentComparer('timestamp'),
  timestamptz: momentComparer('timestamptz'),
  json: comparePrinted,
  bytes: (_, expression, operator, value) =>
    value instanceof Uint8Array ? sql`${expression} ${sql.raw(operator)} ${value}::bytea` : FALSE,
  set: () => FALSE,
  native: comparePrinted,
  opaque: comparePrinted,
}

function compareInteger(_: Column, expression: Expression, operator: SqlOperator, value: Value): Condition {
  if (typeof value !== 'bigint' && typeof value !== 'number') return FALSE
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return compareBeyond(expression, operator, value)
  const isWithin = BigInt.asIntN(64, BigInt(value)) === BigInt(value)
  const operand = isWithin ? sql`${value}::int8` : sql`${value}::numeric`
  return sql`${expression} ${sql.raw(operator)} ${operand}`
}

/** With a fraction, or without end. */
function compareBeyond(expression: Expression, operator: SqlOperator, value: number): Condition {
  return Number.isNaN(value) ? FALSE : sql`${expression} ${sql.raw(operator)} ${value}::numeric`
}

/** NaN and the infinities, which are no decimals, compare as false. */
function compareDecimal(
  column: Column,
  expression: Expression,
  operator: SqlOperator,
  value: Value,
): Condition {
  if (typeof value !== 'string' || !isDecimal(value)) return FALSE
  const condition = sql<boolean>`${expression} ${sql.raw(operator)} ${value}::numeric`
  if (operator === '=') return condition
  return column.declared.includes('(')
    ? sql`(${condition} AND ${expression} <> 'NaN')`
    : sql`(${condition} AND ${expression} NOT IN ('NaN', 'Infinity', '-Infinity'))`
}

function compareFloat(
  column: Column,
  expression: Expression,
  operator: SqlOperator,
  value: Value,
): Condition {
  if ((typeof value !== 'number' && typeof value !== 'bigint') || Number.isNaN(value)) return FALSE
  const isNarrow = column.base === 'float4'
  if (isNarrow && operator === '=') {
    return isSingle(Number(value)) ? sql`${expression} = ${Number(value)}::float4` : FALSE
  }
  // a number of 32 bits is what it prints, not what it widens to
  const subject = isNarrow ? sql`${expression}::text::float8` : expression
  const condition = sql<boolean>`${subject} ${sql.raw(operator)} ${Number(value)}::float8`
  return operator === '=' ? condition : sql`(${condition} AND ${expression} <> 'NaN')`
}

function compareUuid(_: Column, expression: Expression, operator: SqlOperator, value: Value): Condition {
  if (typeof value !== 'string') return FALSE
  if (UUID.test(value)) return sql`${expression} ${sql.raw(operator)} ${value}::uuid`
  return byBytes(sql`${expression}::text`, operator, value)
}

function momentComparer(type: TemporalType): Comparer {
  return (_, expression, operator, value) => {
    const operand = typeof value === 'string' ? writeMoment(type, value) : null
    if (operand === null) return operator === '<>' && typeof value === 'string' ? TRUE : FALSE
    return sql`${expression} ${sql.raw(operator)} ${operand}::${sql.raw(type)}`
  }
}

function comparePrinted(
  column: Column,
  expression: Expression,
  operator: SqlOperator,
  value: Value,
): Condition {
  if (typeof value !== 'string') return FALSE
  const exact = byBytes(printedBy(column, expression), operator, value)
  return operator === '=' && isCertain(column, value) ? sql`(${expression} = ${value} AND ${exact})` : exact
}

/** Arrays have the order of their members, where those have one. */
function compareList(
  field: Field,
  column: Column,
  expression: Expression,
  operator: SqlOperator,
  value: Value,
): Condition {
  const text = listText(field, column, value)
  if (text === null || !column.isOrdered) return operator === '<>' && typeof value === 'string' ? TRUE : FALSE
  return sql`${expression} ${sql.raw(operator)} ${text}`
}

function compareText(column: Column, expression: Expression, operator: SqlOperator, value: Value): Condition {
  if (typeof value !== 'string') return FALSE
  const { base, collation, labels } = column
  const isEquality = operator === '=' || operator === '<>'
  const isPlain = base === 'text' || base === 'varchar'
  if (labels?.includes(value) && isEquality) return sql`${expression} ${sql.raw(operator)} ${value}`
  const subject = isPlain ? expression : sql`${expression}::text`
  const isSame = isPlain && (collation === 'bytes' || (collation === 'exact' && isEquality))
  if (isSame && !value.includes('\0')) return sql`${subject} ${sql.raw(operator)} ${value}`
  const exact = byBytes(subject, operator, value)
  // equal for the column is wider than equal: its index finds the candidates
  const isNarrowing =
    operator === '=' && (collation === 'loose' || base === 'bpchar') && !value.includes('\0')
  return isNarrowing ? sql`(${expression} = ${value} AND ${exact})` : exact
}

/** PostgreSQL has no NUL in texts: one that holds it equals none, and stands right behind what comes before its NUL. */
function byBytes(subject: Expression, operator: SqlOperator, value: string): Condition {
  const exact = sql`${subject} COLLATE "C"`
  const end = value.indexOf('\0')
  if (end === -1) return sql`${exact} ${sql.raw(operator)} ${value}`
  if (operator === '=') return FALSE
  if (operator === '<>') return TRUE
  return sql`${exact} ${operator.startsWith('<') ? sql`<=` : sql`>`} ${value.slice(0, end)}`
}
