/** The roles that the application maps to its people: asked for at each sign-in, given and taken as it says. */

import type { EventDraft } from '../audit/event.ts'
import type { Connection } from '../database/database.ts'
import { timeLimit } from '../database/time-limit.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import { internalChange, storyOf } from './event.ts'
import { linkOf, type Mirror } from './host-mirror.ts'
import type { HostPeople, HostRecord } from './host-people.ts'
import { ANSWER_MS, tell } from './host-proof.ts'
import type { Parts } from './parts.ts'
import type { RequestOrigin } from './request.ts'
import { grant, rolesOf, ungrant } from './role-grant.ts'
import { keepingSuperadmin } from './superadmin.ts'

/** Takes down an event within the transaction. */
export type Tell = (draft: EventDraft) => Promise<void>

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
  const now = parts.clock()
  const grantee = { kind: 'person', id: person.id } as const
  const link = await linkOf(connection, person.id)
  const held = await rolesOf(connection, grantee, now)
  const given = wanted.filter((role) => !held.includes(role))
  const taken = (link?.mapped ?? []).filter((role) => !wanted.includes(role) && held.includes(role))
  for (const role of given) await grant(connection, grantee, { role, expiresAt: null }, now)
  const kept: string[] = []
  for (const role of taken) if (!(await taking(parts, connection, person, role))) kept.push(role)
  const mapped = [...(link?.mapped ?? []).filter((role) => wanted.includes(role)), ...given, ...kept]
  await inStore(connection)
    .updateTable('castellan_host_person')
    .set({ mapped_roles: JSON.stringify(mapped) })
    .where('person_id', '=', person.id)
    .execute()
  const after = await rolesOf(connection, grantee, now)
  if (after.join() === held.join()) return
  const kind = given.length > 0 ? 'role.grant' : 'role.revoke'
  const draft = storyOf(kind, person, origin, now)({ outcome: 'done', details: { by: 'people.roles' } })
  await told({
    ...draft,
    changes: [internalChange('roles', held.join(', ') || null, after.join(', ') || null)],
  })
}

/** False: it is the last working superadmin, who stays one whatever the application says. */
async function taking(parts: Parts, connection: Connection, { id }: Mirror, role: string): Promise<boolean> {
  const grantee = { kind: 'person', id } as const
  try {
    await keepingSuperadmin(parts, connection, () => ungrant(connection, grantee, role))
    return true
  } catch (error) {
    if (!(error instanceof AdminError) || error.code !== 'invalid-input') throw error
    await grant(connection, grantee, { role, expiresAt: null }, parts.clock())
    parts.log?.warn({ role }, 'The last working superadmin keeps the role that the application took.')
    return false
  }
}
