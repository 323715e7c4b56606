/** Snapshots, transactions and point reads on a server, each within its time limit. */

import type { Answer } from '../connection.ts'
import type { Connection, ReadOptions, WriteOptions } from '../database.ts'
import { lanesFor, POINT_MS } from '../lanes.ts'
import { outcomeUnknown } from '../outcome.ts'
import { rerun } from '../rerun.ts'
import { type TimeLimit, timeLimit } from '../time-limit.ts'
import { isLost, isRunAgain, publicFault } from './fault.ts'
import type { Mode } from './setting.ts'
import { begin, end, type Surroundings, soon, type Use } from './use.ts'

const SNAPSHOT = 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY'

export interface Transactions {
  read<T>(work: (connection: Connection) => Promise<T>, options: ReadOptions): Promise<T>
  write<T>(work: (connection: Connection) => Promise<T>, options: WriteOptions): Promise<T>
  /** One statement outside of any transaction, on the newest state. */
  point(text: string): Promise<Answer>
}

/** @param behind Takes what still goes on after an answer was given; it never fails. */
export function transactionsOver(
  surroundings: Surroundings & { readonly timeoutMs: number },
  behind: (rest: Promise<void>) => void,
): Transactions {
  const { name, timeoutMs, lender } = surroundings
  const reads = lanesFor(name, lender.size)

  function modeFor(isolation: Mode['isolation'], isReadOnly: boolean, limitMs: number): Mode {
    // shorter limits are kept from here; the server's own is for when nobody is left to keep it
    return { isolation, isReadOnly, timeoutMs: Math.max(limitMs, timeoutMs) }
  }

  async function read<T>(
    work: (connection: Connection) => Promise<T>,
    { timeoutMs: limitMs = timeoutMs, signal }: ReadOptions,
  ): Promise<T> {
    const mode = modeFor('REPEATABLE-READ', true, limitMs)
    return await limited(`Reading ${name}`, limitMs, signal, async (limit) => {
      return await readOnce(limit, mode, work)
    })
  }

  async function readOnce<T>(
    limit: TimeLimit,
    mode: Mode,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const leave = await reads.enter(limit)
    const use = await begun(limit, mode, leave)
    try {
      return await limit.within(work(use.session.connection))
    } catch (error) {
      throw use.session.ended ?? error
    } finally {
      // nothing in the answer depends on how the snapshot ends
      behind(end(surroundings, use, 'ROLLBACK').then(leave))
    }
  }

  async function begun(limit: TimeLimit, mode: Mode, leave: () => void): Promise<Use> {
    try {
      return await begin(surroundings, limit, mode, SNAPSHOT)
    } catch (error) {
      leave()
      throw error
    }
  }

  async function write<T>(
    work: (connection: Connection) => Promise<T>,
    { timeoutMs: limitMs = timeoutMs, signal, isolation }: WriteOptions,
  ): Promise<T> {
    const mode = modeFor(isolation === 'read-committed' ? 'READ-COMMITTED' : 'SERIALIZABLE', false, limitMs)
    return await limited(`Writing to ${name}`, limitMs, signal, (limit) =>
      rerun(limit, isRunAgain, () => writeOnce(limit, mode, work)),
    )
  }

  async function writeOnce<T>(
    limit: TimeLimit,
    mode: Mode,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const use = await begin(surroundings, limit, mode, 'START TRANSACTION')
    let last: string | null = 'ROLLBACK'
    try {
      const result = await limit.within(work(use.session.connection))
      await limit.within(use.session.close())
      // the work may have caught it, and the server has rolled back all the same
      if (use.session.ended !== null) throw use.session.ended
      last = null
      await commit(use)
      return result
    } catch (error) {
      throw use.session.ended ?? error
    } finally {
      behind(end(surroundings, use, last))
    }
  }

  /** Not given up when the time limit passes: what was sent is saved or not, whoever waits for the answer. */
  async function commit({ link }: Use): Promise<void> {
    let isSlow = true
    try {
      await soon(() =>
        link.run('COMMIT').finally(() => {
          isSlow = false
        }),
      )
    } catch (error) {
      link.destroy()
      throw isSlow || isLost(error) ? outcomeUnknown(name, error) : error
    }
  }

  async function point(text: string): Promise<Answer> {
    const mode = modeFor('REPEATABLE-READ', true, timeoutMs)
    return await limited(`Reading ${name}`, Math.min(timeoutMs, POINT_MS), undefined, async (limit) => {
      try {
        return await pointOnce(limit, mode, text)
      } catch (error) {
        if (!isLost(error)) throw error
        return await pointOnce(limit, mode, text)
      }
    })
  }

  async function pointOnce(limit: TimeLimit, mode: Mode, text: string): Promise<Answer> {
    const use = await begin(surroundings, limit, mode, null)
    try {
      return await limit.within(use.session.run(text))
    } finally {
      behind(end(surroundings, use, null))
    }
  }

  async function limited<T>(
    what: string,
    limitMs: number,
    signal: AbortSignal | undefined,
    work: (limit: TimeLimit) => Promise<T>,
  ): Promise<T> {
    const limit = timeLimit(what, limitMs, signal)
    try {
      return await work(limit)
    } catch (error) {
      throw publicFault(error, name)
    } finally {
      limit.end()
    }
  }

  return { read, write, point }
}
