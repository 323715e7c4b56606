/** What comes back from a provider is not what was asked for, or comes to a browser that asked for nothing. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { BASE, type Client } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { CLIENT_ID, CLIENT_SECRET, type Forge, openProvider, type TestProvider } from '../oidc-provider.ts'
import { begin, comeBack, FROM_ELSEWHERE, onwardOf, signInAt } from '../provider-way.ts'
import { SHOP } from './shop.ts'

const VICTIM = { sub: 'victim' }
const SECOND_FACTOR = `${BASE}/sign-in/second-factor`

let house: House
let provider: TestProvider
let other: TestProvider
let victim: SignedIn

beforeAll(async () => {
  provider = await openProvider(['corp', 'twin'])
  other = await openProvider(['other'])
  const client = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }
  house = await openHouse({
    sql: SHOP,
    oidc: [
      { id: 'corp', label: 'Corp', issuer: provider.issuer, ...client },
      { id: 'twin', label: 'Twin', issuer: provider.issuer, ...client },
      { id: 'other', label: 'Other', issuer: other.issuer, ...client },
      { id: 'liar', label: 'Liar', issuer: provider.issuer.replace('127.0.0.1', 'localhost'), ...client },
    ],
  })
  victim = await house.signIn({ role: 'admin' })
  provider.account = VICTIM
  other.account = VICTIM
  const started = await victim.client.post(
    `${BASE}/profile/providers/corp/link`,
    {},
    { from: `${BASE}/profile` },
  )
  await comeBack(victim.client, await provider.visit(onwardOf(started)))
})
afterAll(async () => {
  await house.close()
  await provider.close()
  await other.close()
})
afterEach(() => {
  provider.forge = null
  provider.account = VICTIM
})

/** The path that a provider sends its visitor back to, with some of its query replaced. */
function withQuery(path: string, changes: Readonly<Record<string, string | null>>): string {
  const url = new URL(path, 'http://x')
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return `${url.pathname}${url.search}`
}

const isPending = (client: Client): boolean =>
  [...client.cookies.keys()].some((name) => name.includes('-pending'))

test('control: what comes back untouched leads on', async () => {
  const browser = house.visitor()

  expect(onwardOf(await signInAt(browser, provider, 'corp'))).toBe(SECOND_FACTOR)
  expect(isPending(browser)).toBe(true)
})

const FORGERIES: Readonly<Record<string, Forge>> = {
  'with another nonce': (claims, { asProvider }) => asProvider({ ...claims, nonce: 'of another sign-in' }),
  'without a nonce': ({ nonce: _, ...claims }, { asProvider }) => asProvider(claims),
  'for another client': (claims, { asProvider }) => asProvider({ ...claims, aud: 'somebody-else' }),
  'for several clients, at the word of another': (claims, { asProvider }) =>
    asProvider({ ...claims, aud: [CLIENT_ID, 'somebody-else'], azp: 'somebody-else' }),
  'of another issuer': (claims, { asProvider }) => asProvider({ ...claims, iss: other.issuer }),
  'that has expired': (claims, { asProvider }) => asProvider({ ...claims, exp: (claims.iat ?? 0) - 3600 }),
  'signed by a stranger': (claims, { asStranger }) => asStranger(claims),
  'signed by nobody': (claims, { asNobody }) => asNobody(claims),
  'about somebody else than the rest of the answer': (claims, { asProvider }) =>
    asProvider({ ...claims, sub: 'another' }),
}

test.each(Object.entries(FORGERIES))('an ID token %s signs nobody in', async (_, forge) => {
  provider.forge = forge
  const browser = house.visitor()

  const answer = await signInAt(browser, provider, 'corp')
  expect([answer.status, isPending(browser)]).toEqual([401, false])
})

test('control: one that is made anew and says the same is as good', async () => {
  provider.forge = (claims, { asProvider }) => asProvider(claims)

  expect(onwardOf(await signInAt(house.visitor(), provider, 'corp'))).toBe(SECOND_FACTOR)
})

test('an answer that another browser asked for signs nobody in', async () => {
  const [attacker, browser] = [house.visitor(), house.visitor()]
  const path = await provider.visit(await begin(attacker, 'corp'))

  expect((await browser.get(path, FROM_ELSEWHERE)).status).toBe(401)
  await begin(browser, 'corp')
  expect((await comeBack(browser, path)).status).toBe(401)
  expect(isPending(browser)).toBe(false)
})

test('control: the browser that asked gets in with that very answer', async () => {
  const browser = house.visitor()
  const path = await provider.visit(await begin(browser, 'corp'))

  expect(onwardOf(await comeBack(browser, path))).toBe(SECOND_FACTOR)
})

test('an attacker’s code in the victim’s answer signs nobody in', async () => {
  const [attacker, browser] = [house.visitor(), house.visitor()]
  const stolen = new URL(await provider.visit(await begin(attacker, 'corp')), 'http://x')
  const own = await provider.visit(await begin(browser, 'corp'))

  const answer = await comeBack(browser, withQuery(own, { code: stolen.searchParams.get('code') }))
  expect([answer.status, isPending(browser)]).toEqual([401, false])
})

test.each([
  ['another state', { state: 'x'.repeat(43) }],
  ['no state', { state: null }],
  ['no code', { code: null }],
  ['another issuer', { iss: 'https://evil.example' }],
  ['no issuer', { iss: null }],
  ['an error', { code: null, error: 'access_denied' }],
])('an answer with %s signs nobody in', async (_, changes) => {
  const browser = house.visitor()
  const path = await provider.visit(await begin(browser, 'corp'))

  const answer = await comeBack(browser, withQuery(path, changes))
  expect([answer.status, isPending(browser)]).toEqual([401, false])
})

test('an answer counts once, however often and in how many processes it comes', async () => {
  const browser = house.visitor()
  const path = await provider.visit(await begin(browser, 'corp'))
  const cookies = new Map(browser.cookies)
  const again = () => {
    const client = house.visitor()
    for (const [name, value] of cookies) client.cookies.set(name, value)
    return client
  }

  const answers = await Promise.all(Array.from({ length: 10 }, () => comeBack(again(), path)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  const asked = provider.asked.filter((one) => one === 'POST /token').length
  expect((await comeBack(again(), path)).status).toBe(401)
  expect(provider.asked.filter((one) => one === 'POST /token')).toHaveLength(asked)
})

test('an answer of one provider is none of another, though their people were the same', async () => {
  for (const [from, to] of [
    ['corp', 'other'],
    ['corp', 'twin'],
  ] as const) {
    const browser = house.visitor()
    const path = await provider.visit(await begin(browser, from))
    const answer = await comeBack(browser, path.replace(`/from/${from}`, `/from/${to}`))
    expect([answer.status, isPending(browser)], to).toEqual([401, false])
  }
})

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '/admin/..//evil.example',
  '/adminevil',
  '/admin;url=https://evil.example',
])('signing in with a provider leads to no other place than this admin: %s', async (next) => {
  const browser = house.visitor()
  const path = await provider.visit(await begin(browser, 'corp', next))

  expect(onwardOf(await comeBack(browser, path))).toBe(SECOND_FACTOR)
})

test('control: it does lead to a page of this admin', async () => {
  const browser = house.visitor()
  const next = `${BASE}/m/orders?q=a%20b`
  const path = await provider.visit(await begin(browser, 'corp', next))

  expect(onwardOf(await comeBack(browser, path))).toBe(`${SECOND_FACTOR}?next=${encodeURIComponent(next)}`)
})

test('a provider that calls itself otherwise than it was configured is asked for nothing', async () => {
  const visitor = house.visitor()
  const asked = provider.asked.length
  const answer = await visitor.post(`${BASE}/sign-in/with/liar`, {}, { from: `${BASE}/sign-in` })

  expect(answer.status).toBe(503)
  expect(provider.asked.slice(asked)).toEqual(['GET /.well-known/openid-configuration'])
})

test('the same subject at another provider is somebody else', async () => {
  const answer = await signInAt(house.visitor(), other, 'other')

  expect(answer.status).toBe(401)
})

test('a sign-in that took longer than ten minutes is over', async () => {
  const browser = house.visitor()
  const path = await provider.visit(await begin(browser, 'corp'))
  house.clock.now += 10 * 60_000

  expect((await comeBack(browser, path)).status).toBe(401)
})

test('an identity that is linked already is linked to nobody else', async () => {
  const mallory = await house.signIn({ role: 'support' })
  const started = await mallory.client.post(
    `${BASE}/profile/providers/corp/link`,
    {},
    { from: `${BASE}/profile` },
  )

  const answer = await comeBack(mallory.client, await provider.visit(onwardOf(started)))
  expect(answer.status).toBe(401)
  expect(await house.sql(`select 1 from castellan_oidc_link where person_id = '${mallory.id}'`)).toEqual([])
})

test('linking that was begun in a session is over with the session', async () => {
  const ana = await house.signIn({ role: 'support' })
  provider.account = { sub: 'ana' }
  const started = await ana.client.post(
    `${BASE}/profile/providers/corp/link`,
    {},
    { from: `${BASE}/profile` },
  )
  await house.sql(`delete from castellan_session where person_id = '${ana.id}'`)

  const answer = await comeBack(ana.client, await provider.visit(onwardOf(started)))
  expect(answer.status).toBe(401)
  expect(await house.sql(`select 1 from castellan_oidc_link where person_id = '${ana.id}'`)).toEqual([])
})
