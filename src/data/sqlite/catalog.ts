/**
 * The catalog of a SQLite database: from what its PRAGMAs and CREATE statements
 * say, and from the first values that its columns hold.
 */

import type { Connection } from '../../database/database.ts'
import type { Relation } from '../../model/model.ts'
import type { Catalog, CatalogForeignKey, CatalogIndex, CatalogTable } from '../catalog.ts'
import { VIEW_REASON } from '../describe/writable.ts'
import type { SourceOptions } from '../source-options.ts'
import { columnOfRow, type KnownColumn } from './catalog-column.ts'
import type { Column } from './column.ts'
import { type Ddl, readDdl } from './ddl.ts'
import { estimate } from './estimate.ts'
import {
  type ColumnRow,
  cappedCount,
  type ForeignKeyRow,
  firstRows,
  type IndexRow,
  readRows,
  type SqliteRows,
  type TableRow,
} from './rows.ts'

/** What the adapter keeps of a table beside its model. */
export interface TableFacts {
  readonly columns: ReadonlyMap<string, Column>
  readonly ddl: Ddl
  /** The name under which rows have a number, when they have one that no column hides. */
  readonly rowId: string | null
}

export interface SqliteCatalog extends Catalog {
  /** By table name. */
  readonly facts: ReadonlyMap<string, TableFacts>
  /** `ANALYZE` has left what it found. */
  readonly hasStatistics: boolean
}

const OWN_PREFIX = 'castellan_'
const SAMPLED_ROWS = 50
/** Counting goes no further: what is larger is large (`data/describe/describe.ts`), and statistics may say how large. */
const COUNTED_ROWS = 100_000
const ROW_ID_NAMES: readonly string[] = ['_rowid_', 'rowid', 'oid']

const ON_DELETE: Readonly<Record<string, Relation['onDelete']>> = {
  CASCADE: 'cascade',
  'SET NULL': 'set-null',
  'SET DEFAULT': 'set-default',
}

export async function readSqliteCatalog(
  connection: Connection,
  { tables: which }: Pick<SourceOptions, 'tables'>,
): Promise<SqliteCatalog> {
  const rows = await readRows(connection)
  const wanted = rows.tables.filter(({ name }) => name.startsWith(OWN_PREFIX) === (which === 'own'))
  const isBroken = ({ name }: TableRow): boolean => rows.brokenViews.includes(name)
  const tables: CatalogTable[] = []
  const facts = new Map<string, TableFacts>()
  for (const row of wanted) {
    if (row.type === 'virtual' || isBroken(row)) continue
    const known = await readTable(connection, rows, row)
    tables.push(known.table)
    facts.set(row.name, known.facts)
  }
  const leftOut = (row: TableRow, code: string, detail: string): Catalog['leftOut'][number] => ({
    schema: null,
    name: row.name,
    code,
    detail,
  })
  return {
    tables,
    facts,
    hasStatistics: rows.hasStatistics,
    notes: [],
    leftOut: [
      ...wanted
        .filter(({ type }) => type === 'virtual')
        .map((row) => leftOut(row, 'virtual-table', 'Virtual tables are left out.')),
      ...wanted.filter(isBroken).map((row) => leftOut(row, 'broken-view', 'The view can not be read.')),
    ],
  }
}

async function readTable(
  connection: Connection,
  rows: SqliteRows,
  row: TableRow,
): Promise<{ readonly table: CatalogTable; readonly facts: TableFacts }> {
  const isTable = row.type === 'table'
  const declared = rows.columns.filter(({ tbl, hidden }) => tbl === row.name && hidden !== 1n)
  const ddl = readDdl(isTable ? row.sql : null, declared.map(nameOf))
  const primaryKey = declared.filter(({ pk }) => pk > 0n).toSorted((a, b) => Number(a.pk - b.pk))
  const foreignKeys = rows.foreignKeys.filter(({ tbl }) => tbl === row.name)
  const keyed = new Set([...foreignKeys.map(({ from }) => from), ...primaryKey.map(nameOf)])
  // a view may have to be computed whole before it gives its first row
  const samples = isTable ? await firstRows(connection, row.name, declared.map(nameOf), SAMPLED_ROWS) : []
  const columns = declared.map(
    (column): KnownColumn =>
      columnOfRow({
        row,
        column,
        ddl,
        isKey: keyed.has(column.name),
        values: samples.map((sample) => sample[column.name]).filter((value) => value !== null),
        primaryKeySize: primaryKey.length,
      }),
  )
  const indexes = rows.indexes.filter(({ tbl }) => tbl === row.name)
  return {
    table: {
      schema: null,
      name: row.name,
      kind: isTable ? 'table' : 'view',
      comment: null,
      columns: columns.map(({ described }) => described),
      primaryKey: primaryKey.map(nameOf),
      indexes: indexesOf(indexes, columns, carriesKey(row, primaryKey)),
      foreignKeys: foreignKeysOf(foreignKeys),
      rows: isTable ? await rowsIn(connection, rows, row.name) : null,
      rights: { insert: isTable, update: isTable, delete: isTable },
      // triggers here see a new record and can't change it
      hasInsertTrigger: false,
      rightsReason: isTable ? null : VIEW_REASON,
      definition: row.sql ?? '',
    },
    facts: {
      columns: new Map(columns.map(({ described, column }) => [described.name, column])),
      ddl,
      rowId: isTable && row.wr === 0n ? freeRowId(declared) : null,
    },
  }
}

async function rowsIn(connection: Connection, { hasStatistics }: SqliteRows, table: string): Promise<number> {
  const counted = await cappedCount(connection, table, COUNTED_ROWS)
  if (counted < COUNTED_ROWS || !hasStatistics) return counted
  return Math.max(counted, (await estimate(connection, table)) ?? 0)
}

function nameOf({ name }: ColumnRow): string {
  return name
}

/** Behind the columns of an index stands the number of the row, which the key is, or the key itself. */
function carriesKey({ wr }: TableRow, primaryKey: readonly ColumnRow[]): boolean {
  const [only, ...more] = primaryKey
  return wr === 1n || (more.length === 0 && only?.type.toUpperCase() === 'INTEGER')
}

function indexesOf(
  rows: readonly IndexRow[],
  columns: readonly KnownColumn[],
  carries: boolean,
): readonly CatalogIndex[] {
  const collations = new Map(columns.map(({ described, column }) => [described.name, column.collation]))
  return [...Map.groupBy(rows, ({ idx }) => idx)].map(([name, parts]): CatalogIndex => {
    const descending = parts.map(({ is_descending }) => is_descending === 1n)
    // another collation than the column's is another order
    const isOwn = parts.every(({ col, collation }) => col === null || collations.get(col) === collation)
    const method = parts[0]?.collation === 'NOCASE' ? 'begin' : 'other'
    return {
      name,
      columns: parts.map(({ col }) => col),
      isUnique: parts[0]?.unique === 1n,
      isPartial: parts[0]?.partial === 1n,
      ...(!isOwn && { method }),
      ...(descending.includes(true) && { descending }),
      ...(carries && { carriesKey: true }),
    }
  })
}

function foreignKeysOf(rows: readonly ForeignKeyRow[]): readonly CatalogForeignKey[] {
  const keys = [...Map.groupBy(rows, ({ id }) => id)].map(([, parts]): CatalogForeignKey => {
    const [first] = parts
    const targets = parts.map(({ to }) => to).filter((to) => to !== null)
    return {
      columns: parts.map(({ from }) => from),
      targetSchema: null,
      targetTable: first?.table ?? '',
      targetColumns: targets.length === parts.length ? targets : null,
      onDelete: ON_DELETE[first?.on_delete ?? ''] ?? 'restrict',
    }
  })
  // SQLite numbers the last declared first
  return keys.toReversed()
}

function freeRowId(columns: readonly ColumnRow[]): string | null {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()))
  return ROW_ID_NAMES.find((name) => !taken.has(name)) ?? null
}
