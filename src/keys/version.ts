/**
 * How often the rings were changed: a number in the store that comes along with
 * whatever a request reads anyway, so that every process hears of it at once.
 */

import type { Connection } from '../database/database.ts'
import { insertOrUpdate } from '../store/insert-or-update.ts'
import { familyOf, inStore } from '../store/tables.ts'

/** The row of `castellan_meta`; absent as long as nothing was changed. */
export const KEYS_VERSION = 'keys'

export async function versionIn(connection: Connection): Promise<string | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_meta')
    .select('value')
    .where('name', '=', KEYS_VERSION)
    .executeTakeFirst()
  return row?.value ?? null
}

/** As a number that grows; 0 for none. */
export function versionOf(value: string | null): number {
  return value === null ? 0 : Number(value)
}

/** In the transaction of the change; of two changes at once the one waits for the other and counts on from it. */
export async function nextVersion(connection: Connection): Promise<void> {
  await insertOrUpdate(connection, 'castellan_meta', [{ name: KEYS_VERSION, value: '0' }], {
    key: ['name'],
    update: ['name'],
  })
  const tables = inStore(connection)
  const { value } = await tables
    .selectFrom('castellan_meta')
    .select('value')
    .where('name', '=', KEYS_VERSION)
    // what has been committed by now, and not what the transaction's snapshot shows
    .$if(familyOf(connection) !== 'sqlite', (query) => query.forUpdate())
    .executeTakeFirstOrThrow()
  await tables
    .updateTable('castellan_meta')
    .set({ value: String(versionOf(value) + 1) })
    .where('name', '=', KEYS_VERSION)
    .execute()
}
