/**
 * A database that is open: how reads and writes get a connection.
 *
 * What the data layer (the application's tables) and the store (our own) share
 * when both live in one database, so that a change and its audit event commit
 * together. One adapter an engine; nothing here knows a table.
 */

import type { Kysely } from 'kysely'

export type Engine = 'sqlite' | 'postgres' | 'mariadb' | 'mysql' | 'pglite'

/** A connection inside one transaction or snapshot. Typed by whoever knows the tables (`inStore`). */
export type Connection = Kysely<unknown>

export interface Database {
  readonly engine: Engine
  /** How messages call it: a file name or an address, never a password. */
  readonly label: string
  readonly isReadOnly: boolean
  /** A read with `snapshot: 'each'` has no transaction around it: each of its statements is one by itself. */
  readonly readsAlone?: boolean
  /**
   * Runs `work` on one read-only snapshot, off the main thread where the engine is embedded. It is run again from its
   * start where the tables were changed under it: it keeps nothing of a run that failed.
   */
  read<T>(work: (connection: Connection) => Promise<T>, options?: ReadOptions): Promise<T>
  /**
   * Runs `work` in one write transaction and commits it; a throw rolls back.
   *
   * Where another writer gets in its way and the engine rolls the transaction back, `work` is run
   * again from its start, a few times: it keeps nothing of a run that did not commit.
   * @throws AdminError `data-source-failed` when the lock is not to be had or the time limit passes.
   */
  write<T>(work: (connection: Connection) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Point reads of our own tables, outside any transaction, on the newest committed state. */
  readonly now: Connection
  close(): Promise<void>
}

export interface ReadOptions {
  /** Milliseconds for the whole read, waiting included; 30,000 by default. */
  readonly timeoutMs?: number
  /** Aborted: the statement under way is cancelled where the engine can, and the read fails. */
  readonly signal?: AbortSignal
  /**
   * `one` (by default): every statement sees the same state. `each`: each may see a newer one than the one before,
   * for a read none of whose statements decides about what another has found.
   */
  readonly snapshot?: 'one' | 'each'
}

export interface WriteOptions extends Omit<ReadOptions, 'snapshot'> {
  /**
   * `serializable` (by default): as if writers ran one after another.
   * `read-committed`: for work that itself locks the records it is going to change.
   * On SQLite there is one writer at a time either way.
   */
  readonly isolation?: 'serializable' | 'read-committed'
}
