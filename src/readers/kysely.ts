/**
 * Borrows the pool of an application that uses Kysely. Exported as
 * `castellan/kysely`.
 *
 * Kysely's types are gone at run time, so the database alone says what there
 * is; and the application's plugins, which rename columns, are not used.
 */

import type { SourceDefinition } from '../data/source-definition.ts'
import { borrow } from './borrow.ts'

/**
 * The database behind the pool that the application gave its dialect:
 * `kyselySource(pool)` beside `new Kysely({ dialect: new PostgresDialect({ pool }) })`.
 */
export function kyselySource(pool: unknown): SourceDefinition {
  return { open: async () => ({ database: await borrow(pool, 'Kysely'), overlay: null }), writes: 'refuse' }
}
