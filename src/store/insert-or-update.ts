/** Inserting rows where one of their key may be there already, or be made by another transaction at the same time. */

import { type Insertable, sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { familyOf, inStore, type StoreTables } from './tables.ts'

type TableName = keyof StoreTables & string
type ColumnOf<Name extends TableName> = keyof StoreTables[Name] & string

/**
 * Inserts the rows, or gives those that are there their values of `update`, having waited for whoever
 * is making or changing them. Either way nobody else changes them before the transaction ends.
 * @param update A column of the key alone changes nothing and only locks.
 */
export async function insertOrUpdate<Name extends TableName>(
  connection: Connection,
  table: Name,
  rows: readonly Insertable<StoreTables[Name]>[],
  { key, update }: { readonly key: readonly ColumnOf<Name>[]; readonly update: readonly ColumnOf<Name>[] },
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const names = sql.join(columns.map((column) => sql.ref(column)))
  const values = sql.join(
    rows.map((one) => sql`(${sql.join(Object.values(one).map((value) => sql`${value}`))})`),
  )
  const isMysql = familyOf(connection) === 'mysql'
  const changes = sql.join(
    update.map((column) =>
      isMysql
        ? sql`${sql.ref(column)} = values(${sql.ref(column)})`
        : sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`,
    ),
  )
  const otherwise = isMysql
    ? sql`on duplicate key update ${changes}`
    : sql`on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do update set ${changes}`
  await sql`insert into ${sql.table(table)} (${names}) values ${values} ${otherwise}`.execute(
    inStore(connection),
  )
}
