/** What MariaDB and MySQL know of a table without counting, and counting that ends in time. */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import { mysqlErrnoOf } from '../../database/mysql/fault.ts'

/** MariaDB's and MySQL's numbers for a statement that took too long, and for one that was stopped. */
const TOO_LONG: ReadonlySet<number> = new Set([1317, 1969, 3024])

/** MariaDB puts the limit before a statement, MySQL into a SELECT. */
export async function within<Row>(
  engine: 'mariadb' | 'mysql',
  connection: Connection,
  milliseconds: number,
  build: (guard: null) => RawBuilder<Row>,
): Promise<readonly Row[] | null> {
  const limit = Math.max(1, Math.ceil(milliseconds))
  const statement = build(null)
  const limited =
    engine === 'mariadb'
      ? sql<Row>`SET STATEMENT max_statement_time = ${sql.raw(String(limit / 1000))} FOR ${statement}`
      : sql<Row>`SELECT /*+ MAX_EXECUTION_TIME(${sql.raw(String(limit))}) */ * FROM (${statement}) AS limited`
  try {
    const { rows } = await limited.execute(connection)
    return rows
  } catch (error) {
    if (TOO_LONG.has(mysqlErrnoOf(error) ?? 0)) return null
    throw error
  }
}

/** What the storage engine reckons from some pages of the table; null: it has none of that name. */
export async function estimate(connection: Connection, table: string): Promise<number | null> {
  const { rows } = await sql<{ readonly n: bigint | null }>`
    SELECT table_rows AS n FROM information_schema.tables
    WHERE table_schema = database() AND table_name = ${table}`.execute(connection)
  const [known] = rows
  return known && known.n !== null ? Number(known.n) : null
}
