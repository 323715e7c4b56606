/**
 * Running a transaction again when the engine rolled it back because another
 * writer was in its way.
 */

import type { TimeLimit } from './time-limit.ts'

const RUNS = 8
/** The longest wait before the second run; it doubles with every further one. */
const FIRST_WAIT_MS = 4

/** Runs `attempt` until it is not in another's way, eight times at most and within the limit. */
export async function rerun<T>(
  limit: TimeLimit,
  isInTheWay: (error: unknown) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let run = 1; ; run += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (run === RUNS || limit.hasPassed || !isInTheWay(error)) throw error
    }
    // those who met wait for different times, or they would meet again
    await limit.pause(Math.random() * FIRST_WAIT_MS * 2 ** run)
  }
}
