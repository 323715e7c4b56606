/** The link that makes the first administrator, in other hands: used, late, guessed, raced for, or with another host. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, BASE, type Client } from '../client.ts'
import { type House, openHouse, PASSWORD } from '../house.ts'
import { openProduction, SECURE } from '../http/behind-proxy.ts'
import { withoutThrottle } from './loosened.ts'
import { SHOP } from './shop.ts'

let house: House
beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
})
afterEach(() => house.close())

async function issued(): Promise<string> {
  const { setUpToken } = await house.admin.initialize()
  if (setUpToken === null) throw new Error('There is a person already.')
  return setUpToken
}

const fields = (token: string, email: string) => ({ token, name: 'Eve', email, password: PASSWORD })

async function setUp(
  token: string,
  email = 'eve@example.com',
  client: Client = house.visitor(),
): Promise<Answer> {
  return client.post(`${BASE}/set-up`, fields(token, email), { from: `${BASE}/sign-in` })
}

const people = async (): Promise<number> => (await house.sql('select id from castellan_person')).length

test('works once', async () => {
  const token = await issued()
  expect((await setUp(token)).location).toBe(`${BASE}/sign-in/enrol`)

  expect((await setUp(token, 'other@example.com')).status).toBe(404)
  expect((await house.visitor().get(`${BASE}/set-up?token=${token}`)).status).toBe(404)
  expect(await people()).toBe(1)
})

test('control: with its use and its person undone it works again', async () => {
  const token = await issued()
  const rows = (await house.sql('select * from castellan_set_up_token')) as Record<string, string>[]
  await setUp(token)
  const { token_hash: hash, created_at: at, expires_at: until } = rows[0] ?? {}
  for (const table of ['pending_sign_in', 'credential', 'role_grant', 'person'])
    await house.sql(`delete from castellan_${table}`)
  await house.sql(
    `insert into castellan_set_up_token (token_hash, created_at, expires_at) values ('${hash}', '${at}', '${until}')`,
  )

  expect((await setUp(token, 'other@example.com')).location).toBe(`${BASE}/sign-in/enrol`)
})

test('works no more once a person exists, however that person came', async () => {
  const token = await issued()
  await house.signIn({ role: 'support' })

  expect((await setUp(token)).status).toBe(404)
  expect((await house.admin.initialize()).setUpToken).toBeNull()
  expect(await people()).toBe(1)
})

test('works no more after an hour, or after a newer one', async () => {
  const [old, late] = [await issued(), await issued()]
  expect((await setUp(old)).status).toBe(404)

  house.clock.now += 60 * 60_000
  expect((await setUp(late)).status).toBe(404)
  expect(await people()).toBe(0)
})

test('control: a moment before the hour it works', async () => {
  const token = await issued()
  house.clock.now += 60 * 60_000 - 1

  expect((await setUp(token)).location).toBe(`${BASE}/sign-in/enrol`)
})

test('of fifty at once, one makes a person', async () => {
  const token = await issued()
  await withoutThrottle(house)
  const clients = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const client = house.visitor()
      return [client, await client.csrf(`${BASE}/sign-in`)] as const
    }),
  )

  const answers = await Promise.all(
    clients.map(([client, csrf], index) =>
      client.post(`${BASE}/set-up`, fields(token, `eve${index}@example.com`), { csrf }),
    ),
  )
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(49)
  expect(await people()).toBe(1)
})

test('what is near it, empty or of another kind is not it', async () => {
  const token = await issued()

  for (const other of [
    '',
    ' ',
    '%',
    '*',
    'null',
    token.slice(0, -1),
    `${token}A`,
    token.toLowerCase(),
    ` ${token}`,
  ]) {
    if (other === token) continue
    expect((await setUp(other)).status, other).toBe(404)
  }
  expect(await people()).toBe(0)
  expect((await setUp(token)).status).toBe(303)
})

test('whoever has only begun is nobody yet, and the superadmin’s rights wait for the second factor', async () => {
  const client = house.visitor()
  await setUp(await issued(), 'eve@example.com', client)

  for (const path of ['', '/people', '/m/orders', '/audit']) {
    expect((await client.get(`${BASE}${path}`)).status, path).toBe(303)
  }
})

test('another host in the request gets no further than any visitor, and is named nowhere', async () => {
  const production = await openProduction()
  try {
    const { setUpToken: token } = await production.house.admin.initialize()
    const answer = await production.fetch(`https://evil.example${BASE}/set-up?token=${token}`, {
      headers: { ...SECURE, 'x-forwarded-host': 'evil.example' },
    })
    expect(await answer.text()).not.toContain('evil.example')
    const posted = await production.fetch(`https://evil.example${BASE}/set-up`, {
      method: 'POST',
      headers: {
        ...SECURE,
        origin: 'https://evil.example',
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(fields(token ?? '', 'eve@example.com')).toString(),
    })
    expect(posted.status).toBe(403)
    expect(await production.house.sql('select id from castellan_person')).toEqual([])
  } finally {
    await production.house.close()
  }
})
