/**
 * Networks a person has signed in from, completely, with both factors.
 *
 * Attempts from there have a counter of their own, so that whoever guesses
 * elsewhere cannot lock the owner out (ASVS 5.0, 6.1.1).
 */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { DAY, toText } from './instant.ts'
import { networkOf } from './network.ts'

const KEPT_MS: number = 90 * DAY

export async function isKnownPlace(
  connection: Connection,
  personId: string,
  address: string,
): Promise<boolean> {
  const row = await inStore(connection)
    .selectFrom('castellan_known_network')
    .select('network')
    .where('person_id', '=', personId)
    .where('network', '=', networkOf(address))
    .executeTakeFirst()
  return row !== undefined
}

export async function rememberPlace(
  connection: Connection,
  personId: string,
  address: string,
  now: number,
): Promise<void> {
  if (address === '') return
  const store = inStore(connection)
  await store
    .deleteFrom('castellan_known_network')
    .where('last_used_at', '<', toText(now - KEPT_MS))
    .execute()
  const used = { last_used_at: toText(now) }
  await store
    .insertInto('castellan_known_network')
    .values({ person_id: personId, network: networkOf(address), ...used })
    .onConflict((conflict) => conflict.columns(['person_id', 'network']).doUpdateSet(used))
    .execute()
}
