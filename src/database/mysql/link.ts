/**
 * Connections to a server, lent one by one: from a pool of our own, or from one
 * that the application hands over and keeps.
 */

import {
  type ConnectionOptions,
  createConnection,
  createPool,
  type FieldPacket,
  type Pool,
  type PoolConnection,
  type QueryError,
  type TypeCast,
} from 'mysql2'
import type { Pool as PromisePool } from 'mysql2/promise'
import type { Answer } from '../connection.ts'
import type { TimeLimit } from '../time-limit.ts'
import type { Address } from './address.ts'
import { answerOf, RAW_VALUES, type RawResult } from './answer.ts'
import type { Mode } from './setting.ts'

/** A pool of the driver `mysql2`, of its callback or its promise interface. */
export type MysqlPool = Pool | PromisePool

/** One connection while it is lent. */
export interface Link {
  /** The number by which another connection stops what runs on this one. */
  readonly threadId: number
  /** What was last set on it by us; null: it is as it was made, or as its owner has it. */
  mode: Mode | null
  /** Runs the text of one statement. */
  run(text: string): Promise<Answer>
  release(): void
  /** Closes it: nobody gets it again. */
  destroy(): void
}

export interface Lender {
  readonly isBorrowed: boolean
  /** The most connections at a time. */
  readonly size: number
  /** @throws what the driver says when no connection can be made, or what the limit does. */
  lend(limit: TimeLimit): Promise<Link>
  /** Ends the statement that runs on the connection of that number, from another one. */
  stop(threadId: number): Promise<void>
  /** Closes a pool of our own, and leaves a borrowed one alone. */
  end(): Promise<void>
}

export const CONNECTIONS = 10
const CONNECT_MS = 10_000
const IDLE_MS = 60_000
/** Without an answer after that, the one who asked to stop a statement goes on without. */
const STOP_MS = 5_000

export function ownLender(address: Address, connections: number): Lender {
  const settings = connectionOptions(address)
  const pool = createPool({
    ...settings,
    connectionLimit: connections,
    maxIdle: Math.max(1, Math.floor(connections / 2)),
    idleTimeout: IDLE_MS,
  })
  return {
    isBorrowed: false,
    size: connections,
    lend: (limit) => lend(pool, limit),
    // not from the pool, all of whose connections may wait for what is to be stopped
    stop: (threadId) => stopOver(settings, threadId),
    end: () => new Promise((settle) => pool.end(() => settle())),
  }
}

export function borrowedLender(pool: MysqlPool): Lender {
  const core = corePool(pool)
  return {
    isBorrowed: true,
    size: core.config.connectionLimit ?? CONNECTIONS,
    lend: (limit) => lend(core, limit),
    stop: (threadId) => stopWithin(core, threadId),
    end: async () => {},
  }
}

/** The callback interface, which is below the other. */
export function corePool(pool: MysqlPool): Pool {
  return 'pool' in pool ? pool.pool : pool
}

function connectionOptions({ tls, socketPath, ...address }: Address): ConnectionOptions {
  return {
    host: address.host,
    port: address.port,
    ...(socketPath !== null && { socketPath }),
    user: address.user,
    password: address.password,
    database: address.database,
    charset: 'UTF8MB4_BIN',
    connectTimeout: CONNECT_MS,
    // never asked to: the server may ask a client for its files
    flags: ['-LOCAL_FILES'],
    multipleStatements: false,
    disableEval: true,
    connectAttributes: { program_name: 'castellan' },
    ...(tls && {
      ssl: {
        rejectUnauthorized: tls.rejectUnauthorized,
        verifyIdentity: tls.verifyIdentity,
        ...(tls.ca !== null && { ca: tls.ca }),
      },
    }),
  }
}

async function lend(pool: Pool, limit: TimeLimit): Promise<Link> {
  const asked = new Promise<PoolConnection>((settle, fail) => {
    pool.getConnection((error, connection) => (error ? fail(error) : settle(connection)))
  })
  try {
    return linkOver(await limit.within(asked))
  } catch (error) {
    // it may still come, and then goes straight to the next in line
    void asked.then(
      (connection) => connection.release(),
      () => {},
    )
    throw error
  }
}

/** What we last set on the connections of our own pool, by connection. */
const modes = new WeakMap<PoolConnection, Mode | null>()

function linkOver(connection: PoolConnection): Link {
  // a connection that dies while nobody waits for it must not take the process with it
  connection.on('error', ignore)
  return {
    get threadId() {
      return connection.threadId
    },
    get mode() {
      return modes.get(connection) ?? null
    },
    set mode(mode) {
      modes.set(connection, mode)
    },
    run: (text) => run(connection, text),
    release() {
      connection.removeListener('error', ignore)
      connection.release()
    },
    destroy: () => connection.destroy(),
  }
}

function ignore(): void {}

interface Runs {
  readonly config: ConnectionOptions
  query: PoolConnection['query']
}

/** What leaves every value as the bytes that came: `false`, unless a borrowed pool has a function in its place. */
function rawValues({ config }: Runs): TypeCast {
  return typeof config.typeCast === 'function' ? RAW_VALUES : false
}

/** Every option of a result is given, so that none of a borrowed pool's applies. */
function run(connection: Runs, text: string): Promise<Answer> {
  return new Promise((settle, fail) => {
    const options = {
      sql: text,
      values: [],
      rowsAsArray: true,
      nestTables: false,
      typeCast: rawValues(connection),
    }
    connection.query(options, (error, result, fields: FieldPacket[] | undefined) => {
      if (error) fail(withoutText(error))
      // the options above make it so
      else settle(answerOf(result as unknown as RawResult, fields))
    })
  })
}

/** The driver puts the whole statement on its errors, with every value: errors are logged, and values are not. */
function withoutText(error: QueryError): QueryError {
  return Object.assign(error, { sql: undefined, sqlMessage: undefined })
}

async function stopOver(settings: ConnectionOptions, threadId: number): Promise<void> {
  const connection = createConnection({ ...settings, connectTimeout: STOP_MS })
  connection.on('error', ignore)
  try {
    await run(connection, stopText(threadId))
  } finally {
    connection.destroy()
  }
}

async function stopWithin(pool: Pool, threadId: number): Promise<void> {
  const connection = await new Promise<PoolConnection>((settle, fail) => {
    pool.getConnection((error, one) => (error ? fail(error) : settle(one)))
  })
  try {
    await run(connection, stopText(threadId))
  } finally {
    connection.release()
  }
}

function stopText(threadId: number): string {
  return `KILL QUERY ${Math.trunc(threadId)}`
}
