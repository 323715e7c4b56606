/**
 * Bringing the store's schema up to what this version needs.
 *
 * Each migration is one write transaction that first looks whether it has
 * already run, so any number of processes may start at once. Only tables that
 * begin with `castellan_` are ever touched.
 */

import { sql } from 'kysely'
import type { Connection, Database } from '../database/database.ts'
import { misconfigured } from '../errors.ts'
import type { Migration } from './migration.ts'
import { foundationMigration } from './migrations/0001-foundation.ts'
import { identityMigration } from './migrations/0002-identity.ts'
import { auditMigration } from './migrations/0003-audit.ts'
import { inStore } from './tables.ts'

const MIGRATIONS: readonly Migration[] = [foundationMigration, identityMigration, auditMigration]

/**
 * Makes what is missing and returns the names of what it ran.
 *
 * @throws AdminError `misconfigured` when the database is read-only and something is missing, or
 * when a newer version of Castellan has already migrated it.
 */
export async function migrate(database: Database): Promise<{ readonly applied: readonly string[] }> {
  const present = await migrationsIn(database.now)
  refuseNewer(database, present)
  const missing = MIGRATIONS.filter(({ name }) => !present.has(name))
  if (missing.length > 0) refuseReadOnly(database)

  const applied: string[] = []
  for (const migration of missing) {
    if (await run(database, migration)) applied.push(migration.name)
  }
  return { applied }
}

/** False when another process was faster. */
function run(database: Database, migration: Migration): Promise<boolean> {
  return database.write(async (connection) => {
    const present = await migrationsIn(connection)
    refuseNewer(database, present)
    if (present.has(migration.name)) return false
    await sql`create table if not exists castellan_migration (name varchar(64) primary key not null)`.execute(
      connection,
    )
    await migration.up(connection)
    await inStore(connection).insertInto('castellan_migration').values({ name: migration.name }).execute()
    return true
  })
}

async function migrationsIn(connection: Connection): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table' and name = 'castellan_migration'`.execute(connection)
  if (rows.length === 0) return new Set()
  const ran = await inStore(connection).selectFrom('castellan_migration').select('name').execute()
  return new Set(ran.map(({ name }) => name))
}

function refuseNewer(database: Database, present: ReadonlySet<string>): void {
  const known = new Set(MIGRATIONS.map(({ name }) => name))
  const unknown = [...present].filter((name) => !known.has(name))
  if (unknown.length === 0) return
  throw misconfigured([
    {
      id: 'M202',
      place: database.label,
      problem: `a newer version of Castellan has migrated its tables (${unknown.join(', ')}).`,
      remedy: 'Run that version or a later one.',
    },
  ])
}

function refuseReadOnly(database: Database): void {
  if (!database.isReadOnly) return
  throw misconfigured([
    {
      id: 'M201',
      place: database.label,
      problem: 'the database is read-only, so Castellan cannot make its own tables in it.',
      remedy: 'Name another database for them with --store, as in --store sqlite:castellan.db.',
    },
  ])
}
