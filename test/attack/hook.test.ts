/** Someone whom a hook of the application refuses tries every other road to the same thing. */

import { afterEach, expect, test } from 'vitest'
import type { ModelOptions } from '../../src/model/options.ts'
import { BASE } from '../client.ts'
import { openHouse, type SignedIn } from '../house.ts'
import { act, api, type Reply } from './api.ts'
import { policyWith } from './shop.ts'

const SQL = `
  create table customers (
    id integer primary key, name text not null, tax_number text, api_token text, deleted_at timestamp
  );
  create table orders (
    id integer primary key, customer_id integer not null references customers(id),
    status text not null default 'open', owner text not null default 'noor', stamped_by text
  );
  insert into customers (id, name, tax_number, api_token) values (1, 'Amara', 'T-1', 'tok-secret-1'), (2, 'Jonas', 'T-2', 'tok-secret-2');
  insert into orders (id, customer_id, owner) values (11, 1, 'noor'), (12, 2, 'someone else');
`

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

const EVERYTHING = policyWith([
  { id: 'support-does-all', effect: 'permit', roles: ['support'], actions: ['*.*'] },
])

async function open(models: Readonly<Record<string, ModelOptions>>): Promise<SignedIn> {
  house = await openHouse({ sql: SQL, policy: EVERYTHING, models })
  return house.signIn({ name: 'Noor', role: 'support' })
}

const no = (): boolean => false
const yes = (): boolean => true

/** One request for each way to do it, with the status that lets it through. */
type Road = (person: SignedIn) => Promise<{ readonly status: number; readonly text: string }>

const form =
  (path: string, fields: Readonly<Record<string, string>>): Road =>
  ({ client }) =>
    client.post(`${BASE}${path}`, fields)
const call =
  (method: string, path: string, body?: unknown): Road =>
  ({ client }) =>
    api(client, method, path, body)
const action =
  (name: string, input: unknown, key?: string): Road =>
  ({ client }) =>
    act(client, name, input, key === undefined ? {} : { key })

const ROADS: Readonly<
  Record<string, { readonly hook: keyof ModelOptions; readonly roads: readonly Road[] }>
> = {
  create: {
    hook: 'hasAddPermission',
    roads: [
      call('POST', '/models/orders/records', { values: { customer_id: 1 } }),
      action('orders.create', { values: { customer_id: 1 } }),
      form('/m/orders/new', { customer_id: '1', status: 'open', owner: 'noor' }),
    ],
  },
  update: {
    hook: 'hasChangePermission',
    roads: [
      call('PATCH', '/models/orders/records/11', { values: { status: 'paid' } }),
      action('orders.update', { values: { status: 'paid' } }, '11'),
      form('/m/orders/11/edit', { status: 'paid', _original: '{"status":"open"}' }),
    ],
  },
  delete: {
    hook: 'hasDeletePermission',
    roads: [
      call('DELETE', '/models/orders/records/11', {}),
      action('orders.delete', {}, '12'),
      form('/m/customers/1/delete', {}),
    ],
  },
}
const stored = async (): Promise<string> =>
  JSON.stringify([await house.sql('select * from orders'), await house.sql('select * from customers')])

for (const [verb, { hook, roads }] of Object.entries(ROADS)) {
  test(`${hook} refuses ${verb} with 403 on every road, and nothing changes`, async () => {
    const person = await open({ orders: { [hook]: no }, customers: { [hook]: no } })
    const before = await stored()

    for (const [index, road] of roads.entries()) {
      const { status } = await road(person)
      expect([index, status]).toEqual([index, 403])
    }
    expect(await stored()).toBe(before)
  })

  test(`control: without ${hook} the same requests ${verb}`, async () => {
    const person = await open({})

    for (const [index, road] of roads.entries()) {
      const before = await stored()
      const { status } = await road(person)
      expect([index, status < 400]).toEqual([index, true])
      if (!(verb === 'update' && index > 0)) expect(await stored(), String(index)).not.toBe(before)
    }
  })
}

const FAILING: Readonly<Record<string, () => boolean>> = {
  'throws an error': () => {
    throw new Error('the rights service is down')
  },
  rejects: (() => Promise.reject(new Error('down'))) as unknown as () => boolean,
  'answers nothing': (() => undefined) as unknown as () => boolean,
  'answers a word': (() => 'yes') as unknown as () => boolean,
  'answers one': (() => 1) as unknown as () => boolean,
}

for (const [what, hook] of Object.entries(FAILING)) {
  test(`a hook that ${what} refuses`, async () => {
    const person = await open({ orders: { hasChangePermission: hook } })

    expect((await change(person)).status).toBe(403)
  })
}

test('control: one that answers true, now or later, permits', async () => {
  const later = (): Promise<boolean> => Promise.resolve(true)
  const person = await open({ orders: { hasChangePermission: later, isAccessible: yes } })

  expect((await change(person)).status).toBe(200)
})

test('a hook widens nothing: without a rule of the policy its yes is no answer', async () => {
  house = await openHouse({
    sql: SQL,
    policy: policyWith([
      { id: 'support-reads', effect: 'permit', roles: ['support'], actions: ['orders.list', 'orders.read'] },
    ]),
    models: {
      orders: {
        isAccessible: yes,
        hasChangePermission: yes,
        hasDeletePermission: yes,
        hasAddPermission: yes,
      },
    },
  })
  const person = await house.signIn({ role: 'support' })

  expect((await change(person)).status).toBe(403)
  expect((await api(person.client, 'DELETE', '/models/orders/records/11', {})).status).toBe(403)
  expect(
    (await api(person.client, 'POST', '/models/orders/records', { values: { customer_id: 1 } })).status,
  ).toBe(403)
})

const change = ({ client }: SignedIn, key = '11'): Promise<Reply> =>
  api(client, 'PATCH', `/models/orders/records/${key}`, { values: { status: 'paid' } })

test('a hook that looks at the record refuses the records it means, and hides their buttons', async () => {
  const own: ModelOptions = {
    hasChangePermission: ({ record, principal }) =>
      record === null || record['owner'] === principal.name.toLowerCase(),
  }
  const person = await open({ orders: own })

  expect((await change(person, '12')).status).toBe(403)
  const other = await api(person.client, 'GET', '/models/orders/records/12')
  expect(other.json['verbs']).not.toContain('update')
  expect(other.json['writable']).toEqual([])
  expect((await person.client.get(`${BASE}/m/orders/12`)).text).not.toContain('/m/orders/12/edit')
})

test('control: its own record it changes, and sees the button of', async () => {
  const own: ModelOptions = {
    hasChangePermission: ({ record, principal }) =>
      record === null || record['owner'] === principal.name.toLowerCase(),
  }
  const person = await open({ orders: own })

  const mine = await api(person.client, 'GET', '/models/orders/records/11')
  expect(mine.json['verbs']).toContain('update')
  expect((await person.client.get(`${BASE}/m/orders/11`)).text).toContain('/m/orders/11/edit')
  expect((await change(person, '11')).status).toBe(200)
})

/** Everything that shows, names or counts customers. */
const AROUND: readonly string[] = [
  '/m/customers',
  '/m/customers/1',
  '/m/customers/1/history',
  '/m/customers/new',
  '/m/customers/trash',
  '/m/customers/~options?q=',
  '/m/orders',
  '/m/orders/11',
  '/m/orders/11/edit',
  '/m/orders?q=Amara',
  '/api/v1/models',
  '/api/v1/models/customers',
  '/api/v1/models/orders',
  '/api/v1/models/customers/records',
  '/api/v1/models/customers/records/1',
  '/api/v1/models/customers/records/1/history',
  '/api/v1/models/orders/records',
  '/api/v1/models/orders/records/11',
  '/',
]

test('a model that is not accessible is named and shown nowhere', async () => {
  const person = await open({ customers: { isAccessible: no } })

  for (const path of AROUND) {
    const { text, status } = await person.client.get(`${BASE}${path}`)
    expect(text, path).not.toContain('Jonas')
    expect(text.replaceAll('q=Amara', '').replaceAll('value="Amara"', ''), path).not.toContain('Amara<')
    expect(text, path).not.toContain(`href="${BASE}/m/customers"`)
    if (path.includes('customers') && !path.endsWith('/models'))
      expect([path, status]).toEqual([path, path.endsWith('models/customers') ? 404 : 403])
  }
})

test('control: once it is accessible its records are shown', async () => {
  const person = await open({ customers: { isAccessible: yes } })

  for (const path of [
    '/m/customers',
    '/m/customers/1',
    '/m/orders/11',
    '/m/orders',
    '/api/v1/models/orders/records/11',
  ]) {
    expect((await person.client.get(`${BASE}${path}`)).text, path).toContain('Amara')
  }
  expect((await person.client.get(`${BASE}/`)).text).toContain(`href="${BASE}/m/customers"`)
})

test('nobody finds by what an inaccessible model holds', async () => {
  const person = await open({ customers: { isAccessible: no } })
  const found = async (search: string): Promise<number> =>
    (
      (await api(person.client, 'GET', `/models/orders/records?search=${search}`)).json[
        'records'
      ] as unknown[]
    ).length

  expect(await found('Amara')).toBe(0)
})

test('control: an accessible one is found by', async () => {
  const person = await open({ customers: { isAccessible: yes } })
  const { json } = await api(person.client, 'GET', '/models/orders/records?search=Amara')

  expect(json['records']).toHaveLength(1)
})

test('nobody ties a record to one of an inaccessible model', async () => {
  const person = await open({ customers: { isAccessible: no } })
  const answer = await api(person.client, 'PATCH', '/models/orders/records/11', {
    values: { customer_id: 2 },
  })

  expect(answer.status).toBe(422)
})

test('an answer of one request says nothing of the next', async () => {
  let isOpen = true
  const person = await open({ orders: { isAccessible: () => isOpen, hasChangePermission: () => isOpen } })
  expect((await change(person)).status).toBe(200)
  isOpen = false

  expect((await change(person)).status).toBe(403)
  expect((await person.client.get(`${BASE}/m/orders`)).status).toBe(403)
  expect((await person.client.get(`${BASE}/`)).text).not.toContain(`href="${BASE}/m/orders"`)
})

test('the refusal is recorded', async () => {
  const person = await open({ orders: { hasDeletePermission: no } })
  await api(person.client, 'DELETE', '/models/orders/records/11', {})

  const events = (await house.sql(
    "select event from castellan_audit_event where action = 'orders.delete'",
  )) as {
    event: string
  }[]
  expect(events).toHaveLength(1)
  expect(JSON.parse(String(events[0]?.event))).toMatchObject({ outcome: 'refused', code: 'denied' })
})

test('hooks are told nothing that proves who someone is, and can change nothing of it', async () => {
  const seen: unknown[] = []
  const person = await open({
    customers: {
      hasChangePermission(context) {
        seen.push(context)
        expect(() => Object.assign(context.principal, { roles: ['superadmin'] })).toThrow(TypeError)
        expect(() => Object.assign(context, { record: null })).toThrow(TypeError)
        return true
      },
    },
  })
  await api(person.client, 'PATCH', '/models/customers/records/1', { values: { name: 'Amara O.' } })

  const told = JSON.stringify(seen, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  expect(seen.length).toBeGreaterThan(1)
  expect(told).toContain('"T-1"')
  expect(told).toContain('Noor')
  for (const secret of ['tok-secret-1', 'sessionHash', 'sessionId', 'cookie'])
    expect(told).not.toContain(secret)
})

/** What the log tells a reader of a change of a customer. */
async function told(person: SignedIn): Promise<string> {
  const top = await house.signIn({ name: 'Top', role: 'superadmin' })
  await api(top.client, 'PATCH', '/models/customers/records/1', { values: { name: 'Amara-changed' } })
  return (await api(person.client, 'GET', '/audit/events?filter=action:eq:customers.update')).text
}

const READS_LOG = policyWith([
  {
    id: 'support-reads-log',
    effect: 'permit',
    roles: ['support'],
    actions: ['castellan.audit.list', 'castellan.audit.read', 'customers.list', 'customers.read'],
  },
])

test('the log keeps what an inaccessible model holds from its reader', async () => {
  house = await openHouse({
    sql: SQL,
    policy: READS_LOG,
    models: { customers: { isAccessible: ({ principal }) => principal.name === 'Top' } },
  })
  const text = await told(await house.signIn({ name: 'Noor', role: 'support' }))

  expect(text).toContain('customers.update')
  expect(text).not.toContain('Amara')
})

test('control: the log tells a reader to whom it is accessible', async () => {
  house = await openHouse({
    sql: SQL,
    policy: READS_LOG,
    models: { customers: { isAccessible: () => true } },
  })
  const text = await told(await house.signIn({ name: 'Noor', role: 'support' }))

  expect(text).toContain('Amara-changed')
})
