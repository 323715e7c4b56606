/** The made-up installation that the gallery's pages stand in. */

import type { Context } from 'hono'
import type { House } from '../../src/faces/house.ts'
import type { RequestContext } from '../../src/http/env.ts'
import type { Principal } from '../../src/identity/principal.ts'

/** Friday, 20 November 2026, 12:00 UTC. */
export const NOW: number = Date.UTC(2026, 10, 20, 12)

export const PRINCIPAL: Principal = {
  subject: { kind: 'person', id: 'p1', roles: ['superadmin'], attributes: {}, limitedTo: null },
  name: 'Dana Ruiz',
  email: 'dana@northwind.example',
  authentication: { methods: ['password', 'totp'], assurance: 2, at: NOW },
  sessionHash: null,
  sessionId: 's1',
  timeZone: 'Europe/Berlin',
  locale: 'en',
}

const MODELS = [
  ['orders', 'Orders', 'Commerce'],
  ['order_items', 'Order items', 'Commerce'],
  ['customers', 'Customers', 'Commerce'],
  ['products', 'Products', 'Catalogue'],
  ['categories', 'Categories', 'Catalogue'],
  ['tags', 'Tags', 'Catalogue'],
].map(([name = '', labelPlural = '', group = '']) => ({ name, labelPlural, group, icon: null }))

/** Only what the shell and the pages of this gallery look at; nothing here performs anything. */
export const HOUSE: House = {
  gate: {
    models: new Map(MODELS.map((model) => [model.name, model])),
    isPossible: () => true,
    policy: { document: { roles: { superadmin: { title: 'Superadmin' } }, rules: [] } },
  },
  identity: {},
  settings: {
    title: 'Northwind',
    basePath: '',
    environment: 'staging',
    isDebug: true,
    cookieName: 'castellan',
    version: '0.1.0',
  },
  clock: () => NOW,
} as unknown as House

/** What `http/app.ts` establishes for a real request. */
export function establish(c: Context, nonce: string, principal: Principal | null): RequestContext {
  const context = c as unknown as RequestContext
  context.set('origin', {
    id: '01JD8Q4Z9F',
    traceparent: null,
    address: '203.0.113.24',
    addressChain: [],
    userAgent: null,
    method: 'GET',
    route: '/',
  })
  context.set('nonce', nonce)
  context.set('principal', principal)
  context.set('csrf', 'token')
  context.set('isSecure', false)
  context.set('form', null)
  return context
}
