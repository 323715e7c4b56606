/**
 * Making one table of ours with its indexes and foreign keys.
 *
 * MariaDB and MySQL commit at every statement that makes something, so there a
 * table is made by one statement with all that belongs to it, and only where it
 * is missing: a migration that was cut off is run again.
 */

import {
  type ColumnDataType,
  type ColumnDefinitionBuilder,
  type CreateTableBuilder,
  type Kysely,
  type RawBuilder,
  sql,
} from 'kysely'
import { engineOf } from '../database/connection.ts'
import type { Connection } from '../database/database.ts'
import { type ColumnTypes, columnTypes } from './column-types.ts'
import { type Family, familyOf, inStore, type StoreTables } from './tables.ts'

/** What a migration works with. */
export interface Making {
  readonly store: Kysely<StoreTables>
  readonly family: Family
  readonly types: ColumnTypes
}

export type TableName = keyof StoreTables & string
type Table = CreateTableBuilder<string, string>

export interface IndexPlan {
  readonly name: string
  readonly columns: readonly string[]
  readonly isUnique?: boolean
  /** Only the rows for which it holds; MariaDB and MySQL index all of them. */
  readonly where?: RawBuilder<boolean>
  /** What MariaDB and MySQL index instead; null: they need no such index. */
  readonly onMysql?: readonly (string | RawBuilder<unknown>)[] | null
}

/** A foreign key as MariaDB and MySQL want it; the other engines have it with its column, by `referring`. */
export interface ForeignKeyPlan {
  readonly column: string
  readonly to: readonly [TableName, string]
}

export interface TablePlan {
  readonly name: TableName
  /** Adds the columns and constraints. */
  columns(table: Table): Table
  readonly indexes?: readonly IndexPlan[]
  readonly foreignKeysOnMysql?: readonly ForeignKeyPlan[]
}

export function making(connection: Connection): Making {
  return {
    store: inStore(connection),
    family: familyOf(connection),
    types: columnTypes(engineOf(connection)),
  }
}

export async function makeTable(make: Making, plan: TablePlan): Promise<void> {
  const table = plan.columns(make.store.schema.createTable(plan.name))
  if (make.family === 'mysql') {
    await wholeTable(make, plan, table).execute()
    return
  }
  await table.execute()
  for (const index of plan.indexes ?? []) await makeIndex(make, plan.name, index)
}

/** Adds a column that may be null to a table of ours; on MariaDB and MySQL only where it is missing. */
export async function addColumn(
  { store, family }: Making,
  {
    table,
    column,
    type,
  }: { readonly table: TableName; readonly column: string; readonly type: ColumnDataType },
): Promise<void> {
  if (family === 'mysql') {
    const { rows } = await sql`
      select 1 from information_schema.columns
      where table_schema = database() and table_name = ${table} and column_name = ${column}`.execute(store)
    if (rows.length > 0) return
  }
  await store.schema.alterTable(table).addColumn(column, type).execute()
}

/** Adds an index to a table of ours; on MariaDB and MySQL only where it is missing. */
export async function addIndex(make: Making, table: TableName, plan: IndexPlan): Promise<void> {
  if (make.family === 'mysql') {
    const { rows } = await sql`
      select 1 from information_schema.statistics
      where table_schema = database() and table_name = ${table} and index_name = ${plan.name}`.execute(
      make.store,
    )
    if (rows.length > 0) return
  }
  await makeIndex(make, table, plan)
}

/** The column refers to another table of ours. */
export function referring(
  { family }: Making,
  column: ColumnDefinitionBuilder,
  to: `${TableName}.${string}`,
): ColumnDefinitionBuilder {
  return family === 'mysql' ? column : column.references(to)
}

/** The column holds JSON, which on MariaDB and MySQL only a check can say of a text. */
export function jsonOf(
  { family }: Making,
  column: ColumnDefinitionBuilder,
  name: string,
): ColumnDefinitionBuilder {
  return family === 'mysql' ? column.check(sql`json_valid(${sql.ref(name)})`) : column
}

async function makeIndex({ store }: Making, table: TableName, plan: IndexPlan): Promise<void> {
  const index = store.schema
    .createIndex(plan.name)
    .on(table)
    .columns([...plan.columns])
    .$call((made) => (plan.isUnique ? made.unique() : made))
  await (plan.where ? index.where(plan.where) : index).execute()
}

function wholeTable({ types }: Making, plan: TablePlan, columns: Table): Table {
  let table = columns.ifNotExists()
  for (const { name, columns: own, isUnique, onMysql } of plan.indexes ?? []) {
    if (onMysql === null) continue
    const indexed = [...(onMysql ?? own)].map((part) => (typeof part === 'string' ? sql.ref(part) : part))
    table = isUnique ? table.addUniqueConstraint(name, indexed) : table.addIndex(name, indexed)
  }
  for (const { column, to } of plan.foreignKeysOnMysql ?? []) {
    table = table.addForeignKeyConstraint(`${plan.name}_${column}`, [column], to[0], [to[1]])
  }
  return types.ending ? table.modifyEnd(types.ending) : table
}
