/**
 * Snapshots and transactions over a leased session, for every engine that
 * speaks PostgreSQL.
 *
 * A session is given back only when its transaction has ended and nothing is
 * under way; where that can't be had in time it is thrown away.
 */

import { AdminError } from '../../errors.ts'
import { connectionOver } from '../connection.ts'
import type { Connection, Engine } from '../database.ts'
import { guardedClient, lendClient } from '../driver-client.ts'
import { outcomeUnknown } from '../outcome.ts'
import { rerun } from '../rerun.ts'
import type { TimeLimit } from '../time-limit.ts'
import {
  isAftermath,
  isConnectionLost,
  isForgotten,
  isInTheWay,
  publicFault,
  readingFault,
  reportOf,
} from './fault.ts'
import type { Lease, Sent } from './lease.ts'
import type { Kind } from './session.ts'

export interface Sessions {
  readonly engine: Engine
  /** How messages at the start call the database: where it is. */
  readonly label: string
  /** What people are told of later: the name of the database, and not where it is. */
  readonly name: string
  /** The most at a time. */
  readonly size: number
  /** Whether COMMIT may be sent before the statement before it is answered. */
  readonly sendsAhead: boolean
  /** Every session has its settings for good, so that a statement that only reads needs no transaction around it. */
  readonly isSettled: boolean
  /** Where bare names led as the database was opened: sessions that somebody else has as well are led there again. */
  keepPath?(path: string): void
  /** A session of one's own. @throws AdminError `data-source-failed` when none is to be had within the limit. */
  lease(limit: TimeLimit): Promise<Lease>
}

export type Execute = (text: string, parameters: readonly unknown[]) => Promise<Sent>

/** The server ends a statement at its limit by itself; for so long its answer is waited for. */
const LIMIT_GRACE_MS = 300
/** For so long a ROLLBACK, or a COMMIT after the limit, is waited for. */
const END_GRACE_MS = 5_000

/**
 * One statement on the newest state, in a transaction of its own, where possible all in one round trip. A session
 * that turns out to be dead is replaced: nothing was changed on it.
 */
export async function lookingUp(
  sessions: Sessions,
  limit: TimeLimit,
  text: string,
  parameters: readonly unknown[],
): Promise<Sent> {
  try {
    return await lookingUpOnce(sessions, limit, text, parameters)
  } catch (error) {
    const isLost = error instanceof AdminError && isConnectionLost(error.cause)
    if (!isLost || limit.hasPassed) throw error
    return await lookingUpOnce(sessions, limit, text, parameters)
  }
}

async function lookingUpOnce(
  sessions: Sessions,
  limit: TimeLimit,
  text: string,
  parameters: readonly unknown[],
): Promise<Sent> {
  if (!sessions.sendsAhead) {
    return await reading(sessions, limit, (execute) => execute(text, parameters), 'now')
  }
  const lease = await sessions.lease(limit)
  const begun = lease.begin('now', limit.remainingMs)
  const sent = lease.execute(text, parameters)
  const over = lease.end('COMMIT')
  begun.catch(ignore)
  try {
    return await limit.within(sent)
  } catch (error) {
    throw readingFault(error, sessions.name)
  } finally {
    void settled(lease, over, limit)
  }
}

/**
 * One read-only transaction. Where a table has changed under a statement that a session knows by name, it is run again:
 * each session learns of the change by itself, so at most once for each of them.
 */
export async function reading<T>(
  sessions: Sessions,
  limit: TimeLimit,
  work: (execute: Execute) => Promise<T>,
  kind: Extract<Kind, 'read' | 'now'> = 'read',
): Promise<T> {
  for (let left = sessions.size; ; left -= 1) {
    try {
      return await readingOnce(sessions, limit, work, kind)
    } catch (error) {
      const isOver = left === 0 || limit.hasPassed
      if (isOver || !(error instanceof AdminError) || !isForgotten(error.cause)) throw error
    }
  }
}

/** Nobody waits to see it ended. */
async function readingOnce<T>(
  sessions: Sessions,
  limit: TimeLimit,
  work: (execute: Execute) => Promise<T>,
  kind: Extract<Kind, 'read' | 'now'>,
): Promise<T> {
  const lease = await sessions.lease(limit)
  const transaction = transactionOn(lease)
  // the first statement goes with it, and fails when it does
  const begun = lease.begin(kind, limit.remainingMs)
  begun.catch(ignore)
  try {
    const result = await limit.within(work(transaction.execute))
    await limit.within(begun)
    transaction.close()
    void ended(lease, 'COMMIT')
    return result
  } catch (error) {
    transaction.close()
    void givenUp(lease, limit)
    throw readingFault(error, sessions.name)
  }
}

/** One write transaction, run again while others are in its way. */
export async function writing<T>(
  sessions: Sessions,
  limit: TimeLimit,
  kind: Exclude<Kind, 'read' | 'now'>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  try {
    return await rerun(limit, isInTheWay, () => attempt(sessions, limit, kind, work))
  } catch (error) {
    throw publicFault(error, sessions.name)
  }
}

async function attempt<T>(
  sessions: Sessions,
  limit: TimeLimit,
  kind: Kind,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const lease = await sessions.lease(limit)
  const transaction = transactionOn(lease)
  let result: T
  try {
    // nothing may be written before it is certain that it can be rolled back
    await limit.within(lease.begin(kind, limit.remainingMs))
    result = await limit.within(
      work(sharing(connectionOver(sessions.engine, transaction.execute), lease, transaction)),
    )
    limit.signal.throwIfAborted()
    transaction.close()
  } catch (error) {
    transaction.close()
    void givenUp(lease, limit)
    // whatever the work made of it: it failed because another transaction was in its way
    throw isInTheWay(transaction.failure) ? transaction.failure : error
  }
  await commit(sessions, lease, limit, transaction.failure)
  return result
}

/** The connection, whose client an ORM of the application may write over as well until the transaction ends. */
function sharing(connection: Connection, { client }: Lease, transaction: Transaction): Connection {
  if (client)
    lendClient(
      connection,
      guardedClient(client, () => transaction.isOpen),
    )
  return connection
}

/** @param failure What a statement of the transaction failed with, if one did. */
async function commit(sessions: Sessions, lease: Lease, limit: TimeLimit, failure: unknown): Promise<void> {
  let sent: Sent | null
  try {
    sent = await inTime(lease.end('COMMIT'), limit.remainingMs + END_GRACE_MS)
  } catch (error) {
    // an answer of the server means that it rolled back
    if (reportOf(error) && !isConnectionLost(error)) {
      lease.release()
      throw error
    }
    void lease.abandon()
    throw outcomeUnknown(sessions.name, error)
  }
  if (!sent) {
    void lease.abandon()
    throw outcomeUnknown(sessions.name, limit.signal.reason)
  }
  lease.release()
  // where a statement had failed the server takes COMMIT for ROLLBACK, without an error
  if (sent.command === 'ROLLBACK')
    throw failure ?? new TypeError('The transaction had failed before its end.')
}

interface Transaction {
  readonly execute: Execute
  /** What its first statement that failed threw; null: none did. */
  readonly failure: unknown
  readonly isOpen: boolean
  /** From now on `execute` refuses. */
  close(): void
}

function transactionOn(lease: Lease): Transaction {
  let isOpen = true
  let failure: unknown = null
  return {
    async execute(text, parameters) {
      if (!isOpen) throw new TypeError('The transaction of this connection has ended.')
      try {
        return await lease.execute(text, parameters)
      } catch (error) {
        failure ??= error
        // what was sent behind the statement that failed is refused for that alone
        throw isAftermath(error) ? failure : error
      }
    },
    get failure() {
      return failure
    },
    get isOpen() {
      return isOpen
    },
    close() {
      isOpen = false
    },
  }
}

async function ended(lease: Lease, command: 'COMMIT' | 'ROLLBACK'): Promise<void> {
  try {
    if (await inTime(lease.end(command), END_GRACE_MS)) lease.release()
    else await lease.abandon()
  } catch {
    // the session is of no use any more, and whoever had it has been answered
    await lease.abandon()
  }
}

async function givenUp(lease: Lease, limit: TimeLimit): Promise<void> {
  const hasCallerGone = limit.hasPassed && limit.remainingMs > 0
  if (await isIdleWithin(lease, hasCallerGone ? 0 : LIMIT_GRACE_MS)) await ended(lease, 'ROLLBACK')
  else await lease.abandon()
}

/** Gives the session back once its COMMIT, which was sent already, is answered. */
async function settled(lease: Lease, over: Promise<Sent>, limit: TimeLimit): Promise<void> {
  const isOver = over.then(
    () => true,
    () => false,
  )
  const isIdle = await isIdleWithin(lease, limit.hasPassed ? LIMIT_GRACE_MS : END_GRACE_MS)
  if (isIdle && (await isOver)) lease.release()
  else await lease.abandon()
}

/** Whether the server has answered everything by then. */
async function isIdleWithin(lease: Lease, milliseconds: number): Promise<boolean> {
  if (lease.isBusy) await inTime(lease.idle(), milliseconds)
  return !lease.isBusy
}

/** The outcome of `work`, or null when it takes longer. */
async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T | null> {
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(() => late.resolve(null), milliseconds)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function ignore(): void {}
