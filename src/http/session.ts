/**
 * Who asks: from the session's cookies, or on faces for programs from a bearer
 * token, never from both. A renewed session's cookies travel on the same answer.
 */

import type { MiddlewareHandler } from 'hono'
import { AdminError } from '../errors.ts'
import type { Established, Identity } from '../identity/identity.ts'
import { bearerOf } from './bearer.ts'
import { clearSessionCookies, sessionOf, setSessionCookies } from './cookies.ts'
import type { Env, RequestContext } from './env.ts'
import type { Face } from './face.ts'
import { isSameSite } from './same-origin.ts'
import { formOf } from './shape.ts'

/** @param passivePath An open page asks there about its session, which must not count as a use of it. */
export function establish(
  identity: Identity,
  faceAt: (path: string) => Face | null,
  passivePath: string,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.req.path === passivePath) return next()
    const bearer = bearerOf(c, faceAt(c.req.path))
    const cookies = bearer === undefined ? sessionOf(c) : { access: undefined, refresh: undefined }
    const established = await identity.establish(
      { ...cookies, bearer, isSameSite: isSameSite(c) },
      c.var.origin,
    )
    if (established.kind === 'known') {
      c.set('principal', established.principal)
      c.set('binding', established.binding)
      c.set('csrf', identity.csrfToken(established.binding))
    }
    await next()
    keepCookies(c, established)
  }
}

/** Refuses, or sends to the sign-in page, whoever asks for more than the routes without a session. */
export function requireSession(
  basePath: string,
  isOpen: (path: string) => boolean,
  faceAt: (path: string) => Face | null,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const face = faceAt(c.req.path)
    if (!face || c.var.principal || isOpen(c.req.path)) return next()
    if (face.signInPath === undefined) {
      throw new AdminError('unauthenticated', 'Sign in, or send a service token as "Authorization: Bearer".')
    }
    if (comesFromElsewhere(c)) return c.html(ARRIVAL)
    await keepForm(c, face)
    const address = signInAddress(c, basePath, face.signInPath)
    if (c.req.header('hx-request') !== 'true') return c.redirect(address, 303)
    c.header('HX-Redirect', address)
    return c.text('Sign in again.\n', 401)
  }
}

/** A form that was open for longer than its session is no reason to type it again. @throws AdminError `unauthenticated`. */
async function keepForm(c: RequestContext, face: Face): Promise<void> {
  const isKept = c.req.method === 'POST' && c.req.header('hx-request') !== 'true'
  if (!isKept || !face.keepsForm?.(c.req.path)) return
  c.set('form', await formOf(c))
  throw new AdminError(
    'unauthenticated',
    'Nothing was changed. Sign in again in another tab, come back to this page and go on.',
  )
}

/**
 * A link on another site brings no cookies along (SameSite=Strict). This page
 * asks once more from here, and then they come.
 */
const ARRIVAL =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0">' +
  '<link rel="icon" href="data:,"><title>Castellan</title></head><body><p>One moment.</p></body></html>'

export function arriveFromElsewhere(paths: readonly string[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (paths.includes(c.req.path) && comesFromElsewhere(c)) return c.html(ARRIVAL)
    return next()
  }
}

function comesFromElsewhere(c: RequestContext): boolean {
  const { access, refresh } = sessionOf(c)
  const site = c.req.header('sec-fetch-site')
  return c.req.method === 'GET' && !access && !refresh && site === 'cross-site'
}

function signInAddress(c: RequestContext, basePath: string, signInPath: string): string {
  const { pathname, search } = new URL(c.req.url)
  const isHome = pathname === basePath || pathname === `${basePath}/`
  const next = isHome || c.req.method !== 'GET' ? '' : `?next=${encodeURIComponent(pathname + search)}`
  return `${basePath}${signInPath}${next}`
}

/** Unless the face itself has set or cleared them: signing in, stepping up and signing out do. */
function keepCookies(c: RequestContext, established: Established): void {
  const { access } = c.var.cookies
  if (c.res.headers.getSetCookie().some((cookie) => cookie.startsWith(`${access}=`))) return
  if (established.kind === 'known' && established.renewed) setSessionCookies(c, established.renewed)
  if (established.kind === 'unknown' && established.reason === 'ended') clearSessionCookies(c)
}
