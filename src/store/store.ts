/**
 * Castellan's own tables: where they are, how they are made, and how queries see them.
 *
 * By default they share the application's database, so that a change and its
 * audit event commit together.
 */

import type { Database } from '../database/database.ts'
import { migrate } from './migrate.ts'
import { inStore } from './tables.ts'

export interface Store {
  readonly database: Database
  /** Makes or migrates the tables and says which migrations ran; may be called any number of times, by any number of processes. */
  migrate(): Promise<{ readonly applied: readonly string[] }>
  /** The random id of this installation, 32 hex digits, made with the first tables. */
  installation(): Promise<string>
}

/** The store in that database. Nothing is read or made until it is asked to. */
export function createStore(database: Database): Store {
  return {
    database,
    migrate: () => migrate(database),
    async installation() {
      const { value } = await inStore(database.now)
        .selectFrom('castellan_meta')
        .select('value')
        .where('name', '=', 'installation')
        .executeTakeFirstOrThrow()
      return value
    },
  }
}
