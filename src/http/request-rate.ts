/**
 * How many requests one address may make: a burst of a minute's worth, and from
 * then on as many as the minute has. Counted in the memory of this process, for
 * a count in the store would cost more than most requests do; so it bounds what
 * a process works for one address, while guessing is counted in `identity/`.
 */

import type { MiddlewareHandler } from 'hono'
import type { Clock } from '../clock.ts'
import { AdminError } from '../errors.ts'
import { networkOf } from '../identity/network.ts'
import type { Env } from './env.ts'
import type { RecordRefusal } from './refusal.ts'
import type { HttpSettings } from './settings.ts'

const MINUTE_MS = 60_000
/** Beyond so many places at once the one that was first is forgotten: memory has an end. */
const MOST_PLACES = 10_000

/** Refuses what is beyond `requestsPerMinute` before anything is read or looked up for it. */
export function limitRate(
  { requestsPerMinute }: HttpSettings,
  clock: Clock,
  record: RecordRefusal,
): MiddlewareHandler<Env> {
  const rate = createRate(requestsPerMinute)
  return async (c, next) => {
    const { address } = c.var.origin
    // without a socket nobody is told from anybody
    if (requestsPerMinute === 0 || address === '') return next()
    const waitMs = rate(placeOf(address), clock())
    if (waitMs === 0) return next()
    await record({
      kind: 'guard.throttle',
      principal: null,
      origin: c.var.origin,
      code: 'limit-exceeded',
      details: { check: 'requests' },
    })
    const seconds = Math.ceil(waitMs / 1000)
    throw new AdminError(
      'limit-exceeded',
      `Too many requests from your address. Try again in ${seconds === 1 ? '1 second' : `${seconds} seconds`}.`,
      { retryAfterSeconds: seconds },
    )
  }
}

/** An address of IPv4; of IPv6 what one subscriber gets. */
function placeOf(address: string): string {
  return address.includes(':') ? networkOf(address) : address
}

/**
 * Counts one request of a place, unless it is one too many.
 *
 * Kept of a place is only when its requests so far will have been worked off, each taking its share of a minute
 * (the generic cell rate algorithm): nothing has to be cleared at the turn of a minute.
 *
 * @returns Milliseconds to wait; 0: go on.
 */
export function createRate(perMinute: number): (place: string, now: number) => number {
  const shareMs = MINUTE_MS / perMinute
  const workedOffAt = new Map<string, number>()
  return (place, now) => {
    const known = workedOffAt.get(place) ?? now
    // a clock that was set back must not keep anybody out
    const from = known > now + MINUTE_MS ? now : Math.max(known, now)
    const then = from + shareMs
    // within the rounding of shares that are no whole milliseconds
    if (then > now + MINUTE_MS + shareMs / 2) return then - now - MINUTE_MS
    workedOffAt.delete(place)
    workedOffAt.set(place, then)
    if (workedOffAt.size > MOST_PLACES) forgetFirst(workedOffAt)
    return 0
  }
}

function forgetFirst(places: Map<string, number>): void {
  for (const place of places.keys()) {
    places.delete(place)
    return
  }
}
