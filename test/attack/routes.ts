/**
 * Every address of the pages and of the API, and what it reaches: a test that
 * asks all of them fails for a new one until somebody has said here what it is.
 */

import type { Face } from '../../src/http/face.ts'
import { type Answer, BASE, type Client } from '../client.ts'
import { act, api, type Reply } from './api.ts'

export type Surface = Shown | Proved

/** It reaches records of the application, and is asked in every test over all routes. */
export interface Shown {
  /** `list`: it may show any of the records; `record`: the one of that key, or what is tied to it. */
  readonly kind: 'list' | 'record'
  ask(client: Client, key: string): Promise<Pick<Answer | Reply, 'status' | 'text'>>
  /** It is about a record in the trash. */
  readonly isTrash?: boolean
}

/** It reaches none; that file proves what it promises. */
export interface Proved {
  readonly kind: 'open' | 'own' | 'castellan' | 'shape' | 'proof'
  readonly test: string
}

/** `METHOD path` of each route, as the router has it, the base path left out. */
export function routesOf(faces: readonly Face[]): readonly string[] {
  const routes = faces.flatMap(({ path, app }) =>
    app.routes
      .filter(({ method }) => method !== 'ALL')
      .map((route) => `${route.method} ${path}${route.path === '/' && path !== '' ? '' : route.path}`),
  )
  return [...new Set(routes)].toSorted()
}

const page =
  (path: string): Shown['ask'] =>
  (client, key) =>
    client.get(`${BASE}${path.replace('KEY', key)}`)

const form =
  (path: string, fields: Readonly<Record<string, string>> = {}): Shown['ask'] =>
  (client, key) => {
    const filled = Object.entries(fields).map(([name, value]) => [name, value.replace('KEY', key)])
    return client.post(`${BASE}${path.replace('KEY', key)}`, Object.fromEntries(filled), {
      from: `${BASE}/profile`,
    })
  }

const call =
  (method: string, path: string, body?: object): Shown['ask'] =>
  (client, key) =>
    api(
      client,
      method,
      path.replace('KEY', key),
      body && JSON.parse(JSON.stringify(body).replace('"KEY"', key)),
    )

const list = (ask: Shown['ask']): Shown => ({ kind: 'list', ask })
const record = (ask: Shown['ask']): Shown => ({ kind: 'record', ask })

const OPEN: Proved = { kind: 'open', test: 'test/attack/enumeration.test.ts' }
const SET_UP: Proved = { kind: 'open', test: 'test/attack/set-up-token.test.ts' }
const LETTERS: Proved = { kind: 'open', test: 'test/attack/forgotten-password.test.ts' }
/** Whose they are decides. */
const AGENTS: Proved = { kind: 'castellan', test: 'test/attack/agent.test.ts' }
const OWN: Proved = { kind: 'own', test: 'test/http/account-pages.test.ts' }
const AUTHENTICATORS: Proved = { kind: 'own', test: 'test/http/authenticators.test.ts' }
/** Comes from a provider; where somebody links one, to their own person. */
const PROVIDER: Proved = { kind: 'open', test: 'test/attack/forged-provider.test.ts' }
const OWN_PROVIDER: Proved = { kind: 'own', test: 'test/http/oidc.test.ts' }
const SESSION_STATUS: Proved = { kind: 'own', test: 'test/http/session.test.ts' }
const PEOPLE: Proved = { kind: 'castellan', test: 'test/attack/escalation.test.ts' }
const SESSIONS: Proved = { kind: 'castellan', test: 'test/attack/ended-session.test.ts' }
const KEYS: Proved = { kind: 'castellan', test: 'test/attack/revoked-key.test.ts' }
const LOG: Proved = { kind: 'castellan', test: 'test/http/audit-log.test.ts' }
const ACTIVITY: Proved = { kind: 'castellan', test: 'test/http/activity.test.ts' }
const SHAPE: Proved = { kind: 'shape', test: 'test/attack/hidden-field.test.ts' }
/** A page is left and come back to with a proof of who one is; the page itself is asked by its GET. */
const PROOF: Proved = { kind: 'proof', test: 'test/http/proof.test.ts' }
/** The application's own code, on a model rather than on a record. */
const OWN_ACTION: Proved = { kind: 'shape', test: 'test/attack/own-action.test.ts' }

/** Pages that ask for a proof inside of the flow take it at their own address. */
const READ_PAGES: Readonly<Record<string, Surface>> = {
  '/': list(page('/')),
  '/m/:model': list(page('/m/customers')),
  '/m/:model/trash': list(page('/m/customers/trash')),
  '/m/:model/:key': record(page('/m/customers/KEY')),
  '/m/:model/:key/history': record(page('/m/customers/KEY/history')),
  '/audit': list(page('/audit')),
  '/audit/:sequence': list(pageOfEvent),
  '/audit/activity': ACTIVITY,
  '/people': PEOPLE,
  '/people/:id': PEOPLE,
  '/sessions': SESSIONS,
  '/keys': KEYS,
  '/roles': PEOPLE,
}

const PERSON_VERBS = [
  'activate',
  'deactivate',
  'reset-credentials',
  'renew-password',
  'reject',
  'delete',
  'grant-role',
  'revoke-role',
]
const FROM_LETTERS = ['/forgot-password', '/reset-password', '/invitation', '/register', '/register/confirm']

export const ROUTES: Readonly<Record<string, Surface>> = {
  ...Object.fromEntries(
    Object.entries(READ_PAGES).flatMap(([path, surface]) => [
      [`GET ${path}`, surface],
      [`POST ${path}`, PROOF],
    ]),
  ),

  'GET /m/:model/~filter': list(page('/m/orders/~filter?field=customer_id')),
  'GET /m/:model/trash/~filter': SHAPE,
  'GET /m/:model/~options': list(page('/m/customers/~options')),
  'GET /m/:model/new': list(page('/m/orders/new')),
  // what a new record is tied to must be there for whoever ties it
  'POST /m/:model/new': record(form('/m/orders/new', { customer_id: 'KEY', status: 'open', total: '1.00' })),
  'POST /m/:model/~revert': record(wayBack),
  'GET /m/:model/:key/content/:field': record(page('/m/customers/KEY/content/photo')),
  'GET /m/:model/:key/edit': record(page('/m/customers/KEY/edit')),
  'POST /m/:model/:key/edit': record(form('/m/customers/KEY/edit', { name: 'Changed' })),
  'GET /m/:model/:key/duplicate': record(page('/m/customers/KEY/duplicate')),
  'GET /m/:model/:key/reveal': record(page('/m/customers/KEY/reveal?field=iban')),
  'POST /m/:model/:key/reveal': record(form('/m/customers/KEY/reveal?field=iban', { _reason: 'a ticket' })),
  'GET /m/:model/:key/delete': record(page('/m/customers/KEY/delete')),
  'POST /m/:model/:key/delete': record(form('/m/customers/KEY/delete')),
  'POST /m/:model/~bulk/:action': record(bulkDeletion),
  'GET /m/:model/:key/restore': { ...record(page('/m/customers/KEY/restore')), isTrash: true },
  'POST /m/:model/:key/restore': { ...record(form('/m/customers/KEY/restore')), isTrash: true },
  'GET /m/:model/:key/purge': { ...record(page('/m/customers/KEY/purge')), isTrash: true },
  'POST /m/:model/:key/purge': { ...record(form('/m/customers/KEY/purge')), isTrash: true },
  'GET /m/:model/:key/actions/:action': record(page('/m/customers/KEY/actions/greet')),
  'POST /m/:model/:key/actions/:action': record(form('/m/customers/KEY/actions/greet')),
  'GET /m/:model/~actions/:action': OWN_ACTION,
  'POST /m/:model/~actions/:action': OWN_ACTION,

  'GET /api/v1/models': SHAPE,
  'GET /api/v1/models/:model': SHAPE,
  'GET /api/v1/models/:model/records': list(call('GET', '/models/customers/records')),
  'POST /api/v1/models/:model/query': list(call('POST', '/models/customers/query', {})),
  'POST /api/v1/models/:model/records': record(
    call('POST', '/models/orders/records', { values: { customer_id: 'KEY', status: 'open', total: '1.00' } }),
  ),
  'GET /api/v1/models/:model/records/:key': record(call('GET', '/models/customers/records/KEY')),
  'GET /api/v1/models/:model/records/:key/content/:field': record(
    page('/api/v1/models/customers/records/KEY/content/photo'),
  ),
  'PATCH /api/v1/models/:model/records/:key': record(
    call('PATCH', '/models/customers/records/KEY', { values: { name: 'Changed' } }),
  ),
  'DELETE /api/v1/models/:model/records/:key': record(call('DELETE', '/models/customers/records/KEY', {})),
  'GET /api/v1/models/:model/records/:key/history': record(
    call('GET', '/models/customers/records/KEY/history'),
  ),
  'POST /api/v1/models/:model/actions/:verb': record((client, key) =>
    act(client, 'customers.read', {}, { key }),
  ),

  'GET /api/v1/audit/events': list(call('GET', '/audit/events')),
  'GET /api/v1/audit/events/:id': list(eventAbout),
  'GET /api/v1/audit/checkpoint': LOG,
  'POST /audit/verify': LOG,
  'POST /audit/export': LOG,
  'POST /audit/:sequence/erase': LOG,
  'GET /api/v1/sessions': SESSIONS,
  'DELETE /api/v1/sessions': SESSIONS,
  'DELETE /api/v1/sessions/:key': SESSIONS,
  'POST /sessions/:key/end': SESSIONS,
  'POST /sessions/:key/end-all': SESSIONS,
  'POST /sessions/end-matching': SESSIONS,
  'POST /keys/:ring/rotate': KEYS,
  'POST /keys/:ring/revoke': KEYS,
  'GET /people/new': PEOPLE,
  'POST /people/new': PEOPLE,
  'GET /people/:id/edit': PEOPLE,
  'POST /people/:id/edit': PEOPLE,
  ...Object.fromEntries(
    FROM_LETTERS.flatMap((path) => [
      [`GET ${path}`, LETTERS],
      [`POST ${path}`, LETTERS],
    ]),
  ),
  ...Object.fromEntries(PERSON_VERBS.map((verb) => [`POST /people/:id/${verb}`, PEOPLE])),

  'GET /session': SESSION_STATUS,
  'GET /session/stay': SESSION_STATUS,
  'POST /password-strength': OWN,
  'GET /profile/agents': AGENTS,
  'POST /profile/agents': AGENTS,
  'POST /agents/:key/revoke': AGENTS,
  'GET /profile': OWN,
  'POST /profile/password': OWN,
  'POST /profile/sessions/:key/end': OWN,
  'GET /profile/passkeys/new': AUTHENTICATORS,
  'POST /profile/passkeys/new': PROOF,
  'POST /profile/passkeys': AUTHENTICATORS,
  'GET /profile/passkeys/:id': AUTHENTICATORS,
  'POST /profile/passkeys/:id': AUTHENTICATORS,
  'POST /profile/authenticators/:id/remove': AUTHENTICATORS,
  'GET /profile/app': AUTHENTICATORS,
  'POST /profile/app': PROOF,
  'POST /profile/app/confirm': AUTHENTICATORS,
  'POST /profile/recovery-codes': AUTHENTICATORS,
  'POST /sign-out': OWN,
  'POST /theme': OWN,
  'GET /sign-in': OPEN,
  'POST /sign-in': OPEN,
  'GET /sign-in/passkey': OPEN,
  'GET /sign-in/second-factor': OPEN,
  'POST /sign-in/second-factor': OPEN,
  'GET /sign-in/enrol': OPEN,
  'POST /sign-in/enrol': OPEN,
  'POST /sign-in/with/:provider': PROVIDER,
  'GET /sign-in/from/:provider': PROVIDER,
  'POST /profile/providers/:provider/link': OWN_PROVIDER,
  'POST /profile/providers/:provider/unlink': OWN_PROVIDER,
  'GET /set-up': SET_UP,
  'POST /set-up': SET_UP,
}

/** What is shown to be confirmed is confirmed. */
/** The event of what somebody else did to that record, as whoever reads the log knows it. */
async function wayBack(client: Client, key: string): Promise<Answer> {
  const { json } = await eventAbout(client, key)
  const { id = '0'.repeat(32) } = (json['event'] ?? {}) as { readonly id?: string }
  const sent = await client.post(`${BASE}/m/customers/~revert`, { event: id }, { from: `${BASE}/profile` })
  const confirmation = /name="_confirmation" value="([^"]*)"/.exec(sent.text)?.[1]
  if (confirmation === undefined) return sent
  const fields = { event: id, _confirmation: confirmation }
  return client.post(`${BASE}/m/customers/~revert`, fields, { from: `${BASE}/profile` })
}

async function bulkDeletion(client: Client, key: string): Promise<Answer> {
  const send = (fields: Readonly<Record<string, string>>): Promise<Answer> =>
    client.post(`${BASE}/m/customers/~bulk/delete`, { k: key, ...fields }, { from: `${BASE}/profile` })
  const asked = await send({})
  const confirmation = /name="_confirmation" value="([^"]*)"/.exec(asked.text)?.[1]
  return confirmation === undefined ? asked : send({ _confirmation: confirmation })
}

/** The event of the change that someone else made to that record. */
async function eventAbout(client: Client, key: string): Promise<Reply> {
  const { json } = await api(client, 'GET', '/audit/events')
  const events = json['events'] as readonly { readonly event: EventJson }[]
  const found = events.findLast(
    ({ event: { action, target } }) => action === 'customers.update' && target?.key === key,
  )
  return api(client, 'GET', `/audit/events/${found?.event.id}`)
}

interface EventJson {
  readonly id: string
  readonly action: string
  readonly target: { readonly key: string } | null
}

async function pageOfEvent(client: Client, key: string): Promise<Answer> {
  const { json } = await eventAbout(client, key)
  return client.get(`${BASE}/audit/${json['sequence']}`)
}
