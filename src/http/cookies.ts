/**
 * The cookies of one installation: what they carry and how long.
 *
 * Every cookie is HttpOnly, SameSite=Strict and bound to this very host; but the
 * one that has to be there when a provider sends somebody back, which is Lax.
 * What they are called is in `cookie-names.ts`.
 */

import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { SessionTokens } from '../identity/identity.ts'
import type { RequestContext } from './env.ts'

/**
 * Both cookies last as long as the refresh token: an expired access token has to
 * come along for a plain request to be renewed.
 */
export function setSessionCookies(c: RequestContext, tokens: SessionTokens): void {
  const expires = new Date(tokens.refreshExpiresAt)
  set(c, c.var.cookies.access, tokens.access, expires)
  set(c, c.var.cookies.refresh, tokens.refresh, expires)
}

export function clearSessionCookies(c: RequestContext): void {
  clear(c, c.var.cookies.access)
  clear(c, c.var.cookies.refresh)
}

/** Keeps a sign-in that is under way; the cookie lasts as long as the browser is open. */
export function setPending(c: RequestContext, pending: string): void {
  set(c, c.var.cookies.pending, pending)
}

export function pendingOf(c: RequestContext): string | undefined {
  return cookieOf(c, c.var.cookies.pending)
}

export function clearPending(c: RequestContext): void {
  clear(c, c.var.cookies.pending)
}

export function setVisitor(c: RequestContext, visitor: string): void {
  set(c, c.var.cookies.visitor, visitor)
}

export function visitorOf(c: RequestContext): string | undefined {
  return cookieOf(c, c.var.cookies.visitor)
}

/**
 * What a sign-in with a provider began with, for the few minutes that it may take. Lax, since the browser comes back
 * from another site; it opens nothing but that one answer.
 */
export function setAttempt(c: RequestContext, attempt: string): void {
  set(c, c.var.cookies.attempt, attempt, undefined, 'Lax')
}

export function attemptOf(c: RequestContext): string | undefined {
  return cookieOf(c, c.var.cookies.attempt)
}

export function clearAttempt(c: RequestContext): void {
  clear(c, c.var.cookies.attempt, 'Lax')
}

/** The session's cookies as they came along. */
export function sessionOf(c: RequestContext): {
  readonly access: string | undefined
  readonly refresh: string | undefined
} {
  return { access: cookieOf(c, c.var.cookies.access), refresh: cookieOf(c, c.var.cookies.refresh) }
}

/** One of the cookies that came along; their header is read once for all of them. */
export function cookieOf(c: RequestContext, name: string): string | undefined {
  const jar = jars.get(c.req.raw) ?? new Map(Object.entries(getCookie(c)))
  jars.set(c.req.raw, jar)
  return jar.get(name)
}

const jars = new WeakMap<Request, ReadonlyMap<string, string>>()

function set(
  c: RequestContext,
  name: string,
  value: string,
  expires?: Date,
  sameSite: 'Strict' | 'Lax' = 'Strict',
): void {
  setCookie(c, name, value, {
    httpOnly: true,
    secure: c.var.cookies.isSecure,
    sameSite,
    path: '/',
    ...(expires && { expires }),
  })
}

function clear(c: RequestContext, name: string, sameSite: 'Strict' | 'Lax' = 'Strict'): void {
  deleteCookie(c, name, {
    httpOnly: true,
    secure: c.var.cookies.isSecure,
    sameSite,
    path: '/',
  })
}
