/** An attacker plants their own cookies from before sign-in in the victim's browser, or swaps them between browsers. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { BASE, type Client, totpCode } from '../client.ts'
import { asSystem, type House, openHouse, PASSWORD, signInWith } from '../house.ts'
import { SHOP } from './shop.ts'

interface Someone {
  readonly email: string
  code(): string
}

/** A sign-in that was finished stays under way. */
const WITHOUT_END = `
  create trigger unfinished after delete on castellan_pending_sign_in
  begin
    insert into castellan_pending_sign_in (token_hash, person_id, stage, secret, created_at, expires_at)
    values (old.token_hash, old.person_id, old.stage, old.secret, old.created_at, old.expires_at);
  end;
`

let house: House
beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
})
afterEach(() => house.close())

async function add(email: string): Promise<Someone> {
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', {
    name: email,
    email,
    roles: ['admin'],
    password: PASSWORD,
    withTotp: true,
  })
  const { totpUri } = made as { totpUri: string }
  return {
    email,
    code() {
      house.clock.now += 30_000
      return totpCode(totpUri, house.clock.now)
    },
  }
}

const isIn = async (client: Client): Promise<boolean> => (await client.get(`${BASE}/profile`)).status === 200
const named = (client: Client, part: string): string =>
  [...client.cookies].find(([name]) => name === `castellan${part}-4600`)?.[1] ?? ''

/** A copy of every cookie, as planting or stealing makes one. */
function copy(from: Client, to: Client): void {
  for (const [name, value] of from.cookies) to.cookies.set(name, value)
}

test('cookies of before the sign-in open nothing after it', async () => {
  const victim = await add('victim@example.com')
  const attacker = house.visitor()
  await attacker.get(`${BASE}/sign-in`)
  const browser = house.visitor()
  copy(attacker, browser)

  await signInWith(browser, victim.email, victim.code())
  expect(await isIn(browser)).toBe(true)
  expect(await isIn(attacker)).toBe(false)
})

test('control: the cookies of after it do', async () => {
  const victim = await add('victim@example.com')
  const browser = house.visitor()
  await signInWith(browser, victim.email, victim.code())
  const thief = house.visitor()
  copy(browser, thief)

  expect(await isIn(thief)).toBe(true)
})

test('every sign-in makes tokens of its own', async () => {
  const victim = await add('victim@example.com')
  const browser = house.visitor()
  const seen = new Set<string>()

  for (let round = 0; round < 3; round += 1) {
    await signInWith(browser, victim.email, victim.code())
    for (const part of ['', '-refresh']) {
      seen.add(named(browser, part))
      browser.cookies.delete(`castellan${part}-4600`)
    }
  }
  expect(seen.size).toBe(6)
  expect(seen).not.toContain('')
})

test('a token for forms from before the sign-in serves no form after it', async () => {
  const victim = await add('victim@example.com')
  const browser = house.visitor()
  const before = await browser.csrf(`${BASE}/sign-in`)
  await signInWith(browser, victim.email, victim.code())

  expect((await browser.post(`${BASE}/sign-out`, {}, { csrf: before })).status).toBe(403)
  expect(await isIn(browser)).toBe(true)
})

test('control: the token of the session serves it', async () => {
  const victim = await add('victim@example.com')
  const browser = house.visitor()
  await signInWith(browser, victim.email, victim.code())

  const { status } = await browser.post(`${BASE}/sign-out`, {}, { from: `${BASE}/profile` })
  expect(status).toBe(303)
  expect(await isIn(browser)).toBe(false)
})

test('the victim’s code does not finish a sign-in that the attacker began', async () => {
  const [victim, mallory] = [await add('victim@example.com'), await add('mallory@example.com')]
  const attacker = house.visitor()
  await attacker.post(`${BASE}/sign-in`, { email: mallory.email, password: PASSWORD })
  const browser = house.visitor()
  copy(attacker, browser)

  const { status } = await browser.post(`${BASE}/sign-in/second-factor`, { code: victim.code() })
  expect(status).toBe(401)
  expect([await isIn(browser), await isIn(attacker)]).toEqual([false, false])
})

test('a sign-in under way opens nothing but its next step, wherever its token is put', async () => {
  const victim = await add('victim@example.com')
  const attacker = house.visitor()
  await attacker.post(`${BASE}/sign-in`, { email: victim.email, password: PASSWORD })
  const pending = named(attacker, '-pending')
  expect(pending).not.toBe('')

  for (const cookie of ['castellan-4600', 'castellan-refresh-4600']) {
    const client = house.visitor()
    client.cookies.set(cookie, pending)
    expect(await isIn(client), cookie).toBe(false)
  }
  for (const path of ['', '/m/orders', '/audit', '/people', '/sign-in/enrol']) {
    expect((await attacker.get(`${BASE}${path}`)).status, path).toBe(303)
  }
  for (const authorization of [`Bearer ${pending}`, `Bearer cst_${pending}`]) {
    const { status } = await attacker.send('GET', `${BASE}/api/v1/models`, { headers: { authorization } })
    expect(status).toBe(401)
  }
})

test('a sign-in that was finished in one browser is over in every other', async () => {
  const victim = await add('victim@example.com')
  const browser = house.visitor()
  await browser.post(`${BASE}/sign-in`, { email: victim.email, password: PASSWORD })
  const thief = house.visitor()
  copy(browser, thief)
  const token = await thief.csrf(`${BASE}/sign-in/second-factor`)
  await browser.post(`${BASE}/sign-in/second-factor`, { code: victim.code() })

  await thief.post(`${BASE}/sign-in/second-factor`, { code: victim.code() }, { csrf: token })
  expect([await isIn(browser), await isIn(thief)]).toEqual([true, false])
})

test('control: with its end undone the other browser finishes it as well', async () => {
  await house.close()
  house = await openHouse({ engine: 'sqlite', sql: SHOP })
  await house.sql(WITHOUT_END)
  const victim = await add('victim@example.com')
  const browser = house.visitor()
  await browser.post(`${BASE}/sign-in`, { email: victim.email, password: PASSWORD })
  const thief = house.visitor()
  copy(browser, thief)
  const token = await thief.csrf(`${BASE}/sign-in/second-factor`)
  await browser.post(`${BASE}/sign-in/second-factor`, { code: victim.code() })

  await thief.post(`${BASE}/sign-in/second-factor`, { code: victim.code() }, { csrf: token })
  expect([await isIn(browser), await isIn(thief)]).toEqual([true, true])
})

test('an id for a request, a session or a trace that a client sends names nothing', async () => {
  const victim = await add('victim@example.com')
  const browser = house.visitor()
  await signInWith(browser, victim.email, victim.code())
  const [session] = (await house.sql(
    'select id, token_hash, refresh_family from castellan_session',
  )) as Record<string, string>[]

  const values = Object.values(session ?? {})
  expect(values).toHaveLength(3)
  for (const value of values) {
    for (const cookie of ['castellan-4600', 'castellan-refresh-4600', 'castellan-pending-4600']) {
      const client = house.visitor()
      client.cookies.set(cookie, value)
      expect(await isIn(client)).toBe(false)
    }
    expect((await house.visitor().get(`${BASE}/profile?sid=${value}&session=${value}`)).status).toBe(303)
  }
})
