/** Whatever ends what somebody may: the tokens of before are of no use with the very next request, each alone. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { BASE, type Client } from '../client.ts'
import { type House, openHouse, PASSWORD, type SignedIn } from '../house.ts'
import { act } from './api.ts'
import { SHOP } from './shop.ts'

const NEXT = 'four lanterns on a pier'

let house: House
let top: SignedIn
let ana: SignedIn
beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
  top = await house.signIn({ role: 'superadmin' })
  ana = await house.signIn({ role: 'support' })
})
afterEach(() => house.close())

/** Browsers that each hold one of the tokens of before. */
function holders(): Readonly<Record<string, Client>> {
  const entries = [...ana.client.cookies].filter(([name]) => !/visitor|pending/.test(name))
  expect(entries).toHaveLength(2)
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const client = house.visitor()
      client.cookies.set(name, value)
      return [name, client]
    }),
  )
}

async function mayAsk(client: Client): Promise<boolean> {
  return (await client.get(`${BASE}/profile`)).status === 200
}

async function follow(link: string): Promise<void> {
  const answer = await house
    .visitor()
    .post(
      `${BASE}${link.split('?')[0]}`,
      { token: link.split('token=')[1] ?? '', password: NEXT, repeat: NEXT },
      { from: `${BASE}${link}` },
    )
  expect(answer.status).toBe(303)
}

async function done(verb: string): Promise<string> {
  const { status, json } = await act(top.client, `castellan.people.${verb}`, {}, { key: ana.id })
  expect([verb, status]).toEqual([verb, 200])
  return (json['result'] as { link?: string } | null)?.link ?? ''
}

const ENDINGS: Readonly<Record<string, () => Promise<unknown>>> = {
  'their password is changed elsewhere': async () => {
    const elsewhere = house.visitor()
    await elsewhere.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
    await elsewhere.post(`${BASE}/sign-in/second-factor`, { code: ana.code() })
    const fields = { current: PASSWORD, next: NEXT, repeat: NEXT }
    expect(
      (await elsewhere.post(`${BASE}/profile/password`, fields, { from: `${BASE}/profile` })).status,
    ).toBe(303)
  },
  'their password is taken': () => done('renew-password'),
  'a link sets another': async () => follow(await done('renew-password')),
  'their second factor is taken': () => done('reset-credentials'),
  'they are kept out': () => done('deactivate'),
}

test.each(Object.entries(ENDINGS))('both tokens are of no use once %s', async (_, end) => {
  const before = holders()

  await end()
  for (const [name, client] of Object.entries(before))
    expect([name, await mayAsk(client)]).toEqual([name, false])
})

test('control: with nothing ended each of them goes on', async () => {
  for (const [name, client] of Object.entries(holders()))
    expect([name, await mayAsk(client)]).toEqual([name, true])
})

test('a sign-in that is half way is over once the password is taken', async () => {
  const client = house.visitor()
  await client.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })

  await done('renew-password')
  const answer = await client.get(`${BASE}/sign-in/second-factor`)
  expect(answer.location).toBe(`${BASE}/sign-in`)
})

test('control: without that it goes on', async () => {
  const client = house.visitor()
  await client.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })

  expect((await client.post(`${BASE}/sign-in/second-factor`, { code: ana.code() })).location).toBe(BASE)
})
