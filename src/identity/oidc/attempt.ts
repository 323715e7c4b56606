/**
 * A sign-in with a provider that is under way: what was asked for, sealed into
 * a cookie of the browser that asked, so that no other browser can finish it.
 *
 * Nothing is stored until somebody comes back; then the attempt is marked as
 * used, so that it is answered once, in every process.
 */

import { sql } from 'kysely'
import { insertOrUpdate } from '../../store/insert-or-update.ts'
import { inStore } from '../../store/tables.ts'
import { MINUTE, toText } from '../instant.ts'
import { LOCKING, tidy } from '../lock.ts'
import type { Parts } from '../parts.ts'
import { hashOf } from '../random.ts'

const LIFETIME_MS: number = 10 * MINUTE
const LABEL = 'oidc-attempt'

export interface Attempt {
  readonly provider: string
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly expiresAt: number
  /** Where to go on to; null: the front page. */
  readonly next: string | null
  /** The session of whoever adds the provider to their ways in; null: somebody signs in. */
  readonly session: string | null
}

export function sealAttempt(parts: Parts, attempt: Omit<Attempt, 'expiresAt'>): string {
  const whole: Attempt = { ...attempt, expiresAt: parts.clock() + LIFETIME_MS }
  return parts.seals.seal('seal', LABEL, JSON.stringify(whole), '')
}

/** Null when it is none of ours, or took too long. */
export function openAttempt(parts: Parts, sealed: string): Attempt | null {
  const text = parts.seals.open('seal', LABEL, sealed, '')
  if (text === null) return null
  // sealed by `sealAttempt` alone
  const attempt = JSON.parse(text) as Attempt
  return parts.clock() < attempt.expiresAt ? attempt : null
}

/** Whether it was unused; one of any number that come at once gets true. It stays used whatever becomes of it. */
export async function useAttempt(parts: Parts, { state, expiresAt }: Attempt): Promise<boolean> {
  const hash = hashOf(state)
  const now = toText(parts.clock())
  return await parts.store.write(async (connection) => {
    await tidy(connection, 'castellan_oidc_attempt', 'state_hash', sql`expires_at <= ${now}`)
    const row = { state_hash: hash, expires_at: toText(expiresAt), used_at: null }
    await insertOrUpdate(connection, 'castellan_oidc_attempt', [row], {
      key: ['state_hash'],
      update: ['state_hash'],
    })
    const { numUpdatedRows } = await inStore(connection)
      .updateTable('castellan_oidc_attempt')
      .set({ used_at: now })
      .where('state_hash', '=', hash)
      .where('used_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }, LOCKING)
}
