/** A refresh token that was copied goes on being used beside its owner, later, or with another session's tokens. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { BASE, type Client } from '../client.ts'
import { type House, openHouse, signInWith } from '../house.ts'
import { SHOP } from './shop.ts'

const [ACCESS, REFRESH] = ['castellan-4600', 'castellan-refresh-4600']
const MINUTE = 60_000

let house: House
beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
})
afterEach(() => house.close())

const whoIs = async (client: Client): Promise<string | null> => {
  const { status, text } = await client.get(`${BASE}/profile`)
  return status === 200 ? (/Person \d/.exec(text)?.[0] ?? '') : null
}

/** A browser with these cookies alone. */
function browser(cookies: Readonly<Record<string, string>>): Client {
  const client = house.visitor()
  for (const [name, value] of Object.entries(cookies)) client.cookies.set(name, value)
  return client
}

interface Copied {
  readonly owner: Client
  /** What the thief took before the owner renewed. */
  readonly old: string
}

/** Someone whose refresh token was copied, and who has renewed since and used what came. */
async function copied(): Promise<Copied> {
  const { client } = await house.signIn({ role: 'support' })
  const old = client.cookies.get(REFRESH) ?? ''
  house.clock.now += 16 * MINUTE
  expect(await whoIs(client)).toBe('Person 1')
  expect(client.cookies.get(REFRESH)).not.toBe(old)
  house.clock.now += 1000
  expect(await whoIs(client)).toBe('Person 1')
  return { owner: client, old }
}

const reuse = async (): Promise<number> =>
  (await house.sql("select entry from castellan_audit_event where kind = 'session.reuse'")).length

test('an old refresh token ends the session for both, and the log says so', async () => {
  const { owner, old } = await copied()
  house.clock.now += 61_000

  expect(await whoIs(browser({ [REFRESH]: old }))).toBeNull()
  expect(await whoIs(owner)).toBeNull()
  expect(await whoIs(browser({ [REFRESH]: owner.cookies.get(REFRESH) ?? 'x' }))).toBeNull()
  expect(await reuse()).toBe(1)
})

test('control: with its successor’s arrival forgotten, the old one renews', async () => {
  const { owner, old } = await copied()
  house.clock.now += 61_000
  await house.sql('update castellan_session set refresh_seen_at = null')

  expect(await whoIs(browser({ [REFRESH]: old }))).toBe('Person 1')
  expect(await whoIs(owner)).toBe('Person 1')
  expect(await reuse()).toBe(0)
})

test('within a minute the old one still serves a second tab, and gives no second line of tokens', async () => {
  const { owner, old } = await copied()
  const tab = browser({ [REFRESH]: old })

  expect(await whoIs(tab)).toBe('Person 1')
  expect(tab.cookies.get(REFRESH)).toBe(owner.cookies.get(REFRESH))
  expect(await reuse()).toBe(0)
})

test('of fifty renewals at once, all get the same successor', async () => {
  const { client } = await house.signIn({ role: 'support' })
  const old = client.cookies.get(REFRESH) ?? ''
  house.clock.now += 16 * MINUTE
  const tabs = Array.from({ length: 50 }, () => browser({ [REFRESH]: old }))

  expect(new Set(await Promise.all(tabs.map(whoIs)))).toEqual(new Set(['Person 1']))
  expect(new Set(tabs.map((tab) => tab.cookies.get(REFRESH))).size).toBe(1)
  expect(await reuse()).toBe(0)
})

test('two generations old, it ends the session at once', async () => {
  const { owner, old } = await copied()
  house.clock.now += 16 * MINUTE
  expect(await whoIs(owner)).toBe('Person 1')

  expect(await whoIs(browser({ [REFRESH]: old }))).toBeNull()
  expect(await whoIs(owner)).toBeNull()
})

test('the tokens of two sessions never add up to a third', async () => {
  const [one, two] = [await house.signIn({ role: 'support' }), await house.signIn({ role: 'superadmin' })]
  const cookie = ({ client }: typeof one, name: string): string => client.cookies.get(name) ?? ''
  const mixed = { [ACCESS]: cookie(one, ACCESS), [REFRESH]: cookie(two, REFRESH) }
  expect(await whoIs(browser(mixed))).toBe('Person 1')

  house.clock.now += 16 * MINUTE
  const late = browser(mixed)
  expect(await whoIs(late)).toBe('Person 2')
  expect(late.cookies.get(ACCESS)).not.toBe(mixed[ACCESS])
  expect(await whoIs(browser({ [ACCESS]: mixed[ACCESS] ?? '' }))).toBeNull()
})

test('a refresh token with one letter changed, or of a later generation, renews and ends nothing', async () => {
  const { owner } = await copied()
  const token = owner.cookies.get(REFRESH) ?? ''
  const bytes = Buffer.from(token, 'base64url')
  bytes.writeUInt32BE(9, 16)

  const bent = [...token].map(
    (letter, at) => `${token.slice(0, at)}${letter === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`,
  )
  for (const other of [bytes.toString('base64url'), ...bent, `${token}=`, `${token}A`, token.slice(1)])
    expect(await whoIs(browser({ [REFRESH]: other })), other).toBeNull()
  expect(await whoIs(owner)).toBe('Person 1')
  expect(await reuse()).toBe(0)
})

test('another site’s request renews nothing', async () => {
  const { client } = await house.signIn({ role: 'support' })
  house.clock.now += 16 * MINUTE
  const cross = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const before = client.cookies.get(REFRESH)

  expect((await client.get(`${BASE}/profile`, cross)).status).not.toBe(200)
  expect(client.cookies.get(REFRESH)).toBe(before)
  expect(await whoIs(client)).toBe('Person 1')
})

test('renewing outlives neither the sign-out nor the end of the session’s time', async () => {
  const { client, email, code } = await house.signIn({ role: 'support' })
  const old = client.cookies.get(REFRESH) ?? ''
  await client.post(`${BASE}/sign-out`, {}, { from: `${BASE}/profile` })
  expect(await whoIs(browser({ [REFRESH]: old }))).toBeNull()

  const again = house.visitor()
  await signInWith(again, email, code())
  const end = house.clock.now + 12 * 60 * MINUTE
  let rounds = 0
  while (house.clock.now < end - 16 * MINUTE) {
    house.clock.now += 16 * MINUTE
    rounds += 1
    expect(await whoIs(again)).toBe('Person 1')
  }
  expect(rounds).toBeGreaterThan(30)
  house.clock.now = end
  expect(await whoIs(again)).toBeNull()
})
