/**
 * Locks over the whole store, for what several processes must do one after
 * another. All of them end with the transaction or inside it, so that a pool
 * that hands each transaction another connection (PgBouncer) may be in between.
 */

import { sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { familyOf, inStore } from './tables.ts'

/** Any two numbers that nobody else takes: the letters `cast` and `ella`. */
const [LOCK, OF_MIGRATIONS] = [0x63_61_73_74, 0x65_6c_6c_61]
const MIGRATION_WAIT_SECONDS = 25

/**
 * Waits until no other transaction holds it; held until the caller's ends. On SQLite whoever writes has it.
 * The caller's isolation is `read-committed`: an older snapshot would not show what the one before did.
 */
export async function lockStore(connection: Connection): Promise<void> {
  if (familyOf(connection) === 'sqlite') return
  await inStore(connection)
    .selectFrom('castellan_meta')
    .select('name')
    .where('name', '=', 'installation')
    .forUpdate()
    .executeTakeFirstOrThrow()
}

/**
 * Runs `work` while no other process migrates: before there is a table to lock a row of.
 * @throws AdminError `data-source-failed` when the other one takes too long.
 */
export async function whileNobodyMigrates<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  switch (familyOf(connection)) {
    case 'sqlite':
      return await work()
    case 'postgres':
      await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)}, ${sql.lit(OF_MIGRATIONS)})`.execute(connection)
      return await work()
    case 'mysql':
      return await holdingNamedLock(connection, work)
  }
}

/** By name and database: the name is known to the whole server. */
async function holdingNamedLock<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  const name = sql`concat('castellan.', md5(database()))`
  const { rows } = await sql<{ got: unknown }>`
    select get_lock(${name}, ${sql.lit(MIGRATION_WAIT_SECONDS)}) as got`.execute(connection)
  if (Number(rows[0]?.got) !== 1) {
    throw new AdminError('data-source-failed', 'Another process is migrating the store. Try again.')
  }
  try {
    return await work()
  } finally {
    await sql`select release_lock(${name})`.execute(connection)
  }
}
