/**
 * Stored credentials: a password and an authenticator for each person, and
 * recovery codes. What is used once is used by one conditional statement, so
 * that of any number of attempts at once one succeeds.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import type { CredentialTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { isRecoveryCode, newRecoveryCodes, recoveryHash } from './authenticators/recovery-code.ts'
import { stepOf } from './authenticators/totp.ts'
import { toText } from './instant.ts'
import type { Parts } from './parts.ts'
import { randomId } from './random.ts'

type Kind = CredentialTable['kind']
type Row = Selectable<CredentialTable>

const SEED_LABEL = 'totp-seed'

/** The newest of that kind, or null. */
export async function credentialOf(
  connection: Connection,
  personId: string,
  kind: Kind,
): Promise<Row | null> {
  const [newest] = await credentialsOf(connection, personId, kind)
  return newest ?? null
}

async function credentialsOf(connection: Connection, personId: string, kind: Kind): Promise<readonly Row[]> {
  return await inStore(connection)
    .selectFrom('castellan_credential')
    .selectAll()
    .where('person_id', '=', personId)
    .where('kind', '=', kind)
    .orderBy('created_at', 'desc')
    .execute()
}

/** Which kinds each of them has. */
export async function credentialKinds(
  connection: Connection,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<Kind>>> {
  const rows = await inStore(connection)
    .selectFrom('castellan_credential')
    .select(['person_id', 'kind'])
    .where('person_id', 'in', personIds)
    .distinct()
    .execute()
  const people = Map.groupBy(rows, (row) => row.person_id)
  return new Map(Array.from(people, ([id, own]) => [id, new Set(own.map(({ kind }) => kind))]))
}

export async function removeCredentials(
  connection: Connection,
  personId: string,
  kinds: readonly Kind[],
): Promise<void> {
  await inStore(connection)
    .deleteFrom('castellan_credential')
    .where('person_id', '=', personId)
    .where('kind', 'in', kinds)
    .execute()
}

/** @param hash A PHC string. */
export async function setPassword(
  parts: Parts,
  connection: Connection,
  personId: string,
  hash: string,
): Promise<void> {
  await removeCredentials(connection, personId, ['password'])
  await insert(parts, connection, personId, { kind: 'password', secret: hash, last_step: null })
}

/** Replaces a password's hash by another of the same password, if nobody has changed it meanwhile. */
export async function rehashPassword(connection: Connection, row: Row, hash: string): Promise<void> {
  await inStore(connection)
    .updateTable('castellan_credential')
    .set({ secret: hash })
    .where('id', '=', row.id)
    .where('secret', '=', row.secret)
    .execute()
}

/** @param step The time step that confirmed it, which is thereby used; null: none has. */
export async function setTotp(
  parts: Parts,
  connection: Connection,
  personId: string,
  seed: string,
  step: number | null,
): Promise<void> {
  await removeCredentials(connection, personId, ['totp'])
  const secret = sealSeed(parts, seed, personId)
  await insert(parts, connection, personId, { kind: 'totp', secret, last_step: step })
}

/** Makes ten new ones; the old stop working. Answered once and stored only as hashes. */
export async function setRecoveryCodes(
  parts: Parts,
  connection: Connection,
  personId: string,
): Promise<readonly string[]> {
  await removeCredentials(connection, personId, ['recovery'])
  const codes = newRecoveryCodes(parts.randomBytes)
  for (const code of codes) {
    const secret = recoveryHash(parts.seals, personId, code)
    await insert(parts, connection, personId, { kind: 'recovery', secret, last_step: null })
  }
  return codes
}

async function insert(
  parts: Parts,
  connection: Connection,
  personId: string,
  credential: { readonly kind: Kind; readonly secret: string; readonly last_step: number | null },
): Promise<void> {
  await inStore(connection)
    .insertInto('castellan_credential')
    .values({
      id: randomId(parts.randomBytes),
      person_id: personId,
      created_at: toText(parts.clock()),
      used_at: null,
      ...credential,
    })
    .execute()
}

/** A seed as it rests in the store, readable only for this person. */
export function sealSeed(parts: Parts, seed: string, personId: string): string {
  return parts.seals.seal('credential', SEED_LABEL, seed, personId)
}

export function openSeed(parts: Parts, sealed: string, personId: string): string | null {
  return parts.seals.open('credential', SEED_LABEL, sealed, personId)
}

/** Uses a code of the person's authenticator. False: it fits no step, or its step or a later one was used before. */
export async function useTotp(
  parts: Parts,
  connection: Connection,
  personId: string,
  code: string,
): Promise<boolean> {
  const row = await credentialOf(connection, personId, 'totp')
  const seed = row && openSeed(parts, row.secret, personId)
  if (!row || !seed) return false
  const now = parts.clock()
  const step = stepOf(seed, code, now)
  if (step === null) return false
  const { numUpdatedRows } = await inStore(connection)
    .updateTable('castellan_credential')
    .set({ last_step: step, used_at: toText(now) })
    .where('id', '=', row.id)
    .where((where) => where.or([where('last_step', 'is', null), where('last_step', '<', step)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Uses up a recovery code. Every stored one is compared, so that time does not tell which came close. */
export async function useRecoveryCode(
  parts: Parts,
  connection: Connection,
  personId: string,
  code: string,
): Promise<boolean> {
  const rows = await credentialsOf(connection, personId, 'recovery')
  const [fitting] = rows.filter((row) => isRecoveryCode(parts.seals, personId, code, row.secret))
  if (!fitting) return false
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_credential')
    .where('id', '=', fitting.id)
    .executeTakeFirst()
  return numDeletedRows === 1n
}
