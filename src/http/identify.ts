/** Where a request comes from: its id, its client, and what events call its route. Never refuses. */

import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { clientOf, type Networks } from './address.ts'
import { cookieNames } from './cookie-names.ts'
import type { Env, RequestContext } from './env.ts'
import type { HttpSettings } from './settings.ts'

const REQUEST_ID = /^[\w.-]{8,64}$/
/** W3C Trace Context, version 00; an id of zeros alone means none. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const MAX_USER_AGENT = 400

/** Random bytes, so that tests can say which. */
export type RandomBytes = (size: number) => Uint8Array

export function identify(
  settings: HttpSettings,
  isTrustedProxy: Networks,
  randomBytes: RandomBytes,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const client = clientOf(
      c.env ?? {},
      { forwardedFor: c.req.header('x-forwarded-for'), forwardedProto: c.req.header('x-forwarded-proto') },
      isTrustedProxy,
    )
    const given = c.req.header('x-request-id') ?? ''
    const id = REQUEST_ID.test(given) ? given : Buffer.from(randomBytes(16)).toString('hex')
    const traceparent = c.req.header('traceparent') ?? ''
    c.set('origin', {
      id,
      traceparent: TRACEPARENT.test(traceparent) ? traceparent : null,
      address: client.address,
      addressChain: client.chain,
      userAgent: c.req.header('user-agent')?.slice(0, MAX_USER_AGENT) ?? null,
      method: c.req.method,
      route: routeOf(c),
    })
    c.set('isSecure', client.isSecure)
    c.set('nonce', Buffer.from(randomBytes(18)).toString('base64'))
    c.set('cookies', cookieNames(settings.cookieName, settings.secureCookies ? null : portOf(c)))
    c.set('principal', null)
    c.set('binding', '')
    c.set('csrf', '')
    c.set('form', null)
    await next()
    c.res.headers.set('X-Request-Id', id)
  }
}

/** The pattern of the route that will answer; `*` when there is none. */
function routeOf(c: RequestContext): string {
  return matchedRoutes(c).findLast((route) => route.method !== 'ALL')?.path ?? '*'
}

function portOf(c: RequestContext): string {
  return new URL(c.req.url).port || '80'
}
