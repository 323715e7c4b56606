/**
 * The cookies of one installation: what they are called and what they may do.
 *
 * Every cookie is HttpOnly, SameSite=Strict and bound to this very host. In
 * debug they lack `Secure`, which not every browser accepts over plain HTTP,
 * and so the `__Host-` prefix as well; the port stands in the name, because
 * browsers send cookies to every port of a host.
 */

import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { SessionTokens } from '../identity/identity.ts'
import type { RequestContext } from './env.ts'

export interface CookieNames {
  readonly access: string
  readonly refresh: string
  /** A sign-in between its first and its last step. */
  readonly pending: string
  /** What CSRF tokens are bound to before there is a session. */
  readonly visitor: string
  /** Whether the cookies carry `Secure` and the prefix that demands it. */
  readonly isSecure: boolean
}

/** @param debugPort The port in an address of debug mode; null for cookies that only travel over TLS. */
export function cookieNames(name: string, debugPort: string | null): CookieNames {
  const named = (part: string) =>
    debugPort === null ? `__Host-${name}${part}` : [`${name}${part}`, debugPort].filter(Boolean).join('-')
  return {
    access: named(''),
    refresh: named('-refresh'),
    pending: named('-pending'),
    visitor: named('-visitor'),
    isSecure: debugPort === null,
  }
}

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
  return getCookie(c, c.var.cookies.pending)
}

export function clearPending(c: RequestContext): void {
  clear(c, c.var.cookies.pending)
}

export function setVisitor(c: RequestContext, visitor: string): void {
  set(c, c.var.cookies.visitor, visitor)
}

export function visitorOf(c: RequestContext): string | undefined {
  return getCookie(c, c.var.cookies.visitor)
}

/** The session's cookies as they came along. */
export function sessionOf(c: RequestContext): {
  readonly access: string | undefined
  readonly refresh: string | undefined
} {
  return { access: getCookie(c, c.var.cookies.access), refresh: getCookie(c, c.var.cookies.refresh) }
}

function set(c: RequestContext, name: string, value: string, expires?: Date): void {
  setCookie(c, name, value, {
    httpOnly: true,
    secure: c.var.cookies.isSecure,
    sameSite: 'Strict',
    path: '/',
    ...(expires && { expires }),
  })
}

function clear(c: RequestContext, name: string): void {
  deleteCookie(c, name, {
    httpOnly: true,
    secure: c.var.cookies.isSecure,
    sameSite: 'Strict',
    path: '/',
  })
}
