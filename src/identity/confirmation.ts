/**
 * Confirmations: proof that this principal was shown this plan, usable once.
 *
 * The gate says what one is bound to; here it is only made, kept and used up.
 */

import { randomBytes as systemRandomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { MINUTE, toText } from './instant.ts'
import { tidy } from './lock.ts'
import { hashOf, type RandomBytes, randomToken } from './random.ts'

const LIFETIME_MS: number = 10 * MINUTE

/** Stores a confirmation of `binding` for ten minutes and answers it; only hashes are kept. */
export async function issueConfirmation(
  connection: Connection,
  confirmation: { readonly binding: string; readonly now: number },
  randomBytes: RandomBytes = systemRandomBytes,
): Promise<string> {
  const { binding, now } = confirmation
  const id = randomToken(randomBytes)
  await tidy(connection, 'castellan_confirmation', 'id_hash', sql`expires_at <= ${toText(now)}`)
  await inStore(connection)
    .insertInto('castellan_confirmation')
    .values({
      id_hash: hashOf(id),
      binding_hash: hashOf(binding),
      expires_at: toText(now + LIFETIME_MS),
      used_at: null,
    })
    .execute()
  return id
}

/**
 * Uses it up, in the caller's transaction. False when there is none, or it is for something else, too
 * old or used: of any number of attempts at once, the one that commits first, since the others wait for it.
 */
export async function useConfirmation(
  connection: Connection,
  confirmation: { readonly id: string; readonly binding: string; readonly now: number },
): Promise<boolean> {
  const { id, binding, now } = confirmation
  const { numUpdatedRows } = await inStore(connection)
    .updateTable('castellan_confirmation')
    .set({ used_at: toText(now) })
    .where('id_hash', '=', hashOf(id))
    .where('binding_hash', '=', hashOf(binding))
    .where('expires_at', '>', toText(now))
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
