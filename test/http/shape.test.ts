/** The shape of requests: methods, sizes, queries and bodies, refused before anything of them is believed. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE, ORIGIN, openProduction, type Production, SECURE } from './behind-proxy.ts'

let production: Production
let bearer: Readonly<Record<string, string>>

beforeAll(async () => {
  production = await openProduction()
  bearer = { ...SECURE, authorization: `Bearer ${await production.house.token(['superadmin'])}` }
})
afterAll(() => production.house.close())

const API = `${BASE}/api/v1`

test.each([
  ['/sign-in', 'GET, HEAD, POST', ['PUT', 'PATCH', 'DELETE', 'OPTIONS']],
  ['/api/v1/models', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
  ['/api/v1/models/orders/records', 'GET, HEAD, POST', ['PUT', 'PATCH', 'DELETE']],
  ['/api/v1/models/orders/records/1', 'GET, HEAD, PATCH, DELETE', ['POST', 'PUT']],
  ['/api/v1/sessions', 'GET, HEAD, DELETE', ['POST', 'PUT', 'PATCH']],
  ['/healthz', 'GET, HEAD', ['POST', 'DELETE']],
])('%s takes %s and says so to every other method', async (path, allow, methods) => {
  for (const method of methods) {
    // A page is reached with the token of a visitor, so that the method alone is in the way.
    const visitor = production.visitor()
    const csrf = await visitor.csrf(`${BASE}/sign-in`)
    const answer = path.startsWith('/api')
      ? await production.fetch(`${BASE}${path}`, { method, headers: bearer })
      : await visitor.send(method, `${BASE}${path}`, { headers: { 'x-csrf-token': csrf } })

    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, allow])
  }
})

test.each(['PURGE', 'PROPFIND', 'LOCK', 'GETX'])('refuses the method %s', async (method) => {
  expect((await production.fetch(`${BASE}/sign-in`, { method, headers: SECURE })).status).toBe(501)
})

test('does not let a header or a field change the method', async () => {
  for (const name of ['x-http-method-override', 'x-method-override', 'x-http-method']) {
    const answer = await production.fetch(`${API}/models/orders/records/1`, {
      headers: { ...bearer, [name]: 'DELETE' },
    })
    expect(answer.status).toBe(200)
  }
  expect(
    (await production.fetch(`${API}/models/orders/records/1?_method=DELETE`, { headers: bearer })).status,
  ).toBe(200)
})

test('refuses a query key that stands twice, save those of filters', async () => {
  const ask = (query: string) =>
    production.fetch(`${API}/models/orders/records?${query}`, { headers: bearer })

  expect((await ask('sort=id&sort=-id')).status).toBe(422)
  expect((await ask('limit=1&limit=2')).status).toBe(422)
  expect((await ask('filter=status:eq:paid&filter=id:gt:0')).status).toBe(200)
  const page = await production.fetch(`${BASE}/sign-in?next=/a&next=/b`, { headers: SECURE })
  expect(page.status).toBe(422)
})

test('refuses a body over the limit, said or unsaid, and takes one just under it', async () => {
  const send = (body: BodyInit, headers: Record<string, string> = {}) =>
    production.fetch(`${API}/models/orders/records/1`, {
      method: 'PATCH',
      headers: { ...bearer, 'content-type': 'application/json', ...headers },
      body,
      ...(typeof body !== 'string' && { duplex: 'half' }),
    } as RequestInit)
  const large = ' '.repeat(1024 * 1024 + 1)

  expect((await send(large)).status).toBe(413)
  expect((await send('{}', { 'content-length': '1048577' })).status).toBe(413)
  expect((await send(`{"values":{}}${' '.repeat(1024 * 1024 - 13)}`)).status).toBe(200)
})

test('stops reading a body that never ends', async () => {
  let read = 0
  const endless = new ReadableStream({
    pull(controller) {
      read += 64 * 1024
      controller.enqueue(new Uint8Array(64 * 1024))
    },
  })
  const answer = await production.fetch(`${BASE}/sign-in`, {
    method: 'POST',
    headers: { ...SECURE, origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' },
    body: endless,
    duplex: 'half',
  } as RequestInit)

  expect(answer.status).toBe(413)
  expect(read).toBeLessThan(2 * 1024 * 1024)
})

test('refuses an address that is longer than any page makes', async () => {
  const answer = await production.fetch(`${BASE}/sign-in?next=${'a'.repeat(17_000)}`, { headers: SECURE })

  expect(answer.status).toBe(413)
})

test('an answer of the API never becomes a document', async () => {
  for (const dest of ['document', 'iframe', 'embed', 'object']) {
    const answer = await production.fetch(`${API}/models`, { headers: { ...bearer, 'sec-fetch-dest': dest } })
    expect(answer.status).toBe(406)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  }
  expect(
    (await production.fetch(`${API}/models`, { headers: { ...bearer, 'sec-fetch-dest': 'empty' } })).status,
  ).toBe(200)
})

test('a callback in the address makes no script of an answer', async () => {
  const ask = (path: string) => production.fetch(`${API}${path}`, { headers: bearer })
  const plain = await (await ask('/models')).json()
  for (const name of ['callback', 'jsonp', 'cb']) {
    const answer = await ask(`/models?${name}=alert`)
    const text = await answer.text()

    expect(answer.headers.get('content-type')).toMatch(/^application\/(?:problem\+)?json/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(text).not.toMatch(/^[^{[]*alert/)
    if (answer.status === 200) expect(JSON.parse(text)).toEqual(plain)
  }
  expect(JSON.stringify(plain)).toContain('orders')
})

test('believes no header that would say who asks', async () => {
  const claims = {
    'x-middleware-subrequest': 'middleware:middleware:middleware',
    'x-user-id': '1',
    'x-forwarded-user': 'root',
    'x-remote-user': 'root',
    'remote-user': 'root',
    'x-auth-request-email': 'root@example.com',
    'auth-key': 'x',
    'x-internal': '1',
    'x-original-url': `${BASE}/sign-in`,
    'x-rewrite-url': `${BASE}/sign-in`,
    authorization: 'Bearer undefined',
    cookie: '__Host-castellan=undefined; castellan=1; session=1',
  }
  let asked = 0
  for (const [name, value] of Object.entries(claims)) {
    const api = await production.fetch(`${API}/models`, { headers: { ...SECURE, [name]: value } })
    const page = await production.fetch(`${BASE}/m/orders`, { headers: { ...SECURE, [name]: value } })
    expect([name, api.status, page.status]).toEqual([name, 401, 303])
    asked += 1
  }
  expect(asked).toBe(12)
})

test('without a session only the listed routes answer; every other leads to signing in', async () => {
  const { WITHOUT_SESSION } = await import('../../src/http/app.ts')
  const ask = (path: string) => production.fetch(`${BASE}${path}`, { headers: SECURE })

  expect(WITHOUT_SESSION).toEqual([
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
  ])
  for (const path of [
    '',
    '/m/orders',
    '/m/orders/1',
    '/profile',
    '/audit',
    '/people',
    '/sign-in/other',
    '/nothing',
    '/sign-in%2f..',
  ]) {
    const answer = await ask(path)
    expect([path, answer.status, answer.headers.get('location')?.split('?')[0]]).toEqual([
      path,
      303,
      `${BASE}/sign-in`,
    ])
  }
  for (const path of ['/api/v1/models', '/api/v1/models/orders/records/1', '/api/v1/nothing', '/api/v1']) {
    const answer = await ask(path)
    expect([path, answer.status, answer.headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer'])
  }
})

test('tells the part of a page that asks to load the sign-in page as a whole', async () => {
  const answer = await production.fetch(`${BASE}/m/orders?q=a`, {
    headers: { ...SECURE, 'hx-request': 'true' },
  })

  expect(answer.status).toBe(401)
  expect(answer.headers.get('hx-redirect')).toBe(
    `${BASE}/sign-in?next=${encodeURIComponent(`${BASE}/m/orders?q=a`)}`,
  )
})
