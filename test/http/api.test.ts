/** The API on the whole house: the answers that other people's programs rely on. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashOf } from '../../src/identity/random.ts'
import type { SignedIn } from '../house.ts'
import { BASE, ORIGIN, openProduction, type Production, SECURE, SHOP } from './behind-proxy.ts'

let production: Production
let token: string

beforeAll(async () => {
  production = await openProduction({ sql: `${SHOP} create table no_key (word text);` })
  token = await production.house.token(['superadmin'])
})
afterAll(() => production.house.close())

interface Reply {
  readonly status: number
  readonly headers: Headers
  /** The parsed body; tests say what they expect of it. */
  readonly body: Record<string, unknown>
}

async function api(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const answer = await production.fetch(`${BASE}/api/v1${path}`, {
    method,
    headers: {
      ...SECURE,
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown>,
  }
}

/** A client with a session, over the API. */
async function withSession(
  { client }: SignedIn,
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply> {
  const csrf = await client.csrf(`${BASE}/profile`)
  const answer = await client.send(method, `${BASE}/api/v1${path}`, {
    headers: { 'x-csrf-token': csrf, 'content-type': 'application/json', 'sec-fetch-mode': 'cors' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.text) }
}

test('lists the models that its caller can see, and describes one', async () => {
  const { body } = await api('GET', '/models')
  const names = (body['models'] as { name: string }[]).map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['customers', 'orders', 'castellan.people', 'castellan.audit']),
  )

  const { body: orders } = await api('GET', '/models/orders')
  expect(orders).toMatchObject({
    name: 'orders',
    key: ['id'],
    writable: { create: expect.arrayContaining(['status']) },
  })
  expect(orders['fields']).toContainEqual(
    expect.objectContaining({ name: 'total', type: 'decimal', scale: 2 }),
  )
  expect(orders['relations']).toContainEqual(expect.objectContaining({ target: 'customers', kind: 'one' }))
})

test('says the same of a model that does not exist and of one that may not be seen', async () => {
  const clerk = await production.house.token(['admin'])
  const ask = async (path: string) => {
    const { status, body } = await api('GET', path, undefined, { authorization: `Bearer ${clerk}` })
    return JSON.stringify({ status, ...body, requestId: '' }).replaceAll(
      /castellan\.people|nothing/g,
      'MODEL',
    )
  }

  expect(await ask('/models/castellan.people')).toBe(await ask('/models/nothing'))
  expect(await ask('/models/castellan.people/records')).toBe(await ask('/models/nothing/records'))
  expect(await ask('/models/castellan.people/records/1')).toBe(await ask('/models/nothing/records/1'))
})

test('lists records with exact values, a page and a count', async () => {
  const { status, body } = await api('GET', '/models/orders/records?sort=-id&limit=1&count=exact')

  expect(status).toBe(200)
  expect(body['records']).toEqual([
    {
      key: '9007199254740993',
      title: expect.any(String),
      values: { id: '9007199254740993', customer_id: '2', status: 'unpaid', total: '1.50', photo: null },
      masked: ['tax_number'],
      related: expect.anything(),
      version: expect.any(String),
    },
  ])
  expect(body['count']).toEqual({ value: 2, kind: 'exact' })

  const { next } = body['page'] as { next: string }
  const second = await api(
    'GET',
    `/models/orders/records?sort=-id&limit=1&cursor=${encodeURIComponent(next)}`,
  )
  expect(second.body['records']).toEqual([expect.objectContaining({ key: '1' })])
  expect(second.body['page']).toMatchObject({ next: null, previous: expect.any(String) })
})

test('refuses a cursor of another list, another caller, or nobody’s making', async () => {
  const { body } = await api('GET', '/models/orders/records?sort=-id&limit=1')
  const { next } = body['page'] as { next: string }
  const other = await production.house.token(['superadmin'])

  for (const [query, headers] of [
    [`sort=id&limit=1&cursor=${encodeURIComponent(next)}`, {}],
    [`sort=-id&limit=1&filter=status:eq:paid&cursor=${encodeURIComponent(next)}`, {}],
    [`sort=-id&limit=1&cursor=${encodeURIComponent(`${next.slice(0, -2)}AA`)}`, {}],
    [`sort=-id&limit=1&cursor=1`, {}],
    [`sort=-id&limit=1&cursor=${encodeURIComponent(next)}`, { authorization: `Bearer ${other}` }],
  ] as const) {
    const answer = await api('GET', `/models/orders/records?${query}`, undefined, headers)
    expect([query, answer.status]).toEqual([query, 422])
  }
})

test('filters and searches by what may be read', async () => {
  const keys = async (query: string) =>
    ((await api('GET', `/models/orders/records?${query}`)).body['records'] as { key: string }[]).map(
      ({ key }) => key,
    )

  expect(await keys('filter=status:eq:paid')).toEqual(['1'])
  expect(await keys('filter=id:in:1,9007199254740993&filter=total:lt:2')).toEqual(['9007199254740993'])
  expect(await keys('filter=total:gte:12.00')).toEqual(['1'])
  const fields = await api('GET', '/models/orders/records?fields=status&limit=1')
  expect(fields.body['records']).toEqual([
    expect.objectContaining({ values: { status: 'paid' }, version: null }),
  ])
})

test('answers an unknown filter and one by a masked field in the same words', async () => {
  const ask = async (name: string) => {
    const { status, body } = await api('GET', `/models/orders/records?filter=${name}:eq:DE123`)
    return JSON.stringify({ status, ...body, requestId: '' }).replaceAll(name, 'FIELD')
  }

  expect(await ask('tax_number')).toBe(await ask('nothing'))
  expect(JSON.parse(await ask('tax_number'))).toMatchObject({ status: 422, code: 'invalid-input' })
})

test.each([
  'limit=0',
  'limit=x',
  'count=many',
  'trash=all',
  'include=customer',
  'page=2',
  'sort=nothing',
  'sort=-tax_number',
])('refuses the parameter %s rather than ignore it', async (query) => {
  expect((await api('GET', `/models/orders/records?${query}`)).status).toBe(422)
})

test('never answers more than 200 records', async () => {
  await production.house.sql(
    `insert into customers with recursive n(i) as (select 100 union all select i + 1 from n where i < 400)
     select i, concat('Customer ', i), concat('c', i, '@example.com'), 'emea' from n`,
  )
  const { body } = await api('GET', '/models/customers/records?limit=1000&count=capped')

  expect((body['records'] as unknown[]).length).toBe(200)
  expect(body['count']).toMatchObject({ value: 303 })
})

test('reads a record with its tag, and bytes only as how many', async () => {
  const { status, headers, body } = await api('GET', '/models/orders/records/1')

  expect(status).toBe(200)
  expect(headers.get('etag')).toBe(`"${(body['record'] as { version: string }).version}"`)
  expect(body['record']).toMatchObject({ key: '1', values: { photo: { bytes: 2 } }, masked: ['tax_number'] })
  expect(body['writable']).toEqual(expect.arrayContaining(['status', 'total']))
})

test('changes a record once for the version that was seen', async () => {
  const before = await api('GET', '/models/orders/records/1')
  const tag = before.headers.get('etag') ?? ''

  const changed = await api(
    'PATCH',
    '/models/orders/records/1',
    { values: { total: '13.5' } },
    { 'if-match': tag },
  )
  expect(changed.status).toBe(200)
  expect(changed.body).toMatchObject({
    record: { key: '1', values: { total: '13.50' } },
    event: { id: expect.stringMatching(/^[0-9a-f]{32}$/), sequence: null },
  })
  expect(changed.headers.get('etag')).not.toBe(tag)

  const again = await api(
    'PATCH',
    '/models/orders/records/1',
    { values: { total: '14' } },
    { 'if-match': tag },
  )
  expect(again).toMatchObject({ status: 412, body: { code: 'conflict', status: 412 } })
  for (const stale of ['W/"x"', '"*"', '""']) {
    const answer = await api('PATCH', '/models/orders/records/1', { values: {} }, { 'if-match': stale })
    expect([stale, answer.status]).toEqual([stale, 412])
  }
  const list = await api('PATCH', '/models/orders/records/1', { values: {} }, { 'if-match': '"a", "b"' })
  expect(list.status).toBe(422)
  expect((await api('PATCH', '/models/orders/records/1', { values: {} }, { 'if-match': '*' })).status).toBe(
    200,
  )
})

test('makes, reads back and deletes a record', async () => {
  const made = await api('POST', '/models/customers/records', {
    values: { name: 'Cy', email: 'cy@example.com', region: 'emea' },
  })
  expect(made.status).toBe(201)
  const location = made.headers.get('location') ?? ''
  const { key } = made.body['record'] as { key: string }
  expect(location).toBe(`${BASE}/api/v1/models/customers/records/${key}`)

  expect((await api('GET', `/models/customers/records/${key}`)).body['record']).toMatchObject({
    title: expect.stringContaining('Cy'),
  })
  expect((await api('DELETE', `/models/customers/records/${key}`)).body).toMatchObject({
    record: { key },
    event: { sequence: null },
  })
  expect((await api('GET', `/models/customers/records/${key}`)).status).toBe(404)
})

test('names every field that is wrong', async () => {
  const { status, headers, body } = await api('PATCH', '/models/orders/records/1', {
    values: { status: 'lost', total: '1.234', nothing: 1, customer_id: 'x' },
  })

  expect(status).toBe(422)
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(body).toMatchObject({
    code: 'invalid-input',
    status: 422,
    title: expect.any(String),
    detail: expect.stringContaining('orders.update'),
    requestId: headers.get('x-request-id'),
  })
  expect(Object.keys(body['fields'] as object).sort()).toEqual(['customer_id', 'nothing', 'status', 'total'])
})

test('takes nothing in a body that would say who asks, or that it does not know', async () => {
  for (const extra of [
    'userId',
    'actor',
    'principal',
    'role',
    'roles',
    'tenant',
    'force',
    'ifVersion',
    '__proto__',
  ]) {
    const body = `{"values":{"status":"paid"},"${extra}":"root"}`
    const answer = await api('PATCH', '/models/orders/records/1', body)
    expect([extra, answer.status]).toEqual([extra, 422])
  }
  const { body } = await api(
    'PATCH',
    '/models/orders/records/1',
    '{"values":{"__proto__":{"status":"paid"},"constructor":1}}',
  )
  expect(body).toMatchObject({ code: 'invalid-input' })
})

test.each([
  ['{'],
  ['[]'],
  ['null'],
  ['"values"'],
  ['{"values":[]}'],
  ['{"values":"x"}'],
  ['{"values":{"status":["paid"]}}'],
  ['{"values":{"total":12.5}}'],
  ['{"values":{"status":{"eq":"paid"}}}'],
])('refuses the body %s', async (body) => {
  expect((await api('PATCH', '/models/orders/records/1', body)).status).toBe(422)
})

test('refuses an Idempotency-Key rather than run twice under it', async () => {
  const headers = { 'idempotency-key': 'a' }
  const body = { values: { name: 'Twice', email: 't@example.com', region: 'emea' } }

  expect((await api('POST', '/models/customers/records', body, headers)).status).toBe(422)
  expect((await api('GET', '/models/customers/records?filter=name:eq:Twice')).body['records']).toEqual([])
})

test('addresses only keys as they are written', async () => {
  for (const key of [
    '01',
    '1.0',
    ' 1',
    '1%20',
    'new',
    '~1',
    '9007199254740992',
    '%00',
    "1'or'1",
    '1%2F..%2F1',
  ]) {
    expect([key, (await api('GET', `/models/orders/records/${key}`)).status]).toEqual([key, 404])
  }
  expect((await api('GET', '/models/orders/records/9007199254740993')).status).toBe(200)
  expect((await api('GET', '/models/no_key/records')).status).toBe(200)
})

test('shows the history of a record, and the events of the log, with who changed what', async () => {
  await api('PATCH', '/models/orders/records/9007199254740993', {
    values: { status: 'paid' },
    reason: 'wire received',
  })

  const history = await api('GET', '/models/orders/records/9007199254740993/history')
  expect(history.body['events']).toContainEqual(
    expect.objectContaining({
      event: expect.objectContaining({
        action: 'orders.update',
        reason: 'wire received',
        changes: [expect.objectContaining({ field: 'status', before: 'unpaid', after: 'paid' })],
      }),
    }),
  )
  const events = await api('GET', '/audit/events?filter=action:eq:orders.update&limit=5')
  expect(events.body['events']).toContainEqual(
    expect.objectContaining({ event: expect.objectContaining({ action: 'orders.update' }) }),
  )
})

test('asks to confirm, and runs once what was confirmed', async () => {
  const admin = await production.house.token(['admin'])
  const as = { authorization: `Bearer ${admin}` }
  const first = await api('DELETE', '/models/orders/records/1', {}, as)

  expect(first).toMatchObject({
    status: 428,
    body: {
      code: 'confirmation-required',
      confirmation: expect.any(String),
      plan: { sentence: expect.any(String) },
    },
  })
  expect((await api('GET', '/models/orders/records/1')).status).toBe(200)

  const { confirmation } = first.body
  const elsewhere = await api('DELETE', '/models/orders/records/9007199254740993', { confirmation }, as)
  expect(elsewhere.status).toBe(428)
  expect((await api('DELETE', '/models/orders/records/1', { confirmation }, as)).status).toBe(200)
  expect((await api('GET', '/models/orders/records/1')).status).toBe(404)
})

test('asks a program for a step-up that it cannot make, and a person who has just signed in for none', async () => {
  const input = { name: 'Dee', email: 'dee@example.com', roles: ['support'] }
  const refused = await api('POST', '/models/castellan.people/actions/create', { input })
  expect(refused).toMatchObject({ status: 403, body: { code: 'step-up-required' } })

  const ana = await production.signIn('superadmin')
  const made = await withSession(ana, 'POST', '/models/castellan.people/actions/create', { input })
  expect(made).toMatchObject({ status: 200, body: { result: { id: expect.any(String), totpUri: null } } })

  production.house.clock.now += 6 * 60_000
  const later = await withSession(ana, 'POST', '/models/castellan.people/actions/create', {
    input: { ...input, email: 'eve@example.com' },
  })
  expect(later).toMatchObject({ status: 403, body: { code: 'step-up-required', withinSeconds: 300 } })
})

test('lists and ends sessions, so that the very next request with one is refused', async () => {
  const ana = await production.signIn('support')
  const second = production.visitor()
  for (const [name, value] of ana.client.cookies) second.cookies.set(name, value)
  const sessions = await withSession(ana, 'GET', '/sessions')
  const [own] = sessions.body['sessions'] as { key: string; values: { person_id: string } }[]

  expect(sessions.body['sessions']).toHaveLength(1)
  expect(own?.values.person_id).toBe(ana.id)
  expect((await withSession(ana, 'DELETE', '/sessions')).body).toEqual({ ended: 0 })
  expect((await withSession(ana, 'DELETE', `/sessions/${own?.key}`)).status).toBe(200)
  expect((await second.get(`${BASE}/api/v1/sessions`)).status).toBe(401)
})

test('ends nobody else’s session without the right to', async () => {
  const ana = await production.signIn('support')
  const bo = await production.signIn('support')
  const [session] = (await withSession(bo, 'GET', '/sessions')).body['sessions'] as { key: string }[]

  expect((await withSession(ana, 'DELETE', `/sessions/${session?.key}`)).status).toBe(404)
  expect((await withSession(bo, 'GET', '/sessions')).status).toBe(200)
})

test('knows nobody by a revoked token, an expired one, or none', async () => {
  const { house } = production
  const made = await house.token(['superadmin'])
  const as = { authorization: `Bearer ${made}` }
  expect((await api('GET', '/models', undefined, as)).status).toBe(200)

  const [{ id }] = (await house.sql(
    `select id from castellan_service_token where token_hash = '${hashOf(made)}'`,
  )) as [{ id: string }]
  const ana = await production.signIn('superadmin')
  const revoked = await withSession(ana, 'POST', '/models/castellan.tokens/actions/revoke', {
    input: { token: id },
  })
  expect(revoked.status).toBe(200)
  expect((await api('GET', '/models', undefined, as)).status).toBe(401)
  expect((await api('GET', '/models', undefined, { authorization: 'Bearer' })).status).toBe(401)
})

test('carries nothing from one caller to the next, and forbids every cache to', async () => {
  const mine = await api('GET', '/models/orders/records')
  const nobody = await production.fetch(`${BASE}/api/v1/models/orders/records`, { headers: SECURE })

  expect(mine.headers.get('cache-control')).toBe('no-store')
  expect(nobody.status).toBe(401)
  expect(ORIGIN).toMatch(/^https/)
})
