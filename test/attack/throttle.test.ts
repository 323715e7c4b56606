/** Guessing without end: at one account, from one network in many spellings, at a code, and through whatever resets a count. */

import { afterEach, expect, test } from 'vitest'
import { BASE, type Client } from '../client.ts'
import { type HouseOptions, PASSWORD, type SignedIn, signInWith } from '../house.ts'
import { openProduction, type Production } from '../http/behind-proxy.ts'
import { withoutThrottle } from './loosened.ts'

let production: Production
afterEach(() => production.house.close())

const ELSEWHERE = '203.0.113.9'

async function open(options: Partial<HouseOptions> = {}): Promise<SignedIn> {
  production = await openProduction(options)
  return production.signIn('superadmin')
}

async function guess(email: string, address = ELSEWHERE, more: Readonly<Record<string, string>> = {}) {
  const client = production.visitor(address)
  return (await client.post(`${BASE}/sign-in`, { email, password: 'not this one', ...more })).status
}

/** The statuses of so many guesses, one after another. */
async function guesses(count: number, how: (index: number) => Promise<number>): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let index = 0; index < count; index += 1) statuses.push(await how(index))
  return statuses
}

const WAITS_AFTER_FIVE = [401, 401, 401, 401, 401, 429, 429, 429]

test('an account waits after five wrong passwords, from wherever they come', async () => {
  const { email } = await open()

  expect(await guesses(8, (index) => guess(email, `203.0.${index}.1`))).toEqual(WAITS_AFTER_FIVE)
})

test('control: with the counts forgotten it never waits', async () => {
  const { email } = await open()
  await withoutThrottle(production.house)

  expect(new Set(await guesses(40, (index) => guess(email, `203.0.${index}.1`)))).toEqual(new Set([401]))
})

test('spelling the address otherwise, or sending more along, is the same account', async () => {
  const { email } = await open()
  const spellings = [email, email.toUpperCase(), ` ${email}`, `${email} `, email.replace('p', 'P')]

  expect(
    await guesses(8, (index) =>
      guess(spellings[index % 5] ?? email, `203.0.${index}.1`, {
        [`x${index}`]: 'y',
        username: `${index}`,
        next: `/admin?${index}`,
      }),
    ),
  ).toEqual(WAITS_AFTER_FIVE)
})

test('fifty wrong passwords at once are counted to the last', async () => {
  const { email } = await open()
  const clients = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const client = production.visitor(`203.0.${index}.1`)
      return [client, await client.csrf(`${BASE}/sign-in`)] as const
    }),
  )

  const statuses = await Promise.all(
    clients.map(async ([client, csrf]) => {
      const fields = { email, password: 'not this one' }
      return (await client.post(`${BASE}/sign-in`, fields, { csrf })).status
    }),
  )
  expect(statuses.filter((status) => status === 401)).toHaveLength(5)
  expect(statuses.filter((status) => status === 429)).toHaveLength(45)
})

test('one network in a thousand spellings is one network', async () => {
  await open()
  const addresses = [
    '2001:db8:1:2::1',
    '2001:0DB8:0001:0002:0000:0000:0000:0002',
    '2001:db8:1:2:ffff:ffff:ffff:ffff',
    '2001:DB8:1:2::3%eth0',
    '[2001:db8:1:2::4]:4444',
  ]

  const statuses = await guesses(32, (index) =>
    guess(`nobody${index}@example.com`, addresses[index % 5] ?? ''),
  )
  expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401))
  expect(statuses.slice(30)).toEqual([429, 429])
})

test('control: another network is not kept waiting by it', async () => {
  await open()
  await guesses(31, (index) => guess(`nobody${index}@example.com`, '2001:db8:1:2::1'))

  expect(await guess('nobody@example.com', '2001:db8:1:2::7')).toBe(429)
  expect(await guess('nobody@example.com', '2001:db8:1:3::1')).toBe(401)
})

test('an IPv4 address within IPv6 is that IPv4 address', async () => {
  await open()
  await guesses(31, (index) => guess(`nobody${index}@example.com`, '203.0.113.9'))

  expect(await guess('other@example.com', '::ffff:203.0.113.10')).toBe(429)
  expect(await guess('other@example.com', '::ffff:cb00:710b')).toBe(429)
})

test('the owner gets in from a network they have used, while strangers keep the account waiting', async () => {
  const { email, code } = await open()
  expect((await guesses(8, (index) => guess(email, `203.0.${index}.1`))).at(-1)).toBe(429)

  const client = production.visitor()
  await signInWith(client, email, code())
  expect((await client.get(`${BASE}/profile`)).status).toBe(200)
})

test('control: with the known networks forgotten the owner waits too', async () => {
  const { email } = await open()
  await guesses(8, (index) => guess(email, `203.0.${index}.1`))
  await production.house.sql('delete from castellan_known_network')

  const { status } = await production.visitor().post(`${BASE}/sign-in`, { email, password: PASSWORD })
  expect(status).toBe(429)
})

/** Signs in with the password, and tries so many codes. */
async function tryCodes(client: Client, count: number): Promise<readonly number[]> {
  return guesses(count, async (index) => {
    const code = String(100_000 + index)
    return (await client.post(`${BASE}/sign-in/second-factor`, { code })).status
  })
}

test('codes are limited for the person, however often the sign-in begins anew', async () => {
  const { email } = await open()
  const statuses: number[] = []

  for (let round = 0; round < 4; round += 1) {
    const client = production.visitor()
    await client.post(`${BASE}/sign-in`, { email, password: PASSWORD })
    statuses.push(...(await tryCodes(client, 2)))
  }
  expect(statuses).toEqual(WAITS_AFTER_FIVE)
})

test('control: with the counts forgotten codes never wait', async () => {
  const { email } = await open()
  await withoutThrottle(production.house)
  const client = production.visitor()
  await client.post(`${BASE}/sign-in`, { email, password: PASSWORD })

  expect(new Set(await tryCodes(client, 40))).toEqual(new Set([401]))
})

test('codes tried in a step-up count with those of the sign-in', async () => {
  const { email, client } = await open()
  const other = await production.signIn('support')
  production.house.clock.now += 6 * 60_000
  const stepUp = async (code: string): Promise<number> =>
    (await client.post(`${BASE}/people/${other.id}/deactivate`, { _code: code }, { from: `${BASE}/profile` }))
      .status

  expect([await stepUp('100000'), await stepUp('100001'), await stepUp('100002')]).toEqual([401, 401, 401])
  const visitor = production.visitor()
  await visitor.post(`${BASE}/sign-in`, { email, password: PASSWORD })
  expect(await tryCodes(visitor, 3)).toEqual([401, 401, 429])
})

test('a count outlives the transaction of an attempt that failed', async () => {
  // whose triggers say it in one statement
  const { email } = await open({ engine: 'sqlite' })
  await production.house.sql(
    "create trigger broken before insert on castellan_audit_event when new.kind = 'identity.sign-in' begin select raise(abort, 'disk full'); end",
  )

  expect(await guesses(7, (index) => guess(email, `203.0.${index}.1`))).toEqual([
    500, 500, 500, 500, 500, 429, 429,
  ])
  await production.house.sql('drop trigger broken')

  expect(await guess(email, '203.0.99.1')).toBe(429)
})

test('the count is the store’s: another process goes on with it', async () => {
  const { email } = await open()
  await guesses(5, (index) => guess(email, `203.0.${index}.1`))

  const other = await production.house.second()
  const first = production.visitor('203.0.99.1')
  const token = await first.csrf(`${BASE}/sign-in`)
  const cookie = [...first.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const { status } = await other.fetch(
    new Request(`https://admin.example.com${BASE}/sign-in`, {
      method: 'POST',
      headers: {
        'x-forwarded-for': '203.0.99.1',
        'x-forwarded-proto': 'https',
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/x-www-form-urlencoded',
        cookie,
      },
      body: new URLSearchParams({ _csrf: token, email, password: PASSWORD }).toString(),
    }),
    { address: '10.0.0.1' },
  )
  expect(status).toBe(429)
})
