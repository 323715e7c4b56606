/**
 * Service tokens: how programs prove who they are. `cst_` and 256 random bits,
 * shown once and stored as a hash; each is a principal of its own, with roles
 * and perhaps a narrower list of actions.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { KEYS_VERSION } from '../keys/version.ts'
import type { ServiceTokenTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import type { ServiceToken, Tokens } from './identity.ts'
import { MINUTE, SECOND, toInstant, toInstantOrNull, toText } from './instant.ts'
import { LOCKING } from './lock.ts'
import type { Parts } from './parts.ts'
import { roleProblems, throwProblems } from './people-input.ts'
import type { Principal } from './principal.ts'
import { hashOf, randomId, randomToken } from './random.ts'
import { grant, grantsOf, rolesOf } from './role-grant.ts'

const PREFIX = 'cst_'
const SHAPE = /^cst_[A-Za-z0-9_-]{43}$/
/** `orders.update`, `orders.*`, `*.list`, `*.*`, `castellan.people.list`. */
const PATTERN = /^(?:\*|[^\s*]+)\.(?:\*|[a-z][a-z0-9-]*)$/
const MAX_NAME_LENGTH = 100
const USED_EVERY_MS: number = MINUTE
const TOUCH_TIMEOUT_MS: number = 2 * SECOND

type Row = Selectable<ServiceTokenTable>

/** The service of a live token, or null. A session's tokens are of another shape and never pass. */
export async function principalOfToken(parts: Parts, token: string): Promise<Principal | null> {
  if (!SHAPE.test(token)) return null
  const now = parts.clock()
  const row = await inStore(parts.store.now)
    .selectFrom('castellan_service_token')
    .selectAll()
    .select(({ selectFrom }) =>
      selectFrom('castellan_meta').select('value').where('name', '=', KEYS_VERSION).as('keys_version'),
    )
    .where('token_hash', '=', hashOf(token))
    .executeTakeFirst()
  if (!row || !isLive(row, now)) return null
  await parts.keys.follow(parts.store.now, row.keys_version)
  await noteTokenUse(parts, 'castellan_service_token', row, now)
  const roles = await rolesOf(parts.store.now, { kind: 'service', id: row.id }, now)
  return {
    subject: {
      kind: 'service',
      id: row.id,
      roles,
      // no e-mail: an empty one would match records that have none
      attributes: { id: row.id, kind: 'service' },
      limitedTo: actionsOf(row),
    },
    name: row.name,
    email: null,
    authentication: { methods: ['token'], assurance: 1, at: now },
    sessionHash: null,
    sessionId: null,
    timeZone: 'UTC',
    locale: 'en',
  }
}

/** At most once a minute; when the store is busy the note is left out. */
export async function noteTokenUse(
  parts: Parts,
  table: 'castellan_service_token' | 'castellan_agent',
  row: Pick<Row, 'id' | 'last_used_at'>,
  now: number,
): Promise<void> {
  if (row.last_used_at !== null && now - toInstant(row.last_used_at) < USED_EVERY_MS) return
  try {
    await parts.store.write(
      (connection) =>
        inStore(connection)
          .updateTable(table)
          .set({ last_used_at: toText(now) })
          .where('id', '=', row.id)
          .execute(),
      { ...LOCKING, timeoutMs: TOUCH_TIMEOUT_MS },
    )
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    parts.log?.warn({ code: error.code }, 'The last use of a token was not noted.')
  }
}

export function createTokens(parts: Parts): Tokens {
  return {
    async create(connection, input) {
      const now = parts.clock()
      const name = input.name.normalize('NFC').trim()
      throwProblems('The token cannot be made', {
        name: await nameProblems(connection, name),
        roles: roleProblems(parts, input.roles),
        actions: patternProblems(input.actions),
        expiresAt: input.expiresAt !== null && input.expiresAt <= now ? ['must be in the future'] : [],
      })
      const id = randomId(parts.randomBytes)
      const token = PREFIX + randomToken(parts.randomBytes)
      await inStore(connection)
        .insertInto('castellan_service_token')
        .values({
          id,
          name,
          token_hash: hashOf(token),
          actions: input.actions && JSON.stringify(input.actions),
          created_at: toText(now),
          expires_at: input.expiresAt === null ? null : toText(input.expiresAt),
          last_used_at: null,
          revoked_at: null,
        })
        .execute()
      for (const role of input.roles) {
        await grant(connection, { kind: 'service', id }, { role, expiresAt: null }, now)
      }
      return { id, token }
    },
    async findLive(connection, idOrName) {
      const row = await liveRow(connection, idOrName)
      return row
        ? tokenOf(row, await rolesOf(connection, { kind: 'service', id: row.id }, parts.clock()))
        : null
    },
    async roles(connection, ids) {
      const grants = await grantsOf(connection, 'service', ids, parts.clock())
      return new Map(Array.from(grants, ([id, held]) => [id, held.map(({ role }) => role)]))
    },
    async revoke(connection, idOrName) {
      const now = toText(parts.clock())
      const { numUpdatedRows } = await inStore(connection)
        .updateTable('castellan_service_token')
        .set({ revoked_at: now })
        .where((where) => where.or([where('id', '=', idOrName), where('name', '=', idOrName)]))
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
  }
}

/** One that was not revoked; its time may be over. */
async function liveRow(connection: Connection, idOrName: string): Promise<Row | undefined> {
  return await inStore(connection)
    .selectFrom('castellan_service_token')
    .selectAll()
    .where((where) => where.or([where('id', '=', idOrName), where('name', '=', idOrName)]))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
}

function isLive(row: Row, now: number): boolean {
  return row.revoked_at === null && (row.expires_at === null || now < toInstant(row.expires_at))
}

function actionsOf(row: Row): readonly string[] | null {
  // written by `create` alone, as an array of texts
  return row.actions === null ? null : (JSON.parse(row.actions) as string[])
}

function tokenOf(row: Row, roles: readonly string[]): ServiceToken {
  return {
    id: row.id,
    name: row.name,
    roles,
    actions: actionsOf(row),
    createdAt: toInstant(row.created_at),
    expiresAt: toInstantOrNull(row.expires_at),
    lastUsedAt: toInstantOrNull(row.last_used_at),
    revokedAt: toInstantOrNull(row.revoked_at),
  }
}

export function tokenNameProblems(name: string): readonly string[] {
  if (name === '') return ['is needed: it is how the log calls the token']
  if (name.length > MAX_NAME_LENGTH) return [`must be at most ${MAX_NAME_LENGTH} characters long`]
  return /\p{C}/u.test(name) ? ['must be without control characters'] : []
}

/** Names are unique among tokens that are not revoked, so that `revoke` by name means one. */
async function nameProblems(connection: Connection, name: string): Promise<readonly string[]> {
  const problems = tokenNameProblems(name)
  if (problems.length > 0) return problems
  const taken = await inStore(connection)
    .selectFrom('castellan_service_token')
    .select('id')
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return taken ? ['belongs to another token already; revoke that one or choose another name'] : []
}

export function patternProblems(actions: readonly string[] | null): readonly string[] {
  if (actions === null) return []
  if (actions.length === 0) return ['must name at least one, or the token can do nothing']
  return actions
    .filter((pattern) => !PATTERN.test(pattern))
    .map((pattern) => `must be like "orders.update" or "orders.*", and "${pattern}" is not`)
}
