/**
 * Agents: programs that act for a person. `cag_` and 256 random bits, shown
 * once and stored as a hash.
 *
 * An agent has no rights of its own. At every request it is given the roles and
 * attributes that its person has then, and its own list of actions narrows them;
 * so it ends with its person, and loses what they lose.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { KEYS_VERSION } from '../keys/version.ts'
import type { AgentTable, PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { isGone } from './host-mirror.ts'
import type { Agents } from './identity.ts'
import { DAY, toInstant, toText } from './instant.ts'
import { post } from './letter-queue.ts'
import { lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { throwProblems } from './people-input.ts'
import { rowOf } from './people-read.ts'
import type { Principal } from './principal.ts'
import { hashOf, randomId, randomToken } from './random.ts'
import { rolesOf } from './role-grant.ts'
import { noteTokenUse, patternProblems, tokenNameProblems } from './service-token.ts'

const PREFIX = 'cag_'
const SHAPE = /^cag_[A-Za-z0-9_-]{43}$/
/** Longer than this nobody remembers what it was made for. */
export const MOST_AGENT_DAYS = 90
const MOST_AGENTS = 20

type Row = Selectable<AgentTable>

/** The agent of a live token whose person may sign in; null for anything else. */
export async function principalOfAgent(parts: Parts, token: string): Promise<Principal | null> {
  if (!SHAPE.test(token)) return null
  const now = parts.clock()
  const row = await inStore(parts.store.now)
    .selectFrom('castellan_agent as agent')
    .innerJoin('castellan_person as person', 'person.id', 'agent.person_id')
    .select([
      'agent.id as agent_id',
      'agent.name as agent_name',
      'agent.actions',
      'agent.expires_at',
      'agent.last_used_at',
    ])
    .selectAll('person')
    .select(({ selectFrom }) =>
      selectFrom('castellan_meta').select('value').where('name', '=', KEYS_VERSION).as('keys_version'),
    )
    .where('agent.token_hash', '=', hashOf(token))
    .where('agent.revoked_at', 'is', null)
    .where('person.is_active', '=', 1)
    .executeTakeFirst()
  if (!row || now >= toInstant(row.expires_at)) return null
  if (parts.host && (await isGone(parts, parts.host, row))) return null
  await parts.keys.follow(parts.store.now, row.keys_version)
  await noteTokenUse(parts, 'castellan_agent', { id: row.agent_id, last_used_at: row.last_used_at }, now)
  const roles = await rolesOf(parts.store.now, { kind: 'person', id: row.id }, now)
  return actingFor(row, { id: row.agent_id, name: row.agent_name, actions: row.actions }, roles, now)
}

function actingFor(
  person: Selectable<PersonTable>,
  agent: Pick<Row, 'id' | 'name' | 'actions'>,
  roles: readonly string[],
  now: number,
): Principal {
  const { id, name, email } = person
  // written by `people.ts` alone, as an object of texts
  const attributes = JSON.parse(person.attributes) as Readonly<Record<string, string>>
  return {
    subject: {
      kind: 'agent',
      id: agent.id,
      onBehalfOf: id,
      roles,
      attributes: { ...attributes, id, kind: 'person', email },
      // written by `create` alone, as an array of texts
      limitedTo: JSON.parse(agent.actions) as string[],
    },
    name: `${agent.name} for ${name}`,
    email: null,
    authentication: { methods: ['token'], assurance: 1, at: now },
    sessionHash: null,
    sessionId: null,
    timeZone: person.time_zone,
    locale: person.locale,
  }
}

export function createAgents(parts: Parts): Agents {
  return {
    async create(connection, personId, input) {
      const now = parts.clock()
      await lockPerson(connection, personId)
      const name = input.name.normalize('NFC').trim()
      const live = await liveOf(connection, personId, now)
      throwProblems('The agent cannot be made', {
        name: agentNameProblems(name, live),
        actions: patternProblems(input.actions),
        expiresAt: expiryProblems(input.expiresAt, now),
      })
      const person = await rowOf(connection, 'id', personId)
      if (!person) throw new AdminError('not-found', `No person "${personId}".`)
      const id = randomId(parts.randomBytes)
      const token = PREFIX + randomToken(parts.randomBytes)
      await inStore(connection)
        .insertInto('castellan_agent')
        .values({
          id,
          person_id: personId,
          name,
          token_hash: hashOf(token),
          actions: JSON.stringify(input.actions),
          created_at: toText(now),
          expires_at: toText(input.expiresAt),
          last_used_at: null,
          revoked_at: null,
        })
        .execute()
      const to = { name: person.name, email: person.email }
      await post(parts, connection, { kind: 'agent-made', to, at: now, agent: name, ends: input.expiresAt })
      return { id, token }
    },
    async revoke(connection, id) {
      const { numUpdatedRows } = await inStore(connection)
        .updateTable('castellan_agent')
        .set({ revoked_at: toText(parts.clock()) })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}

async function liveOf(
  connection: Connection,
  personId: string,
  now: number,
): Promise<readonly Pick<Row, 'name'>[]> {
  return await inStore(connection)
    .selectFrom('castellan_agent')
    .select('name')
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', toText(now))
    .execute()
}

function agentNameProblems(name: string, live: readonly Pick<Row, 'name'>[]): readonly string[] {
  const problems = tokenNameProblems(name)
  if (problems.length > 0) return problems
  if (live.some((one) => one.name === name)) {
    return ['belongs to another agent of yours; revoke that one or choose another name']
  }
  return live.length < MOST_AGENTS
    ? []
    : [`is one too many: you have ${MOST_AGENTS} agents; revoke one that you do not use`]
}

function expiryProblems(expiresAt: number, now: number): readonly string[] {
  if (expiresAt <= now) return ['must be in the future']
  return expiresAt > now + MOST_AGENT_DAYS * DAY ? [`must be within ${MOST_AGENT_DAYS} days`] : []
}
