/**
 * What an engine contributes to the SQL that this folder writes: how a field's
 * values look in its columns, how they are compared there, and where its
 * statements differ.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import type { JsonPath } from '../../model/json-path.ts'
import { type Field, fieldOf, type Indexing, type Model, type Value } from '../../model/model.ts'
import type { JsonPredicate } from '../../model/predicate.ts'

export interface Dialect {
  /** How the values of a field are stored. */
  codec(model: Model, field: Field): Codec
  /** A column that tells the records of a model without a key apart, to break ties; null: there is none. */
  tieBreaker(model: Model): string | null
  /** Where an ORDER BY puts NULL by itself: below every value, or above. */
  readonly nullsAre: 'lowest' | 'highest'
  /** An index serves `(a, b) > (x, y)`. */
  readonly comparesRows?: boolean
  /** Ends a query whose rows are found by its condition alone, whatever the query around it sorts by; absent: not needed. */
  readonly fence?: RawBuilder<unknown>
  /**
   * An ORDER BY has to name a column that IS NULL in all of its records, or the index that begins with it does not
   * serve; elsewhere it must not name it, for the same reason.
   */
  readonly ordersByNull?: boolean
  /** Member of the set that the column holds; what is no set has no members. Never NULL. */
  contains(field: Field, column: RawBuilder<unknown>, value: Value): RawBuilder<boolean>
  /** Substring or prefix without regard to case; a wildcard in `text` is a character. NULL where the column is. */
  textMatch(
    field: Field,
    column: RawBuilder<unknown>,
    operator: 'contains' | 'startsWith',
    text: string,
  ): RawBuilder<boolean>
  /** A substring that begins a word, found by the index of words over the column. Absent: any substring is. */
  wordMatch?(column: RawBuilder<unknown>, text: string): RawBuilder<boolean>
  /** An index in the order of the field finds what begins with a text, whatever its case; absent: none does. */
  begins?(model: Model, field: Field): boolean
  /** The index that helps a search best: "a trigram index". */
  readonly searchIndex?: string
  /** The indexes that serve the parts of an OR are used together; elsewhere each part has to be asked by itself. */
  readonly joinsIndexes?: boolean
  /** A subquery may look at the row that it is joined to: LATERAL. Absent: it may not. */
  readonly joinsLaterally?: boolean
  /** Equal to one of what a subquery finds, in a form that an index serves beside other conditions; absent: IN does. */
  equalsOneOf?(column: RawBuilder<unknown>, found: RawBuilder<unknown>): RawBuilder<boolean>
  /** What stands at a path within the JSON that the column holds; what is no JSON holds nothing. Never NULL. */
  json(field: Field, column: RawBuilder<unknown>, path: JsonPath, test: JsonPredicate): RawBuilder<boolean>
  /**
   * Whether two columns hold the same value. Null, or absent: `=` says just that; it says more where it
   * goes by a collation, and is refused where there are two.
   */
  same?(one: PlacedField, other: PlacedField): RawBuilder<boolean> | null
  /**
   * Runs a statement that may take only so long, without harm to the transaction that it is in; null: it took longer.
   * Absent: the engine keeps no such limit. `build` is given a condition that has to stand in the statement where the
   * engine can't stop it otherwise.
   */
  within?<Row>(
    connection: Connection,
    milliseconds: number,
    build: (guard: RawBuilder<boolean> | null) => RawBuilder<Row>,
  ): Promise<readonly Row[] | null>
  /**
   * About how many records a table has, or how many of them a condition holds for, from what the database keeps of
   * it; null: it does not tell. Absent: it never does.
   * @param where Null: all of them.
   */
  estimate?(connection: Connection, model: Model, where: EstimatedWhere | null): Promise<number | null>
  /** What ends a SELECT whose records stay as they are until the transaction ends; null: the engine needs none. */
  readonly lock: RawBuilder<unknown> | null
  /** A change can't look at the table that it changes: where a scope does, the record is locked and checked before. */
  readonly isBlindToItself?: boolean
  /** The head of a DELETE of the records of `model` under an alias, up to its WHERE. */
  deleteFrom(model: Model, alias: string): RawBuilder<unknown>
  /**
   * Inserts one record and returns the stored values of its key columns, as the database has them
   * after its defaults and triggers; null: a trigger left the record out.
   */
  insert(
    connection: Connection,
    model: Model,
    columns: readonly EncodedColumn[],
  ): Promise<Readonly<Record<string, unknown>> | null>
}

/** A condition over the table of a model under that alias. */
export interface EstimatedWhere {
  readonly condition: RawBuilder<boolean>
  readonly alias: string
}

/** A field of a model whose table has that alias. */
export interface PlacedField {
  readonly model: Model
  readonly field: Field
  readonly alias: string
}

/** A column and the value for it, as the driver takes it. */
export interface EncodedColumn {
  readonly field: Field
  readonly raw: unknown
}

/** Between a field's values in the server and in its column. */
export interface Codec {
  /** Whether the column may hold NULL, whatever the model tells people. */
  readonly isNullable: boolean
  /** What is selected to read the field. */
  select(column: RawBuilder<unknown>): RawBuilder<unknown>
  /** What is selected for the length of bytes, and for what else the column holds that as `select` gives it; absent: not of bytes. */
  measure?(column: RawBuilder<unknown>): RawBuilder<unknown>
  /** Total: what does not fit the field's type becomes its text form, so that no stored value breaks a page. */
  decode(raw: unknown): Value
  /** @throws AdminError `invalid-input` at the field when the column can't hold the value exactly. */
  encode(value: Value): unknown
  /** Two-valued where the column is not NULL; a stored value of another type compares as false. */
  compare(column: RawBuilder<unknown>, operator: SqlOperator, value: Value): RawBuilder<boolean>
  /**
   * Equal to one of many values, none of them NULL, all of them one parameter: the same as `compare` with `=` for each.
   * Null where the engine, or one of the values, has no such form.
   */
  among(column: RawBuilder<unknown>, values: readonly Value[]): RawBuilder<boolean> | null
  /** How far an index over the column serves `compare`; absent: as far as it goes. */
  readonly compares?: Indexing['compares']
  /** What is NULL exactly where there is no value; absent: the column itself. */
  presence?(column: RawBuilder<unknown>): RawBuilder<unknown>
  /** What to order by: the column itself wherever an index could serve. */
  order(column: RawBuilder<unknown>): RawBuilder<unknown>
  /** A value that was ordered by, as what it is compared with to go on from there; absent: a parameter. */
  operand?(raw: unknown): RawBuilder<unknown>
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
  return sql`${bareTableOf(model)} AS ${sql.id(alias)}`
}

/** The table of a model, quoted, with its schema where it has one. */
export function bareTableOf({ schema, table }: Model): RawBuilder<unknown> {
  return schema === null ? sql.id(table) : sql.id(schema, table)
}

/**
 * An INSERT that gives the key columns back, by column name: for engines that have RETURNING.
 * `DEFAULT VALUES` where nothing is given.
 * @param overriding What the engine wants before the values where one is of a column that it numbers by itself.
 */
export async function insertReturning(
  connection: Connection,
  model: Model,
  columns: readonly EncodedColumn[],
  overriding: RawBuilder<unknown> = sql``,
): Promise<Readonly<Record<string, unknown>> | null> {
  const key = (model.key ?? []).map((name) => sql.id(mustField(model, name).column))
  const names = columns.map(({ field }) => sql.id(field.column))
  const parameters = columns.map(({ raw }) => sql`${raw}`)
  const filled =
    columns.length === 0
      ? sql`DEFAULT VALUES`
      : sql`(${sql.join(names)})${overriding} VALUES (${sql.join(parameters)})`
  const returning = key.length === 0 ? sql`` : sql` RETURNING ${sql.join(key)}`
  const { rows, numAffectedRows } = await sql<
    Readonly<Record<string, unknown>>
  >`INSERT INTO ${bareTableOf(model)} ${filled}${returning}`.execute(connection)
  const [row] = rows
  if (key.length > 0) return row ?? null
  return (numAffectedRows ?? 0n) > 0n ? {} : null
}

/** The column equals one of the values, none of them NULL: by one parameter where the engine can. */
export function equalToOne(
  codec: Codec,
  column: RawBuilder<unknown>,
  values: readonly Value[],
): RawBuilder<boolean> {
  const together = values.length > 1 ? codec.among(column, values) : null
  return together ?? disjunction(values.map((value) => codec.compare(column, '=', value)))
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
