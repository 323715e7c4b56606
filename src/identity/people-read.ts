/** Reading the directory: a person by id or address, and what those of one page hold. Nothing reads all of it. */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import type { PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { credentialKinds } from './credential.ts'
import type { Person, PersonStanding } from './identity.ts'
import { toInstant, toInstantOrNull } from './instant.ts'
import type { Parts } from './parts.ts'
import { hasPasskey } from './passkey.ts'
import { grantsOf } from './role-grant.ts'

export type PersonRow = Selectable<PersonTable>

export async function rowOf(
  connection: Connection,
  column: 'id' | 'email_canonical',
  value: string,
): Promise<PersonRow | undefined> {
  return await inStore(connection)
    .selectFrom('castellan_person')
    .selectAll()
    .where(column, '=', value)
    .executeTakeFirst()
}

export async function personOf(parts: Parts, connection: Connection, row: PersonRow): Promise<Person> {
  const standing = (await standingsOf(parts, connection, [row.id])).get(row.id)
  if (!standing) throw new TypeError('Whoever is asked for has a standing.')
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    isActive: Number(row.is_active) === 1,
    ...standing,
    // written by `people.ts` alone, as an object of texts
    attributes: JSON.parse(row.attributes) as Readonly<Record<string, string>>,
    createdAt: toInstant(row.created_at),
    lastSeenAt: toInstantOrNull(row.last_seen_at),
  }
}

/** What each of those people holds, by id; in as many statements for fifty as for one. */
export async function standingsOf(
  parts: Parts,
  connection: Connection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PersonStanding>> {
  if (ids.length === 0) return new Map()
  const grants = await grantsOf(connection, 'person', ids, parts.clock())
  const kinds = await credentialKinds(connection, ids)
  const withPasskey = await hasPasskey(connection, ids)
  const waits = await waiting(connection, ids)
  return new Map(
    ids.map((id) => [
      id,
      {
        roles: grants.get(id) ?? [],
        hasSecondFactor: (kinds.get(id)?.has('totp') ?? false) || withPasskey.has(id),
        hasPassword: kinds.get(id)?.has('password') ?? false,
        waitingSince: waits.get(id) ?? null,
      },
    ]),
  )
}

/** Since when those wait who do. */
async function waiting(connection: Connection, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await inStore(connection)
    .selectFrom('castellan_registration')
    .selectAll()
    .where('person_id', 'in', ids)
    .execute()
  return new Map(rows.map((row) => [row.person_id, toInstant(row.registered_at)]))
}
