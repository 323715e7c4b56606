/** Requests that another site makes a browser send: every combination is refused, and the control goes through. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedIn } from '../house.ts'
import { BASE, ORIGIN, openProduction, type Production, SECURE } from './behind-proxy.ts'

let production: Production
let ana: SignedIn
let bo: SignedIn
let token: string
let foreignToken: string

beforeAll(async () => {
  production = await openProduction()
  ana = await production.signIn('superadmin')
  bo = await production.signIn('superadmin')
  token = await ana.client.csrf(`${BASE}/profile`)
  foreignToken = await bo.client.csrf(`${BASE}/profile`)
})
afterAll(() => production.house.close())

const FORM = 'application/x-www-form-urlencoded'
const API = `${BASE}/api/v1/models/orders/records/1`

interface Attempt {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends with Ana's cookies, as a browser would whatever site asks it to. */
function attempt({ method = 'POST', path = `${BASE}/theme`, headers = {}, body = '' }: Attempt) {
  const cookie = [...ana.client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return production.fetch(path, { method, headers: { ...SECURE, cookie, ...headers }, body })
}

const form = (csrf: string | null) =>
  new URLSearchParams({ theme: 'dark', ...(csrf !== null && { _csrf: csrf }) }).toString()
const own = { origin: ORIGIN, 'sec-fetch-site': 'same-origin', 'content-type': FORM }

test('a form of this admin goes through', async () => {
  for (const headers of [
    own,
    { origin: ORIGIN, 'content-type': FORM },
    { 'sec-fetch-site': 'same-origin', 'content-type': FORM },
    // what browsers send under Referrer-Policy: no-referrer
    { ...own, origin: 'null' },
  ]) {
    expect((await attempt({ headers, body: form(token) })).status).toBe(303)
  }
})

test.each([
  ['from another site', { ...own, 'sec-fetch-site': 'cross-site' }],
  ['from a sibling of the host', { ...own, 'sec-fetch-site': 'same-site' }],
  ['typed into the address bar', { ...own, 'sec-fetch-site': 'none' }],
  ['with another origin', { ...own, origin: 'https://evil.example' }],
  ['with an origin that only begins like ours', { ...own, origin: `${ORIGIN}.evil.example` }],
  ['with an origin that only ends like ours', { ...own, origin: 'https://evil-admin.example.com' }],
  ['with our origin over plain HTTP', { ...own, origin: 'http://admin.example.com' }],
  ['with our origin on another port', { ...own, origin: `${ORIGIN}:8443` }],
  ['with the origin null and nothing else', { origin: 'null', 'content-type': FORM }],
  ['without a word of where it comes from', { 'content-type': FORM }],
  ['with a referrer alone', { referer: `${ORIGIN}${BASE}`, 'content-type': FORM }],
])('refuses a form %s, though its token is right', async (_, headers) => {
  const answer = await attempt({ headers, body: form(token) })

  expect(answer.status).toBe(403)
})

test.each([
  ['none', () => null],
  ['an empty one', () => ''],
  ["another session's", () => foreignToken],
  ['one with a changed letter', () => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
])('refuses a form of this site with a wrong token: %s', async (_, csrf) => {
  expect((await attempt({ headers: own, body: form(csrf()) })).status).toBe(403)
})

test('refuses a token that stands twice, or in the address', async () => {
  const twice = `${form(token)}&_csrf=${encodeURIComponent(token)}`
  expect((await attempt({ headers: own, body: twice })).status).toBe(403)

  const path = `${BASE}/theme?_csrf=${encodeURIComponent(token)}`
  expect((await attempt({ headers: own, path, body: form(null) })).status).toBe(403)
})

test('refuses a token of before the session on routes that need one', async () => {
  const visitor = production.visitor()
  const before = await visitor.csrf(`${BASE}/sign-in`)
  const cookie = [...ana.client.cookies, ...visitor.cookies]
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
  const answer = await attempt({
    path: `${BASE}/sign-out`,
    headers: { ...own, cookie },
    body: new URLSearchParams({ _csrf: before }).toString(),
  })

  expect(answer.status).toBe(403)
  expect((await ana.client.get(`${BASE}/profile`)).status).toBe(200)
})

test.each([
  'text/plain',
  'multipart/form-data',
  'multipart/mixed; boundary=x',
  'application/json',
  `${FORM}; charset=utf-7`,
  '',
])('refuses a form that comes as %j', async (type) => {
  const answer = await attempt({ headers: { ...own, 'content-type': type }, body: form(token) })

  expect(answer.status).toBe(415)
  expect(await answer.text()).toContain(FORM)
})

test('asks a form with files for its token too', async () => {
  const answer = await attempt({
    headers: { ...own, 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="status"\r\n\r\nunpaid\r\n--x--\r\n',
  })

  expect(answer.status).toBe(403)
})

test.each([FORM, 'text/plain', 'multipart/form-data; boundary=x'])(
  'refuses a body of the API that needs no leave of its browser: %s',
  async (type) => {
    const headers = { ...own, 'content-type': type, 'x-csrf-token': token }
    const answer = await attempt({
      method: 'PATCH',
      path: API,
      headers,
      body: '{"values":{"status":"unpaid"}}',
    })

    expect(answer.status).toBe(415)
  },
)

test('takes a change over the API with the session only with its token in the header', async () => {
  const body = '{"values":{"status":"unpaid"}}'
  const headers = { ...own, 'content-type': 'application/json' }

  expect((await attempt({ method: 'PATCH', path: API, headers, body })).status).toBe(403)
  expect(
    (
      await attempt({
        method: 'PATCH',
        path: API,
        headers: { ...headers, 'x-csrf-token': foreignToken },
        body,
      })
    ).status,
  ).toBe(403)
  expect(
    (await attempt({ method: 'PATCH', path: API, headers: { ...headers, 'x-csrf-token': token }, body }))
      .status,
  ).toBe(200)
})

test('an Authorization header does not lend its leave to the cookies beside it', async () => {
  const body = '{"values":{"status":"paid"}}'
  const headers = {
    'content-type': 'application/json',
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
  }

  for (const authorization of ['Bearer cst_guessed', 'Bearer', 'Basic YTpi', 'Bearer a b']) {
    const answer = await attempt({ method: 'PATCH', path: API, headers: { ...headers, authorization }, body })
    expect([authorization, answer.status]).toEqual([authorization, 401])
  }
  const page = { ...own, 'sec-fetch-site': 'cross-site', authorization: 'Bearer cst_guessed' }
  expect((await attempt({ headers: page, body: form(token) })).status).toBe(403)
})

test('other sites may link here and nothing else', async () => {
  const cross = { 'sec-fetch-site': 'cross-site' }
  const read = (headers: Record<string, string>) =>
    production.fetch(`${BASE}/sign-in`, { headers: { ...SECURE, ...cross, ...headers } })

  expect((await read({ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).status).toBe(200)
  for (const dest of ['image', 'script', 'iframe', 'empty']) {
    const mode = dest === 'iframe' ? 'navigate' : 'no-cors'
    expect((await read({ 'sec-fetch-mode': mode, 'sec-fetch-dest': dest })).status).toBe(403)
  }
})

test('whoever follows a link from elsewhere is asked to come again from here, and then signs in', async () => {
  const from = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const arrival = await production.fetch(`${BASE}/m/orders`, { headers: { ...SECURE, ...from } })

  expect(arrival.status).toBe(200)
  expect(await arrival.text()).toContain('<meta http-equiv="refresh" content="0">')
  const again = await production.visitor().get(`${BASE}/m/orders`)
  expect(again.location).toBe(`${BASE}/sign-in?next=${encodeURIComponent(`${BASE}/m/orders`)}`)
})

test('records refused requests, once a minute for the same client and check', async () => {
  const forged = async () =>
    (await production.house.sql(
      `select count(*) as count from castellan_audit_event where kind = 'guard.forged-request' and outcome = 'refused'`,
    )) as [{ count: number }]
  production.house.clock.now += 60_000
  const [{ count: before }] = await forged()
  const bad = { ...own, origin: 'https://evil.example' }

  for (let round = 0; round < 3; round += 1) await attempt({ headers: bad, body: form(token) })
  expect((await forged())[0].count).toBe(before + 1)

  production.house.clock.now += 60_000
  await attempt({ headers: bad, body: form(token) })
  const [{ event }] = (await production.house.sql(
    `select event from castellan_audit_event where kind = 'guard.forged-request' order by entry desc limit 1`,
  )) as [{ event: string }]
  expect(JSON.parse(event)).toMatchObject({
    outcome: 'refused',
    code: 'forged-request',
    request: { address: '198.51.100.7', route: `${BASE}/theme` },
    details: { check: 'same-origin', leftOut: 2 },
  })
})
