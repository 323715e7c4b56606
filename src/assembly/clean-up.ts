/** Cleaning up by the clock, for as long as an admin runs; it keeps no process alive. */

import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Configuration } from '../config.ts'
import type { Database } from '../database/database.ts'
import { cleanUp } from '../identity/clean-up.ts'

const MINUTE = 60_000

/** Runs every `cleanupIntervalMinutes`. @returns what stops it, behind a run that is under way. */
export function cleanUpRegularly(
  { cleanupIntervalMinutes, sessionTimeoutMinutes }: Configuration,
  {
    own,
    clock,
    log,
    rotateDue,
    remind,
  }: {
    readonly own: Database
    readonly clock: Clock
    readonly log: Logger
    /** Rotates the keys that are due. */
    rotateDue(): Promise<void>
    /** Writes to people of whom something ends soon. */
    remind(): Promise<number>
  },
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    running = running
      .then(() => cleanUp(own, clock(), sessionTimeoutMinutes))
      .then(rotateDue)
      .then(remind)
      .then(() => {})
      .catch((error: unknown) => log.warn({ err: error }, 'cleaning up failed; it is tried again'))
  }, cleanupIntervalMinutes * MINUTE)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}
