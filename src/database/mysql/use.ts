/**
 * One use of a connection: from being lent to being given back as it was, or
 * closed. Whatever happens between, nobody gets it next with something of this
 * use on it.
 */

import { AdminError } from '../../errors.ts'
import { type TimeLimit, timeLimit } from '../time-limit.ts'
import { isFull, isLost, mysqlErrnoOf } from './fault.ts'
import type { Lender, Link } from './link.ts'
import { type Session, sessionOn } from './session.ts'
import {
  borrowedSettings,
  ELSEWHERE,
  formerSettings,
  type Mode,
  type MysqlEngine,
  ownSettings,
} from './setting.ts'

/** What is asked of the server behind an answer must be done within that, or the connection is closed. */
const END_MS = 10_000
/** How often, and how far apart, a server that takes no more connections is asked for one. */
const FULL_TRIES = 20
const FULL_PAUSE_MS = 25

/** Whose connections, and how they are spoken to. */
export interface Surroundings {
  readonly lender: Lender
  readonly engine: MysqlEngine
  /** What people are told of: the name of the database, and not where it is. */
  readonly name: string
}

export interface Use {
  readonly link: Link
  readonly mode: Mode
  readonly session: Session
  /** The database in which the application had its connection; null: in ours, or in none that is still there. */
  readonly former: string | null
}

/**
 * A connection on which the settings of `mode` hold and `first` has run, and whose bare names are those of
 * our database, wherever its application has led it. One that turns out to be dead is replaced: nothing was
 * done on it yet.
 */
export async function begin(
  { lender, engine, name }: Surroundings,
  limit: TimeLimit,
  mode: Mode,
  first: string | null,
): Promise<Use> {
  for (let tries = 0; ; tries += 1) {
    const link = await lent(lender, limit, name)
    try {
      const former = await limit.within(prepare(link, first))
      return { link, mode, session: sessionOn(engine, link), former }
    } catch (error) {
      link.destroy()
      if (!isLost(error) || tries >= lender.size) throw error
    }
  }

  async function prepare(link: Link, statement: string | null): Promise<string | null> {
    const former = lender.isBorrowed ? await settle(link) : null
    const settings = lender.isBorrowed ? null : ownSettings(engine, mode, link.mode)
    if (settings !== null) await link.run(settings)
    link.mode = mode
    if (statement !== null) await link.run(statement)
    return former
  }

  async function settle(link: Link): Promise<string | null> {
    const settings = borrowedSettings(engine, mode, name)
    try {
      await link.run(settings)
      return null
    } catch (error) {
      if (mysqlErrnoOf(error) !== ELSEWHERE) throw error
    }
    const { rows } = await link.run('SELECT DATABASE() AS name')
    await link.run(use(name))
    await link.run(settings)
    const former = rows[0]?.['name']
    return typeof former === 'string' ? former : null
  }
}

function use(name: string): string {
  return `USE \`${name.replaceAll('`', '``')}\``
}

async function lent(lender: Lender, limit: TimeLimit, name: string): Promise<Link> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await lender.lend(limit)
    } catch (error) {
      // a timer may be early by less than that; with more time left it was the caller who went
      if (limit.hasPassed && limit.remainingMs <= 1) throw noneFree(name, error)
      if (!isFull(error) || tries >= FULL_TRIES) throw error
    }
    // one of our own may be on its way back
    await limit.pause(FULL_PAUSE_MS)
  }
}

function noneFree(name: string, cause: unknown): AdminError {
  return new AdminError(
    'data-source-failed',
    `The database ${name} gave no connection in time: all are in use, or its server does not answer. Try again.`,
    { cause },
  )
}

/**
 * Gives the connection back after `last` has run on it. What still runs there is
 * stopped on the server: nobody waits for it any more. Never throws.
 * @param last Null: the transaction has ended by itself.
 */
export async function end(
  { lender, engine }: Surroundings,
  { link, mode, session, former }: Use,
  last: string | null,
): Promise<void> {
  try {
    await soon(async () => {
      if (session.isRunning) await lender.stop(link.threadId)
      await session.close()
      if (last !== null) await link.run(last)
      if (lender.isBorrowed) await link.run(formerSettings(engine, mode))
      if (former !== null) await link.run(use(former))
    })
    link.release()
  } catch {
    // whatever is wrong with it, the server rolls back what a closed connection left
    link.destroy()
  }
}

/** The outcome of `work`, within the time that ending something may take. */
export async function soon<T>(work: () => Promise<T>): Promise<T> {
  const limit = timeLimit('Ending a transaction', END_MS)
  try {
    return await limit.within(work())
  } finally {
    limit.end()
  }
}
