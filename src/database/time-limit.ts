/** A time limit over several waits: each wait ends when the limit passes. */

import { setTimeout as delay } from 'node:timers/promises'
import { AdminError } from '../errors.ts'

export interface TimeLimit {
  readonly hasPassed: boolean
  /** The outcome of `work`, or `data-source-failed` when the limit passes first; `work` itself goes on. */
  within<T>(work: Promise<T>): Promise<T>
  /** Waits, but never longer than the limit. */
  pause(milliseconds: number): Promise<void>
  /** Forgets the limit; nothing of it keeps the process alive any more. */
  end(): void
}

/** Starts the limit now. `what` begins the sentence of its refusal: `Writing to shop.db`. */
export function timeLimit(what: string, milliseconds: number): TimeLimit {
  const controller = new AbortController()
  const { signal } = controller
  const timer = setTimeout(() => {
    controller.abort(
      new AdminError('data-source-failed', `${what} took longer than ${milliseconds} ms. Try again.`),
    )
  }, milliseconds)

  async function within<T>(work: Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const passed = Promise.withResolvers<never>()
    const onPassed = (): void => passed.reject(signal.reason)
    signal.addEventListener('abort', onPassed, { once: true })
    try {
      return await Promise.race([work, passed.promise])
    } finally {
      signal.removeEventListener('abort', onPassed)
    }
  }

  return {
    get hasPassed() {
      return signal.aborted
    },
    within,
    pause: (pauseMs) => within(delay(pauseMs)),
    end: () => clearTimeout(timer),
  }
}
