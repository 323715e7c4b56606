/** A time limit over several waits: each wait ends when the limit passes. */

import { setTimeout as delay } from 'node:timers/promises'
import { AdminError } from '../errors.ts'

export interface TimeLimit {
  readonly hasPassed: boolean
  /** Milliseconds that are left; never negative. */
  readonly remainingMs: number
  /** Aborted when the limit passes or the caller goes. */
  readonly signal: AbortSignal
  /** The outcome of `work`, or `data-source-failed` when the limit passes first; `work` itself goes on. */
  within<T>(work: Promise<T>): Promise<T>
  /** Waits, but never longer than the limit. */
  pause(milliseconds: number): Promise<void>
  /** Forgets the limit; nothing of it keeps the process alive any more. */
  end(): void
}

/**
 * Starts the limit now. `what` begins the sentence of its refusal: `Writing to shop.db`.
 * @param caller Ends the wait as well, when whoever asked has gone.
 */
export function timeLimit(what: string, milliseconds: number, caller?: AbortSignal): TimeLimit {
  const controller = new AbortController()
  const endsAt = performance.now() + milliseconds
  const { signal } = controller
  const giveUp = (): void => {
    controller.abort(
      new AdminError('data-source-failed', `${what} was given up: nobody waits for it any more.`),
    )
  }
  if (caller?.aborted) giveUp()
  caller?.addEventListener('abort', giveUp, { once: true })
  const timer = setTimeout(() => {
    controller.abort(
      new AdminError('data-source-failed', `${what} took longer than ${milliseconds} ms. Try again.`),
    )
  }, milliseconds)

  async function within<T>(work: Promise<T>): Promise<T> {
    // nobody waits for it any more, and so nobody hears how it fails
    if (signal.aborted) work.catch(() => {})
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
    signal,
    get hasPassed() {
      return signal.aborted
    },
    get remainingMs() {
      return Math.max(0, endsAt - performance.now())
    },
    within,
    pause: (pauseMs) => within(delay(pauseMs)),
    end() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', giveUp)
    },
  }
}
