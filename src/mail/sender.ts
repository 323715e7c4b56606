/**
 * Emptying the queue of letters: one after the other, outside of any transaction.
 *
 * Woken whenever a letter was put there, and by the clock for those of other
 * processes and those that wait for another try. A server that is down costs
 * nobody a request: what fails is tried again, with longer and longer waits.
 */

import { setTimeout } from 'node:timers/promises'
import type { Letters } from '../identity/identity.ts'
import type { Letter } from '../identity/letter.ts'
import { type Message, type Transport, Undeliverable } from './message.ts'
import { codeOf } from './smtp.ts'

const PATIENCE_MS = 3000

export interface SenderParts {
  readonly letters: Letters
  compose(id: string, letter: Letter): Promise<Message>
  readonly send: Transport
  readonly log: SenderLog
  /** Gets what sending threw. */
  readonly onError: (error: unknown) => void
  /** Null: it sends when it is woken, and nothing else. */
  readonly everyMs: number | null
}

/** Codes and counts; never an address. */
export interface SenderLog {
  warn(details: Readonly<Record<string, string | number>>, message: string): void
}

export interface Sender {
  /** A letter may be waiting. */
  wake(): void
  /** Behind the letter that is being sent; what waits goes on in another process, or at the next start. */
  close(): Promise<void>
}

export function startSender(parts: SenderParts): Sender {
  let running: Promise<void> = Promise.resolve()
  let isClosed = false
  let isWaiting = false

  function wake(): void {
    // a round that has yet to begin will find it
    if (isClosed || isWaiting) return
    isWaiting = true
    running = running.then(round).catch((error: unknown) => {
      parts.log.warn({ code: codeOf(error) }, 'The queue of letters could not be read; it is tried again.')
    })
  }

  async function round(): Promise<void> {
    isWaiting = false
    for (;;) {
      const claimed = isClosed ? null : await parts.letters.next()
      if (!claimed) return
      await settle(parts, claimed)
    }
  }

  const timer = parts.everyMs === null ? null : setInterval(wake, parts.everyMs)
  timer?.unref()
  if (timer) wake()
  return {
    wake,
    async close() {
      if (timer) clearInterval(timer)
      // what was announced just before is still sent: a command on the terminal ends at once
      await patiently(running)
      isClosed = true
      await running
    },
  }
}

/** For a long queue nobody waits: another process goes on with it. */
async function patiently(work: Promise<void>): Promise<void> {
  const patience = new AbortController()
  const enough = setTimeout(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined)
  await Promise.race([work, enough])
  patience.abort()
}

type Claimed = NonNullable<Awaited<ReturnType<Letters['next']>>>

async function settle(parts: SenderParts, claimed: Claimed): Promise<void> {
  const problem = await problemOf(parts, claimed)
  if (!problem) return await parts.letters.delivered(claimed)
  const then = await parts.letters.failed(claimed, problem)
  const details = { code: problem.code, attempt: claimed.attempt, letter: claimed.letter.kind }
  parts.log.warn(details, then === 'again' ? 'A letter waits for another try.' : 'A letter was given up.')
}

/** Null: it is out. */
async function problemOf(
  parts: SenderParts,
  { id, letter }: Claimed,
): Promise<{ readonly code: string; readonly isFinal: boolean } | null> {
  try {
    await parts.send(await parts.compose(id, letter))
    return null
  } catch (error) {
    parts.onError(error)
    return { code: codeOf(error), isFinal: error instanceof Undeliverable }
  }
}
