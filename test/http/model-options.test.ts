/** What an application says of its models, as people and programs then meet it. */

import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { ModelOptions } from '../../src/model/options.ts'
import { api, type Reply } from '../attack/api.ts'
import { policyWith } from '../attack/shop.ts'
import { BASE } from '../client.ts'
import { openHouse, type SignedIn } from '../house.ts'

const SQL = `
  create table customers (
    id integer primary key, code text unique, first_name text not null, last_name text not null, tax_number text, password_hash text
  );
  create table orders (
    id integer primary key, customer_code text, status text not null default 'open', priority integer not null default 0,
    note text, placed_at timestamp, version integer not null default 1, removed boolean not null default 0
  );
  insert into customers values (1, 'AO', 'Amara', 'Okafor', 'T-1', 'hash'), (2, 'JL', 'Jonas', 'Lindqvist', 'T-2', 'hash');
  insert into orders (id, customer_code, status, priority, note) values (11, 'AO', 'open', 1, 'first'), (12, 'JL', 'paid', 2, 'second');
`

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(models: Readonly<Record<string, ModelOptions>>): Promise<SignedIn> {
  const policy = policyWith([{ id: 'all', effect: 'permit', roles: ['support'], actions: ['*.*'] }])
  house = await openHouse({ sql: SQL, policy, models })
  return house.signIn({ name: 'Noor', role: 'support' })
}

const page = async ({ client }: SignedIn, path: string): Promise<string> =>
  (await client.get(`${BASE}${path}`)).text
const get = ({ client }: SignedIn, path: string): Promise<Reply> => api(client, 'GET', path)
const patch = ({ client }: SignedIn, path: string, values: unknown, headers = {}): Promise<Reply> =>
  api(client, 'PATCH', path, { values }, headers)

test('labels, groups and order show in the menu, on pages and in the API', async () => {
  const person = await open({
    orders: {
      label: 'Purchase',
      labelPlural: 'Purchases',
      group: 'Selling',
      order: 1,
      description: 'What was bought.',
    },
    customers: { labelPlural: 'Buyers', group: 'Selling', order: 2, icon: 'truck' },
  })
  const home = await page(person, '/')

  expect(home).toContain('Selling')
  expect(home.indexOf('Purchases')).toBeLessThan(home.indexOf('Buyers'))
  expect((await get(person, '/models/orders')).json).toMatchObject({
    label: 'Purchase',
    description: 'What was bought.',
  })
})

test('control: with the order turned round the menu is too', async () => {
  const person = await open({
    orders: { labelPlural: 'Purchases', order: 2 },
    customers: { labelPlural: 'Buyers', order: 1 },
  })
  const home = await page(person, '/')

  expect(home.indexOf('Buyers')).toBeLessThan(home.indexOf('Purchases'))
})

test('filters are an allow-list for pages and API', async () => {
  const person = await open({ orders: { list: { filters: ['status'] } } })

  expect((await get(person, '/models/orders/records?filter=status:eq:paid')).json['records']).toHaveLength(1)
  expect((await get(person, '/models/orders/records?filter=note:eq:first')).status).toBe(422)
  expect((await get(person, '/models/orders/records?filter=note:eq:second')).status).toBe(422)
  const list = await page(person, '/m/orders')
  expect(list).toContain('/~filter?field=status"')
  expect(list).not.toContain('/~filter?field=note"')
})

test('control: without the list the other field is filtered by', async () => {
  const person = await open({})

  expect((await get(person, '/models/orders/records?filter=note:eq:first')).json['records']).toHaveLength(1)
})

test('columns, sort and page size are those of the options', async () => {
  const person = await open({
    orders: { list: { columns: ['note', 'status'], sort: ['-note'], perPage: 1 } },
  })
  const list = await page(person, '/m/orders')

  expect(list).toContain('second')
  expect(list).not.toContain('>first<')
})

test('a hidden field leaves every read, form and list', async () => {
  const person = await open({ orders: { fields: { note: { hidden: true } } } })

  for (const path of [
    '/m/orders',
    '/m/orders/11',
    '/m/orders/11/edit',
    '/m/orders/new',
    '/m/orders/11/history',
  ]) {
    expect(await page(person, path), path).not.toMatch(/first|name="note"|>Note</)
  }
  for (const path of ['/models/orders', '/models/orders/records', '/models/orders/records/11']) {
    expect((await get(person, path)).text, path).not.toMatch(/note|first/)
  }
  expect((await patch(person, '/models/orders/records/11', { note: 'x' })).status).toBe(422)
  expect((await get(person, '/models/orders/records?search=first')).json['records']).toHaveLength(0)
})

test('sensitivity is what is declared: opened, masked or secret', async () => {
  const person = await open({
    customers: {
      fields: {
        tax_number: { sensitivity: 'internal' },
        first_name: { sensitivity: 'personal' },
        last_name: { sensitivity: 'secret' },
      },
    },
  })
  const { json } = await get(person, '/models/customers/records/1')

  expect(json['record']).toMatchObject({ values: { tax_number: 'T-1' }, masked: ['first_name'] })
  expect(JSON.stringify(json)).not.toMatch(/Okafor|Amara/)
})

test('choices bind pages and API, and are shown by their labels', async () => {
  const person = await open({
    orders: {
      fields: {
        priority: {
          choices: [
            { value: '1', label: 'Urgent' },
            { value: '2', label: 'Whenever' },
          ],
        },
        status: { choices: ['open', 'paid'] },
      },
    },
  })

  expect(await page(person, '/m/orders/11')).toContain('Urgent')
  expect(await page(person, '/m/orders/11/edit')).toMatch(
    /type="radio"[^>]*name="priority"|name="priority"[^>]*type="radio"/,
  )
  expect((await patch(person, '/models/orders/records/11', { priority: 3 })).json['fields']).toHaveProperty(
    'priority',
  )
  expect((await patch(person, '/models/orders/records/11', { status: 'lost' })).status).toBe(422)
  expect((await patch(person, '/models/orders/records/11', { priority: 2, status: 'paid' })).status).toBe(200)
})

test('a validator of a field holds for new records and changes, and not for what is empty', async () => {
  const person = await open({
    orders: { fields: { note: { validate: z.string().max(5, 'must be shorter') } } },
  })

  expect(
    (await patch(person, '/models/orders/records/11', { note: 'much too long' })).json['fields'],
  ).toEqual({ note: ['must be shorter'] })
  expect(
    (await api(person.client, 'POST', '/models/orders/records', { values: { note: 'much too long' } }))
      .status,
  ).toBe(422)
  expect((await patch(person, '/models/orders/records/11', { note: null })).status).toBe(200)
  const form = await person.client.post(`${BASE}/m/orders/11/edit`, {
    note: 'much too long',
    _original: '{"note":""}',
  })
  expect([form.status, form.text.includes('must be shorter')]).toEqual([422, true])
})

test('a readonly field is shown and written by nobody; one of a form only there', async () => {
  const person = await open({
    orders: { fields: { note: { readonly: true } }, form: { update: { readonly: ['status'] } } },
  })

  expect((await patch(person, '/models/orders/records/11', { note: 'x' })).status).toBe(422)
  expect((await patch(person, '/models/orders/records/11', { status: 'paid' })).status).toBe(422)
  expect(await page(person, '/m/orders/11/edit')).not.toMatch(/name="(note|status)"/)
  expect(await page(person, '/m/orders/new')).toContain('name="status"')
  expect(
    (await api(person.client, 'POST', '/models/orders/records', { values: { status: 'paid' } })).status,
  ).toBe(201)
})

test('a computed field is shown where all it is made of may be read, and takes part in nothing else', async () => {
  const customers: ModelOptions = {
    list: { columns: ['full_name'] },
    fields: {
      full_name: {
        label: 'Whole name',
        computed: { from: ['first_name', 'last_name'], value: (v) => `${v['first_name']} ${v['last_name']}` },
      },
    },
  }
  const person = await open({ customers })

  expect(await page(person, '/m/customers')).toContain('Amara Okafor')
  expect(await page(person, '/m/customers/1')).toContain('Amara Okafor')
  expect((await get(person, '/models/customers/records?fields=full_name')).text).toContain('Jonas Lindqvist')
  expect((await get(person, '/models/customers/records?filter=full_name:eq:x')).status).toBe(422)
  expect((await get(person, '/models/customers/records?sort=full_name')).status).toBe(422)
  expect((await patch(person, '/models/customers/records/1', { full_name: 'x' })).status).toBe(422)
})

test('a computed field is kept from whoever may not read all it is made of', async () => {
  const policy = policyWith([
    {
      id: 'some',
      effect: 'permit',
      roles: ['support'],
      actions: ['customers.*'],
      fields: { except: ['last_name'] },
    },
  ])
  const full_name = { computed: { from: ['first_name', 'last_name'], value: () => 'Okafor' } }
  house = await openHouse({ sql: SQL, policy, models: { customers: { fields: { full_name } } } })
  const person = await house.signIn({ role: 'support' })

  for (const path of ['/models/customers', '/models/customers/records', '/models/customers/records/1']) {
    const { text, status } = await get(person, path)
    expect([path, status, text.includes('full_name')]).toEqual([path, 200, false])
  }
})

test('allowedActions leave nothing else, in pages and API', async () => {
  const person = await open({ orders: { allowedActions: ['view', 'update'] } })
  const record = await get(person, '/models/orders/records/11')

  expect(record.json['verbs']).toEqual(['update', 'history'])
  expect((await get(person, '/models/orders')).json['actions']).toEqual(
    expect.not.arrayContaining([
      expect.objectContaining({ verb: 'create' }),
      expect.objectContaining({ verb: 'delete' }),
    ]),
  )
  expect((await api(person.client, 'POST', '/models/orders/records', { values: {} })).status).toBe(404)
  expect((await api(person.client, 'DELETE', '/models/orders/records/11', {})).status).toBe(404)
  expect((await person.client.get(`${BASE}/m/orders/new`)).status).toBe(404)
  expect(await page(person, '/m/orders')).not.toContain('/m/orders/new')
  expect(await page(person, '/m/orders/11')).not.toContain('/m/orders/11/delete')
  expect((await patch(person, '/models/orders/records/11', { note: 'x' })).status).toBe(200)
})

test('control: without allowedActions all of it is there', async () => {
  const person = await open({})

  expect((await get(person, '/models/orders/records/11')).json['verbs']).toEqual([
    'update',
    'delete',
    'history',
  ])
  expect(await page(person, '/m/orders')).toContain('/m/orders/new')
  expect((await api(person.client, 'POST', '/models/orders/records', { values: {} })).status).toBe(201)
  expect((await api(person.client, 'DELETE', '/models/orders/records/11', {})).status).toBe(200)
})

test('a model without view is read nowhere', async () => {
  const person = await open({ customers: { allowedActions: ['create'] } })

  for (const path of [
    '/models/customers/records',
    '/models/customers/records/1',
    '/models/customers/records/1/history',
  ]) {
    const { status, text } = await get(person, path)
    expect([path, status, text.includes('Amara')]).toEqual([path, 404, false])
  }
  expect(await page(person, '/')).not.toContain(`href="${BASE}/m/customers"`)
})

test('softDelete names the mark of a record in the trash, and restoring takes it off', async () => {
  const person = await open({
    orders: { softDelete: { field: 'removed' }, allowedActions: ['view', 'delete'] },
  })

  expect((await api(person.client, 'DELETE', '/models/orders/records/11', {})).status).toBe(200)
  expect(await house.sql('select removed from orders where id = 11')).toEqual([{ removed: 1 }])
  expect((await get(person, '/models/orders/records')).json['records']).toHaveLength(1)
  expect((await api(person.client, 'POST', '/models/orders/actions/restore', { keys: ['11'] })).status).toBe(
    200,
  )
  expect((await get(person, '/models/orders/records')).json['records']).toHaveLength(2)
})

test('concurrency counts a version on with each change, and tells two changes apart by it', async () => {
  const person = await open({ orders: { concurrency: 'version' } })
  const version = (): Promise<unknown> => house.sql('select version from orders where id = 11')
  const tag = (await get(person, '/models/orders/records/11')).headers.get('etag') ?? ''

  expect(
    (await patch(person, '/models/orders/records/11', { note: 'mine' }, { 'if-match': tag })).status,
  ).toBe(200)
  expect(await version()).toEqual([{ version: 2 }])
  expect(
    (await patch(person, '/models/orders/records/11', { note: 'theirs' }, { 'if-match': tag })).status,
  ).toBe(412)
  expect((await patch(person, '/models/orders/records/11', { note: 'mine' })).status).toBe(200)
  expect(await version()).toEqual([{ version: 2 }])
  expect((await patch(person, '/models/orders/records/11', { version: 9 })).status).toBe(422)
})

test('control: a change that another program made without counting is no conflict then, and one without the option', async () => {
  const person = await open({ orders: { concurrency: 'version' } })
  const tag = (await get(person, '/models/orders/records/11')).headers.get('etag') ?? ''
  await house.sql("update orders set note = 'elsewhere' where id = 11")
  expect(
    (await patch(person, '/models/orders/records/11', { status: 'paid' }, { 'if-match': tag })).status,
  ).toBe(200)
  await house.close()

  const other = await open({})
  const plain = (await get(other, '/models/orders/records/11')).headers.get('etag') ?? ''
  await house.sql("update orders set note = 'elsewhere' where id = 11")
  expect(
    (await patch(other, '/models/orders/records/11', { status: 'paid' }, { 'if-match': plain })).status,
  ).toBe(412)
})

test('an instant is set to now with each change', async () => {
  const person = await open({ orders: { concurrency: 'placed_at' } })
  await patch(person, '/models/orders/records/11', { note: 'x' })

  const [row] = (await house.sql('select placed_at from orders where id = 11')) as { placed_at: string }[]
  expect(row?.placed_at).toContain(new Date(house.clock.now).toISOString().slice(0, 10))
})

test('a relation without a foreign key leads to its record, and back', async () => {
  const person = await open({
    orders: {
      relations: { buyer: { label: 'Buyer', target: 'customers', from: 'customer_code', to: 'code' } },
      list: { search: ['buyer.first_name'] },
    },
    customers: {
      relations: { purchases: { kind: 'many', target: 'orders', from: 'code', to: 'customer_code' } },
    },
  })

  expect(await page(person, '/m/orders/11')).toContain('Amara')
  expect(await page(person, '/m/customers/1')).toContain('/m/orders/11')
  expect(await page(person, '/m/orders/11/edit')).toContain('Buyer')
  expect((await get(person, '/models/orders/records?search=Jonas')).json['records']).toHaveLength(1)
  expect((await patch(person, '/models/orders/records/11', { customer_code: 'none' })).status).toBe(422)
  expect((await patch(person, '/models/orders/records/11', { customer_code: 'JL' })).status).toBe(200)
})

test('a form has the cards and the starting values of the options', async () => {
  const person = await open({
    orders: {
      form: {
        create: {
          fieldsets: [
            { title: 'What', fields: ['status', 'priority'] },
            { title: 'Remarks', fields: ['note'] },
          ],
          defaults: { priority: 7, note: (context) => `for ${context.principal.name}` },
        },
      },
    },
  })
  const form = await page(person, '/m/orders/new')

  expect(form.indexOf('>What<')).toBeLessThan(form.indexOf('>Remarks<'))
  expect(form.indexOf('>Remarks<')).toBeLessThan(form.indexOf('>More<'))
  expect(form).toContain('value="7"')
  expect(form).toContain('for Noor')
  expect(await page(person, '/m/orders/11/edit')).toContain('>Details<')
})

test('sends a refused visitor to no other host, however its address is written', async () => {
  let redirect = '//evil.example'
  const person = await open({
    orders: { isAccessible: () => false, inaccessible: () => ({ redirect }) },
  })

  for (const abroad of ['//evil.example', '/\t/evil.example', '/\\evil.example', 'https://evil.example']) {
    redirect = abroad
    const { status, location } = await person.client.get(`${BASE}/m/orders`)
    expect([abroad, status, location]).toEqual([abroad, 403, null])
  }
  redirect = '/sign-up'
  expect((await person.client.get(`${BASE}/m/orders`)).location).toBe('/sign-up')
})

test('a refused visitor of the pages gets what the application says, and a program a refusal', async () => {
  let isOpen = false
  const person = await open({
    orders: { isAccessible: () => isOpen, inaccessible: () => ({ redirect: '/sign-up' }) },
    customers: {
      isAccessible: () => isOpen,
      inaccessible: ({ principal }) => new Response(`Not for ${principal.name}.`, { status: 402 }),
    },
  })

  for (const path of ['/m/orders', '/m/orders/11', '/m/orders/new', '/m/orders/11/edit']) {
    const { status, location } = await person.client.get(`${BASE}${path}`)
    expect([path, status, location]).toEqual([path, 303, '/sign-up'])
  }
  const answer = await person.client.get(`${BASE}/m/customers`)
  expect([answer.status, answer.text]).toEqual([402, 'Not for Noor.'])
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect((await get(person, '/models/orders/records')).status).toBe(403)
  isOpen = true
  expect((await person.client.get(`${BASE}/m/orders`)).status).toBe(200)
})

test('without an answer of its own, and with one that fails, the refusal is a page with 403', async () => {
  const person = await open({
    orders: { isAccessible: () => false },
    customers: {
      isAccessible: () => false,
      inaccessible: () => {
        throw new Error('no')
      },
    },
  })

  for (const model of ['orders', 'customers']) {
    const { status, text } = await person.client.get(`${BASE}/m/${model}`)
    expect([status, text.includes('You may not do this')]).toEqual([403, true])
  }
})

test('a change that brings no value changes nothing', async () => {
  const person = await open({})
  const before = JSON.stringify(await house.sql('select * from orders'))

  expect((await patch(person, '/models/orders/records/11', {})).status).toBe(200)
  expect(JSON.stringify(await house.sql('select * from orders'))).toBe(before)
})
