/**
 * Inserting one record and telling its key.
 *
 * MariaDB gives the key back as its triggers and defaults made it. MySQL tells
 * the number that it counted up and nothing else, so that there the record is
 * looked up again by the key that it must have.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import { AdminError } from '../../errors.ts'
import type { Field, Model } from '../../model/model.ts'
import { bareTableOf, conjunction, type EncodedColumn, mustField } from '../sql/dialect.ts'
import type { Column } from './column.ts'

type Row = Readonly<Record<string, unknown>>

/** What the insert needs to know of the fields of the key. */
export interface KeyColumn {
  readonly field: Field
  readonly column: Column
  /** What is selected to read it. */
  select(expression: RawBuilder<unknown>): RawBuilder<unknown>
}

/** For MariaDB: one statement. */
export async function insertReturning(
  connection: Connection,
  model: Model,
  columns: readonly EncodedColumn[],
  key: readonly KeyColumn[],
): Promise<Row | null> {
  if (key.length === 0) return await insertPlain(connection, model, columns)
  const { rows } = await sql<Row>`${statement(model, columns)} RETURNING ${selected(key)}`.execute(connection)
  return keyOf(key, rows[0])
}

/**
 * For MySQL: the record is read again.
 * @throws AdminError `invalid-input` at a key that only the database would know, `conflict` when it has another.
 */
export async function insertAndLookUp(
  connection: Connection,
  model: Model,
  columns: readonly EncodedColumn[],
  key: readonly KeyColumn[],
): Promise<Row | null> {
  const given = new Map(columns.map(({ field, raw }) => [field.name, raw]))
  const unknown = key.filter(
    ({ field, column }) => (given.get(field.name) ?? null) === null && !column.isNumbered,
  )
  if (unknown.length > 0) {
    const names = unknown.map(({ field }) => field.name)
    throw new AdminError('invalid-input', `${model.label}: check ${names.join(', ')}.`, {
      fields: Object.fromEntries(
        names.map((name) => [
          name,
          ['must have a value: the database does not tell which one it would make'],
        ]),
      ),
    })
  }
  const { numAffectedRows } = await statement(model, columns).execute(connection)
  if (key.length === 0) return (numAffectedRows ?? 0n) > 0n ? {} : null
  // the server's own, since the driver rounds numbers beyond 2^53
  const numbered = sql`LAST_INSERT_ID()`
  const conditions = key.map(({ field }) => {
    const raw = given.get(field.name) ?? null
    return sql`${sql.id(field.column)} = ${raw === null ? numbered : sql`${raw}`}`
  })
  const { rows } = await sql<Row>`SELECT ${selected(key)} FROM ${bareTableOf(model)}
    WHERE ${conjunction(conditions)}`.execute(connection)
  const found = keyOf(key, rows[0])
  if (found) return found
  throw new AdminError(
    'conflict',
    `${model.label}: the database gave the new record another key, and does not tell which. It was not made.`,
  )
}

async function insertPlain(
  connection: Connection,
  model: Model,
  columns: readonly EncodedColumn[],
): Promise<Row | null> {
  const { numAffectedRows } = await statement(model, columns).execute(connection)
  return (numAffectedRows ?? 0n) > 0n ? {} : null
}

function statement(model: Model, columns: readonly EncodedColumn[]): RawBuilder<unknown> {
  const names = columns.map(({ field }) => sql.id(field.column))
  const values = columns.map(({ raw }) => sql`${raw}`)
  const list = (parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> =>
    parts.length === 0 ? sql`()` : sql`(${sql.join(parts)})`
  return sql`INSERT INTO ${bareTableOf(model)} ${list(names)} VALUES ${list(values)}`
}

/** Under names of our own: MariaDB takes the spaces off the front of one that a column may well have. */
function selected(key: readonly KeyColumn[]): RawBuilder<unknown> {
  return sql.join(
    key.map(({ field, select }, at) => sql`${select(sql.id(field.column))} AS ${sql.id(partName(at))}`),
  )
}

function keyOf(key: readonly KeyColumn[], row: Row | undefined): Row | null {
  return row ? Object.fromEntries(key.map(({ field }, at) => [field.column, row[partName(at)]])) : null
}

function partName(at: number): string {
  return `k${at}`
}

/** The fields of a model's key, with what is known of their columns. */
export function keyColumns(
  model: Model,
  columnOf: (field: Field) => Pick<KeyColumn, 'column' | 'select'>,
): readonly KeyColumn[] {
  return (model.key ?? []).map((name) => {
    const field = mustField(model, name)
    return { field, ...columnOf(field) }
  })
}
