/**
 * Delivering what a sink has not taken yet, a portion at a time.
 *
 * A sink reads the log behind the writers and holds up nobody: what it does not
 * take stays where it is, in the log. A portion counts once the receiver has it,
 * and is sent again otherwise, so every event arrives at least once and in
 * order; who receives tells doubles by their number.
 */

import type { Clock } from '../../clock.ts'
import type { Database } from '../../database/database.ts'
import type { LeavingEvent } from '../format/leaving.ts'
import { hold, LATE_MS, move, type Place, placeOf, portionAfter, waitingSince } from './place.ts'
import type { Sink } from './sink.ts'

export interface DeliveryParts {
  readonly database: Database
  readonly clock: Clock
  /** Told when a sink has taken nothing for a minute or is minutes behind, and when it has caught up. */
  tell(news: SinkNews): Promise<void>
}

export interface SinkNews {
  readonly sink: string
  readonly isBehind: boolean
  /** What its last attempt failed with: `ECONNREFUSED`, `503`; `LAGGING`: it only takes them too slowly. */
  readonly code: string | null
  /** How many attempts have failed in a row. */
  readonly attempts: number
  /** Since when, RFC 3339. */
  readonly since: string
}

/** `delivered` is worth another round at once. */
export type Round = 'delivered' | 'nothing' | 'failed' | 'taken'

/** Events of one portion: what a receiver takes in one go. */
const MOST = 500
const HOLD_MS = 30_000
/** Shorter than it is held, or another process would send the same at the same time. */
const SEND_MS = 20_000
const FIRST_WAIT_MS = 1_000
const MAX_WAIT_MS = 60_000
const BEHIND_MS = 60_000
/** The code of a sink that takes events, only too slowly. */
const LAGGING = 'LAGGING'

export async function deliver(parts: DeliveryParts, sink: Sink): Promise<Round> {
  const { database, clock } = parts
  const now = textOf(clock())
  const place = await placeOf(database, sink.name, now)
  if (place.dueAt > now) return 'nothing'
  const portion = await portionOrError(database, place)
  if (Array.isArray(portion) && portion.length === 0) return 'nothing'
  if (!(await hold(database, place, textOf(clock() + HOLD_MS)))) return 'taken'
  const held = { ...place, attempts: place.attempts + 1 }
  try {
    if (portion instanceof Error) throw portion
    await sink.send(portion, AbortSignal.timeout(SEND_MS))
  } catch (error) {
    await failed(parts, held, codeOf(error))
    return 'failed'
  }
  await delivered(parts, held, portion)
  return 'delivered'
}

async function portionOrError(
  database: Database,
  { sequence }: Place,
): Promise<readonly LeavingEvent[] | Error> {
  try {
    return await portionAfter(database.now, sequence, MOST)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'DAMAGED') return error
    throw error
  }
}

async function delivered(
  { database, clock, tell }: DeliveryParts,
  held: Place,
  portion: readonly LeavingEvent[],
): Promise<void> {
  const now = clock()
  const sequence = portion.at(-1)?.sequence ?? held.sequence
  // less than a whole portion was all there is
  const since = portion.length < MOST ? null : await waitingSince(database.now, { ...held, sequence })
  const isLagging = since !== null && now - Date.parse(since) >= LATE_MS
  const wasBehind = held.alarmedAt !== null
  const isMoved = await move(database, held, {
    sequence,
    attempts: 0,
    due_at: textOf(now),
    failing_since: null,
    alarmed_at: isLagging ? (held.alarmedAt ?? textOf(now)) : null,
  })
  if (!isMoved || isLagging === wasBehind) return
  await tell({
    sink: held.name,
    isBehind: isLagging,
    code: isLagging ? LAGGING : null,
    attempts: held.attempts - 1,
    since: since ?? held.failingSince ?? held.alarmedAt ?? textOf(now),
  })
}

async function failed({ database, clock, tell }: DeliveryParts, held: Place, code: string): Promise<void> {
  const now = clock()
  const since = held.failingSince ?? textOf(now)
  const isAlarm = held.alarmedAt === null && now - Date.parse(since) >= BEHIND_MS
  const wait = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(held.attempts - 1, 16))
  const isMoved = await move(database, held, {
    due_at: textOf(now + wait),
    failing_since: since,
    ...(isAlarm && { alarmed_at: textOf(now) }),
  })
  if (isMoved && isAlarm) {
    await tell({ sink: held.name, isBehind: true, code, attempts: held.attempts, since })
  }
}

/** A code for the log: what a receiver says may hold anything. */
export function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { readonly code?: unknown }
    if (typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code)) return code
  }
  return error instanceof Error && error.name === 'TimeoutError' ? 'TIMEOUT' : 'failed'
}

function textOf(instant: number): string {
  return new Date(instant).toISOString()
}
