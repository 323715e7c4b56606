/**
 * What every HTTP request passes, in order, on one screen.
 *
 * The chain decides nothing about records: it establishes where a request comes
 * from and who asks, refuses what no face should ever see, and hands the rest
 * to the faces, which turn it into calls on the gate.
 */

import { type Handler, Hono } from 'hono'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { AdminError } from '../errors.ts'
import type { Identity } from '../identity/identity.ts'
import { networksFrom } from './address.ts'
import { bindVisitor, checkToken } from './csrf.ts'
import type { Env, Peer, RequestContext } from './env.ts'
import { answerError, type OnError } from './errors.ts'
import type { Face } from './face.ts'
import { allowOnly, enforceHttps, keepDebugLocal } from './guard.ts'
import { protect } from './headers.ts'
import { healthRoutes } from './health.ts'
import { identify, type RandomBytes } from './identify.ts'
import { logRequest } from './log-request.ts'
import { providerLogout } from './provider-logout.ts'
import { foldRefusals, type RecordRefusal } from './refusal.ts'
import { limitRate } from './request-rate.ts'
import { refuseForeign } from './same-origin.ts'
import { arriveFromElsewhere, establish, requireSession } from './session.ts'
import type { HttpSettings } from './settings.ts'
import {
  allowBody,
  allowMethods,
  allowQuery,
  limitBody,
  METHODS,
  readFormBody,
  refuseDocuments,
} from './shape.ts'
import { TransportError } from './transport-error.ts'

export interface AppParts {
  readonly identity: Identity
  readonly settings: HttpSettings
  /** The more exact path wins: `/api/v1` over the pages at `''`. */
  readonly faces: readonly Face[]
  /** Answers `/assets/:name` from the manifest of the build. */
  readonly serveAsset: Handler<Env>
  readonly isReady: () => Promise<boolean>
  readonly recordRefusal: RecordRefusal
  readonly log: Logger
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly onError: OnError | null
}

export interface App {
  /** The web-standard handler. `peer`: the socket, where there is one; nothing of it comes from the request. */
  fetch(request: Request, peer?: Peer): Promise<Response>
}

/** Every route that is reachable without a session, under the base path. There are no others. */
export const WITHOUT_SESSION: readonly string[] = [
  '/sign-in',
  '/sign-in/passkey',
  '/sign-in/second-factor',
  '/sign-in/enrol',
  '/sign-in/with/*',
  '/sign-in/from/*',
  '/sign-out/from/*',
  '/set-up',
  '/forgot-password',
  '/reset-password',
  '/invitation',
  '/register',
  '/register/confirm',
  '/password-strength',
  '/session',
  '/theme',
  '/assets/*',
  '/healthz',
  '/readyz',
]

/** Those that letters lead to, often from a mail program on another site. */
const FROM_LETTERS: readonly string[] = ['/reset-password', '/invitation', '/register/confirm']

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024

/** @throws AdminError `misconfigured` for an address or a network that is none. */
export function createApp(parts: AppParts): App {
  const { identity, settings, clock, randomBytes } = parts
  const { basePath } = settings
  const record = foldRefusals(parts.recordRefusal, clock)
  const isTrustedProxy = networksFrom(settings.trustedProxies, 'trustedProxies')
  const open = WITHOUT_SESSION.map((path) => `${basePath}${path}`)
  const isOpen = (path: string): boolean => open.some((one) => leadsTo(one, path))
  const faceAt = facesBy(parts.faces, basePath)

  const app = new Hono<Env>({ strict: false })
  app.use(identify(settings, isTrustedProxy, randomBytes)) // request id, client address, nonce
  app.use(logRequest(parts.log, clock))
  app.use(protect()) // security headers, on every answer
  app.use(allowOnly(settings, record)) // the allow-list, before anything is shown
  app.use(keepDebugLocal(settings))
  app.use(allowMethods())
  app.route(basePath, healthRoutes(parts.isReady)) // probes come without TLS and without a session
  app.use(limitRate(settings, clock, record)) // before anything is looked up
  app.use(enforceHttps(settings, identity, faceAt, record))
  app.use(allowQuery())
  app.use(limitBody(settings.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES))
  app.route(basePath, providerLogout(identity)) // signed by a provider, and sent by no browser
  app.get(`${basePath}/assets/:name`, parts.serveAsset) // public: the same for everyone
  app.use(refuseForeign(settings, faceAt, record)) // Sec-Fetch-Site and Origin
  app.use(refuseDocuments(faceAt))
  app.use(allowBody(faceAt))
  app.use(arriveFromElsewhere(FROM_LETTERS.map((path) => `${basePath}${path}`)))
  app.use(establish(identity, faceAt, `${basePath}/session`)) // who asks; renews the session
  app.use(requireSession(basePath, isOpen, faceAt)) // WITHOUT_SESSION is the one list of exceptions
  app.use(bindVisitor(identity, faceAt, randomBytes))
  app.use(readFormBody(faceAt))
  app.use(checkToken(identity, isOpen, faceAt, record)) // the token of every form
  for (const face of parts.faces) app.route(`${basePath}${face.path}`, face.app)
  if (basePath !== '') app.get('/', (c) => c.redirect(basePath, 302))

  app.notFound((c) => answerError(unmatched(app, c), c, faceAt(c.req.path), parts))
  app.onError((error, c) => answerError(error, c, faceAt(c.req.path), parts))
  return {
    async fetch(request, peer = {}) {
      return app.fetch(request, peer)
    },
  }
}

/** `/assets/*` leads to every name below, and to no deeper one. */
function leadsTo(open: string, path: string): boolean {
  if (!open.endsWith('/*')) return open === path
  const folder = open.slice(0, -1)
  return path.startsWith(folder) && !path.slice(folder.length).includes('/')
}

/** Finds the face with the longest path that leads to an address; null outside of the base path. */
function facesBy(faces: readonly Face[], basePath: string): (path: string) => Face | null {
  const places = faces
    .map((face) => ({ face, root: `${basePath}${face.path}`, below: `${basePath}${face.path}/` }))
    .sort((one, other) => other.root.length - one.root.length)
  return (path) => places.find(({ root, below }) => path === root || path.startsWith(below))?.face ?? null
}

/** Nothing is there, or not for this method. */
function unmatched(app: Hono<Env>, c: RequestContext): AdminError {
  const allowed = METHODS.filter((method) =>
    app.router.match(method, c.req.path)[0].some(([[, route]]) => route.method === method),
  )
  if (allowed.length === 0 || allowed.includes(c.req.method)) {
    return new AdminError('not-found', 'There is nothing at this address.')
  }
  const headers = { Allow: allowed.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one])).join(', ') }
  return new TransportError(405, 'invalid-input', `This address does not take ${c.req.method}.`, { headers })
}
