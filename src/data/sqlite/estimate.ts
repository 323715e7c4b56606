/** What SQLite knows of a table without counting, and counting that ends in time. */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import { BEFORE, isPastDeadline } from '../../database/sqlite/deadline.ts'

export async function within<Row>(
  connection: Connection,
  milliseconds: number,
  build: (guard: RawBuilder<boolean>) => RawBuilder<Row>,
): Promise<readonly Row[] | null> {
  const guard = sql<boolean>`${sql.raw(BEFORE)}(${Date.now() + Math.ceil(milliseconds)})`
  try {
    const { rows } = await build(guard).execute(connection)
    return rows
  } catch (error) {
    if (isPastDeadline(error)) return null
    throw error
  }
}

/** What `ANALYZE` counted last: the first number of any of the table's indexes. The table of it has to be there. */
export async function estimate(connection: Connection, table: string): Promise<number | null> {
  const { rows } = await sql<{ readonly n: bigint | null }>`
    SELECT max(CAST(stat AS INTEGER)) AS n FROM sqlite_stat1 WHERE tbl = ${table}`.execute(connection)
  const [known] = rows
  return known && known.n !== null ? Number(known.n) : null
}
