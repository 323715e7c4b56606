/**
 * Telling people before something of theirs ends by itself: a role that was
 * given for a time, an agent. Once for each end, in the transaction that notes
 * that it was told, by whichever process comes first.
 */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { DAY, toInstant, toText } from './instant.ts'
import type { Addressee } from './letter.ts'
import { post } from './letter-queue.ts'
import { LOCKING } from './lock.ts'
import type { Parts } from './parts.ts'
import { isFirstTold } from './told-once.ts'

const AHEAD_MS: number = 7 * DAY
/** More end in one week nowhere. */
const MOST = 1000

interface Ending {
  /** Whose, of what: tells one end from every other. */
  readonly about: readonly string[]
  readonly to: Addressee
  readonly what: string
  readonly since: number
  readonly ends: number
}

/** Writes to everybody who has something that ends within a week and has not been told of it. How many letters. */
export async function remind(parts: Parts): Promise<number> {
  if (!parts.options.hasMail) return 0
  const now = parts.clock()
  const endings = [
    ...(await endingRoles(parts.store.now, now)),
    ...(await endingAgents(parts.store.now, now)),
  ].filter((ending) => isSoon(ending, now))
  if (endings.length === 0) return 0
  const told = await parts.store.write(async (connection) => {
    let count = 0
    for (const ending of endings) if (await tell(parts, connection, ending)) count += 1
    return count
  }, LOCKING)
  if (told > 0) parts.onLetter()
  return told
}

/** Whoever has got something for two days is told when one is left, not at once. */
function isSoon({ since, ends }: Ending, now: number): boolean {
  return ends - now <= (ends - since) / 2
}

/** Whether it was not told yet. */
async function tell(parts: Parts, connection: Connection, ending: Ending): Promise<boolean> {
  const { about, to, what, ends } = ending
  if (!(await isFirstTold(connection, [...about, ends], parts.clock(), ends))) return false
  await post(parts, connection, { kind: 'access-ends', to, what, ends })
  return true
}

async function endingRoles(connection: Connection, now: number): Promise<readonly Ending[]> {
  const rows = await inStore(connection)
    .selectFrom('castellan_role_grant as held')
    .innerJoin('castellan_person as person', 'person.id', 'held.principal_id')
    .select(['person.id', 'person.name', 'person.email', 'held.role', 'held.granted_at', 'held.expires_at'])
    .where('held.principal_kind', '=', 'person')
    .where('held.expires_at', '>', toText(now))
    .where('held.expires_at', '<=', toText(now + AHEAD_MS))
    .where('person.is_active', '=', 1)
    .orderBy('held.expires_at')
    .limit(MOST)
    .execute()
  return rows.map(({ id, name, email, role, granted_at, expires_at }) => ({
    about: ['role', id, role],
    to: { name, email },
    what: `your role "${role}"`,
    since: toInstant(granted_at),
    // narrowed above
    ends: toInstant(expires_at ?? granted_at),
  }))
}

async function endingAgents(connection: Connection, now: number): Promise<readonly Ending[]> {
  const rows = await inStore(connection)
    .selectFrom('castellan_agent as agent')
    .innerJoin('castellan_person as person', 'person.id', 'agent.person_id')
    .select(['person.name as person', 'person.email', 'agent.id', 'agent.name', 'agent.created_at'])
    .select('agent.expires_at')
    .where('agent.expires_at', '>', toText(now))
    .where('agent.expires_at', '<=', toText(now + AHEAD_MS))
    .where('agent.revoked_at', 'is', null)
    .where('person.is_active', '=', 1)
    .orderBy('agent.expires_at')
    .limit(MOST)
    .execute()
  return rows.map(({ person, email, id, name, created_at, expires_at }) => ({
    about: ['agent', id],
    to: { name: person, email },
    what: `your agent "${name}"`,
    since: toInstant(created_at),
    ends: toInstant(expires_at),
  }))
}
