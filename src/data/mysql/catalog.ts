/** The catalog of a MariaDB or MySQL database. */

import type { Connection } from '../../database/database.ts'
import type { Relation } from '../../model/model.ts'
import type { Catalog, CatalogForeignKey, CatalogIndex, CatalogNote, CatalogTable } from '../catalog.ts'
import { asOwn } from '../describe/own.ts'
import { VIEW_REASON } from '../describe/writable.ts'
import type { SourceOptions } from '../source-options.ts'
import { checksOf, columnOfRow, mayInsert, mayRead, mayUpdate } from './catalog-column.ts'
import {
  type CheckRow,
  type ColumnRow,
  type IndexColumnRow,
  type KeyColumnRow,
  type MysqlRows,
  readRows,
  type TableRow,
} from './catalog-query.ts'

const OWN_PREFIX = 'castellan_'
const PRIMARY = 'PRIMARY'

const ON_DELETE: Readonly<Record<string, Relation['onDelete']>> = {
  CASCADE: 'cascade',
  'SET NULL': 'set-null',
  'SET DEFAULT': 'set-default',
}

/** Of the database that is connected to; `own`: its tables that begin with `castellan_` alone. */
export async function readMysqlCatalog(
  connection: Connection,
  { tables: which }: Pick<SourceOptions, 'tables'>,
): Promise<Catalog> {
  const world = worldOf(await readRows(connection))
  const wanted = world.tables.filter(
    ({ name, kind }) => kind !== 'SEQUENCE' && name.startsWith(OWN_PREFIX) === (which === 'own'),
  )
  const leftOut: Catalog['leftOut'][number][] = []
  const notes: CatalogNote[] = []
  const tables: CatalogTable[] = []
  for (const row of wanted) {
    const columns = world.columns.get(row.name) ?? []
    const problem = problemOf(row, columns)
    if (problem) {
      leftOut.push({ schema: null, name: row.name, ...problem })
      continue
    }
    const table = tableOf(world, row, columns)
    tables.push(which === 'own' ? asOwn(table) : table)
    notes.push(...notesOf(row, columns))
  }
  return { tables, leftOut, notes, defaultSchema: world.database }
}

/** The rows by the table they are of. */
interface World extends Pick<MysqlRows, 'database' | 'isMariadb' | 'hasRole' | 'tables'> {
  readonly columns: ReadonlyMap<string, readonly ColumnRow[]>
  readonly keys: ReadonlyMap<string, readonly KeyColumnRow[]>
  readonly indexes: ReadonlyMap<string, readonly IndexColumnRow[]>
  readonly checks: ReadonlyMap<string, readonly CheckRow[]>
  readonly filled: ReadonlySet<string>
  readonly mayDeleteAll: boolean
  readonly mayDelete: ReadonlySet<string | null>
}

function worldOf(rows: MysqlRows): World {
  const byTable = <Row extends { readonly table_name: string }>(
    all: readonly Row[],
  ): ReadonlyMap<string, readonly Row[]> => Map.groupBy(all, ({ table_name }) => table_name)
  const mayDelete = new Set(rows.deleteRights.map(({ table_name }) => table_name))
  return {
    ...rows,
    columns: byTable(rows.columns),
    keys: byTable(rows.keyColumns),
    indexes: byTable(rows.indexColumns),
    checks: byTable(rows.checks),
    filled: new Set(rows.triggers.map(({ table_name }) => table_name)),
    mayDeleteAll: mayDelete.has(null),
    mayDelete,
  }
}

function problemOf(
  row: TableRow,
  columns: readonly ColumnRow[],
): { readonly code: string; readonly detail: string } | null {
  if (columns.some(mayRead)) return null
  if (row.kind === 'VIEW' && columns.length === 0)
    return { code: 'broken-view', detail: 'The view can not be read.' }
  return { code: 'no-right', detail: 'The connected user may not read it.' }
}

function tableOf(world: World, row: TableRow, all: readonly ColumnRow[]): CatalogTable {
  const isView = row.kind === 'VIEW'
  const columns = all.filter(mayRead)
  const checkRows = world.checks.get(row.name) ?? []
  const checks = checksOf(checkRows, all)
  const indexes = [...Map.groupBy(world.indexes.get(row.name) ?? [], ({ name }) => name)]
  const primary = indexes.find(([name]) => name === PRIMARY)?.[1] ?? []
  return {
    schema: null,
    name: row.name,
    kind: isView ? 'view' : 'table',
    comment: isView || row.comment === '' ? null : row.comment,
    columns: columns.map((column) =>
      columnOfRow(column, {
        table: row,
        may: { insert: all.some(mayInsert), update: all.some(mayUpdate) },
        checks,
        isMariadb: world.isMariadb,
      }),
    ),
    primaryKey: primary.flatMap(({ column_name }) => column_name ?? []),
    indexes: indexes.flatMap(([name, parts]) => indexOf(row, name, parts)),
    foreignKeys: foreignKeysOf(world, row.name, all),
    rows: row.row_count === null ? null : Number(row.row_count),
    ...rightsOf(world, row, all),
    hasInsertTrigger: world.filled.has(row.name),
    definition: JSON.stringify([
      all.map(({ name, default_text, extra, expression }) => [name, default_text, extra, expression]),
      checkRows.map(({ name, clause }) => [name, clause]),
    ]),
  }
}

/** None for those that serve places. */
function indexOf(
  { engine }: TableRow,
  name: string,
  parts: readonly IndexColumnRow[],
): readonly CatalogIndex[] {
  const [first] = parts
  const isUnique = Number(first?.non_unique) === 0
  if (first?.method === 'FULLTEXT') {
    const columns = parts.flatMap(({ column_name }) => column_name ?? [])
    return [{ name, columns, isUnique: false, isPartial: false, method: 'words' }]
  }
  if (first?.method !== 'BTREE' && !isUnique) return []
  // the beginning of a column is an expression: two records may share it
  const columns = parts.map(({ column_name, prefix }) => (prefix === null ? column_name : null))
  const descending = parts.map(({ sort_order }) => sort_order === 'D')
  return [
    {
      name,
      columns,
      isUnique,
      isPartial: false,
      ...(first?.method !== 'BTREE' && { method: 'equal' }),
      ...(descending.includes(true) && { descending }),
      ...(engine === 'InnoDB' && { carriesKey: true }),
    },
  ]
}

/** In the order of their columns; the server tells them by name. */
function foreignKeysOf(
  { database, keys }: World,
  table: string,
  columns: readonly ColumnRow[],
): readonly CatalogForeignKey[] {
  const rows = (keys.get(table) ?? []).filter(({ target_table }) => target_table !== null)
  const place = new Map(columns.map(({ name }, index) => [name, index]))
  const placeOf = ([first]: readonly KeyColumnRow[]): number => place.get(first?.column_name ?? '') ?? 0
  const groups = [...Map.groupBy(rows, ({ name }) => name).values()]
  return groups
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((parts): CatalogForeignKey => {
      const [first] = parts
      const schema = first?.target_schema ?? null
      return {
        columns: parts.map(({ column_name }) => column_name),
        targetSchema: schema === database ? null : schema,
        targetTable: first?.target_table ?? '',
        targetColumns: parts.map(({ target_column }) => target_column ?? ''),
        onDelete: ON_DELETE[first?.delete_rule ?? ''] ?? 'restrict',
      }
    })
}

const NO_RIGHTS: CatalogTable['rights'] = { insert: false, update: false, delete: false }

function rightsOf(
  world: World,
  row: TableRow,
  columns: readonly ColumnRow[],
): Pick<CatalogTable, 'rights' | 'rightsReason'> {
  if (row.kind === 'VIEW') return { rights: NO_RIGHTS, rightsReason: VIEW_REASON }
  if (row.engine !== null && row.transactions === 'NO') {
    const rightsReason = `Its storage engine ${row.engine} has no transactions, so a change could not be undone with its event.`
    return { rights: NO_RIGHTS, rightsReason }
  }
  const denied = world.filled.has(row.name) ? undefined : columns.find(isOutOfReach)
  const rights = {
    insert: columns.some(mayInsert) && !denied,
    update: columns.some(mayUpdate),
    delete: world.mayDeleteAll || world.mayDelete.has(row.name) || (world.hasRole && columns.some(mayUpdate)),
  }
  const verbs = [
    ...(rights.insert ? [] : ['create']),
    ...(rights.update ? [] : ['change']),
    ...(rights.delete ? [] : ['delete']),
  ]
  if (verbs.length === 0) return { rights, rightsReason: null }
  const rightsReason =
    denied && columns.some(mayInsert)
      ? `The connected user lacks a right on the column "${denied.name}" that a new record needs.`
      : `The connected user may not ${verbs.join(' or ')} records here.`
  return { rights, rightsReason }
}

/** A new record needs a value there, and nobody can give it from here. */
function isOutOfReach(column: ColumnRow): boolean {
  if (mayRead(column) || column.nullable === 'YES' || column.default_text !== null) return false
  return !/auto_increment|GENERATED/i.test(column.extra)
}

function notesOf({ name }: TableRow, columns: readonly ColumnRow[]): readonly CatalogNote[] {
  return columns
    .filter((column) => !mayRead(column))
    .map((column) => ({
      table: { schema: null, name },
      column: column.name,
      code: 'no-right',
      detail: 'The connected user may not read this column; it is left out.',
    }))
}
