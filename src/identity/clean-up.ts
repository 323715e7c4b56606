/**
 * Removing what is over. Nothing depends on it: whatever has expired is refused
 * whether its row is still there or not.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection, Database } from '../database/database.ts'
import type { Purpose } from '../keys/keys.ts'
import { familyOf, inStore } from '../store/tables.ts'
import { DAY, MINUTE, toText } from './instant.ts'
import { tidy } from './lock.ts'

/** Removes sessions, sign-ins, confirmations, challenges, counters, links and letters that are past their time; a part of them where there are many. */
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
      await tidy(connection, 'castellan_oidc_attempt', 'state_hash', isExpired)
      await tidy(connection, 'castellan_throttle', 'counter', isExpired)
      await tidy(connection, 'castellan_link', 'token_hash', isExpired)
      await tidy(connection, 'castellan_letter', 'id', isExpired)
      await tidy(connection, 'castellan_reminder', 'about_hash', isExpired)
      await dropRetired(connection, now)
    },
    { isolation: 'read-committed' },
  )
}

/** Nothing that these made is good for longer than a session is. The other rings go on reading what they sealed. */
const SHORT_LIVED: readonly Purpose[] = ['access', 'seal']

/** Removes the keys that have been retiring for a day. */
async function dropRetired(connection: Connection, now: number): Promise<void> {
  const store = inStore(connection)
  const turned = await store
    .selectFrom('castellan_key')
    .select('purpose')
    // made when the ring was turned last; locked, so that nobody turns it meanwhile
    .where('state', '=', 'next')
    .where('purpose', 'in', SHORT_LIVED)
    .where('created_at', '<=', toText(now - DAY))
    .$if(familyOf(connection) !== 'sqlite', (query) => query.forUpdate().skipLocked())
    .execute()
  if (turned.length === 0) return
  await store
    .deleteFrom('castellan_key')
    .where('state', '=', 'retiring')
    .where(
      'purpose',
      'in',
      turned.map(({ purpose }) => purpose),
    )
    .execute()
}
