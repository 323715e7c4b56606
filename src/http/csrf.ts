/**
 * The token that every form carries, bound to the session by HMAC: the second
 * check against requests that another site makes a browser send.
 *
 * Before sign-in there is no session; then it is bound to a cookie of its own.
 */

import type { MiddlewareHandler } from 'hono'
import { AdminError } from '../errors.ts'
import type { Identity } from '../identity/identity.ts'
import { bearerOf } from './bearer.ts'
import { setVisitor, visitorOf } from './cookies.ts'
import type { Env, RequestContext } from './env.ts'
import type { Face } from './face.ts'
import type { RandomBytes } from './identify.ts'
import type { RecordRefusal } from './refusal.ts'
import { isSafe } from './shape.ts'

const VISITOR = /^[\w-]{43}$/

/** Gives a visitor without a session what their tokens are bound to. */
export function bindVisitor(
  identity: Identity,
  faceAt: (path: string) => Face | null,
  randomBytes: RandomBytes,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.var.principal || faceAt(c.req.path)?.bodies !== 'form') return next()
    const known = visitorCookie(c)
    const visitor = known ?? Buffer.from(randomBytes(32)).toString('base64url')
    c.set('binding', bindingOf(visitor))
    c.set('csrf', identity.csrfToken(bindingOf(visitor)))
    if (known === null) setVisitor(c, visitor)
    return next()
  }
}

export function checkToken(
  identity: Identity,
  isOpen: (path: string) => boolean,
  faceAt: (path: string) => Face | null,
  record: RecordRefusal,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const face = faceAt(c.req.path)
    if (!face || isSafe(c.req.method) || bearerOf(c, face) !== undefined) return next()
    const token = c.req.header('x-csrf-token') ?? onlyToken(c.var.form)
    const bindings = isOpen(c.req.path) ? [c.var.binding, ...visitorBinding(c)] : [c.var.binding]
    if (token !== null && bindings.some((one) => one !== '' && identity.isCsrfToken(one, token)))
      return next()
    await record({
      kind: 'guard.forged-request',
      principal: c.var.principal,
      origin: c.var.origin,
      code: 'forged-request',
      details: { check: 'token' },
    })
    throw new AdminError(
      'forged-request',
      'This form was made for another session, or its token is missing. Load the page again and send it once more.',
    )
  }
}

function onlyToken(form: URLSearchParams | null): string | null {
  const [token, ...others] = form?.getAll('_csrf') ?? []
  return token !== undefined && others.length === 0 ? token : null
}

/** A sign-in form may have been made before a session began in another tab; its cookie is still there. */
function visitorBinding(c: RequestContext): readonly string[] {
  const visitor = visitorCookie(c)
  return visitor === null ? [] : [bindingOf(visitor)]
}

/** Kept apart from the bindings of sessions, so that no cookie can stand for one. */
function bindingOf(visitor: string): string {
  return `visitor:${visitor}`
}

function visitorCookie(c: RequestContext): string | null {
  const visitor = visitorOf(c) ?? ''
  return VISITOR.test(visitor) ? visitor : null
}
