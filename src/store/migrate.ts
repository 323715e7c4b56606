/**
 * Bringing the store's schema up to what this version needs.
 *
 * Each migration is one write transaction that first looks whether it has
 * already run, so any number of processes may start at once. Only Castellan's
 * own tables are ever touched.
 */

import { sql } from 'kysely'
import type { Connection, Database } from '../database/database.ts'
import { type AdminError, misconfigured } from '../errors.ts'
import { whileNobodyMigrates } from './lock.ts'
import { type Making, making } from './make-table.ts'
import type { Migration } from './migration.ts'
import { foundationMigration } from './migrations/0001-foundation.ts'
import { identityMigration } from './migrations/0002-identity.ts'
import { auditMigration } from './migrations/0003-audit.ts'
import { hostPeopleMigration } from './migrations/0004-host-people.ts'
import { knownFieldsMigration } from './migrations/0005-known-fields.ts'
import { passkeysMigration } from './migrations/0006-passkeys.ts'
import { lettersMigration } from './migrations/0007-letters.ts'
import { oidcMigration } from './migrations/0008-oidc.ts'
import { agentsMigration } from './migrations/0010-agents.ts'
import { anchorsMigration } from './migrations/0011-anchors.ts'
import { auditSinksMigration } from './migrations/0012-audit-sinks.ts'
import { auditSessionMigration } from './migrations/0013-audit-session.ts'
import { OWN_SCHEMA } from './own-schema.ts'
import { arePresent } from './present.ts'
import { inStore } from './tables.ts'

const MIGRATIONS: readonly Migration[] = [
  foundationMigration,
  identityMigration,
  auditMigration,
  hostPeopleMigration,
  knownFieldsMigration,
  passkeysMigration,
  lettersMigration,
  oidcMigration,
  agentsMigration,
  anchorsMigration,
  auditSinksMigration,
  auditSessionMigration,
]

/** What the servers answer to whoever may not make something there: SQLSTATEs of PostgreSQL, numbers of MariaDB and MySQL. */
const NO_RIGHT: ReadonlySet<unknown> = new Set(['42501', 1044, 1142, 1227, 1370, 1419])

/**
 * Makes what is missing and returns the names of what it ran.
 *
 * @throws AdminError `misconfigured` when something is missing and the database is read-only or gives
 * no right to make it, when its encoding can't hold every text, or when a newer version of Castellan
 * has already migrated it.
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
async function run(database: Database, migration: Migration): Promise<boolean> {
  try {
    // read-committed: what was committed while this waited for its turn must be seen
    return await database.write(
      (connection) => whileNobodyMigrates(connection, () => runOnce(database, connection, migration)),
      { isolation: 'read-committed' },
    )
  } catch (error) {
    throw lacksRight(error) ? noRight(database) : error
  }
}

async function runOnce(database: Database, connection: Connection, migration: Migration): Promise<boolean> {
  const present = await migrationsIn(connection)
  refuseNewer(database, present)
  if (present.has(migration.name)) return false
  const make = making(connection)
  if (present.size === 0) await prepare(database, make)
  await migration.up(make)
  await make.store.insertInto('castellan_migration').values({ name: migration.name }).execute()
  return true
}

/** The place for our tables, and the list of what has run. */
async function prepare(database: Database, { store, family }: Making): Promise<void> {
  if (family === 'postgres') {
    await refuseEncoding(database, store)
    // `if not exists` alone would ask for the right to make it even where it is there
    const { rows } = await sql`select 1 where to_regnamespace(${OWN_SCHEMA}) is not null`.execute(store)
    if (rows.length === 0) await sql`create schema ${sql.id(OWN_SCHEMA)}`.execute(store)
  }
  const table = family === 'sqlite' ? sql`castellan_migration` : sql.table('castellan_migration')
  await sql`create table if not exists ${table} (name varchar(64) primary key not null)`.execute(store)
}

async function migrationsIn(connection: Connection): Promise<ReadonlySet<string>> {
  if (!(await arePresent(connection, ['castellan_migration']))) return new Set()
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

/** Anybody's words must fit into an event, or it could not be written. */
async function refuseEncoding(database: Database, store: Making['store']): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`
    select current_setting('server_encoding') as encoding`.execute(store)
  const encoding = rows[0]?.encoding ?? ''
  if (encoding === 'UTF8') return
  throw misconfigured([
    {
      id: 'M205',
      place: database.label,
      problem: `its encoding is ${encoding}, which cannot hold every text of an audit log.`,
      remedy: 'Name a database in UTF8 for Castellan’s own tables with --store.',
    },
  ])
}

function lacksRight(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, errno } = cause as { readonly code?: unknown; readonly errno?: unknown }
    if (NO_RIGHT.has(code) || NO_RIGHT.has(errno)) return true
  }
  return false
}

function noRight({ engine, label }: Database): AdminError {
  const isSchema = engine === 'postgres' || engine === 'pglite'
  const tables = isSchema ? 'the schema "castellan"' : 'castellan_…'
  const right = isSchema ? 'CREATE on the database' : 'CREATE, ALTER, INDEX, REFERENCES and TRIGGER'
  return misconfigured([
    {
      id: 'M204',
      place: label,
      problem: `the database user may not make Castellan's own tables (${tables}).`,
      remedy: `Grant the right (${right}), or name another database for them with --store, as in --store sqlite:castellan.db.`,
    },
  ])
}
