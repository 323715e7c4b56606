/** A session that was ended goes on asking, here and in another process over the same store. */

import { expect, test } from 'vitest'
import { systemPrincipal } from '../../src/identity/principal.ts'
import { BASE, type Client, createClient } from '../client.ts'
import { openHouse, performAs } from '../house.ts'
import { withoutEnd } from './loosened.ts'
import { SHOP } from './shop.ts'

test('is refused with its very next request, in this process and in another', async () => {
  const house = await openHouse({ sql: SHOP })
  try {
    const other = await house.second()
    const { client } = await house.signIn({ role: 'admin' })
    const elsewhere = createClient((request) => other.fetch(request, { address: '127.0.0.1' }))
    for (const [name, value] of client.cookies) elsewhere.cookies.set(name, value)
    const stolen = new Map(client.cookies)
    expect((await client.get(`${BASE}/m/orders`)).status).toBe(200)
    expect((await elsewhere.get(`${BASE}/m/orders`)).status).toBe(200)

    await client.post(`${BASE}/sign-out`, {}, { from: `${BASE}/profile` })

    for (const asking of [client, elsewhere]) {
      asking.cookies.clear()
      for (const [name, value] of stolen) asking.cookies.set(name, value)
      const { status, location } = await asking.get(`${BASE}/m/orders`)
      expect([status, location?.split('?')[0]]).toEqual([303, `${BASE}/sign-in`])
      expect((await asking.get(`${BASE}/api/v1/models`)).status).toBe(401)
    }
  } finally {
    await house.close()
  }
})

test('control: with the row of the session kept, the same token goes on', async () => {
  const house = await openHouse({ engine: 'sqlite', sql: SHOP })
  try {
    await withoutEnd(house)
    const { client } = await house.signIn({ role: 'admin' })
    const stolen = new Map(client.cookies)
    await client.post(`${BASE}/sign-out`, {}, { from: `${BASE}/profile` })

    for (const [name, value] of stolen) client.cookies.set(name, value)
    expect((await client.get(`${BASE}/m/orders`)).status).toBe(200)
  } finally {
    await house.close()
  }
})

test('is refused when someone else ends it, and when its person is deactivated', async () => {
  const house = await openHouse({ sql: SHOP })
  try {
    const boss = await house.signIn({ role: 'superadmin' })
    const first = await house.signIn({ role: 'support' })
    const second = await house.signIn({ role: 'support' })
    for (const { client } of [first, second])
      expect((await client.get(`${BASE}/api/v1/models`)).status).toBe(200)

    const ended = await act(boss.client, 'castellan.people/actions/deactivate', { keys: [first.id] })
    expect(ended).toBe(200)
    const sessions = (await house.sql(
      `select id from castellan_session where person_id = '${second.id}'`,
    )) as {
      id: string
    }[]
    expect(sessions).toHaveLength(1)
    expect(await act(boss.client, 'castellan.sessions/actions/end', { keys: [sessions[0]?.id] })).toBe(200)

    for (const { client } of [first, second])
      expect((await client.get(`${BASE}/api/v1/models`)).status).toBe(401)
  } finally {
    await house.close()
  }
})

test('a service token is refused from the moment it is revoked', async () => {
  const house = await openHouse({ sql: SHOP })
  try {
    const token = await house.token(['auditor'])
    const ask = () =>
      house
        .visitor()
        .send('GET', `${BASE}/api/v1/models`, { headers: { authorization: `Bearer ${token}` }, isBare: true })
    expect((await ask()).status).toBe(200)

    const [row] = (await house.sql('select id from castellan_service_token')) as { id: string }[]
    if (!row) throw new Error('No token.')
    const system = systemPrincipal('test', house.clock.now)
    await performAs(house.admin, system, 'castellan.tokens.revoke', { token: row.id })

    expect((await ask()).status).toBe(401)
  } finally {
    await house.close()
  }
})

/** Runs an action through the API and answers the status. */
async function act(client: Client, path: string, body: object): Promise<number> {
  const token = await client.csrf(`${BASE}/profile`)
  const { status } = await client.send('POST', `${BASE}/api/v1/models/${path}`, {
    headers: { 'content-type': 'application/json', 'x-csrf-token': token },
    body: JSON.stringify({ ...body, reason: 'test' }),
  })
  return status
}
