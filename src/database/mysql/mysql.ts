/** A MariaDB or MySQL database that is open: snapshots, transactions that are run again, point reads. */

import { AdminError } from '../../errors.ts'
import { connectionOver } from '../connection.ts'
import type { Connection, Database, ReadOptions, WriteOptions } from '../database.ts'
import { parseAddress } from './address.ts'
import { databaseOf, inspect, labelOf, refusedPool } from './inspect.ts'
import { borrowedLender, CONNECTIONS, type Lender, type MysqlPool, ownLender } from './link.ts'
import { withLiterals } from './literal.ts'
import type { MysqlEngine } from './setting.ts'
import { transactionsOver } from './transaction.ts'

const DEFAULT_TIMEOUT_MS = 30_000

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
  const meant = 'pool' in options ? databaseOf(options.pool) : null
  try {
    const found = await inspect(lender, label, timeoutMs, meant)
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
  const transactions = transactionsOver({ lender, engine, name, timeoutMs }, (rest) => void tracked(rest))
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
    now: connectionOver(engine, async (text, parameters) => {
      refuseWhenClosed()
      return await tracked(transactions.point(withLiterals(text, parameters)))
    }),
    async read<T>(work: (connection: Connection) => Promise<T>, options: ReadOptions = {}): Promise<T> {
      refuseWhenClosed()
      return await tracked(transactions.read(work, options))
    },
    async write<T>(work: (connection: Connection) => Promise<T>, options: WriteOptions = {}): Promise<T> {
      refuseWhenClosed()
      if (isReadOnly) {
        throw new AdminError('denied', `Nothing can be written to ${name}: the database can only be read.`)
      }
      return await tracked(transactions.write(work, options))
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
