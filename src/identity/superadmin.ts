/** The last superadmin who can still sign in cannot be lost, whoever asks and however many ask at once. */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import type { Parts } from './parts.ts'

/**
 * Makes a change, and refuses it when there was a working superadmin before and none would be left.
 *
 * Working means: active, with a password, and with the role for good; a grant
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
  const before = await workingSuperadmins(connection, superadmin)
  await change()
  if (before === 0 || (await workingSuperadmins(connection, superadmin)) > 0) return
  throw new AdminError(
    'invalid-input',
    `This is the last working ${superadmin}. Give the role to someone else first, without an end date.`,
  )
}

async function workingSuperadmins(connection: Connection, role: string): Promise<number> {
  const { count } = await inStore(connection)
    .selectFrom('castellan_role_grant as held')
    .innerJoin('castellan_person as person', 'person.id', 'held.principal_id')
    .innerJoin('castellan_credential as password', 'password.person_id', 'person.id')
    .select(({ fn }) => fn.count('person.id').distinct().as('count'))
    .where('held.principal_kind', '=', 'person')
    .where('held.role', '=', role)
    .where('held.expires_at', 'is', null)
    .where('person.is_active', '=', 1)
    .where('password.kind', '=', 'password')
    .executeTakeFirstOrThrow()
  return Number(count)
}
