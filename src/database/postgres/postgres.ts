/** A PostgreSQL database that is open, over a pool of our own or one that the application lends. */

import type { Pool } from 'pg'
import { AdminError } from '../../errors.ts'
import { connectionOver } from '../connection.ts'
import type { Connection, Database, ReadOptions, WriteOptions } from '../database.ts'
import { lanesFor, POINT_MS } from '../lanes.ts'
import { type TimeLimit, timeLimit } from '../time-limit.ts'
import type { Lease } from './lease.ts'
import { inspectServer } from './opening.ts'
import { borrowedSessions, type Names, ownSessions, type PostgresSessions } from './pool.ts'
import { lookingUp, reading, type Sessions, writing } from './transaction.ts'

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_CONNECTIONS = 10

export type OpenPostgresOptions = (OwnAddress | BorrowedPool) & {
  /** Nothing is written; also so where the server itself can only be read. */
  readonly readOnly?: boolean
  /** Milliseconds for one write or one read, waiting included; 30,000 by default. */
  readonly timeoutMs?: number
  /** How messages call the database; by default host and name of the database. */
  readonly label?: string
}

export interface OwnAddress {
  /** `postgres://user:password@host:5432/database?sslmode=…` */
  readonly url: string
  /** Connections at most; 10 by default. */
  readonly max?: number
}

export interface BorrowedPool {
  /** Stays the application's: it is not ended, and its sessions come back with the settings they had. */
  readonly pool: Pool
}

/**
 * Connects once and checks the server.
 * @throws AdminError `misconfigured` with the mistakes D130 to D136.
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<Database> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const sessions = sessionsFor(options, timeoutMs)
  try {
    const server = await inspectServer(sessions, timeoutMs)
    sessions.keepPath?.(server.path)
    return databaseOver(sessions, {
      isReadOnly: options.readOnly === true || server.isReadOnly,
      timeoutMs,
      close: sessions.close,
    })
  } catch (error) {
    await sessions.close()
    throw error
  }
}

function sessionsFor(options: OpenPostgresOptions, timeoutMs: number): PostgresSessions {
  if ('pool' in options)
    return borrowedSessions(options.pool, namesOf(options.label ?? poolLabel(options.pool)))
  const { url, max = DEFAULT_CONNECTIONS } = options
  return ownSessions({ url, max, timeoutMs }, namesOf(options.label ?? addressLabel(url)))
}

/** People who use the admin may know of the database, not of where it is. */
function namesOf(label: string): Names {
  return { label, name: label.slice(label.lastIndexOf('/') + 1) || label }
}

function poolLabel({ options }: Pool): string {
  const { connectionString, host, database } = options
  return connectionString ? addressLabel(connectionString) : `${host ?? 'localhost'}/${database ?? ''}`
}

/** Host and database alone: an address may hold a password, also where it can't be read as one. */
function addressLabel(url: string): string {
  if (!URL.canParse(url)) return 'the address given'
  const { host, pathname, searchParams } = new URL(url)
  return `${host || (searchParams.get('host') ?? 'localhost')}${pathname}`
}

export interface Manner {
  readonly isReadOnly: boolean
  readonly timeoutMs: number
  close(): Promise<void>
}

/** The database over its sessions, for every engine that speaks PostgreSQL. */
export function databaseOver(sessions: Sessions, manner: Manner): Database {
  const { engine, label, name, size } = sessions
  const { isReadOnly, timeoutMs } = manner
  const underWay = new Set<Promise<unknown>>()
  const reads = lanesFor(name, size)
  let closing: Promise<void> | null = null

  /** Runs `work` within a time limit; closing waits for it. */
  async function limited<T>(
    what: string,
    options: ReadOptions,
    work: (limit: TimeLimit) => Promise<T>,
  ): Promise<T> {
    if (closing !== null) throw new AdminError('data-source-failed', `The database ${name} is closed.`)
    const limit = timeLimit(`${what} ${name}`, options.timeoutMs ?? timeoutMs, options.signal)
    const running = work(limit)
    underWay.add(running)
    try {
      return await running
    } finally {
      underWay.delete(running)
      limit.end()
    }
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underWay)
    await manner.close()
  }

  return {
    engine,
    label,
    isReadOnly,
    readsAlone: sessions.isSettled,
    now: connectionOver(engine, (text, parameters) =>
      limited('Reading', { timeoutMs: Math.min(timeoutMs, POINT_MS) }, (limit) =>
        lookingUp(sessions, limit, text, parameters),
      ),
    ),
    read: <T>(work: (connection: Connection) => Promise<T>, options: ReadOptions = {}): Promise<T> =>
      limited('Reading', options, async (limit) => {
        const leave = await reads.enter(limit)
        return await reading(
          leavingWith(sessions, leave),
          limit,
          (execute) => work(connectionOver(engine, execute)),
          options.snapshot === 'each' && sessions.isSettled ? 'now' : 'read',
        )
      }),
    write: <T>(work: (connection: Connection) => Promise<T>, options: WriteOptions = {}): Promise<T> =>
      limited('Writing to', options, async (limit) => {
        if (!isReadOnly) return await writing(sessions, limit, options.isolation ?? 'serializable', work)
        throw new AdminError('denied', `Nothing can be written to ${name}: the database can only be read.`)
      }),
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** The same sessions, one of which leaves its lane when it is given back, and not sooner. */
function leavingWith(sessions: Sessions, leave: () => void): Sessions {
  async function lease(limit: TimeLimit): Promise<Lease> {
    try {
      return leavingLease(await sessions.lease(limit), leave)
    } catch (error) {
      leave()
      throw error
    }
  }
  return { ...sessions, lease }
}

function leavingLease(lease: Lease, leave: () => void): Lease {
  return {
    ...lease,
    get isBusy() {
      return lease.isBusy
    },
    release() {
      lease.release()
      leave()
    },
    async abandon() {
      await lease.abandon()
      leave()
    },
  }
}
