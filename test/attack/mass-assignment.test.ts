/** Someone who may write one field sends every other one along, by API and by form. */

import { afterEach, expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { type HouseOptions, openHouse, type SignedIn } from '../house.ts'
import { act, api } from './api.ts'
import { withParts } from './assemble.ts'
import { policyWith } from './shop.ts'

const SQL = `
  create table accounts (
    id integer primary key, name text not null, plan text not null default 'free',
    balance decimal(10,2) not null default '0.00', owner_id integer, password_hash text,
    shouted text generated always as (upper(name)) stored, updated_at timestamp
  );
  create table notes (
    id integer primary key, account_id integer not null references accounts(id), body text not null
  );
  insert into accounts (id, name, password_hash) values (1, 'Ana', 'hash-aaa');
  insert into notes values (5, 1, 'Hello');
`
const NARROW: Rule = {
  id: 'support-renames',
  effect: 'permit',
  roles: ['support'],
  actions: ['accounts.list', 'accounts.read', 'accounts.update', 'accounts.create'],
  fields: ['id', 'name'],
}
const { fields: _, ...WIDE } = NARROW

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(rule: Rule, options: Partial<HouseOptions> = {}): Promise<SignedIn> {
  house = await openHouse({ sql: SQL, policy: policyWith([rule]), ...options })
  return house.signIn({ role: 'support' })
}

/** Every column, and names that lead elsewhere. */
const SMUGGLED: Readonly<Record<string, unknown>> = {
  plan: 'gold',
  balance: '1000000.00',
  owner_id: 1,
  password_hash: 'known',
  shouted: 'KNOWN',
  updated_at: '2030-01-01T00:00:00',
  rowid: 99,
  _rowid_: 99,
  notes: [{ id: 6, body: 'nested' }],
  'notes.body': 'nested',
  'accounts.plan': 'gold',
  "plan\" = 'gold' --": 'x',
  is_active: true,
  roles: ['superadmin'],
  token_hash: 'known',
  castellan_person: { is_active: 1 },
  constructor: { prototype: { plan: 'gold' } },
  prototype: { plan: 'gold' },
  toString: 'x',
}
const stored = async (): Promise<string> => JSON.stringify(await house.sql('select * from accounts'))

test('a change over the API is refused whole, whichever field was sent along', async () => {
  const { client } = await open(NARROW)
  const before = await stored()

  for (const [field, value] of Object.entries(SMUGGLED)) {
    const body = { values: { name: 'Renamed', [field]: value } }
    const answer = await api(client, 'PATCH', '/models/accounts/records/1', body)
    expect([field, answer.status]).toEqual([field, 422])
    expect((await api(client, 'POST', '/models/accounts/records', body)).status, field).toBe(422)
  }
  expect(await stored()).toBe(before)
})

test('control: without the list of fields the same change writes them', async () => {
  const { client } = await open(WIDE as Rule)

  for (const field of ['plan', 'balance', 'owner_id', 'updated_at']) {
    const body = { values: { name: 'Renamed', [field]: SMUGGLED[field] } }
    expect((await api(client, 'PATCH', '/models/accounts/records/1', body)).status, field).toBe(200)
  }
  expect(await stored()).toContain('"plan":"gold"')
})

test('nobody writes a secret field by the way, the superadmin included', async () => {
  await open(NARROW)
  const top = await house.signIn({ role: 'superadmin' })

  const body = { values: { password_hash: 'known' } }
  expect((await api(top.client, 'PATCH', '/models/accounts/records/1', body)).status).toBe(422)
  expect(await stored()).toContain('hash-aaa')
})

test('control: were the field not classified, the superadmin would write it', async () => {
  const assemble = withParts({
    model: (model) => ({
      ...model,
      fields: model.fields.map((field) => ({ ...field, sensitivity: 'internal' as const, hidden: false })),
    }),
  })
  await open(NARROW, { assemble })
  const top = await house.signIn({ role: 'superadmin' })

  const body = { values: { password_hash: 'known' } }
  expect((await api(top.client, 'PATCH', '/models/accounts/records/1', body)).status).toBe(200)
  expect(await stored()).toContain('known')
})

test('what the database itself makes is written by nobody', async () => {
  await open(NARROW)
  const top = await house.signIn({ role: 'superadmin' })

  for (const [field, value] of [
    ['shouted', 'KNOWN'],
    ['rowid', 99],
  ] as const) {
    const body = { values: { [field]: value } }
    expect((await api(top.client, 'PATCH', '/models/accounts/records/1', body)).status, field).toBe(422)
  }
})

test('names of JavaScript’s own in JSON reach no object', async () => {
  const { client } = await open(NARROW)
  const before = await stored()

  for (const body of [
    '{"values":{"name":"Renamed","__proto__":{"plan":"gold"}}}',
    '{"values":{"__proto__":{"plan":"gold"},"plan":"gold"}}',
    '{"__proto__":{"values":{"plan":"gold"}},"values":{"plan":"gold"}}',
    '{"values":{"constructor":{"prototype":{"isAdmin":true}}}}',
    '{"values":[["plan","gold"]]}',
    '{"values":"plan=gold"}',
  ]) {
    const { status } = await api(client, 'PATCH', '/models/accounts/records/1', body)
    expect([body, status]).toEqual([body, 422])
  }
  expect(await stored()).toBe(before)
  expect({}).not.toHaveProperty('plan')
  expect({}).not.toHaveProperty('isAdmin')
})

test('a form takes the fields that it showed, and nothing else of what it brings', async () => {
  const { client } = await open(NARROW)
  const extra = Object.fromEntries(
    Object.entries(SMUGGLED).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  const before = await stored()

  for (const [field, value] of Object.entries({ ...extra, ['__proto__']: 'gold' })) {
    const { status } = await client.post(`${BASE}/m/accounts/1/edit`, { name: 'Ana', [field]: value })
    expect([303, 422], field).toContain(status)
  }
  expect(await stored()).toBe(before)
})

test('control: without the list of fields the same form writes them', async () => {
  const { client } = await open(WIDE as Rule)

  const fields = { name: 'Ana', plan: 'gold' }
  expect((await client.post(`${BASE}/m/accounts/1/edit`, fields)).status).toBe(303)
  expect(await stored()).toContain('"plan":"gold"')
})

test('the key of a record is not moved by someone who was not given that field', async () => {
  const { client } = await open({ ...NARROW, fields: ['name'] })

  const answer = await api(client, 'PATCH', '/models/accounts/records/1', { values: { id: 7 } })
  expect(answer.status).toBe(422)
  expect(await house.sql('select id from accounts')).toEqual([{ id: 1 }])
})

test('Castellan’s own records take no more than their actions do', async () => {
  await open(NARROW)
  const top = await house.signIn({ role: 'superadmin' })
  const other = await house.signIn({ role: 'support' })
  const before = JSON.stringify(await house.sql('select * from castellan_person order by id'))

  for (const field of [
    'id',
    'email',
    'email_canonical',
    'is_active',
    'roles',
    'password',
    'created_at',
    'values',
  ]) {
    const answer = await act(
      top.client,
      'castellan.people.update',
      { name: 'X', [field]: 'x' },
      { key: other.id },
    )
    expect([field, answer.status]).toEqual([field, 422])
  }
  for (const model of ['castellan.sessions', 'castellan.audit', 'castellan.policy', 'castellan.tokens']) {
    for (const verb of ['update', 'delete', 'create']) {
      const { status } = await act(top.client, `${model}.${verb}`, { values: { id: 'x' } }, { key: '1' })
      expect([404, 422], `${model}.${verb}`).toContain(status)
    }
  }
  for (const table of ['castellan_person', 'castellan_session', 'castellan_audit_event', 'sqlite_master']) {
    expect((await api(top.client, 'GET', `/models/${table}/records`)).status, table).toBe(404)
  }
  expect(JSON.stringify(await house.sql('select * from castellan_person order by id'))).toBe(before)
})

test('control: with a name that the action takes, the same call changes the person', async () => {
  await open(NARROW)
  const top = await house.signIn({ role: 'superadmin' })
  const other = await house.signIn({ role: 'support' })

  const answer = await act(top.client, 'castellan.people.update', { name: 'X' }, { key: other.id })
  expect(answer.status).toBe(200)
  expect(await house.sql(`select name from castellan_person where id = '${other.id}'`)).toEqual([
    { name: 'X' },
  ])
})
