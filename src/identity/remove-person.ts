/**
 * Removing a person for good: everything that proves who they are or says what
 * they may do, in the caller's transaction. The log keeps what they did, under
 * the name that they had, and their id is never given to anybody else.
 */

import type { Connection } from '../database/database.ts'
import type { IdentityTables } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { ungrantAll } from './role-grant.ts'
import { revoke } from './session.ts'

type OfPerson = {
  [Table in keyof IdentityTables]: 'person_id' extends keyof IdentityTables[Table] ? Table : never
}[keyof IdentityTables]

/** Every table of ours that refers to people; sessions, pending sign-ins and links go first, through `revoke`. */
export const TABLES_OF_A_PERSON: readonly OfPerson[] = [
  'castellan_session',
  'castellan_pending_sign_in',
  'castellan_link',
  'castellan_credential',
  'castellan_passkey',
  'castellan_known_network',
  'castellan_host_person',
  'castellan_oidc_link',
  'castellan_registration',
  'castellan_agent',
]

/** The person is locked. How many sessions and pending sign-ins ended. */
export async function removePerson(connection: Connection, id: string): Promise<number> {
  const ended = await revoke(connection, { person: id, except: null })
  await ungrantAll(connection, { kind: 'person', id })
  const store = inStore(connection)
  for (const table of TABLES_OF_A_PERSON) await store.deleteFrom(table).where('person_id', '=', id).execute()
  await store.deleteFrom('castellan_person').where('id', '=', id).execute()
  return ended
}
