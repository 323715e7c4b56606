/**
 * Moving a ring on: by one key as a matter of routine, or whole when a key is
 * not secret any more. Both happen in the caller's transaction, so that the
 * change and its audit event commit together.
 */

import type { Kysely } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import type { KeyState } from '../store/key-tables.ts'
import { inStore, type StoreTables } from '../store/tables.ts'
import type { Purpose, Turned } from './keys.ts'
import { makeKey, type Workbench } from './stored-key.ts'
import { nextVersion } from './version.ts'

/** Rings whose earlier keys are of no use to anybody but a thief once the ring is replaced: what they made is gone, or made anew. */
const WORTHLESS: readonly Purpose[] = ['access', 'seal', 'credential']

export async function rotate(
  connection: Connection,
  purpose: Purpose,
  workbench: Workbench,
): Promise<Turned> {
  const tables = inStore(connection)
  const before = await idOf(tables, purpose, 'active')
  const after = await idOf(tables, purpose, 'next')
  await move(tables, before, 'active', 'retiring')
  await move(tables, after, 'next', 'active')
  await makeKey(tables, purpose, 'next', workbench)
  await nextVersion(connection)
  return { purpose, before, after }
}

export async function replace(
  connection: Connection,
  purpose: Purpose,
  workbench: Workbench,
): Promise<Turned> {
  const tables = inStore(connection)
  const before = await idOf(tables, purpose, 'active')
  const next = await idOf(tables, purpose, 'next')
  await move(tables, before, 'active', 'retiring')
  const worthless = WORTHLESS.includes(purpose)
  await tables
    .deleteFrom('castellan_key')
    .where('purpose', '=', purpose)
    .$if(!worthless, (query) => query.where('id', '=', next))
    .execute()
  const made = await makeKey(tables, purpose, 'active', workbench)
  await makeKey(tables, purpose, 'next', workbench)
  await nextVersion(connection)
  return { purpose, before, after: made.row.id }
}

/** Of the keys that signed checkpoints before, only the public halves are left. */
export async function destroyRetired(connection: Connection): Promise<void> {
  await inStore(connection)
    .updateTable('castellan_key')
    .set({ wrapped: new Uint8Array() })
    .where('purpose', '=', 'checkpoint')
    .where('state', '=', 'retiring')
    .execute()
}

async function idOf(tables: Kysely<StoreTables>, purpose: Purpose, state: KeyState): Promise<string> {
  const { id } = await tables
    .selectFrom('castellan_key')
    .select('id')
    .where('purpose', '=', purpose)
    .where('state', '=', state)
    .executeTakeFirstOrThrow()
  return id
}

/** @throws AdminError `conflict` when somebody else was faster. */
async function move(tables: Kysely<StoreTables>, id: string, from: KeyState, to: KeyState): Promise<void> {
  const { numUpdatedRows } = await tables
    .updateTable('castellan_key')
    .set({ state: to })
    .where('id', '=', id)
    .where('state', '=', from)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) {
    throw new AdminError('conflict', 'Another process is changing the keys. Look at them, and try again.')
  }
}
