/**
 * Reads a Drizzle schema: names, relations, enums and code of the application,
 * and borrows its connection. Exported as `castellan/drizzle`.
 *
 * Facts of Drizzle ORM 0.45 (https://orm.drizzle.team/docs/relations).
 */

import {
  type Column,
  createTableRelationsHelpers,
  extractTablesRelationalConfig,
  getTableColumns,
  getTableName,
  is,
  One,
  type Relation,
  Table,
} from 'drizzle-orm'
import { MySqlTable, getTableConfig as mysqlConfig } from 'drizzle-orm/mysql-core'
import { PgTable, getTableConfig as postgresConfig } from 'drizzle-orm/pg-core'
import { SQLiteTable, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core'
import type { CodeValues, FieldOverlay, ModelOverlay, Overlay, RelationOverlay } from '../data/overlay.ts'
import type { SourceDefinition } from '../data/source-definition.ts'
import { borrow } from './borrow.ts'
import { choicesOf } from './choices.ts'
import { writesOf } from './writes.ts'

export interface DrizzleOptions {
  /** What `drizzle(…, { schema })` got: the tables and their `relations`, by the application's names. */
  readonly schema: Readonly<Record<string, unknown>>
  /** For tables with `$defaultFn` or `$onUpdateFn`; `refuse` (by default) keeps them read-only. */
  readonly writes?: SourceDefinition['writes']
}

/**
 * The database behind a Drizzle instance, with its schema laid over.
 * @param db What `drizzle()` returned; its pool is borrowed and never closed.
 */
export function drizzleSource(db: { readonly $client: unknown }, options: DrizzleOptions): SourceDefinition {
  return {
    open: async () => ({
      database: await borrow(db.$client, 'Drizzle'),
      overlay: await withWriter(db, options),
    }),
    writes: writesOf(options.writes, 'Drizzle'),
  }
}

/** Loaded on use: the package `pg` is there where its pool was handed over, and perhaps nowhere else. */
async function withWriter(
  { $client }: { readonly $client: unknown },
  { schema, writes }: DrizzleOptions,
): Promise<Overlay> {
  const overlay = drizzleOverlay(schema)
  const isPool = typeof $client === 'object' && $client !== null && 'connect' in $client
  if (writes !== 'orm' || !isPool) return overlay
  const { drizzleWriter } = await import('./drizzle-writer.ts')
  return { ...overlay, writer: drizzleWriter(schema) }
}

/** What a Drizzle schema says of its tables. */
export function drizzleOverlay(schema: Readonly<Record<string, unknown>>): Overlay {
  const { tables } = extractTablesRelationalConfig(schema, createTableRelationsHelpers)
  const relationsByTable = new Map(
    Object.values(tables).map(({ tsName, relations }) => [tsName, Object.values(relations)]),
  )
  const models = Object.entries(schema).flatMap(([name, table]) =>
    is(table, Table) ? [modelOverlay(name, table, relationsByTable.get(name) ?? [], relationsByTable)] : [],
  )
  return { from: 'Drizzle', models }
}

type RelationsByTable = ReadonlyMap<string, readonly Relation[]>

function modelOverlay(
  name: string,
  table: Table,
  relations: readonly Relation[],
  all: RelationsByTable,
): ModelOverlay {
  const columns = Object.entries(getTableColumns(table))
  return {
    schema: schemaOf(table),
    table: getTableName(table),
    // the name of the variable, which is the application's word for the table
    entity: name,
    description: null,
    fields: columns.map(([property, column]) => fieldOverlay(property, column)),
    relations: relations.flatMap((relation) => relationOverlay(relation, all) ?? []),
    softDeleteColumn: null,
    codeOnWrite: [],
  }
}

function schemaOf(table: Table): string | null {
  if (is(table, PgTable)) return postgresConfig(table).schema ?? null
  if (is(table, MySqlTable)) return mysqlConfig(table).schema ?? null
  // SQLite has no schemas; asking makes sure that the table is one of Drizzle's
  if (is(table, SQLiteTable)) sqliteConfig(table)
  return null
}

function fieldOverlay(property: string, column: Column): FieldOverlay {
  const makes = codeValuesOf(column)
  return {
    column: column.name,
    property,
    help: null,
    choices: choicesOf(column.enumValues),
    isHidden: false,
    sensitivity: null,
    maxLength: lengthOf(column),
    readonlyReason: null,
    ...(makes && { makes }),
  }
}

function lengthOf(column: Column): number | null {
  return 'length' in column && typeof column.length === 'number' ? column.length : null
}

/** `$defaultFn` and `$onUpdateFn`; Drizzle calls the latter on insert as well, where there is no default. */
function codeValuesOf({ defaultFn, onUpdateFn }: Column): CodeValues | null {
  const onCreate = defaultFn ?? onUpdateFn
  if (!onCreate) return null
  return { onCreate: () => onCreate(), ...(onUpdateFn && { onUpdate: () => onUpdateFn() }) }
}

/** A `many` names no columns: they are those of the `one` on the other side. */
function relationOverlay(relation: Relation, all: RelationsByTable): RelationOverlay | null {
  const target = {
    targetSchema: schemaOf(relation.referencedTable),
    targetTable: relation.referencedTableName,
  }
  const { fieldName: name } = relation
  if (is(relation, One)) {
    if (!relation.config) return null
    return {
      ...target,
      name,
      kind: 'one',
      from: relation.config.fields.map((column) => column.name),
      to: relation.config.references.map((column) => column.name),
    }
  }
  const other = [...all.values()].flat().find((one) => isInverse(one, relation))
  if (!other || !is(other, One) || !other.config) return null
  return {
    ...target,
    name,
    kind: 'many',
    from: other.config.references.map((column) => column.name),
    to: other.config.fields.map((column) => column.name),
  }
}

function isInverse(one: Relation, many: Relation): boolean {
  if (!is(one, One) || !one.config) return false
  const leadsBack = one.sourceTable === many.referencedTable && one.referencedTable === many.sourceTable
  return leadsBack && (many.relationName === undefined || many.relationName === one.relationName)
}
