/**
 * What of a change may stand in an event.
 *
 * Public and internal values stand in the clear. Of a personal value the event
 * holds a salted commitment, `SHA-256(salt ‖ value)` as hex; value and salt are
 * sealed beside the log under the key of its subject, so that erasing the key
 * leaves nothing from which the value could be guessed. Of a secret only that it
 * changed is said.
 */

import { createHash, type KeyObject } from 'node:crypto'
import { decrypt, encrypt, type RandomBytes } from '../keys/wrap.ts'
import { cutOrNull, LIMITS } from './cut.ts'
import type { Change, EventChange } from './event.ts'

export type Side = 'before' | 'after'

/** One personal value, as it is stored. */
export interface SealedValue {
  /** Which of the event's changes, from 0. */
  readonly position: number
  readonly side: Side
  /** nonce (12) ‖ AES-256-GCM(salt (16) ‖ value) ‖ tag (16). */
  readonly ciphertext: Uint8Array
}

export interface Redacted {
  readonly changes: readonly EventChange[]
  readonly sealed: readonly SealedValue[]
}

export interface Sealing {
  readonly eventId: string
  /** The data key of the subject. */
  readonly key: KeyObject
  readonly randomBytes: RandomBytes
}

const SALT_BYTES = 16

/** Whether any change needs the key of a subject. */
export function hasPersonal(changes: readonly Change[]): boolean {
  return changes.some(
    ({ sensitivity, before, after }) => sensitivity === 'personal' && (before ?? after) !== null,
  )
}

/**
 * The changes as the event holds them, and the personal values sealed.
 * @param sealing Null where nothing is personal (`hasPersonal`); a personal value is then a TypeError.
 */
export function redact(changes: readonly Change[], sealing: Sealing | null): Redacted {
  const sealed: SealedValue[] = []
  const commit = (value: string | null, position: number, side: Side): string | null => {
    if (value === null) return null
    if (!sealing) throw new TypeError('A personal value needs the key of its subject.')
    const { commitment, ciphertext } = seal(value, contextOf(sealing.eventId, position, side), sealing)
    sealed.push({ position, side, ciphertext })
    return commitment
  }
  const redacted = changes.map((change, position): EventChange => {
    const field = change.field.toWellFormed()
    const before = cutOrNull(change.before, LIMITS.value)
    const after = cutOrNull(change.after, LIMITS.value)
    switch (change.sensitivity) {
      case 'secret':
        return { field, class: 'secret', masked: true }
      case 'personal':
        return {
          field,
          class: 'personal',
          before: commit(before, position, 'before'),
          after: commit(after, position, 'after'),
          masked: true,
        }
      default:
        return { field, class: change.sensitivity, before, after }
    }
  })
  return { changes: redacted, sealed }
}

/**
 * The personal value behind a commitment, or null when the key does not open it
 * or what it opens is not what was committed to.
 */
export function unseal(
  sealed: SealedValue,
  { eventId, key, commitment }: { eventId: string; key: KeyObject; commitment: string },
): string | null {
  const opened = decrypt(key, sealed.ciphertext, contextOf(eventId, sealed.position, sealed.side))
  if (!opened) return null
  if (createHash('sha256').update(opened).digest('hex') !== commitment) return null
  return Buffer.from(opened.subarray(SALT_BYTES)).toString()
}

function seal(
  value: string,
  context: string,
  { key, randomBytes }: Sealing,
): { readonly commitment: string; readonly ciphertext: Uint8Array } {
  const salted = Buffer.concat([randomBytes(SALT_BYTES), Buffer.from(value)])
  const commitment = createHash('sha256').update(salted).digest('hex')
  return { commitment, ciphertext: encrypt(key, salted, context, randomBytes) }
}

function contextOf(eventId: string, position: number, side: Side): string {
  return `castellan/audit/value/${eventId}/${position}/${side}`
}
