/** Links and inline records, written along with the record that they belong to, over the API. */

import { afterEach, expect, test } from 'vitest'
import type { ModelOptions } from '../../src/model/options.ts'
import type { Rule } from '../../src/policy/document.ts'
import { api, type Reply } from '../attack/api.ts'
import { policyWith } from '../attack/shop.ts'
import { openHouse, type SignedIn } from '../house.ts'

const SQL = `
  create table products (id integer primary key, name text not null, code text unique);
  create table tags (id integer primary key, name text not null, is_secret boolean not null default 0);
  create table product_tags (
    product_id integer not null references products (id), tag_id integer not null references tags (id),
    primary key (product_id, tag_id)
  );
  create table parts (
    product_id integer not null references products (id), line integer not null, name text not null,
    amount integer not null default 1 check (amount > 0), place integer not null default 0,
    primary key (product_id, line)
  );
  create table screws (
    id integer primary key, product_id integer not null, line integer not null,
    foreign key (product_id, line) references parts (product_id, line)
  );
  insert into products (id, name, code) values (1, 'Oak chair', 'A'), (2, 'Lamp', 'B');
  insert into tags (id, name) values (1, 'wood'), (2, 'light'), (3, 'sale'), (4, 'new');
  insert into product_tags values (1, 1), (1, 2), (2, 2);
  insert into parts (product_id, line, name, amount) values (1, 1, 'Seat', 1), (1, 2, 'Leg', 4), (2, 1, 'Bulb', 1);
  insert into screws (id, product_id, line) values (1, 1, 2);
`
const MODELS: Readonly<Record<string, ModelOptions>> = {
  products: { relations: { parts: { inline: { max: 5, order: 'place' } } } },
}
const ALL: Rule = { id: 'all', effect: 'permit', roles: ['support'], actions: ['*.*'] }

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(rules: readonly Rule[] = [ALL], models = MODELS): Promise<SignedIn> {
  house = await openHouse({ sql: SQL, policy: policyWith(rules), models })
  return house.signIn({ name: 'Noor', role: 'support' })
}

const patch = (person: SignedIn, key: string, body: unknown, headers = {}): Promise<Reply> =>
  api(person.client, 'PATCH', `/models/products/records/${key}`, body, headers)
const post = (person: SignedIn, body: unknown): Promise<Reply> =>
  api(person.client, 'POST', '/models/products/records', body)
const tagsOf = async (product: number): Promise<unknown> =>
  (
    (await house.sql(`select tag_id from product_tags where product_id = ${product} order by tag_id`)) as {
      tag_id: number
    }[]
  ).map(({ tag_id }) => tag_id)
const partsOf = (product: number): Promise<unknown[]> =>
  house.sql(`select line, name, amount from parts where product_id = ${product} order by line`)
const events = async (): Promise<readonly Record<string, unknown>[]> =>
  ((await house.sql('select event from castellan_audit_event order by id')) as { event: string }[])
    .map(({ event }) => JSON.parse(event) as Record<string, unknown>)
    .filter(({ action }) => /^(products|product_tags|parts)\.(create|update|delete)$/.test(String(action)))

test('a table of two foreign keys is a relation between its two sides', async () => {
  const person = await open()

  const { json } = await api(person.client, 'GET', '/models/products')
  expect(json['relations']).toContainEqual({
    name: 'tags',
    label: 'Tags',
    kind: 'many-to-many',
    target: 'tags',
    from: ['id'],
    to: ['id'],
    through: { model: 'product_tags', from: ['product_id'], to: ['tag_id'] },
  })
  expect(json['relations']).toContainEqual(
    expect.objectContaining({ name: 'parts', kind: 'many', inline: true }),
  )
})

test('links are added and removed as a difference, each with an event of its own', async () => {
  const person = await open()

  expect(await patch(person, '1', { links: { tags: { add: ['3'], remove: ['1'] } } })).toMatchObject({
    status: 200,
  })
  expect(await tagsOf(1)).toEqual([2, 3])
  expect(await tagsOf(2)).toEqual([2])
  const told = await events()
  expect(told).toHaveLength(3)
  expect(told).toContainEqual(
    expect.objectContaining({
      action: 'product_tags.delete',
      target: expect.objectContaining({ key: '["1","1"]' }),
      details: { within: 'products.update', withinKey: '1' },
    }),
  )
  expect(told).toContainEqual(
    expect.objectContaining({
      action: 'product_tags.create',
      target: expect.objectContaining({ key: '["1","3"]' }),
      outcome: 'done',
    }),
  )
  expect(new Set(told.map(({ request }) => (request as { id: string }).id)).size).toBe(1)
})

test('a link that is there is not made again, and one that is gone not removed', async () => {
  const person = await open()

  const { status } = await patch(person, '1', { links: { tags: { add: ['1'], remove: ['4'] } } })
  expect(status).toBe(200)
  expect(await tagsOf(1)).toEqual([1, 2])
  expect((await events()).map(({ action }) => action)).toEqual(['products.update'])
})

test('a record comes with its links and its rows in one create', async () => {
  const person = await open()

  const made = await post(person, {
    values: { name: 'Table' },
    links: { tags: { add: ['1', '4'] } },
    children: {
      parts: {
        create: [{ values: { line: 1, name: 'Top' } }, { values: { line: 2, name: 'Leg', amount: 4 } }],
      },
    },
  })
  expect(made).toMatchObject({ status: 201, json: { record: { key: '3' } } })
  expect(await tagsOf(3)).toEqual([1, 4])
  expect(await partsOf(3)).toEqual([
    { line: 1, name: 'Top', amount: 1 },
    { line: 2, name: 'Leg', amount: 4 },
  ])
})

test('rows are created, changed and deleted with the record, each as its own action', async () => {
  const person = await open()

  const { status, text } = await patch(person, '1', {
    values: { name: 'Oak armchair' },
    children: {
      parts: {
        create: [{ values: { line: 3, name: 'Arm', amount: 2 } }],
        update: [{ key: '["1","2"]', values: { amount: 5 } }],
        delete: [{ key: '["1","1"]' }],
      },
    },
  })
  expect(status, text).toBe(200)
  expect(await partsOf(1)).toEqual([
    { line: 2, name: 'Leg', amount: 5 },
    { line: 3, name: 'Arm', amount: 2 },
  ])
  expect((await events()).map(({ action }) => action).toSorted()).toEqual([
    'parts.create',
    'parts.delete',
    'parts.update',
    'products.update',
  ])
})

test('what is wrong with a row is said at the row, and nothing is saved', async () => {
  const person = await open()

  const refused = await patch(person, '1', {
    values: { name: 'Nothing of this' },
    links: { tags: { add: ['3'] } },
    children: {
      parts: {
        create: [{ values: { line: 'x', name: 'Arm' } }, { values: { line: 4 } }],
        update: [{ key: '["1","2"]', values: { amount: 'many' } }],
      },
    },
  })
  expect(refused).toMatchObject({
    status: 422,
    json: {
      fields: {
        'children.parts.create.0.line': ['must be a whole number such as 42'],
        'children.parts.create.1.name': ['must have a value'],
        'children.parts.update.0.amount': ['must be a whole number such as 42'],
      },
    },
  })
  expect(await house.sql('select name from products where id = 1')).toEqual([{ name: 'Oak chair' }])
  expect(await tagsOf(1)).toEqual([1, 2])
})

test('what the database says of a row is said at the row as well', async () => {
  const person = await open()

  const check = await patch(person, '1', {
    children: { parts: { update: [{ key: '["1","2"]', values: { amount: 0 } }] } },
  })
  expect(check).toMatchObject({
    status: 422,
    json: { fields: { 'children.parts.update.0.amount': ['breaks a rule of the database'] } },
  })
  const taken = await patch(person, '1', {
    children: { parts: { create: [{ values: { line: 1, name: 'Again' } }] } },
  })
  expect(taken.status).toBe(422)
  expect(Object.keys(taken.json['fields'] as object)).toContain('children.parts.create.0.line')
  const held = await patch(person, '1', { children: { parts: { delete: [{ key: '["1","2"]' }] } } })
  expect(held).toMatchObject({
    status: 422,
    json: { fields: { 'children.parts.delete.0': [expect.stringContaining('Other records refer to this')] } },
  })
})

test('a row that someone else changed meanwhile is a conflict', async () => {
  const person = await open()
  const path = `/models/parts/records/${encodeURIComponent('["1","1"]')}`
  const before = (await api(person.client, 'GET', path)).json['record'] as { version: string }
  await house.sql("update parts set name = 'Cushion' where product_id = 1 and line = 1")

  const update = { key: '["1","1"]', ifVersion: before.version, values: { name: 'Mine' } }
  expect(await patch(person, '1', { children: { parts: { update: [update] } } })).toMatchObject({
    status: 409,
  })
  expect(await partsOf(1)).toContainEqual({ line: 1, name: 'Cushion', amount: 1 })
})

test('no more rows at once than the model says', async () => {
  const person = await open()
  const create = Array.from({ length: 6 }, (_, index) => ({ values: { line: index + 10, name: 'x' } }))

  expect(await patch(person, '1', { children: { parts: { create } } })).toMatchObject({
    status: 422,
    json: { fields: { 'children.parts': ['must be at most 5 records at once'] } },
  })
})

test('only relations that are inline take rows, and an unknown one is told the same', async () => {
  const person = await open([ALL], {})

  const one = { delete: [{ key: '["1","1"]' }] }
  for (const name of ['parts', 'product_tags', 'nothing']) {
    expect(await patch(person, '1', { children: { [name]: one } })).toMatchObject({
      status: 422,
      json: { fields: { [`children.${name}`]: ['is not a field that can be written here'] } },
    })
  }
  expect(await partsOf(1)).toHaveLength(2)
})

test('input of another shape is refused where it stands', async () => {
  const person = await open()
  const refused = async (body: unknown): Promise<unknown> => {
    const { status, json } = await patch(person, '1', body)
    expect(status).toBe(422)
    return json['fields']
  }

  expect(await refused({})).toEqual({ values: ['must be an object of field names and values'] })
  expect(await refused({ links: { tags: { set: ['1'] } } })).toEqual({
    'links.tags.set': ['is not taken here'],
  })
  expect(await refused({ links: { tags: ['1'] } })).toEqual({ 'links.tags': ['must be an object'] })
  expect(await refused({ links: { tags: { add: [1] } } })).toEqual({ 'links.tags.add.0': ['must be text'] })
  expect(await refused({ links: { tags: { add: ['1'], remove: ['1'] } } })).toEqual({
    'links.tags': ['adds and removes the same record'],
  })
  expect(await refused({ links: { tags: { add: ['x'] } } })).toEqual({
    'links.tags': ['names no tag that you can read'],
  })
  expect(await refused({ values: { nme: 'x' }, links: { nothing: { add: ['1'] } } })).toEqual({
    nme: ['is not a field that can be written here'],
    'links.nothing': ['is not a field that can be written here'],
  })
})

test('a rule of the links that wants a confirmation is asked with what the whole does', async () => {
  const confirmed: Rule = {
    id: 'links-are-confirmed',
    effect: 'permit',
    roles: ['support'],
    actions: ['product_tags.create'],
    obligations: { confirm: true },
  }
  const rest = ['products.*', 'tags.*', 'product_tags.list', 'product_tags.read']
  const person = await open([confirmed, { ...ALL, actions: rest }])
  const body = { values: { name: 'Stool' }, links: { tags: { add: ['3'] } } }

  const asked = await patch(person, '1', body)
  expect(asked).toMatchObject({
    status: 428,
    json: { plan: { sentence: 'Change product Oak chair; add 1 of Tags.' } },
  })
  expect(await tagsOf(1)).toEqual([1, 2])
  const done = await patch(person, '1', { ...body, confirmation: asked.json['confirmation'] })
  expect(done).toMatchObject({ status: 200 })
  expect(await tagsOf(1)).toEqual([1, 2, 3])
})
