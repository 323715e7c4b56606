/** What was told, so that it is told once: a hash of what it was about, until then. */

import type { Connection } from '../database/database.ts'
import { insertOrUpdate } from '../store/insert-or-update.ts'
import { inStore } from '../store/tables.ts'
import { toText } from './instant.ts'
import { hashOf } from './random.ts'

/** Whether it was not told yet, noted in the caller's transaction; of several at once one finds that it was not. */
export async function isFirstTold(
  connection: Connection,
  about: readonly (string | number)[],
  now: number,
  until: number,
): Promise<boolean> {
  const about_hash = hashOf(JSON.stringify(about))
  const store = inStore(connection)
  // locks what another transaction is telling, and waits for it
  const unknown = { about_hash, expires_at: toText(now) }
  await insertOrUpdate(connection, 'castellan_reminder', [unknown], {
    key: ['about_hash'],
    update: ['about_hash'],
  })
  const { numUpdatedRows } = await store
    .updateTable('castellan_reminder')
    .set({ expires_at: toText(until) })
    .where('about_hash', '=', about_hash)
    .where('expires_at', '<=', toText(now))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
