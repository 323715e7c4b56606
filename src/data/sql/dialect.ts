/**
 * What an engine contributes to the SQL that this folder writes: how a field's
 * values look in its columns, and how they are compared there.
 */

import { type RawBuilder, sql } from 'kysely'
import { type Field, fieldOf, type Model, type Value } from '../../model/model.ts'

export interface Dialect {
  /** How the values of a field are stored. */
  codec(model: Model, field: Field): Codec
  /** An expression that tells the records of a model without a key apart, to break ties; null: there is none. */
  tieBreaker(model: Model): string | null
}

/** Between a field's values in the server and in its column. */
export interface Codec {
  /** Whether the column may hold NULL, whatever the model tells people. */
  readonly isNullable: boolean
  /** What is selected to read the field. */
  select(column: RawBuilder<unknown>): RawBuilder<unknown>
  /** Total: what does not fit the field's type becomes its text form, so that no stored value breaks a page. */
  decode(raw: unknown): Value
  /** @throws AdminError `invalid-input` at the field when the column can't hold the value exactly. */
  encode(value: Value): unknown
  /** Two-valued where the column is not NULL; a stored value of another type compares as false. */
  compare(column: RawBuilder<unknown>, operator: SqlOperator, value: Value): RawBuilder<boolean>
  /** What to order by: the column itself wherever an index could serve. */
  order(column: RawBuilder<unknown>): RawBuilder<unknown>
}

export type SqlOperator = '=' | '<>' | '<' | '<=' | '>' | '>='

export const TRUE: RawBuilder<boolean> = sql<boolean>`(1 = 1)`
export const FALSE: RawBuilder<boolean> = sql<boolean>`(1 = 0)`

/**
 * The field of that name. Every identifier in SQL passes here, so that none
 * comes from a request.
 * @throws TypeError when the model has no such field: whoever built the query let it through.
 */
export function mustField(model: Model, name: string): Field {
  const field = fieldOf(model, name)
  if (!field) throw new TypeError(`"${model.name}" has no field "${name}".`)
  return field
}

/** The column of a field, quoted, under the alias of its table. */
export function columnOf(alias: string, field: Field): RawBuilder<unknown> {
  return sql.id(alias, field.column)
}

/** The table of a model, quoted, under an alias. */
export function tableOf(model: Model, alias: string): RawBuilder<unknown> {
  return sql`${sql.id(model.table)} AS ${sql.id(alias)}`
}

export function conjunction(parts: readonly RawBuilder<unknown>[]): RawBuilder<boolean> {
  const [only, ...rest] = parts
  if (!only) return TRUE
  return rest.length === 0 ? sql<boolean>`${only}` : sql<boolean>`(${sql.join(parts, sql` AND `)})`
}

export function disjunction(parts: readonly RawBuilder<unknown>[]): RawBuilder<boolean> {
  const [only, ...rest] = parts
  if (!only) return FALSE
  return rest.length === 0 ? sql<boolean>`${only}` : sql<boolean>`(${sql.join(parts, sql` OR `)})`
}
