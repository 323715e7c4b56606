/**
 * A database that the application hands over instead of an address: its own
 * pool, and what its ORM knows of the tables. What `castellan/drizzle` and the
 * other readers return, for `database` and `sources`.
 */

import type { Database } from '../database/database.ts'
import type { Overlay } from './overlay.ts'

export interface SourceDefinition {
  /** Called once, when the admin starts. A pool that is borrowed stays open when the database is closed. */
  open(): Promise<OpenedSource>
  /**
   * For models with code of their own on writing. `refuse` (by default): they can only be read.
   * `sql`: written by SQL, past that code, by the owner's decision. `orm`: written through the ORM, which runs it.
   */
  readonly writes: 'refuse' | 'sql' | 'orm'
}

export interface OpenedSource {
  readonly database: Database
  /** Null: the database alone speaks. */
  readonly overlay: Overlay | null
}
