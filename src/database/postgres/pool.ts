/** Sessions from a `pg.Pool`: our own, or one that the application lends. */

import pg, { type ClientBase, type Pool } from 'pg'
import { AdminError } from '../../errors.ts'
import type { TimeLimit } from '../time-limit.ts'
import { ConnectionLost, publicFault, reportOf } from './fault.ts'
import { type Lease, leaseOn } from './lease.ts'
import { type Settled, settling } from './settled.ts'
import type { Sessions } from './transaction.ts'

export interface PostgresSessions extends Sessions {
  close(): Promise<void>
}

export interface OwnPool {
  readonly url: string
  readonly max: number
  readonly timeoutMs: number
}

/** How messages call the database: at the start, and later. */
export type Names = Pick<Sessions, 'label' | 'name'>

const IDLE_MS = 30_000
/** A server that has not let us in by then is taken for one that never will. */
const CONNECT_MS = 10_000
/** For so long a server that takes leave is waited for. */
const LEAVE_MS = 2_000

export function ownSessions({ url, max, timeoutMs }: OwnPool, names: Names): PostgresSessions {
  const settled = settling(timeoutMs)
  const pool = new pg.Pool({
    connectionString: url,
    onConnect: settled.onConnect,
    application_name: 'castellan',
    max,
    // statements are sent without waiting for each other
    pipeline: true,
    connectionTimeoutMillis: Math.min(timeoutMs, CONNECT_MS),
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    allowExitOnIdle: true,
  })
  const allClosed = closedConnections(pool)
  const sessions = sessionsOf(pool, names, settled.of, async () => {
    await pool.end()
    await allClosed()
  })
  return { ...sessions, isSettled: true }
}

/** Waits for the last connection to be closed: `Pool.end` does not. */
function closedConnections(pool: Pool): () => Promise<void> {
  const closed = Promise.withResolvers<void>()
  let open = 0
  let isEnding = false
  const settle = (): void => {
    if (isEnding && open <= 0) closed.resolve()
  }
  pool.on('connect', () => {
    open += 1
  })
  pool.on('remove', () => {
    open -= 1
    settle()
  })
  return async () => {
    isEnding = true
    settle()
    const timer = setTimeout(() => closed.resolve(), LEAVE_MS)
    await closed.promise
    clearTimeout(timer)
  }
}

/** Never ends the pool. */
export function borrowedSessions(pool: Pool, names: Names): PostgresSessions {
  let path: string | null = null
  const sessions = sessionsOf(
    pool,
    names,
    () => null,
    async () => {
      pool.removeListener('error', ignore)
    },
    () => path,
  )
  return {
    ...sessions,
    keepPath(found) {
      path = found
    },
  }
}

/** @param settledOf What is settled of a session for good. */
function sessionsOf(
  pool: Pool,
  names: Names,
  settledOf: (client: ClientBase) => Settled | null,
  end: () => Promise<void>,
  pathOf: () => string | null = () => null,
): PostgresSessions {
  const returned = new Set<Promise<void>>()
  /** Those of them that have nothing left but their COMMIT or ROLLBACK, which nobody waits for. */
  const ending = new Set<Promise<void>>()

  // an idle session that the server ends is replaced by the pool; unheard, the event would end the process
  pool.on('error', ignore)

  async function lease(limit: TimeLimit): Promise<Lease> {
    // one that is about to come back is there sooner than a new one
    if (pool.idleCount === 0 && ending.size > 0) await limit.within(Promise.race(ending))
    const connecting = pool.connect()
    try {
      const client = await limit.within(connecting)
      const back = Promise.withResolvers<void>()
      returned.add(back.promise)
      return watched(leaseOn(client, settledOf(client), pathOf()), {
        onEnd: () => ending.add(back.promise),
        onReturned() {
          returned.delete(back.promise)
          ending.delete(back.promise)
          back.resolve()
        },
      })
    } catch (error) {
      // one that comes too late goes straight to the next in line
      connecting.then((client) => client.release(), ignore)
      throw limit.hasPassed
        ? tooLate(pool, names.name, error)
        : publicFault(lostUnlessReported(error), names.name)
    }
  }

  return {
    engine: 'postgres',
    ...names,
    size: pool.options.max,
    sendsAhead: true,
    isSettled: false,
    lease,
    async close() {
      await Promise.all(returned)
      await end()
    },
  }
}

interface Watch {
  onEnd(): void
  onReturned(): void
}

function watched(lease: Lease, { onEnd, onReturned }: Watch): Lease {
  return {
    ...lease,
    end(command) {
      onEnd()
      return lease.end(command)
    },
    get isBusy() {
      return lease.isBusy
    },
    release() {
      lease.release()
      onReturned()
    },
    async abandon() {
      await lease.abandon()
      onReturned()
    },
  }
}

function lostUnlessReported(error: unknown): unknown {
  if (reportOf(error) || error instanceof AdminError) return error
  return new ConnectionLost('There was no connection.', { cause: error })
}

/** The limit passed while waiting for a session: says what was waited for. */
function tooLate(pool: Pool, name: string, cause: unknown): unknown {
  const { max } = pool.options
  const isExhausted = pool.totalCount >= max && pool.idleCount === 0 && pool.waitingCount > 0
  if (!isExhausted) return cause
  return new AdminError(
    'data-source-failed',
    `All ${max} connections to ${name} were in use for too long. Try again, or allow more connections.`,
    { cause },
  )
}

function ignore(): void {}
