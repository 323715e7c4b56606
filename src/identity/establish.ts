/**
 * Who a request is from: the one place where presented tokens become a principal.
 *
 * Everything that decides is read from the store at every request (session,
 * person, roles, service token), so whatever was ended or taken away is gone
 * with the next one, in every process.
 */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import { principalOfAgent } from './agent.ts'
import { storyOf } from './event.ts'
import { isGone } from './host-mirror.ts'
import type { Established, Presented, SessionTokens } from './identity.ts'
import { MINUTE, SECOND, toInstant, toText } from './instant.ts'
import { type LiveSession, type SessionRow, sessionByFamily, sessionByToken } from './live-session.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import type { Principal } from './principal.ts'
import { hashOf } from './random.ts'
import { isRefreshToken, type PresentedRefresh, parseRefreshToken } from './refresh-token.ts'
import type { RequestOrigin } from './request.ts'
import { principalOfToken } from './service-token.ts'
import { familyOf, methodsOf, revoke, tidySessions, tokensOf } from './session.ts'

const NOTHING: Established = { kind: 'unknown', reason: 'nothing' }
const ENDED: Established = { kind: 'unknown', reason: 'ended' }

/** How long the previous refresh token is still good once its successor has arrived: several tabs, a lost answer. */
const GRACE_MS: number = 60 * SECOND
/** How exactly it is known when somebody was last there. */
const SEEN_EVERY_MS: number = MINUTE
/** Noting it is not worth making anybody wait. */
const TOUCH_TIMEOUT_MS: number = 2 * SECOND

export async function establish(
  parts: Parts,
  presented: Presented,
  origin: RequestOrigin,
): Promise<Established> {
  const established = await whoPresents(parts, presented, origin)
  // whoever is known brought word of changed keys along; whoever signs in is served by the keys of now as well
  if (established.kind === 'unknown') await parts.keys.catchUp(parts.store.now)
  return established
}

async function whoPresents(parts: Parts, presented: Presented, origin: RequestOrigin): Promise<Established> {
  const { access, refresh, bearer } = presented
  if (bearer !== undefined) {
    const principal = (await principalOfToken(parts, bearer)) ?? (await principalOfAgent(parts, bearer))
    if (!principal) return NOTHING
    const { kind, id } = principal.subject
    return { kind: 'known', principal, binding: `${kind}:${id}`, renewed: null }
  }
  if (access !== undefined) {
    const live = await byAccessToken(parts, access)
    if (live) return known(live, null)
  }
  if (refresh === undefined) return access === undefined ? NOTHING : ENDED
  return presented.isSameSite ? await byRefreshToken(parts, refresh, origin) : NOTHING
}

async function byAccessToken(parts: Parts, token: string): Promise<LiveSession | null> {
  const claims = (await claimsOf(parts, token)) ?? (await claimsByLaterKeys(parts, token))
  if (!claims) return null
  const live = await sessionByToken(parts, claims.sessionToken)
  if (!live || live.person.id !== claims.personId) return null
  // the session's row may have told that keys were changed: the token is then judged by those of now
  if (!(await claimsOf(parts, token))) return null
  await touch(parts, live.row, claims.generation)
  return live
}

function claimsOf(parts: Parts, token: string): ReturnType<Parts['accessTokens']['read']> {
  return parts.accessTokens.read(token, parts.clock())
}

/** A key that is unknown here may be one that another process has made since. */
async function claimsByLaterKeys(parts: Parts, token: string): ReturnType<Parts['accessTokens']['read']> {
  return (await parts.keys.catchUp(parts.store.now)) ? await claimsOf(parts, token) : null
}

async function byRefreshToken(parts: Parts, token: string, origin: RequestOrigin): Promise<Established> {
  const presented = parseRefreshToken(token)
  if (!presented) return ENDED
  const found = await sessionByFamily(parts, parts.store.now, presented.familyId)
  if (!found || !isRefreshToken(parts.seals, familyOf(found.row), presented)) return ENDED

  if (parts.host && (await isGone(parts, parts.host, found.person))) {
    await endForGone(parts, found, origin)
    return ENDED
  }

  // what comes of it is a value: ending the session and recording that must commit
  const result = await parts.store.write(async (connection) => {
    await lockPerson(connection, found.person.id)
    return await renew(parts, connection, presented, origin)
  }, LOCKING)
  if (result.kind === 'ended') return ENDED
  if (result.kind === 'reused') {
    await parts.audit.sealed(result.event)
    return ENDED
  }
  return known(result.live, result.tokens)
}

/** The application knows nobody of that record any more. */
async function endForGone(parts: Parts, { row, person }: LiveSession, origin: RequestOrigin): Promise<void> {
  const story = storyOf('session.end', person, origin, parts.clock())
  const details = { reason: 'no longer known to the application' }
  await parts.store.write(async (connection) => {
    const ended = await revoke(connection, { session: row.id })
    if (ended > 0) {
      const draft = story({ outcome: 'done', session: hashOf(row.id), details })
      await parts.audit.append(connection, draft)
    }
  }, LOCKING)
}

type Renewal =
  | { readonly kind: 'renewed'; readonly live: LiveSession; readonly tokens: SessionTokens }
  | { readonly kind: 'reused'; readonly event: string }
  | { readonly kind: 'ended' }

/** With the person locked, so that of any number of renewals with one token exactly one makes the successor. */
async function renew(
  parts: Parts,
  connection: Connection,
  presented: PresentedRefresh,
  origin: RequestOrigin,
): Promise<Renewal> {
  const now = parts.clock()
  const live = await sessionByFamily(parts, connection, presented.familyId)
  if (!live) return { kind: 'ended' }
  const generation = Number(live.row.refresh_generation)

  if (presented.generation === generation) {
    const row = await succeed(connection, live.row, generation, now)
    return row
      ? { kind: 'renewed', live: { ...live, row }, tokens: await tokensOf(parts, row, now) }
      : { kind: 'ended' }
  }
  if (presented.generation === generation - 1 && isInGrace(live.row, now)) {
    return { kind: 'renewed', live, tokens: await tokensOf(parts, live.row, now) }
  }
  return await endForReuse(parts, connection, live, origin, now)
}

/** Moves on to the next generation, if nobody has meanwhile. */
async function succeed(
  connection: Connection,
  row: SessionRow,
  generation: number,
  now: number,
): Promise<SessionRow | null> {
  const next = { refresh_generation: generation + 1, refresh_seen_at: null, last_seen_at: toText(now) }
  const { numUpdatedRows } = await inStore(connection)
    .updateTable('castellan_session')
    .set(next)
    .where('id', '=', row.id)
    .where('refresh_generation', '=', generation)
    .executeTakeFirst()
  return numUpdatedRows === 1n ? { ...row, ...next } : null
}

function isInGrace(row: SessionRow, now: number): boolean {
  return row.refresh_seen_at === null || now <= toInstant(row.refresh_seen_at) + GRACE_MS
}

/** Two hold the same token, and one of them is a thief: neither goes on. */
async function endForReuse(
  parts: Parts,
  connection: Connection,
  { row, person }: LiveSession,
  origin: RequestOrigin,
  now: number,
): Promise<Renewal> {
  await revoke(connection, { session: row.id })
  const story = storyOf('session.reuse', person, origin, now)
  const authentication = { methods: methodsOf(row), assurance: 0, at: toInstant(row.proved_at) }
  const draft = story({
    outcome: 'refused',
    code: 'unauthenticated',
    session: hashOf(row.id),
    authentication,
  })
  return { kind: 'reused', event: await parts.audit.append(connection, draft) }
}

/**
 * Notes, at most once a minute, that the session is in use, and that the latest
 * refresh token has arrived. When the store is busy the note is left out: the
 * session then ends earlier, never later.
 */
async function touch(parts: Parts, row: SessionRow, generation: number): Promise<void> {
  const now = parts.clock()
  const isStale = now - toInstant(row.last_seen_at) >= SEEN_EVERY_MS
  const hasArrived =
    generation > 0 && generation === Number(row.refresh_generation) && row.refresh_seen_at === null
  if (!isStale && !hasArrived) return
  try {
    await parts.store.write((connection) => noteSeen(parts, connection, row, now, hasArrived), {
      ...LOCKING,
      timeoutMs: TOUCH_TIMEOUT_MS,
    })
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    parts.log?.warn({ code: error.code }, 'The last use of a session was not noted.')
  }
}

async function noteSeen(
  parts: Parts,
  connection: Connection,
  row: SessionRow,
  now: number,
  hasArrived: boolean,
): Promise<void> {
  const store = inStore(connection)
  const at = toText(now)
  await store
    .updateTable('castellan_person')
    .set({ last_seen_at: at })
    .where('id', '=', row.person_id)
    .execute()
  await tidySessions(parts, connection, now)
  await store
    .updateTable('castellan_session')
    .set({ last_seen_at: at })
    .where('id', '=', row.id)
    .where('last_seen_at', '<', at)
    .execute()
  if (!hasArrived) return
  await store
    .updateTable('castellan_session')
    .set({ refresh_seen_at: at })
    .where('id', '=', row.id)
    .where('refresh_generation', '=', Number(row.refresh_generation))
    .where('refresh_seen_at', 'is', null)
    .execute()
}

function known(live: LiveSession, renewed: SessionTokens | null): Established {
  return { kind: 'known', principal: principalOf(live), binding: `session:${live.row.id}`, renewed }
}

function principalOf({ row, person, roles }: LiveSession): Principal {
  const { id, name, email } = person
  // written by `people.ts` alone, as an object of texts
  const attributes = JSON.parse(person.attributes) as Readonly<Record<string, string>>
  return {
    subject: {
      kind: 'person',
      id,
      roles,
      attributes: { ...attributes, id, kind: 'person', email },
      limitedTo: null,
    },
    name,
    email,
    authentication: {
      methods: methodsOf(row),
      assurance: Number(row.assurance),
      at: toInstant(row.proved_at),
    },
    sessionHash: hashOf(row.id),
    sessionId: row.id,
    timeZone: person.time_zone,
    locale: person.locale,
  }
}
