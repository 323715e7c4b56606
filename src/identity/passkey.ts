/**
 * Stored passkeys: the public halves of people's keys.
 *
 * A key hash stands beside each, over whose it is and what it checks, so that a
 * row which was put in or changed by somebody who can write to the database
 * signs nobody in.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import type { PasskeyTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import type { KnownKey, NewKey } from './authenticators/passkey.ts'
import { toText } from './instant.ts'
import type { Parts } from './parts.ts'
import { hashOf, randomId } from './random.ts'

export type PasskeyRow = Selectable<PasskeyTable>

const LABEL = 'passkey'
/** More than anybody has; a list without an end would make every page long. */
export const MOST_PASSKEYS = 20

/** Those of a person, oldest first. */
export async function passkeysOf(connection: Connection, personId: string): Promise<readonly PasskeyRow[]> {
  return await inStore(connection)
    .selectFrom('castellan_passkey')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** The ids of those who have one. */
export async function hasPasskey(
  connection: Connection,
  personIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await inStore(connection)
    .selectFrom('castellan_passkey')
    .select('person_id')
    .where('person_id', 'in', personIds)
    .distinct()
    .execute()
  return new Set(rows.map((row) => row.person_id))
}

/** The one that an answer names, as it was stored; null when there is none, or its row was tampered with. */
export async function passkeyBy(
  parts: Parts,
  connection: Connection,
  credentialId: string,
): Promise<PasskeyRow | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_passkey')
    .selectAll()
    .where('credential_hash', '=', hashOf(credentialId))
    .executeTakeFirst()
  return row && isIntact(parts, row) ? row : null
}

/** Whether the row is as it was written here. */
export function isIntact({ seals }: Parts, row: PasskeyRow): boolean {
  return seals.isMark('credential', LABEL, sealed(row), row.seal_hash)
}

function sealed(row: Omit<PasskeyRow, 'seal_hash'>): readonly string[] {
  const { id, person_id, credential_id, public_key } = row
  return [id, person_id, credential_id, public_key, String(Number(row.is_device_bound))]
}

/** What answers are compared with. */
export function keyOf(parts: Parts, row: PasskeyRow): KnownKey {
  return {
    credentialId: row.credential_id,
    publicKey: row.public_key,
    counter: Number(row.counter),
    isDeviceBound: Number(row.is_device_bound) === 1,
    userHandle: userHandleOf(parts, row.person_id),
  }
}

/** How a browser may be asked for it. */
export function describedKey(row: PasskeyRow): {
  readonly credentialId: string
  readonly transports: readonly string[]
} {
  // written here alone, as an array of texts
  return { credentialId: row.credential_id, transports: JSON.parse(row.transports) as string[] }
}

/**
 * What an authenticator keeps beside the key, and says of whose it is: 32 bytes, base64url. The id of a
 * person is random and stays, and this tells nothing of it (WebAuthn, section 14.6.1).
 */
export function userHandleOf({ options }: Parts, personId: string): string {
  return Buffer.from(hashOf(`${options.issuer} ${personId}`), 'hex').toString('base64url')
}

/** Adds a key; false when it belongs to somebody already. The person is locked. */
export async function addPasskey(
  parts: Parts,
  connection: Connection,
  personId: string,
  { key, name }: { readonly key: NewKey; readonly name: string },
): Promise<boolean> {
  const store = inStore(connection)
  const credential_hash = hashOf(key.credentialId)
  const taken = await store
    .selectFrom('castellan_passkey')
    .select('id')
    .where('credential_hash', '=', credential_hash)
    .executeTakeFirst()
  if (taken) return false
  const row = {
    id: randomId(parts.randomBytes),
    person_id: personId,
    credential_hash,
    credential_id: key.credentialId,
    public_key: key.publicKey,
    name,
    counter: key.counter,
    is_device_bound: key.isDeviceBound ? 1 : 0,
    is_backed_up: key.isBackedUp ? 1 : 0,
    transports: JSON.stringify(key.transports),
    created_at: toText(parts.clock()),
    used_at: null,
  }
  const seal_hash = parts.seals.mark('credential', LABEL, sealed(row))
  await store
    .insertInto('castellan_passkey')
    .values({ ...row, seal_hash })
    .execute()
  return true
}

/** Notes a use. False when another one was faster, or the key is gone: the counter is compared once more. */
export async function usePasskey(
  parts: Parts,
  connection: Connection,
  row: PasskeyRow,
  used: { readonly counter: number; readonly isBackedUp: boolean },
): Promise<boolean> {
  const { numUpdatedRows } = await inStore(connection)
    .updateTable('castellan_passkey')
    .set({
      counter: used.counter,
      is_backed_up: used.isBackedUp ? 1 : 0,
      used_at: toText(parts.clock()),
    })
    .where('id', '=', row.id)
    .where('seal_hash', '=', row.seal_hash)
    // an authenticator that does not count says 0 every time
    .where('counter', used.counter === 0 ? '=' : '<', used.counter)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Whether the person had it. */
export async function renamePasskey(
  connection: Connection,
  { personId, id, name }: { readonly personId: string; readonly id: string; readonly name: string },
): Promise<boolean> {
  const { numUpdatedRows } = await inStore(connection)
    .updateTable('castellan_passkey')
    .set({ name })
    .where('id', '=', id)
    .where('person_id', '=', personId)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Whether the person had it. */
export async function removePasskey(
  connection: Connection,
  { personId, id }: { readonly personId: string; readonly id: string },
): Promise<boolean> {
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_passkey')
    .where('id', '=', id)
    .where('person_id', '=', personId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

export async function removePasskeys(connection: Connection, personId: string): Promise<void> {
  await inStore(connection).deleteFrom('castellan_passkey').where('person_id', '=', personId).execute()
}

/** Marks by the rings of `after` those that are as the rings of `before` say; how many there were. */
export async function remarkPasskeys(before: Parts, after: Parts, connection: Connection): Promise<number> {
  const store = inStore(connection)
  const rows = await store.selectFrom('castellan_passkey').selectAll().execute()
  const intact = rows.filter((row) => isIntact(before, row))
  for (const row of intact) {
    await store
      .updateTable('castellan_passkey')
      .set({ seal_hash: after.seals.mark('credential', LABEL, sealed(row)) })
      .where('id', '=', row.id)
      .where('seal_hash', '=', row.seal_hash)
      .execute()
  }
  return intact.length
}
