/** A MariaDB or MySQL database that is open: snapshots, transactions that are run again, point reads. */

import { AdminError } from '../../errors.ts'
import { type Answer, connectionOver } from '../connection.ts'
import type { Connection, Database, ReadOptions, WriteOptions } from '../database.ts'
import { type TimeLimit, timeLimit } from '../time-limit.ts'
import { parseAddress } from './address.ts'
import { isConflict, isLost, publicFault, unknownOutcome } from './fault.ts'
import { inspect, labelOf, refusedPool } from './inspect.ts'
import { borrowedLender, CONNECTIONS, type Lender, type Link, type MysqlPool, ownLender } from './link.ts'
import { withLiterals } from './literal.ts'
import { type Session, sessionOn } from './session.ts'
import { borrowedSettings, formerSettings, type Mode, type MysqlEngine, ownSettings } from './setting.ts'

const DEFAULT_TIMEOUT_MS = 30_000
/** How often a transaction is run before its conflict is told. */
const RUNS = 12
/** The first wait before a re-run; it doubles, and a random part of it is waited. */
const PAUSE_MS = 4
const LONGEST_PAUSE_MS = 250
/** What ends a transaction or gives a connection back must answer within that, or the connection is closed. */
const END_MS = 10_000

export type OpenMysqlOptions = MysqlAt & {
  readonly readOnly?: boolean
  /** Milliseconds for one write or one read, waiting included; 30,000 by default. */
  readonly timeoutMs?: number
}

export type MysqlAt =
  | {
      /** `mariadb://name:password@host:3306/database`, or `mysql://…`. */
      readonly url: string
      /** The most connections at a time; 10 by default. */
      readonly connections?: number
    }
  | {
      /** The application's own pool. It stays the application's: closing leaves it open. */
      readonly pool: MysqlPool
    }

/**
 * Opens a database on a server, or borrows a pool that the application has.
 * @throws AdminError `misconfigured` with the mistakes D140 to D149.
 */
export async function openMysql(options: OpenMysqlOptions): Promise<Database> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const { lender, label } = lenderOf(options)
  try {
    const found = await inspect(lender, label, timeoutMs)
    const isReadOnly = options.readOnly === true || found.isReadOnly
    return databaseOver(lender, { engine: found.engine, label, name: found.name, isReadOnly, timeoutMs })
  } catch (error) {
    await lender.end()
    throw error
  }
}

function lenderOf(options: OpenMysqlOptions): { readonly lender: Lender; readonly label: string } {
  if ('url' in options) {
    const address = parseAddress(options.url)
    return { lender: ownLender(address, options.connections ?? CONNECTIONS), label: address.label }
  }
  const label = labelOf(options.pool)
  const mistake = refusedPool(options.pool, label)
  if (mistake) throw mistake
  return { lender: borrowedLender(options.pool), label }
}

interface Facts {
  readonly engine: MysqlEngine
  readonly label: string
  /** The name of the database: what is told to people who use it, and not where it is. */
  readonly name: string
  readonly isReadOnly: boolean
  readonly timeoutMs: number
}

function databaseOver(lender: Lender, { engine, label, name, isReadOnly, timeoutMs }: Facts): Database {
  const underWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | null = null

  function tracked<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => {},
      () => {},
    )
    underWay.add(settled)
    void settled.then(() => underWay.delete(settled))
    return work
  }

  function modeFor(isolation: Mode['isolation'], isReading: boolean, limitMs: number): Mode {
    // shorter limits are kept from here; the server's own is for when nobody is left to keep it
    return { isolation, isReadOnly: isReading || isReadOnly, timeoutMs: Math.max(limitMs, timeoutMs) }
  }

  /** A connection on which `first` has run; one that turns out to be dead is replaced. */
  async function opened(limit: TimeLimit, mode: Mode, first: string | null): Promise<Link> {
    for (let tries = 0; ; tries += 1) {
      const link = await lender.lend(limit)
      try {
        await limit.within(prepare(link, mode, first))
        return link
      } catch (error) {
        link.destroy()
        if (!isLost(error) || tries >= lender.size) throw error
      }
    }
  }

  async function prepare(link: Link, mode: Mode, first: string | null): Promise<void> {
    const settings = lender.isBorrowed ? borrowedSettings(engine, mode) : ownSettings(engine, mode, link.mode)
    if (settings !== null) await link.run(settings)
    link.mode = mode
    if (first !== null) await link.run(first)
  }

  /** Gives the connection back as it was, or closes it. Stops what still runs on it. */
  async function leave(link: Link, session: Session | null, last: string | null, mode: Mode): Promise<void> {
    try {
      await ending(async () => {
        if (session?.isRunning) await lender.stop(link.threadId)
        await session?.close()
        if (last !== null) await link.run(last)
        if (lender.isBorrowed) await link.run(formerSettings(engine, mode))
      })
      link.release()
    } catch {
      // whatever is wrong with it, the server rolls back what a closed connection left
      link.destroy()
    }
  }

  async function reading<T>(
    work: (connection: Connection) => Promise<T>,
    { timeoutMs: limitMs = timeoutMs, signal }: ReadOptions,
  ): Promise<T> {
    const limit = timeLimit(`Reading ${name}`, limitMs, signal)
    const mode = modeFor('REPEATABLE-READ', true, limitMs)
    try {
      const link = await opened(limit, mode, 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
      const session = sessionOn(engine, link)
      try {
        return await limit.within(work(session.connection))
      } finally {
        // behind the answer: nothing in it depends on how the snapshot ends
        void tracked(leave(link, session, 'ROLLBACK', mode))
      }
    } catch (error) {
      throw publicFault(error, name)
    } finally {
      limit.end()
    }
  }

  async function writing<T>(
    work: (connection: Connection) => Promise<T>,
    { timeoutMs: limitMs = timeoutMs, signal, isolation }: WriteOptions,
  ): Promise<T> {
    const limit = timeLimit(`Writing to ${name}`, limitMs, signal)
    const mode = modeFor(isolation === 'read-committed' ? 'READ-COMMITTED' : 'SERIALIZABLE', false, limitMs)
    try {
      for (let runs = 1; ; runs += 1) {
        try {
          return await transaction(limit, mode, work)
        } catch (error) {
          if (!isConflict(error) || runs >= RUNS) throw error
        }
        await limit.pause(Math.random() * Math.min(PAUSE_MS * 2 ** runs, LONGEST_PAUSE_MS))
      }
    } catch (error) {
      throw publicFault(error, name)
    } finally {
      limit.end()
    }
  }

  async function transaction<T>(
    limit: TimeLimit,
    mode: Mode,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const link = await opened(limit, mode, 'START TRANSACTION')
    const session = sessionOn(engine, link)
    let last: string | null = 'ROLLBACK'
    try {
      const result = await limit.within(work(session.connection))
      await limit.within(session.close())
      if (session.ended !== null) throw session.ended
      last = null
      await commit(link)
      return result
    } catch (error) {
      throw session.ended ?? error
    } finally {
      void tracked(leave(link, session, last, mode))
    }
  }

  /** Not given up when the time limit passes: what was sent is saved or not, whoever waits for the answer. */
  async function commit(link: Link): Promise<void> {
    try {
      await ending(() => link.run('COMMIT'))
    } catch (error) {
      link.destroy()
      throw isLost(error) || error instanceof AdminError ? unknownOutcome(name, error) : error
    }
  }

  const now = connectionOver(engine, async (text, parameters) => {
    refuseWhenClosed()
    const whole = withLiterals(text, parameters)
    return await tracked(pointRead(whole))
  })

  async function pointRead(text: string): Promise<Answer> {
    const limit = timeLimit(`Reading ${name}`, timeoutMs)
    const mode = modeFor('REPEATABLE-READ', true, timeoutMs)
    try {
      for (let tries = 0; ; tries += 1) {
        try {
          return await pointReadOnce(limit, mode, text)
        } catch (error) {
          if (!isLost(error) || tries > 0) throw error
        }
      }
    } catch (error) {
      throw publicFault(error, name)
    } finally {
      limit.end()
    }
  }

  async function pointReadOnce(limit: TimeLimit, mode: Mode, text: string): Promise<Answer> {
    const link = await opened(limit, mode, null)
    try {
      const answer = await limit.within(link.run(text))
      void tracked(leave(link, null, null, mode))
      return answer
    } catch (error) {
      if (limit.hasPassed || isLost(error)) link.destroy()
      else void tracked(leave(link, null, null, mode))
      throw error
    }
  }

  function refuseWhenClosed(): void {
    if (closing !== null) throw new AdminError('data-source-failed', `The database ${name} is closed.`)
  }

  async function close(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay)
    await lender.end()
  }

  return {
    engine,
    label,
    isReadOnly,
    now,
    async read<T>(work: (connection: Connection) => Promise<T>, limits: ReadOptions = {}): Promise<T> {
      refuseWhenClosed()
      return await tracked(reading(work, limits))
    },
    async write<T>(work: (connection: Connection) => Promise<T>, limits: WriteOptions = {}): Promise<T> {
      refuseWhenClosed()
      if (isReadOnly) {
        throw new AdminError('denied', `Nothing can be written to ${name}: the database can only be read.`)
      }
      return await tracked(writing(work, limits))
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

async function ending<T>(work: () => Promise<T>): Promise<T> {
  const limit = timeLimit('Ending a transaction', END_MS)
  try {
    return await limit.within(work())
  } finally {
    limit.end()
  }
}
