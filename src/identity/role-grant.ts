/** Which roles a principal holds: granted by name, perhaps for a time, and read anew at every request. */

import type { Connection } from '../database/database.ts'
import { insertOrUpdate } from '../store/insert-or-update.ts'
import { inStore } from '../store/tables.ts'
import type { RoleGrant } from './identity.ts'
import { toInstantOrNull, toText } from './instant.ts'

/** People and services are numbered apart, so an id alone names nobody. */
export interface Grantee {
  readonly kind: 'person' | 'service'
  readonly id: string
}

/** The names of the roles that hold now, in order. */
export async function rolesOf(
  connection: Connection,
  grantee: Grantee,
  now: number,
): Promise<readonly string[]> {
  const grants = await grantsOf(connection, grantee.kind, [grantee.id], now)
  return (grants.get(grantee.id) ?? []).map(({ role }) => role)
}

/** The grants of those that hold now, by principal. */
export async function grantsOf(
  connection: Connection,
  kind: Grantee['kind'],
  ids: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, readonly RoleGrant[]>> {
  if (ids.length === 0) return new Map()
  const rows = await inStore(connection)
    .selectFrom('castellan_role_grant')
    .select(['principal_id', 'role', 'expires_at'])
    .where('principal_kind', '=', kind)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', toText(now))]))
    .where('principal_id', 'in', ids)
    .orderBy('role')
    .execute()
  return new Map(
    Array.from(
      Map.groupBy(rows, (row) => row.principal_id),
      ([id, grants]) => [
        id,
        grants.map((row) => ({ role: row.role, expiresAt: toInstantOrNull(row.expires_at) })),
      ],
    ),
  )
}

/** Grants, or changes until when. */
export async function grant(
  connection: Connection,
  grantee: Grantee,
  { role, expiresAt }: RoleGrant,
  now: number,
): Promise<void> {
  const terms = { granted_at: toText(now), expires_at: expiresAt === null ? null : toText(expiresAt) }
  const row = { principal_kind: grantee.kind, principal_id: grantee.id, role, ...terms }
  await insertOrUpdate(connection, 'castellan_role_grant', [row], {
    key: ['principal_kind', 'principal_id', 'role'],
    update: ['granted_at', 'expires_at'],
  })
}

export async function ungrant(connection: Connection, grantee: Grantee, role: string): Promise<void> {
  await inStore(connection)
    .deleteFrom('castellan_role_grant')
    .where('principal_kind', '=', grantee.kind)
    .where('principal_id', '=', grantee.id)
    .where('role', '=', role)
    .execute()
}

export async function ungrantAll(connection: Connection, { kind, id }: Grantee): Promise<void> {
  await inStore(connection)
    .deleteFrom('castellan_role_grant')
    .where('principal_kind', '=', kind)
    .where('principal_id', '=', id)
    .execute()
}
