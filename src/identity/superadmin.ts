/** The last superadmin who can still sign in cannot be lost, whoever asks and however many ask at once. */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import type { Parts } from './parts.ts'

/**
 * Makes a change, and refuses it when there was a working superadmin before and none would be left.
 *
 * Working means: active, with a password or known to the application, and with the role for good; a grant
 * that runs out would lose the last one by waiting.
 *
 * @throws AdminError `invalid-input`; the caller's transaction then rolls back.
 */
export async function keepingSuperadmin(
  parts: Parts,
  connection: Connection,
  change: () => Promise<void>,
): Promise<void> {
  const { superadmin } = parts.options
  // two who demote each other must wait for one another, on engines with several writers too
  await inStore(connection)
    .updateTable('castellan_role_grant')
    .set((expression) => ({ role: expression.ref('role') }))
    .where('role', '=', superadmin)
    .execute()
  const before = await workingSuperadmins(parts, connection, superadmin)
  await change()
  if (before === 0 || (await workingSuperadmins(parts, connection, superadmin)) > 0) return
  throw new AdminError(
    'invalid-input',
    `This is the last working ${superadmin}. Give the role to someone else first, without an end date.`,
  )
}

async function workingSuperadmins({ host }: Parts, connection: Connection, role: string): Promise<number> {
  const { count } = await inStore(connection)
    .selectFrom('castellan_role_grant as held')
    .innerJoin('castellan_person as person', 'person.id', 'held.principal_id')
    .leftJoin('castellan_credential as password', (join) =>
      join.onRef('password.person_id', '=', 'person.id').on('password.kind', '=', 'password'),
    )
    .leftJoin('castellan_host_person as link', 'link.person_id', 'person.id')
    .select(({ fn }) => fn.count('person.id').distinct().as('count'))
    .where('held.principal_kind', '=', 'person')
    .where('held.role', '=', role)
    .where('held.expires_at', 'is', null)
    .where('person.is_active', '=', 1)
    // only those who can sign in as this installation is set up
    .where(host ? 'link.model' : 'password.kind', '=', host ? host.model : 'password')
    .executeTakeFirstOrThrow()
  return Number(count)
}
