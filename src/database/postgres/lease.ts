/**
 * One session of a pool, ours for one transaction.
 *
 * Statements are answered in the order in which they are sent. Where the pool
 * allows it they are sent without waiting for each other, so that what is asked
 * at one time costs one round trip.
 */

import { setTimeout as delay } from 'node:timers/promises'
import type { CustomTypesConfig, PoolClient, QueryArrayResult, QueryResult } from 'pg'
import type { Answer } from '../connection.ts'
import { changesOf, parameterOf, readerOf } from './answer.ts'
import { cancelOnServer } from './cancel.ts'
import { ConnectionLost, isForgotten, reportOf, withoutValues } from './fault.ts'
import { beginOf, type Kind } from './session.ts'
import type { Settled } from './settled.ts'

export interface Sent extends Answer {
  /** The first word of the command tag: `SELECT`, `COMMIT`. */
  readonly command: string | null
}

export interface Lease {
  /** The driver's client; null where the engine has none. */
  readonly client: PoolClient | null
  /** Begins the transaction. @param remainingMs What is left of the time limit. */
  begin(kind: Kind, remainingMs: number): Promise<unknown>
  /** Ends it. The command that is answered tells whether a COMMIT was taken for a ROLLBACK. */
  end(command: 'COMMIT' | 'ROLLBACK'): Promise<Sent>
  /** @throws the server's error, or `ConnectionLost`. */
  execute(text: string, parameters: readonly unknown[]): Promise<Sent>
  /** Whether a statement was sent and is not answered. */
  readonly isBusy: boolean
  /** Resolves when every statement that was sent is answered. */
  idle(): Promise<void>
  /** Gives the session back, as it was. */
  release(): void
  /** Stops what the server does for this session, where the engine can, and throws the session away. */
  abandon(): Promise<void>
}

/** After a request to cancel; the server's own limit ends what outlasts them all. */
const CANCEL_WAITS_MS = [20, 100, 500, 1_000] as const

/** Gives every text to our readers and to no parser of the driver, whatever the application has set. */
const TYPES: CustomTypesConfig = { getTypeParser: (type: number) => readerOf(type) }

/**
 * @param settled Null: the session has settings of its own, which it keeps.
 * @param path Where bare names lead meanwhile; null: where the session leads them.
 */
export function leaseOn(
  client: PoolClient,
  settled: Settled | null = null,
  path: string | null = null,
): Lease {
  const canPipeline = client.pipeline === true
  let underWay = 0
  let last: Promise<unknown> = Promise.resolve()
  let isGathering = false
  /** One statement that only reads, in a session that is settled: it is a transaction by itself. */
  let isAlone = false
  /** The statements of a transaction that only reads go by name: the same are asked for page after page. */
  let isReading = false

  // a session that dies between two statements says so on the next; unheard, the event would end the process
  client.on('error', ignore)

  async function send(text: string, values: (string | Buffer | null)[], name?: string): Promise<Sent> {
    try {
      const query = { text, values, types: TYPES, ...(name !== undefined && { name }) }
      const result: QueryResult | QueryResult[] = await client.query(query)
      return sentOf(Array.isArray(result) ? result.at(-1) : result)
    } catch (error) {
      if (reportOf(error)) throw withoutValues(error)
      throw new ConnectionLost('The connection was lost.', { cause: error })
    }
  }

  /** What is asked at one time, BEGIN and the first statements above all, reaches the server in one packet. */
  function gather(): void {
    if (isGathering || !canPipeline) return
    const { stream } = client.connection
    isGathering = true
    stream.cork()
    process.nextTick(() => {
      isGathering = false
      stream.uncork()
    })
  }

  async function sendByName(text: string, values: (string | Buffer | null)[]): Promise<Sent> {
    const name = settled?.nameOf(text)
    try {
      return await send(text, values, name)
    } catch (error) {
      if (name === undefined || !isForgotten(error)) throw error
      settled?.forget(text)
      // a transaction has failed with it; the next one asks without the name
      if (!isAlone) throw error
      return await send(text, values)
    }
  }

  async function execute(text: string, parameters: readonly unknown[]): Promise<Sent> {
    const values = parameters.map(parameterOf)
    const before = last
    underWay += 1
    gather()
    const run = () => (isReading ? sendByName(text, values) : send(text, values))
    const sent = canPipeline ? run() : before.then(run)
    last = Promise.allSettled([before, sent])
    try {
      return await sent
    } finally {
      underWay -= 1
    }
  }

  async function begun(text: string, kind: Kind): Promise<void> {
    const sent = execute(text, [])
    isReading = settled !== null && kind === 'read'
    await sent
  }

  function giveBack(isDestroyed: boolean): void {
    client.removeListener('error', ignore)
    client.release(isDestroyed)
  }

  return {
    client,
    async begin(kind, remainingMs) {
      isAlone = settled !== null && kind === 'now'
      if (isAlone) isReading = true
      else await begun(beginOf(kind, remainingMs, settled?.limitMs ?? null, path), kind)
    },
    async end(command) {
      isReading = false
      return isAlone ? { rows: [], changes: 0n, lastRowId: 0n, command } : await execute(command, [])
    },
    execute,
    get isBusy() {
      return underWay > 0
    },
    idle: async () => void (await last),
    release: () => giveBack(false),
    async abandon() {
      // a request that comes before its statement is taken for none: ask until the statement is answered
      for (const waitMs of CANCEL_WAITS_MS) {
        if (underWay === 0) break
        await cancelOnServer(client)
        await Promise.race([last, delay(waitMs)])
      }
      giveBack(true)
    },
  }
}

function sentOf(result: QueryResult | QueryArrayResult | undefined): Sent {
  const { rows = [], rowCount = null, command = null } = result ?? {}
  return { rows, changes: changesOf(command, rowCount), lastRowId: 0n, command }
}

function ignore(): void {}
