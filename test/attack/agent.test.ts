/** A program that acts for a person tries to do more than that person may, or to go on without them. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { act } from './api.ts'
import { SHOP } from './shop.ts'

let house: House
let boss: SignedIn
beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
  boss = await house.signIn({ role: 'superadmin', name: 'Boss' })
})
afterEach(() => house.close())

const ALL = ['*.*', 'castellan.people.*', 'castellan.agents.*', 'castellan.tokens.*', 'castellan.sessions.*']

async function agentOf(who: SignedIn, actions: readonly string[] = ALL): Promise<string> {
  const { json, status } = await act(who.client, 'castellan.agents.create', {
    name: 'bot',
    actions,
    days: 30,
  })
  expect(status).toBe(200)
  return (json as { result: { token: string } }).result.token
}

async function ask(token: string, method: string, path: string, body?: object): Promise<Response> {
  return house.admin.fetch(
    new Request(`http://127.0.0.1:4600${BASE}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }),
    { address: '127.0.0.1' },
  )
}

const doAs = (token: string, action: string, input: object, key?: string): Promise<Response> => {
  const at = action.lastIndexOf('.')
  const path = `/models/${action.slice(0, at)}/actions/${action.slice(at + 1)}`
  return ask(token, 'POST', path, { ...(key !== undefined && { keys: [key] }), input })
}

const LIST = '/models/customers/records'

test('it reads no row, field or model that its person may not, and loses at once what they lose', async () => {
  const ana = await house.signIn({ role: 'support', name: 'Ana' })
  const token = await agentOf(ana)
  const own = JSON.parse((await ana.client.get(`${BASE}/api/v1${LIST}`)).text).records
  const its = JSON.parse(await (await ask(token, 'GET', LIST)).text()).records
  expect(its).toEqual(own)
  expect((await ask(token, 'GET', '/models/castellan.people/records')).status).toBe(404)

  await act(boss.client, 'castellan.people.revoke-role', { role: 'support' }, { key: ana.id })

  expect((await ask(token, 'GET', LIST)).status).toBe(404)
})

test('control: a service token with that role goes on without the person', async () => {
  const ana = await house.signIn({ role: 'support', name: 'Ana' })
  const token = await house.token(['support'])
  await act(boss.client, 'castellan.people.revoke-role', { role: 'support' }, { key: ana.id })
  await act(boss.client, 'castellan.people.deactivate', {}, { key: ana.id })

  expect((await ask(token, 'GET', LIST)).status).toBe(200)
})

test('it does nothing beside its own list, whatever its person may', async () => {
  const token = await agentOf(boss, ['orders.list'])

  expect((await ask(token, 'GET', '/models/orders/records')).status).toBe(200)
  expect((await ask(token, 'GET', LIST)).status).toBe(404)
  expect((await doAs(token, 'castellan.people.update', { name: 'X' }, boss.id)).status).toBe(404)
})

test('control: its person, without that list, may', async () => {
  expect((await boss.client.get(`${BASE}/api/v1${LIST}`)).status).toBe(200)
  expect((await act(boss.client, 'castellan.people.update', { name: 'X' }, { key: boss.id })).status).toBe(
    200,
  )
})

test('it ends with its person', async () => {
  const ana = await house.signIn({ role: 'support' })
  const token = await agentOf(ana)
  expect((await ask(token, 'GET', LIST)).status).toBe(200)

  await act(boss.client, 'castellan.people.deactivate', {}, { key: ana.id })
  expect((await ask(token, 'GET', LIST)).status).toBe(401)
  await act(boss.client, 'castellan.people.activate', {}, { key: ana.id })
  expect((await ask(token, 'GET', LIST)).status).toBe(401)
})

test('it proves nothing again, makes no agent or token, and gives and takes no role', async () => {
  const ana = await house.signIn({ role: 'support' })
  const token = await agentOf(boss)
  for (const [action, input, key] of [
    ['castellan.agents.create', { name: 'more', actions: ['*.*'], days: 1 }],
    ['castellan.tokens.create', { name: 'more', roles: ['support'] }],
    ['castellan.people.grant-role', { role: 'admin', expiresAt: null }, ana.id],
    ['castellan.people.deactivate', {}, ana.id],
    ['castellan.people.update', { attributes: { region: 'all' } }, boss.id],
  ] as const) {
    expect((await doAs(token, action, input, key)).status, action).toBeGreaterThanOrEqual(403)
  }
  expect(await house.sql('select id from castellan_service_token')).toEqual([])
  expect(await house.sql('select id from castellan_agent')).toHaveLength(1)
})

test('it is made on a page, its token shown once, and revoked there', async () => {
  const ana = await house.signIn({ role: 'support' })
  const path = `${BASE}/profile/agents`
  const typed = { name: 'My <bot>', reach: 'chosen', actions: 'customers.list\r\norders', days: '7' }
  const refused = await ana.client.post(path, typed)
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('and &quot;orders&quot; is not')
  expect(refused.text).toContain('value="My &lt;bot&gt;"')

  const made = await ana.client.post(path, { ...typed, actions: 'customers.list' })
  const token = /cag_[\w-]{43}/.exec(made.text)?.[0] ?? ''
  expect((await ask(token, 'GET', LIST)).status).toBe(200)
  const page = (await ana.client.get(path)).text
  expect(page).not.toContain('cag_')
  expect(page).toContain('customers.list')
  expect((await boss.client.get(`${BASE}/people/${ana.id}`)).text).toContain('Agents that act for them')
  const action = /action="([^"]*\/agents\/[^"]*\/revoke)"/.exec(page)?.[1] ?? ''
  expect((await ana.client.post(action, {}, { from: path })).location).toMatch(/profile\/agents\?event=/)
  expect((await ask(token, 'GET', LIST)).status).toBe(401)
})

test('what it does is said of both', async () => {
  const token = await agentOf(boss)
  const [agent] = (await house.sql('select id from castellan_agent')) as { id: string }[]
  await ask(token, 'GET', LIST)

  const [row] = (await house.sql(
    `select event from castellan_audit_event where principal_kind = 'agent' order by entry desc limit 1`,
  )) as { event: string }[]
  expect(JSON.parse(row?.event ?? '{}').principal).toMatchObject({
    kind: 'agent',
    id: agent?.id,
    label: 'bot for Boss',
    onBehalfOf: boss.id,
  })
})

test('nobody makes, sees or revokes an agent of somebody else, but security and whom it reports to', async () => {
  const ana = await house.signIn({ role: 'support' })
  const eve = await house.signIn({ role: 'support' })
  await agentOf(ana)
  const [agent] = (await house.sql('select id from castellan_agent')) as { id: string }[]
  const list = async (who: SignedIn) =>
    JSON.parse((await who.client.get(`${BASE}/api/v1/models/castellan.agents/records`)).text).records.length

  expect([await list(ana), await list(eve), await list(boss)]).toEqual([1, 0, 1])
  const key = agent?.id ?? ''
  expect((await act(eve.client, 'castellan.agents.revoke', {}, { key })).status).toBe(404)
  expect(
    (
      await act(eve.client, 'castellan.agents.create', {
        name: 'x',
        actions: ['*.*'],
        days: 1,
        person_id: ana.id,
      })
    ).status,
  ).toBe(422)
  expect((await act(ana.client, 'castellan.agents.revoke', {}, { key })).status).toBe(200)
  expect((await act(boss.client, 'castellan.agents.revoke', {}, { key })).status).toBe(409)
})
