/** A code that was used, or read over a shoulder, is used again: one after another and all at once. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { BASE, type Client, totpCode } from '../client.ts'
import { asSystem, type House, openHouse, PASSWORD } from '../house.ts'
import { withoutLastStep, withoutThrottle } from './loosened.ts'
import { SHOP } from './shop.ts'

const EMAIL = 'ana@example.com'
const STEP = `${BASE}/sign-in/second-factor`

let house: House
beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
})
afterEach(() => house.close())

/** What makes a recovery code work once, taken away: on SQLite, which lets a trigger change its own table. */
const WITHOUT_REMOVAL = `
  create trigger kept after delete on castellan_credential when old.kind = 'recovery'
  begin
    insert into castellan_credential (id, person_id, kind, secret, last_step, created_at, used_at)
    values (old.id, old.person_id, old.kind, old.secret, old.last_step, old.created_at, old.used_at);
  end;
`

/** Someone with an authenticator; answers the code of now. */
async function person(): Promise<() => string> {
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', {
    name: 'Ana',
    email: EMAIL,
    roles: ['admin'],
    password: PASSWORD,
    withTotp: true,
  })
  const { totpUri } = made as { totpUri: string }
  return () => totpCode(totpUri, house.clock.now)
}

/** Someone who has set up their authenticator, and the recovery codes that were shown. */
async function withRecoveryCodes(): Promise<readonly string[]> {
  const fields = { name: 'Ana', email: EMAIL, roles: ['admin'], password: PASSWORD }
  await asSystem(house.admin, house.clock.now, 'castellan.people.create', fields)
  const client = house.visitor()
  await client.post(`${BASE}/sign-in`, { email: EMAIL, password: PASSWORD })
  const page = (await client.get(`${BASE}/sign-in/enrol`)).text
  const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(page)?.[1]?.replaceAll(' ', '') ?? ''
  const code = totpCode(`otpauth://totp/x?secret=${secret}`, house.clock.now)
  const { text } = await client.post(`${BASE}/sign-in/enrol`, { code })
  const codes = [...text.matchAll(/<li><code>([^<]+)<\/code><\/li>|<li>([^<]+)<\/li>/g)]
    .map(([, one, other]) => one ?? other ?? '')
    .filter((one) => /^[\w-]{8,}$/.test(one))
  expect(codes.length).toBeGreaterThanOrEqual(8)
  return codes
}

/** A browser that owes the code. */
async function begun(): Promise<Client> {
  const client = house.visitor()
  const { location } = await client.post(`${BASE}/sign-in`, { email: EMAIL, password: PASSWORD })
  expect(location).toBe(STEP)
  return client
}

const enter = async (client: Client, code: string): Promise<number> =>
  (await client.post(STEP, { code })).status

/** How many of fifty browsers get in with that code at once. */
async function atOnce(code: string): Promise<number> {
  const browsers: [Client, string][] = []
  for (let index = 0; index < 50; index += 1) {
    const client = await begun()
    browsers.push([client, await client.csrf(STEP)])
  }
  const statuses = await Promise.all(
    browsers.map(async ([client, csrf]) => (await client.post(STEP, { code }, { csrf })).status),
  )
  return statuses.filter((status) => status === 303).length
}

test('a code of an authenticator works once, in whatever way it is written', async () => {
  const code = (await person())()
  await withoutThrottle(house)

  expect(await enter(await begun(), code)).toBe(303)

  for (const again of [code, ` ${code}`, `${code.slice(0, 3)} ${code.slice(3)}`, `${code}\n`, `\t${code} `]) {
    expect(await enter(await begun(), again), JSON.stringify(again)).toBe(401)
  }
})

test('control: with its step forgotten it works again', async () => {
  const code = (await person())()
  expect(await enter(await begun(), code)).toBe(303)
  await house.sql('update castellan_credential set last_step = null')

  expect(await enter(await begun(), code)).toBe(303)
})

test('an older code that was never used does not work after a newer one', async () => {
  const codeOfNow = await person()
  const older = codeOfNow()
  house.clock.now += 30_000

  expect(await enter(await begun(), codeOfNow())).toBe(303)
  expect(await enter(await begun(), older)).toBe(401)
})

test('of fifty browsers with the same code at once, one gets in', async () => {
  const code = (await person())()
  await withoutThrottle(house)

  expect(await atOnce(code)).toBe(1)
})

test('control: with steps forgotten at once, all fifty get in', async () => {
  const code = (await person())()
  await withoutThrottle(house)
  await withoutLastStep(house)

  expect(await atOnce(code)).toBe(50)
})

test('what a browser says of the time counts for nothing: codes are those of the server’s clock', async () => {
  const codeOfNow = await person()
  await withoutThrottle(house)
  const now = house.clock.now
  house.clock.now = now + 10 * 60_000
  const later = codeOfNow()
  house.clock.now = now
  const client = await begun()
  const at = new Date(now + 10 * 60_000)
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    date: at.toUTCString(),
    'if-modified-since': at.toUTCString(),
    'x-timestamp': at.toISOString(),
  }

  const body = new URLSearchParams({ _csrf: await client.csrf(STEP), code: later }).toString()

  expect((await client.send('POST', STEP, { headers, body })).status).toBe(401)

  // control: once it is that time here
  house.clock.now = now + 10 * 60_000
  expect(await enter(await begun(), later)).toBe(303)
})

test('a code that proved a session again does not sign in, nor the other way round', async () => {
  const { client, email, code } = await house.signIn({ role: 'superadmin', email: EMAIL })
  expect(email).toBe(EMAIL)
  const other = await house.signIn({ role: 'support' })
  house.clock.now += 6 * 60_000
  const used = code()
  const proof = await client.post(
    `${BASE}/people/${other.id}/deactivate`,
    { _code: used },
    { from: `${BASE}/profile` },
  )
  expect(proof.status).toBe(303)

  expect(await enter(await begun(), used)).toBe(401)
})

test('a recovery code works once, in whatever way it is written', async () => {
  const [code = ''] = await withRecoveryCodes()
  await withoutThrottle(house)

  expect(await enter(await begun(), code)).toBe(303)

  for (const again of [code, ` ${code} `, code.toLowerCase(), code.toUpperCase(), code.replaceAll('-', '')]) {
    expect(await enter(await begun(), again), again).toBe(401)
  }
})

test('control: another recovery code, written with spaces and in other letters, does', async () => {
  const [, code = ''] = await withRecoveryCodes()

  expect(await enter(await begun(), ` ${code.toLowerCase()} `)).toBe(303)
})

test('of fifty browsers with the same recovery code at once, one gets in', async () => {
  const [code = ''] = await withRecoveryCodes()
  await withoutThrottle(house)

  expect(await atOnce(code)).toBe(1)
})

test('control: with its removal undone, all fifty get in', async () => {
  await house.close()
  house = await openHouse({ engine: 'sqlite', sql: SHOP })
  const [code = ''] = await withRecoveryCodes()
  await withoutThrottle(house)
  await house.sql(WITHOUT_REMOVAL)

  expect(await atOnce(code)).toBe(50)
})
