/** What SQLite says of its own tables, as rows; nothing is concluded here. */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import { sqliteCodeOf } from '../../database/sqlite/fault.ts'

export interface TableRow {
  readonly name: string
  readonly type: 'table' | 'view' | 'virtual'
  /** 1: WITHOUT ROWID. */
  readonly wr: bigint
  readonly strict: bigint
  /** The text of its CREATE statement. */
  readonly sql: string | null
}

export interface ColumnRow {
  readonly tbl: string
  readonly name: string
  readonly type: string
  readonly notnull: bigint
  readonly dflt_value: string | null
  /** Its place in the primary key, from 1; 0: it is not part of it. */
  readonly pk: bigint
  /** 1: hidden column of a virtual table, 2: virtual, 3: stored generated. */
  readonly hidden: bigint
}

export interface ForeignKeyRow {
  readonly tbl: string
  readonly id: bigint
  readonly seq: bigint
  /** The table it refers to. */
  readonly table: string
  readonly from: string
  /** Null: the primary key there. */
  readonly to: string | null
  readonly on_delete: string
}

export interface IndexRow {
  readonly tbl: string
  readonly idx: string
  readonly unique: bigint
  readonly partial: bigint
  readonly seqno: bigint
  /** Null: an expression. */
  readonly col: string | null
  readonly is_descending: bigint
  readonly collation: string
}

export interface SqliteRows {
  readonly tables: readonly TableRow[]
  readonly columns: readonly ColumnRow[]
  readonly foreignKeys: readonly ForeignKeyRow[]
  readonly indexes: readonly IndexRow[]
  /** Views that can't be read, such as one over a table that is gone. */
  readonly brokenViews: readonly string[]
  /** There is the table that `ANALYZE` leaves its numbers in. */
  readonly hasStatistics: boolean
}

/** Shadow tables of virtual tables and SQLite's own are left out. */
const OURS_TO_SEE = sql`l.schema = 'main' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`

export async function readRows(connection: Connection): Promise<SqliteRows> {
  const tables = await rowsOf<TableRow>(
    connection,
    sql`SELECT l.name, l.type, l.wr, l.strict, s.sql FROM pragma_table_list l
      LEFT JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view')
      WHERE ${OURS_TO_SEE} AND l.type IN ('table', 'view', 'virtual') ORDER BY l.name`,
  )
  const columns = await rowsOf<ColumnRow>(
    connection,
    sql`SELECT l.name AS tbl, x.* FROM pragma_table_list l, pragma_table_xinfo(l.name) x
      WHERE ${OURS_TO_SEE} AND l.type = 'table' ORDER BY l.name, x.cid`,
  )
  const foreignKeys = await rowsOf<ForeignKeyRow>(
    connection,
    sql`SELECT l.name AS tbl, f.* FROM pragma_table_list l, pragma_foreign_key_list(l.name) f
      WHERE ${OURS_TO_SEE} AND l.type = 'table' ORDER BY l.name, f.id, f.seq`,
  )
  const indexes = await rowsOf<IndexRow>(
    connection,
    sql`SELECT l.name AS tbl, i.name AS idx, i."unique", i.partial, x.seqno, x.name AS col,
        x."desc" AS is_descending, x.coll AS collation
      FROM pragma_table_list l, pragma_index_list(l.name) i, pragma_index_xinfo(i.name) x
      WHERE ${OURS_TO_SEE} AND l.type = 'table' AND x.key = 1 ORDER BY l.name, i.name, x.seqno`,
  )
  const views = await columnsOfViews(connection, tables)
  const statistics = await rowsOf(connection, sql`SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'`)
  return {
    tables,
    columns: [...columns, ...views.columns],
    foreignKeys,
    indexes,
    brokenViews: views.broken,
    hasStatistics: statistics.length > 0,
  }
}

/** One by one: a single broken view would fail a query over all. */
async function columnsOfViews(
  connection: Connection,
  tables: readonly TableRow[],
): Promise<{ readonly columns: readonly ColumnRow[]; readonly broken: readonly string[] }> {
  const columns: ColumnRow[] = []
  const broken: string[] = []
  for (const { name } of tables.filter(({ type }) => type === 'view')) {
    try {
      const query = sql`SELECT ${name} AS tbl, x.* FROM pragma_table_xinfo(${name}) x ORDER BY x.cid`
      columns.push(...(await rowsOf<ColumnRow>(connection, query)))
    } catch (error) {
      if (sqliteCodeOf(error) === null) throw error
      broken.push(name)
    }
  }
  return { columns, broken }
}

/** The first rows of a table, as they are stored; they show how its columns are really used. */
export async function firstRows(
  connection: Connection,
  table: string,
  columns: readonly string[],
  limit: number,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (columns.length === 0) return []
  return await rowsOf(
    connection,
    sql`SELECT ${sql.join(columns.map((column) => sql.id(column)))} FROM ${sql.id(table)} LIMIT ${limit}`,
  )
}

/** How many records a table has, counting no further than `cap`. */
export async function cappedCount(connection: Connection, table: string, cap: number): Promise<number> {
  const query = sql`SELECT count(*) AS n FROM (SELECT 1 FROM ${sql.id(table)} LIMIT ${cap})`
  const [row] = await rowsOf<{ readonly n: bigint }>(connection, query)
  return Number(row?.n ?? 0n)
}

async function rowsOf<Row>(connection: Connection, query: RawBuilder<unknown>): Promise<readonly Row[]> {
  const { rows } = await query.execute(connection)
  // each caller selects the very columns of its row type
  return rows as readonly Row[]
}
