/**
 * How several processes stay out of each other's way.
 *
 * Identity's transactions are `read-committed`: each statement sees what has
 * committed by then, and what must not change under it is locked first, the
 * person before everything else and the counters of attempts last. So two of
 * them wait for each other rather than begin anew. Actions of the gate on
 * people are serializable; since a lock here is a change of the person's row,
 * such an action notices it, and is run again.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection, WriteOptions } from '../database/database.ts'
import { familyOf, inStore, type StoreTables } from '../store/tables.ts'

/** For transactions that lock what they are going to change. */
export const LOCKING: WriteOptions = { isolation: 'read-committed' }

/** Rows that are over are deleted in portions: whoever comes by pays for a few. */
const PORTION = 100

/** Until the transaction ends nobody else changes this person, or anything that is kept for them. */
export async function lockPerson(connection: Connection, id: string): Promise<void> {
  if (familyOf(connection) === 'sqlite') return
  await inStore(connection)
    .updateTable('castellan_person')
    .set(({ ref }) => ({ id: ref('id') }))
    .where('id', '=', id)
    .execute()
}

/**
 * Deletes the rows for which `isOver` holds; those that another transaction is busy with are left to
 * the next one, so that nobody waits for a tidying.
 */
export async function tidy(
  connection: Connection,
  table: keyof StoreTables & string,
  key: string,
  isOver: RawBuilder<boolean>,
): Promise<void> {
  const store = inStore(connection)
  if (familyOf(connection) === 'sqlite') {
    await sql`delete from ${sql.table(table)} where ${isOver}`.execute(store)
    return
  }
  const { rows } = await sql<{ readonly key: string }>`
    select ${sql.ref(key)} as ${sql.id('key')} from ${sql.table(table)} where ${isOver}
    limit ${sql.lit(PORTION)} for update skip locked`.execute(store)
  if (rows.length === 0) return
  const keys = sql.join(rows.map((row) => sql`${row.key}`))
  await sql`delete from ${sql.table(table)} where ${sql.ref(key)} in (${keys})`.execute(store)
}
