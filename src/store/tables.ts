/**
 * The tables of our own, as queries see them.
 *
 * Each folder that keeps something has a file of tables beside this one; the
 * migrations make what they describe. All begin with `castellan_`.
 */

import type { Kysely } from 'kysely'
import type { Connection } from '../database/database.ts'
import type { AuditTables } from './audit-tables.ts'
import type { IdentityTables } from './identity-tables.ts'
import type { KeyTables } from './key-tables.ts'

export interface MetaTables {
  /** Facts about the installation: its random id, never a setting. */
  castellan_meta: { name: string; value: string }
  /** Which migrations have run, in their order. */
  castellan_migration: { name: string }
}

export interface StoreTables extends AuditTables, KeyTables, MetaTables, IdentityTables {}

/** The same connection, typed for our own tables. */
export function inStore(connection: Connection): Kysely<StoreTables> {
  // `Connection` is deliberately untyped; that the migrations have made these tables makes it true.
  return connection as Kysely<StoreTables>
}
