/**
 * Rotating keys by the calendar, for as long as an admin runs. It is an action
 * like any other: the system asks the gate for it, which decides and records.
 */

import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Configuration } from '../config.ts'
import type { Database } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import type { Gate } from '../gate/gate.ts'
import type { Identity } from '../identity/identity.ts'
import { systemPrincipal } from '../identity/principal.ts'
import { VERSION } from '../version.ts'

export interface KeyScheduleParts {
  readonly own: Database
  readonly gate: Pick<Gate, 'perform'>
  readonly identity: Pick<Identity, 'keys'>
  readonly clock: Clock
  readonly randomBytes: (size: number) => Uint8Array
  readonly log: Logger
}

/** Rotates the rings that are due, if any. Of several processes one does it; the others find nothing due any more. */
export async function rotateDue(
  { keyRotationDays }: Pick<Configuration, 'keyRotationDays'>,
  { own, gate, identity, clock, randomBytes, log }: KeyScheduleParts,
): Promise<void> {
  if (keyRotationDays === 0) return
  const purposes = await identity.keys.due(own.now, keyRotationDays)
  if (purposes.length === 0) return
  try {
    await gate.perform({
      action: 'castellan.keys.rotate',
      input: { purposes, olderThanDays: keyRotationDays },
      principal: systemPrincipal('schedule', clock()),
      reason: `keys are rotated every ${keyRotationDays} days`,
      origin: {
        id: Buffer.from(randomBytes(16)).toString('hex'),
        traceparent: null,
        address: '',
        addressChain: [],
        userAgent: `castellan/${VERSION}`,
        method: 'SCHEDULE',
        route: 'keys rotate',
      },
    })
  } catch (error) {
    // a policy of the application's own that leaves the system no way in: said once an interval, and in the log
    if (!(error instanceof AdminError)) throw error
    log.warn({ code: error.code }, 'Keys that are due were not rotated.')
  }
}
