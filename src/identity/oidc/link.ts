/** Which person somebody at a provider is: found by issuer and subject, and by nothing else. */

import type { Selectable } from 'kysely'
import type { Connection } from '../../database/database.ts'
import type { OidcLinkTable, PersonTable } from '../../store/identity-tables.ts'
import { inStore } from '../../store/tables.ts'
import { toText } from '../instant.ts'
import { hashOf } from '../random.ts'
import type { Claims } from './provider.ts'

type Linked = Pick<Claims, 'issuer' | 'subject'>

export interface Link {
  readonly row: Selectable<OidcLinkTable>
  readonly person: Selectable<PersonTable>
}

/** The person of that identity, active or not; null for somebody who has never been linked. */
export async function linkOfIdentity(connection: Connection, identity: Linked): Promise<Link | null> {
  const store = inStore(connection)
  const row = await store
    .selectFrom('castellan_oidc_link')
    .selectAll()
    .where('identity_hash', '=', identityHash(identity))
    .executeTakeFirst()
  if (!row) return null
  const person = await store
    .selectFrom('castellan_person')
    .selectAll()
    .where('id', '=', row.person_id)
    .executeTakeFirst()
  return person ? { row, person } : null
}

/** In a transaction that has locked the store: nobody else links the same identity. */
export async function addLink(
  connection: Connection,
  identity: Linked,
  { personId, provider, now }: { readonly personId: string; readonly provider: string; readonly now: number },
): Promise<void> {
  await inStore(connection)
    .insertInto('castellan_oidc_link')
    .values({
      identity_hash: identityHash(identity),
      person_id: personId,
      provider,
      mapped_roles: '[]',
      created_at: toText(now),
      last_used_at: null,
    })
    .execute()
}

export async function noteUse(connection: Connection, identity: Linked, now: number): Promise<void> {
  await inStore(connection)
    .updateTable('castellan_oidc_link')
    .set({ last_used_at: toText(now) })
    .where('identity_hash', '=', identityHash(identity))
    .execute()
}

/** What was mapped at the last sign-in, in place of what was before. */
export async function keepMapped(
  connection: Connection,
  identity: Linked,
  roles: readonly string[],
): Promise<void> {
  await inStore(connection)
    .updateTable('castellan_oidc_link')
    .set({ mapped_roles: JSON.stringify(roles) })
    .where('identity_hash', '=', identityHash(identity))
    .execute()
}

export async function linksOfPerson(
  connection: Connection,
  personId: string,
): Promise<readonly Selectable<OidcLinkTable>[]> {
  return await inStore(connection)
    .selectFrom('castellan_oidc_link')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .orderBy('identity_hash')
    .execute()
}

/** How many there were. */
export async function removeLinks(
  connection: Connection,
  personId: string,
  provider: string,
): Promise<number> {
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_oidc_link')
    .where('person_id', '=', personId)
    .where('provider', '=', provider)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Unambiguous: a list of two texts, whatever they hold. */
function identityHash({ issuer, subject }: Linked): string {
  return hashOf(JSON.stringify([issuer, subject]))
}
