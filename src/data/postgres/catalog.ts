/** The catalog of a PostgreSQL database, or of an embedded PGlite. */

import type { Connection } from '../../database/database.ts'
import type { Relation } from '../../model/model.ts'
import type { Catalog, CatalogForeignKey, CatalogIndex, CatalogNote, CatalogTable } from '../catalog.ts'
import { asOwn } from '../describe/own.ts'
import { VIEW_REASON } from '../describe/writable.ts'
import type { SourceOptions } from '../source-options.ts'
import { columnOfRow, type TableChecks } from './catalog-column.ts'
import { readCheck } from './catalog-expression.ts'
import { readRows } from './catalog-query.ts'
import type {
  CheckRow,
  ColumnRow,
  ForeignKeyRow,
  IndexRow,
  PostgresRows,
  RelationRow,
  TypeRow,
} from './catalog-rows.ts'

const ON_DELETE: Readonly<Record<ForeignKeyRow['on_delete'], Relation['onDelete']>> = {
  a: 'restrict',
  r: 'restrict',
  c: 'cascade',
  n: 'set-null',
  d: 'set-default',
}

/** Of all schemas that the connected user may use; `own`: of the schema `castellan` alone. */
export async function readPostgresCatalog(
  connection: Connection,
  { tables: which }: Pick<SourceOptions, 'tables'>,
): Promise<Catalog> {
  const rows = await readRows(connection, which)
  const defaultSchema = which === 'own' ? null : rows.default_schema
  const world = worldOf(rows, defaultSchema)
  const leftOut: Catalog['leftOut'][number][] = []
  const notes: CatalogNote[] = rows.closed_schemas.map((name) => ({
    table: null,
    column: null,
    code: 'no-right',
    detail: `The connected role may not use the schema "${name}", so its tables are left out.`,
  }))
  const tables: CatalogTable[] = []
  for (const row of inOrder(rows.relations, defaultSchema)) {
    const schema = row.schema === defaultSchema ? null : row.schema
    const problem = problemOf(row, schema)
    if (problem) {
      leftOut.push({ schema, name: row.name, ...problem })
      continue
    }
    const table = tableOf(world, row, schema)
    tables.push(which === 'own' ? asOwn(table) : table)
    notes.push(...notesOf(world, row, schema))
  }
  return { tables, leftOut, notes, defaultSchema }
}

/** The rows by the table they are of. */
interface World {
  readonly defaultSchema: string | null
  readonly types: ReadonlyMap<number, TypeRow>
  readonly columns: ReadonlyMap<number, readonly ColumnRow[]>
  readonly primaryKeys: ReadonlyMap<number, readonly string[]>
  readonly foreignKeys: ReadonlyMap<number, readonly ForeignKeyRow[]>
  readonly checks: ReadonlyMap<number, readonly CheckRow[]>
  readonly indexes: ReadonlyMap<number, readonly IndexRow[]>
}

function worldOf(rows: PostgresRows, defaultSchema: string | null): World {
  const byRelation = <Row extends { readonly relation: number }>(
    all: readonly Row[],
  ): ReadonlyMap<number, readonly Row[]> => Map.groupBy(all, ({ relation }) => relation)
  return {
    defaultSchema,
    types: new Map(rows.types.map((type) => [type.id, type])),
    columns: byRelation(rows.columns),
    primaryKeys: new Map(rows.primary_keys.map(({ relation, columns }) => [relation, columns])),
    foreignKeys: byRelation(rows.foreign_keys),
    checks: byRelation(rows.checks),
    indexes: byRelation(rows.indexes),
  }
}

/** The schema that goes without saying first. */
function inOrder(relations: readonly RelationRow[], defaultSchema: string | null): readonly RelationRow[] {
  return relations.toSorted((a, b) => Number(a.schema !== defaultSchema) - Number(b.schema !== defaultSchema))
}

function problemOf(
  row: RelationRow,
  schema: string | null,
): { readonly code: string; readonly detail: string } | null {
  if (!row.can_select) return { code: 'no-right', detail: 'The connected role may not read it.' }
  if (!row.filled)
    return { code: 'not-filled', detail: 'The materialised view was never filled: refresh it, then restart.' }
  if (schema !== null || row.visible) return null
  return { code: 'hidden-by-another', detail: 'Another table of this name is found before it.' }
}

function tableOf(world: World, row: RelationRow, schema: string | null): CatalogTable {
  const isView = row.kind === 'v' || row.kind === 'm'
  const all = world.columns.get(row.id) ?? []
  const checks = checksOf(world, row, all)
  const columns = all.filter(({ can_select }) => can_select)
  const indexes = world.indexes.get(row.id) ?? []
  return {
    schema,
    name: row.name,
    kind: isView ? 'view' : 'table',
    comment: row.comment,
    columns: columns.map((column) => columnOfRow(world.types, row, column, checks)),
    // the records of heirs are seen in the table as well, and its key knows nothing of theirs
    primaryKey: row.heirs ? [] : (world.primaryKeys.get(row.id) ?? []),
    indexes: indexes.flatMap((index) => indexOf(index, row.heirs)),
    foreignKeys: (world.foreignKeys.get(row.id) ?? []).map((key) => foreignKeyOf(world, key)),
    rows: row.rows,
    plansByStatistics: true,
    ...rightsOf(row, all),
    hasInsertTrigger: row.fills,
    definition: definitionOf(world, row, all),
  }
}

function checksOf(world: World, row: RelationRow, columns: readonly ColumnRow[]): TableChecks {
  const names = new Map(columns.map(({ name }) => [name.toLowerCase(), name]))
  const read = (world.checks.get(row.id) ?? []).map(({ definition }) => readCheck(definition, names))
  return {
    choices: new Map(read.flatMap(({ choices }) => (choices ? [[choices.column, choices.values]] : []))),
    maxLengths: new Map(
      read.flatMap(({ maxLength }) => (maxLength ? [[maxLength.column, maxLength.length]] : [])),
    ),
  }
}

/** None for those that serve places, ranges and the like. */
function indexOf(row: IndexRow, hasHeirs: boolean): readonly CatalogIndex[] {
  const { name, columns, unique, partial, method, classes, descending, tie } = row
  if (method === 'gin' || method === 'gist') {
    const parts = columns.filter((_, place) => TRIGRAMS.has(classes[place] ?? ''))
    return parts.length === 0
      ? []
      : [{ name, columns: parts, isUnique: false, isPartial: partial, method: 'parts' }]
  }
  if (method !== 'btree' && method !== 'hash') return []
  return [
    {
      name,
      columns,
      isUnique: unique && !hasHeirs,
      isPartial: partial,
      ...((method === 'hash' || !row.plain) && { method: 'equal' }),
      ...(descending.includes(true) && { descending }),
      ...(tie !== null && { largestTie: tie }),
    },
  ]
}

const TRIGRAMS: ReadonlySet<string> = new Set(['gin_trgm_ops', 'gist_trgm_ops'])

function foreignKeyOf({ defaultSchema }: World, key: ForeignKeyRow): CatalogForeignKey {
  return {
    columns: key.columns,
    targetSchema: key.target_schema === defaultSchema ? null : key.target_schema,
    targetTable: key.target,
    targetColumns: key.target_columns,
    onDelete: ON_DELETE[key.on_delete],
  }
}

function rightsOf(
  row: RelationRow,
  columns: readonly ColumnRow[],
): Pick<CatalogTable, 'rights' | 'rightsReason'> {
  const nothing = { insert: false, update: false, delete: false }
  if (row.kind === 'v' || row.kind === 'm') return { rights: nothing, rightsReason: VIEW_REASON }
  const denied = columns.find((column) => isOutOfReach(row, column))
  const rights = {
    insert: row.can_insert && row.takes_insert && !denied,
    update: row.can_update && row.takes_update,
    delete: row.can_delete && row.takes_delete,
  }
  return { rights, rightsReason: rightsReasonOf(row, rights, denied?.name ?? null) }
}

/** A new record needs a value there, and nobody can give it from here. */
function isOutOfReach({ fills }: RelationRow, column: ColumnRow): boolean {
  const { can_select, required, expression, identity, sequence_denied } = column
  if (sequence_denied) return true
  return !fills && !can_select && required && expression === null && identity === ''
}

function rightsReasonOf(
  row: RelationRow,
  rights: CatalogTable['rights'],
  denied: string | null,
): string | null {
  const verbs = [
    ...(rights.insert ? [] : ['create']),
    ...(rights.update ? [] : ['change']),
    ...(rights.delete ? [] : ['delete']),
  ]
  if (verbs.length === 0) return null
  if (denied !== null && row.can_insert)
    return `The connected role lacks a right on the column "${denied}" that a new record needs.`
  const isForeign = row.kind === 'f' && !(row.takes_insert && row.takes_update && row.takes_delete)
  const who = isForeign ? 'The server that this table lives on' : 'The connected role'
  return `${who} may not ${verbs.join(' or ')} records here.`
}

/** Checks, defaults and what stands behind indexes, as PostgreSQL prints it. */
function definitionOf(world: World, row: RelationRow, columns: readonly ColumnRow[]): string {
  return JSON.stringify([
    columns.map(({ name, expression, identity, generated }) => [name, expression, identity, generated]),
    columns.map(({ type }) => world.types.get(type)).map((type) => [type?.labels, type?.checks]),
    (world.checks.get(row.id) ?? []).map(({ name, definition }) => [name, definition]),
    (world.indexes.get(row.id) ?? []).map(({ name, definition }) => [name, definition]),
  ])
}

function notesOf(world: World, row: RelationRow, schema: string | null): readonly CatalogNote[] {
  const table = { schema, name: row.name }
  const unread = (world.columns.get(row.id) ?? []).filter(({ can_select }) => !can_select)
  const note = (code: string, detail: string, column: string | null = null): CatalogNote => ({
    table,
    column,
    code,
    detail,
  })
  return [
    ...unread.map(({ name }) =>
      note('no-right', 'The connected role may not read this column; it is left out.', name),
    ),
    ...(row.secured
      ? [
          note(
            'row-level-security',
            'Row level security is on: only the rows that the connected role may see are here.',
          ),
        ]
      : []),
    ...(row.heirs
      ? [
          note(
            'inherited',
            'Other tables inherit from it, so its key can not tell its records from theirs: they are listed here and changed there.',
          ),
        ]
      : []),
  ]
}
