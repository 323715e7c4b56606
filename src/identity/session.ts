/**
 * Sessions: rows that say a person is signed in, and the tokens that point to them.
 *
 * The row is the authority, read on every request and never cached; ending a
 * session deletes it, here and nowhere else (`revoke`), so that the very next
 * request is refused in every process.
 */

import { sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import { signAccessToken } from './access-token.ts'
import { type Named, storyOf, Unproven } from './event.ts'
import type { Session, SessionTokens } from './identity.ts'
import { DAY, HOUR, MINUTE, toInstant, toText } from './instant.ts'
import { dropLinks } from './link.ts'
import { idleMs, type SessionRow } from './live-session.ts'
import { tidy } from './lock.ts'
import type { Parts } from './parts.ts'
import type { Authentication } from './principal.ts'
import { hashOf, randomId } from './random.ts'
import { type Family, refreshToken } from './refresh-token.ts'
import type { RequestOrigin } from './request.ts'
import type { Seals } from './seal.ts'

const MAX_USER_AGENT = 400

/** A session that has just begun, in a transaction that has yet to commit. */
export interface Started {
  readonly id: string
  readonly tokens: SessionTokens
}

/**
 * Begins a session in the caller's transaction, which has locked the person, and ends the person's oldest
 * when there would be too many, which is an event of its own.
 * @throws Unproven when there are too many and one more is to be refused.
 */
export async function startSession(
  parts: Parts,
  connection: Connection,
  person: Named,
  authentication: Authentication,
  origin: RequestOrigin,
): Promise<Started> {
  const now = authentication.at
  await tidySessions(parts, connection, now)
  await makeRoom(parts, connection, person, origin, now)

  const row: SessionRow = {
    id: randomId(parts.randomBytes),
    person_id: person.id,
    methods: JSON.stringify(authentication.methods),
    assurance: authentication.assurance,
    address: origin.address,
    user_agent: origin.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
    created_at: toText(now),
    proved_at: toText(now),
    last_seen_at: toText(now),
    expires_at: toText(now + parts.options.sessionLimitHours * HOUR),
    ...newFamily(parts),
  }
  const store = inStore(connection)
  await store
    .insertInto('castellan_session')
    .values({ ...row, assurance: authentication.assurance, refresh_generation: 0 })
    .execute()
  await store
    .updateTable('castellan_person')
    .set({ last_seen_at: toText(now) })
    .where('id', '=', row.person_id)
    .execute()
  return { id: row.id, tokens: await tokensOf(parts, row, now) }
}

/** Gives a session new tokens, once more proven: the old ones point nowhere. */
export async function reproveSession(
  parts: Parts,
  connection: Connection,
  id: string,
  authentication: Authentication,
): Promise<SessionTokens | null> {
  const now = authentication.at
  const store = inStore(connection)
  await store
    .updateTable('castellan_session')
    .set({
      methods: JSON.stringify(authentication.methods),
      assurance: authentication.assurance,
      proved_at: toText(now),
      last_seen_at: toText(now),
      ...newFamily(parts),
    })
    .where('id', '=', id)
    .execute()
  const row = await store.selectFrom('castellan_session').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? await tokensOf(parts, row, now) : null
}

/** A new line of tokens: what was issued before it points nowhere. */
function newFamily(parts: Parts) {
  const family: Family = { id: randomId(parts.randomBytes), keyId: parts.seals.keyId('seal') }
  return {
    token_hash: hashOf(sessionToken(parts.seals, family)),
    refresh_family: family.id,
    refresh_key: family.keyId,
    refresh_generation: 0,
    refresh_seen_at: null,
  }
}

/** What access tokens point with; derived like refresh tokens, so that a renewal can make it again. */
function sessionToken(seals: Seals, family: Family): string {
  const mark = seals.markBy('seal', family.keyId, 'session-token', [family.id])
  if (!mark) throw new TypeError('The key of a session that was just checked is gone.')
  return mark.toString('base64url')
}

export function familyOf(row: SessionRow): Family {
  return { id: row.refresh_family, keyId: row.refresh_key }
}

/** The access and refresh token of the row's generation. Neither outlives the session. */
export async function tokensOf(parts: Parts, row: SessionRow, now: number): Promise<SessionTokens> {
  const { options, keys, seals } = parts
  const end = toInstant(row.expires_at)
  const generation = Number(row.refresh_generation)
  const family = familyOf(row)
  const accessExpiresAt = Math.min(now + options.accessTokenMinutes * MINUTE, end)
  const access = await signAccessToken(keys, options.issuer, {
    personId: row.person_id,
    sessionToken: sessionToken(seals, family),
    generation,
    issuedAt: now,
    expiresAt: accessExpiresAt,
  })
  const refreshExpiresAt = Math.min(now + options.refreshTokenDays * DAY, end)
  return { access, accessExpiresAt, refresh: refreshToken(seals, family, generation), refreshExpiresAt }
}

/** Which sessions `revoke` ends. */
export type Which =
  | { readonly session: string }
  /** Every session, pending sign-in and one-time link of the person, but one session; with none left also their agents. */
  | { readonly person: string; readonly except: string | null }
  /** Every session and pending sign-in of everybody. */
  | 'every'

/** Ends sessions: the one path by which a live session dies. How many there were. */
export async function revoke(connection: Connection, which: Which): Promise<number> {
  const store = inStore(connection)
  if (which === 'every') {
    const pending = await store.deleteFrom('castellan_pending_sign_in').executeTakeFirst()
    const live = await store.deleteFrom('castellan_session').executeTakeFirst()
    return Number(pending.numDeletedRows) + Number(live.numDeletedRows)
  }
  if ('session' in which) {
    const { numDeletedRows } = await store
      .deleteFrom('castellan_session')
      .where('id', '=', which.session)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }
  const pending = await store
    .deleteFrom('castellan_pending_sign_in')
    .where('person_id', '=', which.person)
    .executeTakeFirst()
  await dropLinks(connection, which.person)
  if (which.except === null) await dropAgents(connection, which.person)
  const live = await store
    .deleteFrom('castellan_session')
    .where('person_id', '=', which.person)
    .$if(which.except !== null, (query) => query.where('id', '!=', which.except ?? ''))
    .executeTakeFirst()
  return Number(pending.numDeletedRows) + Number(live.numDeletedRows)
}

/** Whoever was in, for as long as they were, could have made one. */
async function dropAgents(connection: Connection, personId: string): Promise<void> {
  await inStore(connection).deleteFrom('castellan_agent').where('person_id', '=', personId).execute()
}

/** The live ones, newest first; of one person or of all. */
export async function listSessions(
  parts: Parts,
  connection: Connection,
  personId: string | null,
): Promise<readonly Session[]> {
  const now = parts.clock()
  const rows = await inStore(connection)
    .selectFrom('castellan_session')
    .selectAll()
    .where('expires_at', '>', toText(now))
    .where('last_seen_at', '>', toText(now - idleMs(parts)))
    .$if(personId !== null, (query) => query.where('person_id', '=', personId ?? ''))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    personId: row.person_id,
    startedAt: toInstant(row.created_at),
    lastSeenAt: toInstant(row.last_seen_at),
    expiresAt: toInstant(row.expires_at),
    address: row.address,
    userAgent: row.user_agent,
    methods: methodsOf(row),
  }))
}

export function methodsOf(row: SessionRow): readonly string[] {
  // written by `startSession` alone, as an array of texts
  return JSON.parse(row.methods) as string[]
}

/** What is over anyway goes: sessions past a limit, pending sign-ins past their time. */
export async function tidySessions(parts: Parts, connection: Connection, now: number): Promise<void> {
  const [at, idleSince] = [toText(now), toText(now - idleMs(parts))]
  const isOver = sql<boolean>`(expires_at <= ${at} or last_seen_at <= ${idleSince})`
  await tidy(connection, 'castellan_session', 'id', isOver)
  await tidy(connection, 'castellan_pending_sign_in', 'token_hash', sql`expires_at <= ${at}`)
}

async function makeRoom(
  parts: Parts,
  connection: Connection,
  person: Named,
  origin: RequestOrigin,
  now: number,
): Promise<void> {
  const { maxSessionsPerPerson, whenTooManySessions } = parts.options
  const live = await listSessions(parts, connection, person.id)
  const oldest = live.slice(Math.max(0, maxSessionsPerPerson - 1))
  if (oldest.length > 0 && whenTooManySessions === 'refuse') throw tooMany(maxSessionsPerPerson)
  for (const session of oldest) {
    await revoke(connection, { session: session.id })
    const details = { reason: 'too many sessions', limit: maxSessionsPerPerson }
    const story = storyOf('session.end', person, origin, now)
    const draft = story({ outcome: 'done', session: hashOf(session.id), details })
    await parts.audit.append(connection, draft)
  }
}

/** Only to who has proven everything: it tells how many sessions there are. */
function tooMany(limit: number): Unproven {
  const places = limit === 1 ? 'somewhere else already' : `in ${limit} places already`
  const sentence = `You are signed in ${places}, and no more are allowed. Sign out there, or ask an administrator to end a session.`
  return new Unproven('too many sessions', new AdminError('unauthenticated', sentence))
}
