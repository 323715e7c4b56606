/**
 * Until when a session goes on if nobody does anything more, asked by an open
 * page. Asking is no use of the session: it renews nothing and puts nothing off.
 */

import type { Presented } from './identity.ts'
import { MINUTE, toInstant } from './instant.ts'
import { type LiveSession, sessionByFamily, sessionByToken } from './live-session.ts'
import type { Parts } from './parts.ts'
import { isRefreshToken, parseRefreshToken } from './refresh-token.ts'
import { familyOf } from './session.ts'

export interface SessionStatus {
  readonly personId: string
  /** What CSRF tokens of the session are bound to. */
  readonly binding: string
  readonly endsAt: number
}

/** Null when it has ended. */
export async function sessionStatus(
  parts: Parts,
  { access, refresh }: Pick<Presented, 'access' | 'refresh'>,
): Promise<SessionStatus | null> {
  const live = (await byAccess(parts, access)) ?? (await byRefresh(parts, refresh))
  if (!live) return null
  const { row, person } = live
  const idleEnd = toInstant(row.last_seen_at) + parts.options.sessionTimeoutMinutes * MINUTE
  const endsAt = Math.min(idleEnd, toInstant(row.expires_at))
  return { personId: person.id, binding: `session:${row.id}`, endsAt }
}

async function byAccess(parts: Parts, token: string | undefined): Promise<LiveSession | null> {
  const claims = token === undefined ? null : await parts.accessTokens.read(token, parts.clock())
  if (!claims) return null
  const live = await sessionByToken(parts, claims.sessionToken)
  return live?.person.id === claims.personId ? live : null
}

/** The access token has expired, and the next use of the session renews it. */
async function byRefresh(parts: Parts, token: string | undefined): Promise<LiveSession | null> {
  const presented = token === undefined ? null : parseRefreshToken(token)
  if (!presented) return null
  const live = await sessionByFamily(parts, parts.store.now, presented.familyId)
  return live && isRefreshToken(parts.seals, familyOf(live.row), presented) ? live : null
}
