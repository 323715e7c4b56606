/** The roles that the application maps to its people: asked for at each sign-in. */

import type { Connection } from '../database/database.ts'
import { timeLimit } from '../database/time-limit.ts'
import { inStore } from '../store/tables.ts'
import { linkOf, type Mirror } from './host-mirror.ts'
import type { HostPeople, HostRecord } from './host-people.ts'
import { ANSWER_MS, tell } from './host-proof.ts'
import { applyMapping, type Mapping, type Tell } from './mapped-roles.ts'
import type { Parts } from './parts.ts'
import type { RequestOrigin } from './request.ts'

/** Which roles somebody has could not be found out: they get none, and no session. */
export class RolesUnknown extends Error {
  override readonly name = 'RolesUnknown'
}

/** The roles that the record gets at its next sign-in; null: the application maps none. @throws RolesUnknown when it fails. */
export async function wantedRoles(
  parts: Parts,
  host: HostPeople,
  { id }: HostRecord,
): Promise<readonly string[] | null> {
  if (!host.roles) return null
  const limit = timeLimit('roles', ANSWER_MS)
  try {
    const { roles } = host
    const answer = await limit.within((async () => roles(id))())
    const names = Array.isArray(answer) ? [...new Set(answer)] : null
    if (names?.every((name) => parts.options.roles.includes(name))) return names
    throw new TypeError('It must answer a list of roles that the policy has.')
  } catch (error) {
    tell(parts, 'roles', error)
    throw new RolesUnknown('The application could not say which roles somebody has.', { cause: error })
  } finally {
    limit.end()
  }
}

/** Gives what the application maps now and takes what it mapped before; what administrators granted stays. */
export async function mapRoles(
  parts: Parts,
  connection: Connection,
  person: Mirror,
  wanted: readonly string[],
  origin: RequestOrigin,
  told: Tell,
): Promise<void> {
  const link = await linkOf(connection, person.id)
  const mapping: Mapping = {
    by: 'people.roles',
    before: link?.mapped ?? [],
    async keep(roles) {
      await inStore(connection)
        .updateTable('castellan_host_person')
        .set({ mapped_roles: JSON.stringify(roles) })
        .where('person_id', '=', person.id)
        .execute()
    },
  }
  await applyMapping(parts, connection, person, wanted, mapping, origin, told)
}
