/**
 * Networks a person has signed in from, completely, with both factors.
 *
 * Attempts from there have a counter of their own, so that whoever guesses
 * elsewhere cannot lock the owner out (ASVS 5.0, 6.1.1).
 */

import type { Connection } from '../database/database.ts'
import { insertOrUpdate } from '../store/insert-or-update.ts'
import { inStore } from '../store/tables.ts'
import { DAY, toText } from './instant.ts'
import { networkOf } from './network.ts'

const KEPT_MS: number = 90 * DAY

export async function isKnownPlace(
  connection: Connection,
  personId: string,
  address: string,
  now: number,
): Promise<boolean> {
  const row = await inStore(connection)
    .selectFrom('castellan_known_network')
    .select('network')
    .where('person_id', '=', personId)
    .where('network', '=', networkOf(address))
    .where('last_used_at', '>=', toText(now - KEPT_MS))
    .executeTakeFirst()
  return row !== undefined
}

/** In a transaction that has locked the person. */
export async function rememberPlace(
  connection: Connection,
  personId: string,
  address: string,
  now: number,
): Promise<void> {
  if (address === '') return
  await inStore(connection)
    .deleteFrom('castellan_known_network')
    .where('person_id', '=', personId)
    .where('last_used_at', '<', toText(now - KEPT_MS))
    .execute()
  const row = { person_id: personId, network: networkOf(address), last_used_at: toText(now) }
  await insertOrUpdate(connection, 'castellan_known_network', [row], {
    key: ['person_id', 'network'],
    update: ['last_used_at'],
  })
}
