/**
 * How many reads of one database are let in at a time: fewer than it has
 * connections. However slow a list is and however often it is asked for, a few
 * connections are left for who signs in, for saves and for the log.
 */

import { AdminError } from '../errors.ts'
import type { TimeLimit } from './time-limit.ts'

/** For so long a point read of our own tables, on which every request depends, is waited for. */
export const POINT_MS = 10_000

/** A third of the connections, and three at most. */
const KEPT_FREE = 3

export interface Lanes {
  /**
   * Waits for a lane; what is answered leaves it, once the connection is back.
   * @throws AdminError `data-source-failed` when there is none within the limit.
   */
  enter(limit: TimeLimit): Promise<() => void>
}

/** @param connections How many the database has at most. */
export function lanesFor(name: string, connections: number): Lanes {
  const waiting: (() => void)[] = []
  const kept = Math.min(KEPT_FREE, Math.floor(connections / 3))
  // of one or two connections none can be spared
  let free = kept > 0 ? connections - kept : Number.POSITIVE_INFINITY

  async function wait(limit: TimeLimit): Promise<void> {
    if (free > 0) {
      free -= 1
      return
    }
    const turn = Promise.withResolvers<void>()
    waiting.push(turn.resolve)
    try {
      await limit.within(turn.promise)
    } catch (error) {
      const place = waiting.indexOf(turn.resolve)
      // it came all the same, and goes straight to the next in line
      if (place < 0) leave()
      else waiting.splice(place, 1)
      throw limit.remainingMs > 1 ? error : busy(name, error)
    }
  }

  function leave(): void {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }

  return {
    async enter(limit) {
      await wait(limit)
      return leave
    },
  }
}

function busy(name: string, cause: unknown): AdminError {
  return new AdminError(
    'data-source-failed',
    `The database ${name} is busy: other lists are read, and none of them was done in time. Try again.`,
    { cause },
  )
}
