/** The header gate: every route and every status carries the same set. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROUTES } from '../attack/routes.ts'
import type { Client } from '../client.ts'
import { BASE, ORIGIN, openProduction, type Production, SECURE } from './behind-proxy.ts'

let production: Production
let ana: Client

beforeAll(async () => {
  production = await openProduction()
  ana = (await production.signIn('superadmin')).client
})
afterAll(() => production.house.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  production.fetch(path, { headers: { ...SECURE, ...headers } })

/** One answer of each status, in HTML, in JSON and in plain text. */
async function everyAnswer(): Promise<readonly Response[]> {
  const { fetch, house } = production
  const cookie = [...ana.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const token = await house.token(['superadmin'])
  const bearer = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    fetch(path, { method, headers: { ...SECURE, ...headers }, ...(body !== undefined && { body }) })
  const api = `${BASE}/api/v1`
  return [
    await get(`${BASE}/sign-in`),
    await get(BASE),
    await get('/'),
    await get('/elsewhere'),
    await get(`${BASE}/healthz`),
    await get(`${BASE}/readyz`),
    await get(`${BASE}/nothing`, { cookie }),
    await get(`${BASE}/profile`, { cookie }),
    await get(`${BASE}/assets/nothing.js`),
    await get(`${BASE}/sign-in?a=1&a=2`),
    await get(`${api}/models`),
    await get(`${api}/models`, bearer),
    await get(`${api}/nothing`, bearer),
    await get(`${api}/models`, { ...bearer, 'sec-fetch-dest': 'document' }),
    await get(`${BASE}/sign-in`, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }),
    await send(
      'PATCH',
      `${api}/models/orders/records/1`,
      { ...bearer, 'if-match': '"old"' },
      '{"values":{}}',
    ),
    await send('PATCH', `${api}/models/orders/records/1`, bearer, '{'),
    await send('PATCH', `${api}/models/orders/records/1`, { ...bearer, 'content-type': 'text/plain' }, '{}'),
    await send('PUT', `${api}/models/orders/records/1`, bearer, '{}'),
    await send('PURGE', `${BASE}/sign-in`, {}),
    await send('POST', `${BASE}/sign-in`, { origin: 'https://evil.example' }),
    await send('POST', `${BASE}/sign-in`, { origin: ORIGIN }, 'x'.repeat(1024 * 1024 + 1)),
    await fetch(`http://admin.example.com${BASE}`, { headers: { ...SECURE, 'x-forwarded-proto': 'http' } }),
    await fetch(`http://admin.example.com${BASE}`, { method: 'POST' }),
  ]
}

const EXACTLY: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}

test('every route and status carries the whole set of headers', async () => {
  const answers = await everyAnswer()
  const statuses = new Set(answers.map(({ status }) => status))

  expect([...statuses].sort((a, b) => a - b)).toEqual([
    200, 302, 303, 308, 401, 403, 404, 405, 406, 412, 413, 415, 422, 501,
  ])
  for (const { headers, status } of answers) {
    for (const [name, value] of Object.entries(EXACTLY))
      expect([status, name, headers.get(name)]).toEqual([status, name, value])
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(headers.get('permissions-policy')).toContain('camera=()')
    expect(headers.get('permissions-policy')).toContain('publickey-credentials-get=(self)')
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'nonce-([\w+/=]{22,})'; style-src 'self' 'nonce-\1'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types htmx$/,
    )
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin', 'etag']) {
      expect([status, headers.get(name)]).toEqual([status, null])
    }
    if (status !== 308 && status < 300) expect(headers.get('content-type')).toMatch(/charset=utf-8|json$/i)
  }
})

/** What stands for a piece of an address that is somebody's choice. */
const PIECES: Readonly<Record<string, string>> = { ':model': 'orders', ':key': '1', ':field': 'photo' }

test('every route of the pages and of the API carries it, for whoever asks', async () => {
  const cookie = [...ana.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const routes = Object.keys(ROUTES).map((route) => route.split(' '))
  expect(routes.length).toBeGreaterThan(60)

  for (const [method = '', path = ''] of routes) {
    const filled = path.replaceAll(/:\w+/g, (piece) => PIECES[piece] ?? '1')
    for (const who of [{}, { cookie }]) {
      const { headers, status } = await production.fetch(`${BASE}${filled}`, {
        method,
        headers: { ...SECURE, ...who, ...(method !== 'GET' && { origin: ORIGIN }) },
      })
      const found = Object.keys(EXACTLY).map((name) => [name, headers.get(name)])
      expect([method, path, status, ...found]).toEqual([method, path, status, ...Object.entries(EXACTLY)])
      expect(headers.get('strict-transport-security'), path).toMatch(/^max-age=31536000/)
      expect(headers.get('content-security-policy'), path).toMatch(/^default-src 'none'; script-src 'nonce-/)
      expect(headers.get('permissions-policy'), path).toContain('camera=()')
      for (const name of ['server', 'x-powered-by', 'access-control-allow-origin']) {
        expect([path, headers.get(name)]).toEqual([path, null])
      }
    }
  }
})

test('asks for TLS for a year where the request came over TLS, and only there', async () => {
  const secure = await get(`${BASE}/sign-in`)
  const plain = await production.fetch(`http://admin.example.com${BASE}/sign-in`)

  expect(secure.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  expect(plain.status).toBe(308)
  expect(plain.headers.get('strict-transport-security')).toBeNull()
})

test('no two answers share a nonce or a request id', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => get(`${BASE}/healthz`)))

  for (const name of ['content-security-policy', 'x-request-id']) {
    expect(new Set(answers.map(({ headers }) => headers.get(name))).size).toBe(200)
  }
})

test('every cookie is bound to the host, to TLS and to this site, and out of reach of scripts', async () => {
  const visitor = production.visitor()
  const signIn = await visitor.get(`${BASE}/sign-in`)
  const made = [...signIn.headers.getSetCookie()]
  const ended = await get(BASE, { cookie: '__Host-castellan=stale; __Host-castellan-refresh=stale' })
  made.push(...ended.headers.getSetCookie())

  expect(made.length).toBe(3)
  for (const cookie of made) {
    const [pair = '', ...attributes] = cookie.split('; ')
    expect(pair).toMatch(/^__Host-castellan/)
    expect(attributes).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']))
    expect(cookie).not.toMatch(/domain/i)
    expect(cookie.length).toBeLessThan(4096)
  }
  expect([...ana.cookies.keys()]).toEqual(
    expect.arrayContaining(['__Host-castellan', '__Host-castellan-refresh']),
  )
})

test('takes over a sane request id, and makes its own where it is not', async () => {
  const sane = await get(`${BASE}/healthz`, { 'x-request-id': 'trace-0123456789' })
  expect(sane.headers.get('x-request-id')).toBe('trace-0123456789')

  for (const id of ['short', 'a'.repeat(65), 'with space 1234', '"><script>', '../../etc/passwd']) {
    const answer = await get(`${BASE}/healthz`, { 'x-request-id': id })
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
  }
})

test('names no version to anyone who is not signed in', async () => {
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
  const paths = ['/sign-in', '/healthz', '/readyz', '/nothing', '/api/v1/models', '/set-up']
  const answers = await Promise.all(paths.map((path) => get(`${BASE}${path}`)))

  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  for (const answer of answers) {
    expect(await answer.text()).not.toContain(version)
    expect(JSON.stringify([...answer.headers])).not.toContain(version)
  }
})
