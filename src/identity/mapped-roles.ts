/** Roles that someone else maps to a person, given and taken as they say at each sign-in. */

import type { EventDraft } from '../audit/event.ts'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { internalChange, type Named, storyOf } from './event.ts'
import type { Parts } from './parts.ts'
import type { RequestOrigin } from './request.ts'
import { grant, rolesOf, ungrant } from './role-grant.ts'
import { keepingSuperadmin } from './superadmin.ts'

/** Takes down an event within the transaction. */
export type Tell = (draft: EventDraft) => Promise<void>

export interface Mapping {
  /** Who maps, as the event says it. */
  readonly by: string
  /** What was mapped at the sign-in before. */
  readonly before: readonly string[]
  /** Keeps what is mapped now for the next one. */
  keep(roles: readonly string[]): Promise<void>
}

/** Gives what is mapped now and takes what was mapped before and is not any more; what administrators granted stays. */
export async function applyMapping(
  parts: Parts,
  connection: Connection,
  person: Named,
  wanted: readonly string[],
  { by, before, keep }: Mapping,
  origin: RequestOrigin,
  told: Tell,
): Promise<void> {
  const now = parts.clock()
  const grantee = { kind: 'person', id: person.id } as const
  const held = await rolesOf(connection, grantee, now)
  const given = wanted.filter((role) => !held.includes(role))
  const taken = before.filter((role) => !wanted.includes(role) && held.includes(role))
  for (const role of given) await grant(connection, grantee, { role, expiresAt: null }, now)
  const kept: string[] = []
  for (const role of taken) if (!(await taking(parts, connection, person, role))) kept.push(role)
  await keep([...before.filter((role) => wanted.includes(role)), ...given, ...kept])
  const after = await rolesOf(connection, grantee, now)
  if (after.join() === held.join()) return
  const kind = given.length > 0 ? 'role.grant' : 'role.revoke'
  const draft = storyOf(kind, person, origin, now)({ outcome: 'done', details: { by } })
  await told({
    ...draft,
    changes: [internalChange('roles', held.join(', ') || null, after.join(', ') || null)],
  })
}

/** False: it is the last working superadmin, who stays one whatever is mapped. */
async function taking(parts: Parts, connection: Connection, { id }: Named, role: string): Promise<boolean> {
  const grantee = { kind: 'person', id } as const
  try {
    await keepingSuperadmin(parts, connection, () => ungrant(connection, grantee, role))
    return true
  } catch (error) {
    if (!(error instanceof AdminError) || error.code !== 'invalid-input') throw error
    await grant(connection, grantee, { role, expiresAt: null }, parts.clock())
    parts.log?.warn({ role }, 'The last working superadmin keeps a role that is not mapped any more.')
    return false
  }
}
