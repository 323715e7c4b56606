/** A column that appeared after its database was first connected: nobody has said yet that it may be seen. */

import { expect, test } from 'vitest'
import type { Admin } from '../../src/admin.ts'
import type { ModelOptions } from '../../src/model/options.ts'
import { BASE, type Client, createClient } from '../client.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { asSystem, type House, openHouse, signInWith } from '../house.ts'

const SHOP = `
  create table customers (id integer primary key, name varchar(40) not null);
  create table orders (id integer primary key, customer_id integer not null references customers(id), total integer);
  insert into customers values (1, 'Amara'), (2, 'Jonas');
  insert into orders values (11, 1, 10), (12, 2, 20);
`

/** Names that say much, little and nothing, and one that leads to a record. */
const APPEARED = ['password2', 'iban', 'remark', 'sponsor_id']
/** As names and labels, and not as a part of something random. */
const NAMED = [/\bpassword ?2\b/i, /\biban\b/i, /\bremark\b/i, /\bsponsor(?:_id)?\b/i]
const VALUES = ['pass-zebra', 'DE-zebra', 'remark-zebra']

const ADD = `
  alter table customers add column password2 varchar(40);
  alter table customers add column iban varchar(40);
  alter table customers add column remark varchar(40);
  alter table customers add column sponsor_id bigint references customers(id);
  update customers set password2 = 'pass-zebra', iban = 'DE-zebra', remark = 'remark-zebra' where id = 1;
  update customers set sponsor_id = 1 where id = 2;
  create table vaults (id integer primary key, remark varchar(40));
  insert into vaults values (1, 'vault-zebra');
`

interface Again {
  readonly admin: Admin
  /** The superadmin, from whom the policy keeps nothing. */
  readonly top: Client
}

/** The house as it was first connected, then with more columns, started once more. */
async function started(
  engine: StoreEngine,
  change: (house: House) => Promise<void>,
  models: Readonly<Record<string, ModelOptions>> = {},
) {
  const house = await openHouse({ engine, sql: SHOP, models })
  const person = await house.signIn({ role: 'superadmin' })
  for (const statement of ADD.split(';').filter((text) => text.trim() !== '')) await house.sql(statement)
  await change(house)
  const again = async (): Promise<Again> => {
    const admin = await house.second()
    const top = createClient((request) => admin.fetch(request, { address: '127.0.0.1' }))
    await signInWith(top, person.email, person.code())
    return { admin, top }
  }
  return { house, again, first: await again() }
}

const PAGES = [
  '/m/customers',
  '/m/customers/1',
  '/m/customers/1/edit',
  '/m/customers/1/delete',
  '/m/customers/new',
  '/m/customers/1/history',
  '/m/vaults',
  '/m/vaults/1',
  '/m/orders',
  '/m/orders/11',
  '/',
  '/api/v1/models',
  '/api/v1/models/customers',
  '/api/v1/models/customers/records',
  '/api/v1/models/customers/records/1',
  '/api/v1/models/customers/records?fields=id,remark,iban',
  '/api/v1/models/vaults/records',
  '/api/v1/models/orders/records?include=customer',
]

async function everything({ top }: Again): Promise<string> {
  const texts: string[] = []
  for (const path of PAGES) texts.push((await top.get(`${BASE}${path}`)).text)
  return texts.join('\n')
}

async function answers({ top }: Again, field: string): Promise<readonly string[]> {
  const csrf = await top.csrf(`${BASE}/profile`)
  const asked = [
    ...[
      `filter=${field}:eq:x`,
      `filter=${field}:isNull:true`,
      `sort=${field}`,
      `sort=-${field}`,
      `fields=${field}`,
    ].map((query) => top.get(`${BASE}/api/v1/models/customers/records?${query}`)),
    top.send('PATCH', `${BASE}/api/v1/models/customers/records/2`, {
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
      body: JSON.stringify({ values: { [field]: 1 } }),
    }),
  ]
  const answered = await Promise.all(asked)
  return answered.map(({ status, text }) =>
    `${status} ${text}`.replaceAll(field, 'FIELD').replace(/"requestId":"[^"]*"/, ''),
  )
}

test.each(STORE_ENGINES)('is shown, listed, filtered, sorted and written by nobody: %s', async (engine) => {
  const { house, first } = await started(engine, async () => {})
  try {
    const text = await everything(first)
    for (const value of [...VALUES, 'vault-zebra']) expect(text).not.toContain(value)
    for (const name of NAMED) expect(text).not.toMatch(name)

    const unknown = await answers(first, 'no_such_field')
    for (const name of APPEARED) expect(await answers(first, name), name).toEqual(unknown)
    expect(unknown.join()).toContain('422')
    const found = await first.top.get(`${BASE}/api/v1/models/customers/records?search=zebra`)
    expect(JSON.parse(found.text).records).toEqual([])
    expect((await first.top.get(`${BASE}/m/vaults/1`)).status).not.toBe(200)
  } finally {
    await house.close()
  }
})

test.each(STORE_ENGINES)('control: what was there at the first connection is shown: %s', async (engine) => {
  // nothing known: the next start is the first one
  const { house, first } = await started(engine, async (one) => {
    await one.sql('delete from castellan_field')
  })
  try {
    const text = await everything(first)
    expect(text).toContain('remark-zebra')
    expect(text).toContain('vault-zebra')
    // by its name it is personal, and masked; by its name it is secret
    expect(text).not.toContain('DE-zebra')
    expect(text).not.toContain('pass-zebra')
    expect(text).toContain('Sponsor')
    expect(await answers(first, 'remark')).not.toEqual(await answers(first, 'no_such_field'))
  } finally {
    await house.close()
  }
})

test('is shown as it was classified, from the next start on', async () => {
  const { house, again, first } = await started('sqlite', async () => {})
  try {
    const say = (input: unknown) => asSystem(first.admin, house.clock.now, 'castellan.fields.classify', input)
    await say({ model: 'customers', fields: ['remark'], sensitivity: 'public' })
    await say({ model: 'customers', fields: ['iban', 'password2'], sensitivity: 'guess' })
    await say({ model: 'vaults', fields: null, sensitivity: 'guess' })

    // pinned: what a running process shows does not change under it
    expect(await everything(first)).not.toContain('remark-zebra')
    const second = await again()
    const text = await everything(second)
    expect(text).toContain('remark-zebra')
    expect(text).toContain('vault-zebra')
    expect(text).toContain('IBAN')
    expect(text).not.toContain('DE-zebra')
    expect(text).not.toContain('pass-zebra')
    // not classified yet
    expect(text).not.toContain('Sponsor')
    const [event] = (await house.sql(
      "select event, severity from castellan_audit_event where kind = 'field.classify' order by entry",
    )) as { event: string; severity: string }[]
    expect(event?.severity).toBe('high')
    expect(JSON.parse(event?.event ?? '')).toMatchObject({
      outcome: 'done',
      reason: 'test',
      changes: [{ field: 'remark', before: 'waiting', after: 'public' }],
    })
  } finally {
    await house.close()
  }
})

test('a superadmin classifies after proving again who they are, and nobody else does', async () => {
  const { house, first } = await started('sqlite', async () => {})
  try {
    const classify = async (client: Client): Promise<number> => {
      const csrf = await client.csrf(`${BASE}/profile`)
      const body = JSON.stringify({
        input: { model: 'customers', fields: ['remark'], sensitivity: 'public' },
      })
      const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf }
      const path = `${BASE}/api/v1/models/castellan.fields/actions/classify`
      return (await client.send('POST', path, { headers, body })).status
    }
    const admin = await house.signIn({ role: 'admin' })
    const auditor = await house.signIn({ role: 'auditor' })
    house.clock.now += 6 * 60_000

    // nothing of the model is hers, so that it is not there
    expect(await classify(admin.client)).toBe(404)
    expect(await classify(auditor.client)).toBe(403)
    expect(await classify(first.top)).toBe(403)
    expect(await house.sql("select sensitivity from castellan_field where field = 'remark'")).toEqual([
      { sensitivity: null },
      { sensitivity: null },
    ])
  } finally {
    await house.close()
  }
})

test('what the application declares counts for as long as it is declared', async () => {
  const models: Record<string, ModelOptions> = {}
  const { house, again, first } = await started('sqlite', async () => {}, models)
  try {
    expect(await everything(first)).not.toContain('remark-zebra')
    models['customers'] = { fields: { remark: { sensitivity: 'internal' } } }
    expect(await everything(await again())).toContain('remark-zebra')
    delete models['customers']
    expect(await everything(await again())).not.toContain('remark-zebra')
  } finally {
    await house.close()
  }
})

test('a table that was renamed is a new one, and one that comes back is known', async () => {
  const { house, first, again } = await started('sqlite', async (one) => {
    await one.sql('alter table orders rename to purchases')
  })
  try {
    expect((await first.top.get(`${BASE}/m/purchases`)).status).not.toBe(200)
    await house.sql('alter table purchases rename to orders')
    const { top } = await again()
    expect((await top.get(`${BASE}/m/orders`)).status).toBe(200)
  } finally {
    await house.close()
  }
})

test.each(STORE_ENGINES)('several processes that start at once know the same: %s', async (engine) => {
  const house = await openHouse({ engine, sql: SHOP })
  try {
    await house.sql('delete from castellan_field')
    await Promise.all([house.second(), house.second(), house.second()])
    const rows = await house.sql(
      "select model, field, sensitivity from castellan_field where model = 'customers'",
    )
    expect(rows).toHaveLength(2)
    expect(rows).toEqual(
      expect.arrayContaining([
        { model: 'customers', field: 'id', sensitivity: 'public' },
        { model: 'customers', field: 'name', sensitivity: 'internal' },
      ]),
    )
  } finally {
    await house.close()
  }
})
