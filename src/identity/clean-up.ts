/**
 * Removing what is over. Nothing depends on it: whatever has expired is refused
 * whether its row is still there or not.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { toText } from './instant.ts'
import { tidy } from './lock.ts'

const MINUTE = 60_000

/** Removes sessions, sign-ins, confirmations, challenges and counters that are past their time; a part of them where there are many. */
export async function cleanUp(store: Database, now: number, sessionTimeoutMinutes: number): Promise<void> {
  const at = toText(now)
  const idleSince = toText(now - sessionTimeoutMinutes * MINUTE)
  const isExpired: RawBuilder<boolean> = sql`expires_at <= ${at}`
  await store.write(
    async (connection) => {
      await tidy(
        connection,
        'castellan_session',
        'id',
        sql`(expires_at <= ${at} or last_seen_at <= ${idleSince})`,
      )
      await tidy(connection, 'castellan_pending_sign_in', 'token_hash', isExpired)
      await tidy(connection, 'castellan_confirmation', 'id_hash', isExpired)
      await tidy(connection, 'castellan_used_challenge', 'challenge_hash', isExpired)
      await tidy(connection, 'castellan_throttle', 'counter', isExpired)
    },
    { isolation: 'read-committed' },
  )
}
