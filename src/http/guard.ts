/**
 * Who may knock at all, and over which line: decided before anything of the
 * admin is shown, on the address that `identify.ts` has established.
 */

import type { MiddlewareHandler } from 'hono'
import { AdminError } from '../errors.ts'
import type { Identity } from '../identity/identity.ts'
import { canonicalAddress, networksFrom } from './address.ts'
import { sessionOf } from './cookies.ts'
import type { Env, RequestContext } from './env.ts'
import type { Face } from './face.ts'
import type { RecordRefusal } from './refusal.ts'
import type { HttpSettings } from './settings.ts'
import { TransportError } from './transport-error.ts'

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/** Only a browser on this very machine may speak to an admin in debug; a proxy would make it a public one. */
export function keepDebugLocal({ isDebug }: HttpSettings): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!isDebug) return next()
    const header = FORWARDED.find((name) => c.req.header(name) !== undefined)
    if (header) {
      throw new AdminError(
        'denied',
        `This admin runs in debug, and a proxy has passed this request on (${header}). Set CASTELLAN_DEBUG=false and name the proxy in trustedProxies.`,
      )
    }
    // A name that an attacker's own DNS points here is refused, so no web site can reach a debug admin.
    if (!isLoopbackName(new URL(c.req.url).hostname) || !isLoopbackAddress(c.env?.address)) {
      throw new AdminError(
        'denied',
        'This admin runs in debug and answers only on this machine, at localhost. Set CASTELLAN_DEBUG=false to reach it from elsewhere.',
      )
    }
    return next()
  }
}

/** The answer to an address that is not allowed is one and the same for every path, and tells nothing. */
export function allowOnly(settings: HttpSettings, record: RecordRefusal): MiddlewareHandler<Env> {
  const entries = [...settings.allowedIps, ...settings.allowedNetworks]
  const isAllowed = networksFrom(entries, 'allowedIps, allowedNetworks')
  const isOpen = settings.isDebug || entries.length === 0
  return async (c, next) => {
    if (isOpen || isAllowed(c.var.origin.address)) return next()
    await record({
      kind: 'guard.address',
      principal: null,
      origin: c.var.origin,
      code: 'denied',
      details: { check: 'allow-list' },
    })
    return c.text('Not found\n', 404)
  }
}

/**
 * Sends a plain page request on to HTTPS. What carries a cookie or would change
 * something has already leaked on the way here: it is refused, and the session
 * it names is ended.
 */
export function enforceHttps(
  settings: HttpSettings,
  identity: Identity,
  faceAt: (path: string) => Face | null,
  record: RecordRefusal,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.var.isSecure || settings.isDebug || !settings.enforceHttps) return next()
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (isRead && !c.req.header('cookie') && faceAt(c.req.path)?.bodies !== 'json') {
      return c.redirect(httpsAddress(c, settings), 308)
    }
    await endLeakedSession(c, identity)
    await record({
      kind: 'guard.forged-request',
      principal: null,
      origin: c.var.origin,
      code: 'denied',
      details: { check: 'https' },
    })
    throw new TransportError(403, 'denied', 'This admin is reached over HTTPS only. Use its https address.')
  }
}

async function endLeakedSession(c: RequestContext, identity: Identity): Promise<void> {
  const { access, refresh } = sessionOf(c)
  if (!access && !refresh) return
  const established = await identity.establish(
    { access, refresh, bearer: undefined, isSameSite: false },
    c.var.origin,
  )
  if (established.kind === 'known') await identity.signOut(established.principal, c.var.origin)
}

function httpsAddress(c: RequestContext, { publicUrl, httpsPort }: HttpSettings): string {
  const url = new URL(c.req.url)
  if (publicUrl !== null) return new URL(`${url.pathname}${url.search}`, publicUrl).href
  url.protocol = 'https:'
  url.port = httpsPort === null ? '' : String(httpsPort)
  return url.href
}

function isLoopbackName(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true
  return isLoopbackAddress(hostname.replace(/^\[(.*)\]$/, '$1'))
}

const LOOPBACK = networksFrom(['127.0.0.0/8', '::1'], 'loopback')

/** An absent address is a request that came through no socket of the network. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return !address || LOOPBACK(canonicalAddress(address))
}
