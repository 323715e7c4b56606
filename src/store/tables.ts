/**
 * The tables of our own, as queries see them.
 *
 * Each folder that keeps something has a file of tables beside this one; the
 * migrations make what they describe. Queries call them `castellan_…` on every
 * engine; on PostgreSQL they are in the schema `castellan` instead.
 */

import type { Kysely } from 'kysely'
import { engineOf } from '../database/connection.ts'
import type { Connection } from '../database/database.ts'
import type { AuditTables } from './audit-tables.ts'
import type { IdentityTables } from './identity-tables.ts'
import type { KeyTables } from './key-tables.ts'
import { ownSchemaPlugin } from './own-schema.ts'
import type { SchemaTables } from './schema-tables.ts'

export interface MetaTables {
  /** Facts about the installation: its random id, never a setting. */
  castellan_meta: { name: string; value: string }
  /** Which migrations have run, in their order. */
  castellan_migration: { name: string }
}

export interface StoreTables extends AuditTables, KeyTables, MetaTables, IdentityTables, SchemaTables {}

/** What matters of an engine to whoever writes SQL for our own tables. */
export type Family = 'sqlite' | 'postgres' | 'mysql'

const FAMILIES = {
  sqlite: 'sqlite',
  postgres: 'postgres',
  pglite: 'postgres',
  mariadb: 'mysql',
  mysql: 'mysql',
} as const

export function familyOf(connection: Connection): Family {
  return FAMILIES[engineOf(connection)]
}

/** By connection: a pool hands the same ones out again and again. */
const mapped = new WeakMap<Connection, Kysely<StoreTables>>()

/**
 * The same connection, typed for our own tables. Raw SQL names them with `sql.table(…)`, so that
 * they are found on every engine.
 */
export function inStore(connection: Connection): Kysely<StoreTables> {
  // `Connection` is deliberately untyped; that the migrations have made these tables makes it true.
  const typed = connection as Kysely<StoreTables>
  if (familyOf(connection) !== 'postgres') return typed
  const known = mapped.get(connection)
  if (known) return known
  const made = typed.withPlugin(ownSchemaPlugin)
  mapped.set(connection, made)
  return made
}
