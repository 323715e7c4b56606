/**
 * Requests that another site makes a browser send.
 *
 * The first of two checks of everything that is not a plain read, whatever its
 * content type; the second is the token of `csrf.ts`. A caller with a bearer
 * token passes: no browser adds that by itself, and its cookies are not read.
 */

import type { MiddlewareHandler } from 'hono'
import { AdminError } from '../errors.ts'
import { bearerOf } from './bearer.ts'
import type { Env, RequestContext } from './env.ts'
import type { Face } from './face.ts'
import type { RecordRefusal } from './refusal.ts'
import type { HttpSettings } from './settings.ts'
import { isSafe } from './shape.ts'

export function refuseForeign(
  settings: HttpSettings,
  faceAt: (path: string) => Face | null,
  record: RecordRefusal,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (bearerOf(c, faceAt(c.req.path)) !== undefined) return next()
    const isForeign = isSafe(c.req.method) ? isForeignRead(c) : !isFromHere(c, settings.publicUrl)
    if (!isForeign) return next()
    await record({
      kind: 'guard.forged-request',
      principal: null,
      origin: c.var.origin,
      code: 'forged-request',
      details: { check: 'same-origin' },
    })
    throw new AdminError(
      'forged-request',
      'Another site sent this request, or the browser does not say where it comes from. Open the page here and send it again.',
    )
  }
}

/** Whether renewing a session may be part of the answer: not when another site made the browser ask. */
export function isSameSite(c: RequestContext): boolean {
  return c.req.header('sec-fetch-site') !== 'cross-site'
}

/** Another site may link here, and nothing else. */
function isForeignRead(c: RequestContext): boolean {
  if (isSameSite(c)) return false
  const dest = c.req.header('sec-fetch-dest')
  return c.req.header('sec-fetch-mode') !== 'navigate' || (dest !== undefined && dest !== 'document')
}

/**
 * What the browser says of the sender: `Sec-Fetch-Site` must be `same-origin`
 * and `Origin` our own, as far as they are there; one of them must be.
 *
 * Under `Referrer-Policy: no-referrer` browsers send a form's `Origin` as
 * `null` (Fetch, section 3.2), so beside `same-origin` that says nothing more.
 */
function isFromHere(c: RequestContext, publicUrl: string | null): boolean {
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  if (site !== undefined) {
    if (site !== 'same-origin') return false
    return origin === undefined || origin === 'null' || origin === ownOrigin(c, publicUrl)
  }
  return origin === ownOrigin(c, publicUrl)
}

/** The origin that people type: the configured one, or that of the request. */
export function ownOrigin(c: RequestContext, publicUrl: string | null): string {
  if (publicUrl !== null) return new URL(publicUrl).origin
  return `${c.var.isSecure ? 'https' : 'http'}://${new URL(c.req.url).host}`
}
