/** What was taken away in one process is still used in another over the same store. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Established, Identity } from '../../src/identity/identity.ts'
import { BASE, type Client, createClient } from '../client.ts'
import { type House, type HouseOptions, openHouse, PASSWORD, type SignedIn, signInWith } from '../house.ts'
import { act } from './api.ts'
import { withParts } from './assemble.ts'
import { policyWith, ROW_RULES, SHOP } from './shop.ts'

let house: House
let top: SignedIn
let low: SignedIn
/** Both people at the other process, with the same cookies. */
let elsewhere: Client
beforeEach(() => open())
afterEach(() => house.close())

async function open(options: Partial<HouseOptions> = {}): Promise<void> {
  house = await openHouse({ sql: SHOP, policy: policyWith(ROW_RULES), ...options })
  const other = await house.second()
  top = await house.signIn({ role: 'superadmin' })
  low = await house.signIn({ role: 'support', attributes: { region: 'north' } })
  elsewhere = createClient((request) => other.fetch(request, { address: '127.0.0.1' }))
  for (const [name, value] of low.client.cookies) elsewhere.cookies.set(name, value)
}

const orders = async (): Promise<number> => (await elsewhere.get(`${BASE}/m/orders`)).status
const change = (verb: string, input: object = {}) =>
  act(top.client, `castellan.people.${verb}`, input, { key: low.id })

test('control: with nothing taken away the other process goes on answering', async () => {
  expect([await orders(), await orders()]).toEqual([200, 200])
})

test('control: a process that remembers who somebody is goes on after each of them was taken away', async () => {
  await house.close()
  await open({ assemble: withParts({ identity: remembering }) })
  expect(await orders()).toBe(200)

  expect((await change('revoke-role', { role: 'support' })).status).toBe(200)
  expect(await orders()).toBe(200)
  expect((await change('deactivate')).status).toBe(200)
  expect(await orders()).toBe(200)
})

/** Each process asks the store once for each token, and believes its first answer from then on. */
function remembering(identity: Identity): Identity {
  const known = new Map<string, Established>()
  return {
    ...identity,
    async establish(presented, origin) {
      const token = String(presented.access ?? presented.bearer)
      const established = known.get(token) ?? (await identity.establish(presented, origin))
      if (established.kind === 'known') known.set(token, { ...established, renewed: null })
      return established
    },
  }
}

test('a role that was given or taken here counts there with the next request', async () => {
  expect(await orders()).toBe(200)
  expect((await change('revoke-role', { role: 'support' })).status).toBe(200)
  expect(await orders()).toBe(404)
  expect((await change('grant-role', { role: 'support', expiresAt: null })).status).toBe(200)
  expect(await orders()).toBe(200)
})

test('a role that ends by its time ends there too', async () => {
  await change('revoke-role', { role: 'support' })
  const expiresAt = new Date(house.clock.now + 60_000).toISOString()
  await change('grant-role', { role: 'support', expiresAt })
  expect(await orders()).toBe(200)

  house.clock.now += 60_000
  expect(await orders()).toBe(404)
})

test('a person who was kept out here is out there', async () => {
  expect(await orders()).toBe(200)
  expect((await change('deactivate')).status).toBe(200)
  expect(await orders()).toBe(303)
  await change('activate')
  expect(await orders()).toBe(303)
})

test('a person who was deleted here is out there', async () => {
  const remove = (confirmation?: string) =>
    act(
      top.client,
      'castellan.people.delete',
      {},
      {
        key: low.id,
        reason: 'has left',
        ...(confirmation !== undefined && { confirmation }),
      },
    )
  const asked = await remove()
  expect(await orders()).toBe(200)

  expect((await remove(String(asked.json['confirmation']))).status).toBe(200)
  expect(await orders()).toBe(303)
})

test('a second factor that was reset, and a session that was ended, end there', async () => {
  expect(await orders()).toBe(200)
  const [session] = (await house.sql(`select id from castellan_session where person_id = '${low.id}'`)) as {
    id: string
  }[]
  const ended = await act(top.client, 'castellan.sessions.end', {}, { key: session?.id ?? '' })
  expect(ended.status).toBe(200)
  expect(await orders()).toBe(303)
})

test('with a password that was changed here the other sessions of its person end there', async () => {
  const again = house.visitor()
  await signInWith(again, low.email, low.code())
  expect(await orders()).toBe(200)

  const next = 'a louder harbour at dusk'
  const fields = { current: PASSWORD, next, repeat: next }
  const changed = await again.post(`${BASE}/profile/password`, fields, { from: `${BASE}/profile` })

  expect(changed.location).toBe(`${BASE}/profile?done=password`)
  expect(await orders()).toBe(303)
  expect((await again.get(`${BASE}/m/orders`)).status).toBe(200)
})

test('attributes that rules look at count there with the next request', async () => {
  const seen = async (): Promise<string> => (await elsewhere.get(`${BASE}/m/customers`)).text
  expect(await seen()).toMatch(/Amara/)
  expect((await change('update', { attributes: { region: 'south' } })).status).toBe(200)
  expect(await seen()).toMatch(/Jonas/)
  expect(await seen()).not.toMatch(/Amara/)
})

test('a token that was revoked here is of no use there', async () => {
  const token = await house.token(['admin'])
  const asked = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await elsewhere.send('GET', `${BASE}/api/v1/models/orders/records`, { headers })).status
  }
  const [row] = (await house.sql('select id from castellan_service_token')) as { id: string }[]
  expect(await asked()).toBe(200)

  expect((await act(top.client, 'castellan.tokens.revoke', { token: row?.id })).status).toBe(200)
  expect(await asked()).toBe(401)
})
