/** Many rows into one table with few statements. */

import { CompiledQuery } from 'kysely'
import type { Connection } from '../database/database.ts'

/** A cell as the driver binds it. */
export type Cell = null | string | number | bigint | boolean | Uint8Array

export type Row = Readonly<Record<string, Cell>>

const ROWS_AT_ONCE = 100

/** Runs one statement without parameters. */
export async function run(connection: Connection, statement: string): Promise<readonly unknown[]> {
  const { rows } = await connection.executeQuery(CompiledQuery.raw(statement))
  return rows
}

/**
 * Inserts rows that all have the columns of the first.
 * Identifiers come from this folder only, never from outside.
 */
export async function insert(connection: Connection, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const batch = rows.slice(from, from + ROWS_AT_ONCE)
    const places = `(${columns.map(() => '?').join(', ')})`
    const statement = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${batch.map(() => places).join(', ')}`
    const cells = batch.flatMap((row) => columns.map((column) => row[column] ?? null))
    await connection.executeQuery(CompiledQuery.raw(statement, cells))
  }
}
