/** A request says who it is from, in its body, its address and its headers: nobody listens. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAdmin } from '../../src/admin.ts'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { openProduction } from '../http/behind-proxy.ts'
import { act, api } from './api.ts'
import { policyWith, ROW_RULES, SHOP } from './shop.ts'

let house: House
let low: SignedIn
let top: SignedIn
beforeEach(async () => {
  house = await openHouse({ sql: SHOP, policy: policyWith(ROW_RULES) })
  low = await house.signIn({ role: 'support', attributes: { region: 'north' } })
  top = await house.signIn({ role: 'superadmin', attributes: { region: 'south' } })
})
afterEach(() => house.close())

function headers(): Readonly<Record<string, string>>[] {
  return [
    { 'x-user-id': top.id },
    { 'x-forwarded-user': top.email },
    { 'x-forwarded-email': top.email },
    { 'x-remote-user': top.email, 'remote-user': top.email },
    { 'x-auth-request-user': top.id, 'x-auth-request-email': top.email },
    { 'x-authenticated-userid': top.id },
    { 'x-webauth-user': top.email },
    { 'x-role': 'superadmin', 'x-roles': 'superadmin' },
    { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
    { 'x-internal': '1', 'auth-key': 'x', 'x-admin': 'true' },
    { 'x-original-url': `${BASE}/sign-in`, 'x-rewrite-url': `${BASE}/sign-in` },
    { 'cf-access-authenticated-user-email': top.email },
    { 'x-ms-client-principal-id': top.id },
    { 'x-tenant-id': 'south', 'x-region': 'south' },
    { authorization: `Basic ${btoa(`${top.email}:x`)}` },
  ]
}

test('headers let nobody in who isn’t', async () => {
  for (const one of headers()) {
    const visitor = house.visitor()
    expect((await visitor.get(`${BASE}/m/orders`, one)).status, JSON.stringify(one)).toBe(303)
    expect((await visitor.get(`${BASE}/api/v1/models`, one)).status, JSON.stringify(one)).toBe(401)
  }
})

test('control: before an admin that listens to a header, it lets in whom it names', async () => {
  const sessions = new Map<string, string>()
  const listening: typeof createAdmin = (options, ports) => {
    const admin = createAdmin(options, ports)
    return {
      ...admin,
      initialize: () => admin.initialize(),
      fetch(request, connection) {
        const cookie = sessions.get(request.headers.get('x-user-id') ?? '')
        if (cookie !== undefined) request.headers.set('cookie', cookie)
        return admin.fetch(request, connection)
      },
    }
  }
  await house.close()
  house = await openHouse({ sql: SHOP, policy: policyWith(ROW_RULES), assemble: listening })
  top = await house.signIn({ role: 'superadmin' })
  sessions.set(top.id, [...top.client.cookies].map(([name, value]) => `${name}=${value}`).join('; '))

  expect((await house.visitor().get(`${BASE}/m/orders`, { 'x-user-id': top.id })).status).toBe(200)
  expect((await house.visitor().get(`${BASE}/m/orders`)).status).toBe(303)
})

test('headers and parameters make nobody another', async () => {
  const text = async (path: string, more: Readonly<Record<string, string>> = {}): Promise<string> =>
    (await low.client.get(`${BASE}${path}`, more)).text
  const plain = await text('/api/v1/models/customers/records')
  expect(plain).toContain('Amara')

  for (const one of headers().filter((more) => !('authorization' in more))) {
    expect(await text('/api/v1/models/customers/records', one), JSON.stringify(one)).toBe(plain)
    expect((await low.client.get(`${BASE}/people`, one)).status, JSON.stringify(one)).toBe(404)
  }
  for (const query of [`userId=${top.id}`, 'role=superadmin', 'region=south', `principal=${top.id}`]) {
    expect((await api(low.client, 'GET', `/models/customers/records?${query}`)).status, query).toBe(422)
    expect(await text(`/m/customers?${query}`), query).not.toContain('Jonas')
  }
})

test('control: with the session of the other the same requests see what they see', async () => {
  const { text } = await top.client.get(`${BASE}/api/v1/models/customers/records`)

  expect(text).toContain('Jonas')
  expect((await top.client.get(`${BASE}/people`)).status).toBe(200)
})

const CLAIMS = [
  'userId',
  'user_id',
  'actor',
  'principal',
  'principalId',
  'role',
  'roles',
  'tenant',
  'sub',
  'session',
]

test('a body that says who it is from is refused over the API, and the log names who it was', async () => {
  for (const claim of CLAIMS) {
    const { status } = await api(low.client, 'PATCH', '/models/customers/records/1', {
      values: { region: 'north' },
      [claim]: top.id,
    })
    expect([claim, status]).toEqual([claim, 422])
    const called = await api(low.client, 'POST', '/models/customers/actions/update', {
      keys: ['2'],
      input: { values: { region: 'north' }, [claim]: top.id },
    })
    expect([404, 422], claim).toContain(called.status)
  }
  expect(JSON.stringify(await house.sql('select region from customers'))).toBe(
    '[{"region":"north"},{"region":"south"},{"region":"north"},{"region":"south"}]',
  )
})

test('a form that says who it is from is answered as without it, and the log names who it was', async () => {
  const claims = Object.fromEntries(CLAIMS.map((claim) => [claim, top.id]))
  const { status } = await low.client.post(`${BASE}/m/customers/1/edit`, { name: 'Changed', ...claims })
  expect(status).toBe(303)

  const [row] = (await house.sql(
    "select event from castellan_audit_event where action = 'customers.update' order by entry desc limit 1",
  )) as { event: string }[]
  expect(JSON.parse(row?.event ?? '{}')).toMatchObject({ outcome: 'done', principal: { id: low.id } })
  expect(row?.event).not.toContain(top.id)
})

test('nobody makes a token or a person with a name in the body', async () => {
  for (const claim of CLAIMS) {
    const token = {
      name: `t-${claim}`,
      roles: ['superadmin'],
      actions: null,
      expiresAt: null,
      [claim]: top.id,
    }
    expect((await act(low.client, 'castellan.tokens.create', token)).status, claim).toBe(404)
    const answer = await house
      .visitor()
      .send('POST', `${BASE}/api/v1/models/castellan.tokens/actions/create`, {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input: token }),
      })
    expect([claim, answer.status]).toEqual([claim, 401])
  }
  expect(await house.sql('select id from castellan_service_token')).toEqual([])
})

test('control: whoever may makes one with the same body, without those names', async () => {
  const token = { name: 't', roles: ['support'], actions: null, expiresAt: null }

  expect((await act(top.client, 'castellan.tokens.create', token)).status).toBe(200)
})

/** The address that the log has of a request which says that it was passed on. */
async function addressSeen(socket: string): Promise<string> {
  const production = await openProduction()
  try {
    const { client } = await production.signIn('support')
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = {
      cookie,
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'https',
      'x-real-ip': '5.6.7.8',
    }
    await production.fetch(`${BASE}/m/customers/1`, { headers }, socket)
    const [row] = (await production.house.sql(
      'select event from castellan_audit_event order by entry desc limit 1',
    )) as { event: string }[]
    return String((JSON.parse(row?.event ?? '{}') as { request: { address: string } }).request.address)
  } finally {
    await production.house.close()
  }
}

test('a proxy that nobody named says nothing about where a request comes from', async () => {
  expect(await addressSeen('192.0.2.66')).toBe('192.0.2.66')
})

test('control: one that is named does', async () => {
  expect(await addressSeen('10.0.0.1')).toBe('1.2.3.4')
})
