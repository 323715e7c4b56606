/**
 * Refusals by the chain itself, told to the audit log.
 *
 * Anyone can cause them, so they fold: one a minute for the same client and the
 * same kind, and never more than a fixed number a minute in all. The next one
 * that is told says how many were left out.
 */

import type { Clock } from '../clock.ts'
import type { Principal } from '../identity/principal.ts'
import type { RequestOrigin } from '../identity/request.ts'

export interface Refusal {
  readonly kind: 'guard.forged-request' | 'guard.address' | 'guard.throttle'
  /** Null while nobody has asked who it is. */
  readonly principal: Principal | null
  readonly origin: RequestOrigin
  readonly code: 'forged-request' | 'denied' | 'limit-exceeded'
  /** Which check refused, and how many like it were left out before. */
  readonly details: Readonly<Record<string, string | number>>
}

/** Records one refusal durably; wired to the audit log where the parts are put together. */
export type RecordRefusal = (refusal: Refusal) => Promise<void>

const MINUTE_MS = 60_000
const MAX_PER_MINUTE = 60

export function foldRefusals(record: RecordRefusal, clock: Clock): RecordRefusal {
  let startedAt = Number.NEGATIVE_INFINITY
  let leftOut = 0
  const told = new Set<string>()
  return async (refusal) => {
    const now = clock()
    // Either way: a clock may be set back.
    if (Math.abs(now - startedAt) >= MINUTE_MS) {
      startedAt = now
      told.clear()
    }
    const sameness = `${refusal.kind} ${refusal.details['check']} ${refusal.origin.address}`
    if (told.has(sameness) || told.size >= MAX_PER_MINUTE) {
      leftOut += 1
      return
    }
    told.add(sameness)
    const before = leftOut
    leftOut = 0
    const details = before > 0 ? { ...refusal.details, leftOut: before } : refusal.details
    try {
      await record({ ...refusal, details })
    } catch (error) {
      told.delete(sameness)
      leftOut += before
      throw error
    }
  }
}
