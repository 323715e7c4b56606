/**
 * PGlite's one session, for one transaction at a time.
 *
 * PGlite itself queues transactions, those of the application included. What
 * runs in it can't be stopped, and keeps this process from everything else
 * while it runs.
 */

import { changesOf, parameterOf, readerOf } from '../postgres/answer.ts'
import { reportOf, withoutValues } from '../postgres/fault.ts'
import type { Lease, Sent } from '../postgres/lease.ts'
import { settingsOf } from '../postgres/session.ts'
import type { TimeLimit } from '../time-limit.ts'

/** What is needed of a PGlite, by its shape: the package is there only where someone uses it. */
export interface PgliteInstance {
  readonly parsers: Readonly<Record<string, unknown>>
  transaction<T>(work: (transaction: PgliteTransaction) => Promise<T>): Promise<T | undefined>
  close(): Promise<void>
}

export interface PgliteTransaction {
  query(
    text: string,
    parameters: unknown[],
    options: {
      readonly parsers: Record<number, (text: string) => unknown>
      readonly serializers: Record<number, (value: unknown) => string>
    },
  ): Promise<PgliteResult>
  exec(text: string): Promise<unknown>
  rollback(): Promise<void>
}

interface PgliteResult {
  readonly rows: unknown[]
  readonly affectedRows?: number | undefined
  readonly command?: string | undefined
}

const DECIMAL = 10

/** Waits for the transactions before it, within the limit. @param path Where bare names lead meanwhile. */
export async function pgliteLease(
  instance: PgliteInstance,
  limit: TimeLimit,
  path: string | null,
): Promise<Lease> {
  const began = Promise.withResolvers<PgliteTransaction>()
  const ends = Promise.withResolvers<'COMMIT' | 'ROLLBACK'>()
  const done = instance.transaction(async (transaction) => {
    began.resolve(transaction)
    if ((await ends.promise) === 'ROLLBACK') await transaction.rollback()
  })
  done.catch(began.reject)
  try {
    const transaction = await limit.within(began.promise)
    return leaseIn(transaction, instance, path, (command) => {
      ends.resolve(command)
      return done
    })
  } catch (error) {
    ends.resolve('ROLLBACK')
    throw error
  }
}

function leaseIn(
  transaction: PgliteTransaction,
  { parsers }: PgliteInstance,
  path: string | null,
  finish: (command: 'COMMIT' | 'ROLLBACK') => Promise<unknown>,
): Lease {
  let underWay = 0
  let last: Promise<unknown> = Promise.resolve()

  async function counted<T>(work: () => Promise<T>): Promise<T> {
    underWay += 1
    const done = work()
    last = Promise.allSettled([last, done])
    try {
      return await done
    } catch (error) {
      throw withoutValues(error)
    } finally {
      underWay -= 1
    }
  }

  async function end(command: 'COMMIT' | 'ROLLBACK'): Promise<Sent> {
    try {
      await finish(command)
      return { rows: [], changes: 0n, lastRowId: 0n, command }
    } catch (error) {
      // PGlite's own word for a transaction that had failed before its COMMIT
      if (reportOf(error)?.code !== '25P02') throw error
      return { rows: [], changes: 0n, lastRowId: 0n, command: 'ROLLBACK' }
    }
  }

  return {
    client: null,
    begin: (kind) => counted(() => transaction.exec(settingsOf(kind, path))),
    execute: (text, parameters) => {
      const values = parameters.map(parameterOf)
      return counted(async () => {
        const options = { parsers: readersFor(parsers), serializers: AS_GIVEN }
        return sentOf(await transaction.query(text, values, options))
      })
    },
    end: (command) => counted(() => end(command)),
    get isBusy() {
      return underWay > 0
    },
    idle: async () => void (await last),
    release: () => {},
    async abandon() {
      await last
      await finish('ROLLBACK')
    },
  }
}

/** Our reader for every type that PGlite has a parser of its own for; texts of other types come as they are. */
function readersFor(parsers: Readonly<Record<string, unknown>>): Record<number, (text: string) => unknown> {
  return Object.fromEntries(
    Object.keys(parsers).map((type) => [type, readerOf(Number.parseInt(type, DECIMAL))]),
  )
}

/** Parameters are texts already, or bytes. PGlite looks a serializer up by the number of the type. */
const AS_GIVEN: Record<number, (value: unknown) => string> = new Proxy(
  {},
  {
    get: () => (value: unknown) => value,
  },
)

function sentOf({ rows, affectedRows = 0, command }: PgliteResult): Sent {
  return {
    rows: rows as Sent['rows'], // rows come as objects unless asked for otherwise
    changes: changesOf(command ?? null, affectedRows),
    lastRowId: 0n,
    command: command ?? null,
  }
}
