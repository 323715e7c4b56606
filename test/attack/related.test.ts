/** Links and rows that come along with a record reach for what their sender may not have. */

import { afterEach, expect, test } from 'vitest'
import type { Action } from '../../src/gate/action.ts'
import type { Records } from '../../src/gate/records.ts'
import type { ModelOptions } from '../../src/model/options.ts'
import type { Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { type HouseOptions, openHouse, type SignedIn } from '../house.ts'
import { api, type Reply } from './api.ts'
import { withParts } from './assemble.ts'
import { policyWith } from './shop.ts'

const SQL = `
  create table products (id integer primary key, name text not null, code text unique, region text not null default 'north');
  create table tags (id integer primary key, name text not null, is_hidden boolean not null default false);
  create table product_tags (
    product_id integer not null references products (id), tag_id integer not null references tags (id),
    primary key (product_id, tag_id)
  );
  create table parts (
    id integer primary key, product_id integer not null references products (id), name text not null,
    cost integer not null default 0
  );
  insert into products (id, name, code, region) values (1, 'Chair', 'A', 'north'), (2, 'Lamp', 'B', 'south');
  insert into tags (id, name, is_hidden) values (1, 'wood', false), (2, 'recalled', true), (3, 'sale', false), (4, 'watched', true);
  insert into product_tags values (1, 1), (1, 2);
  insert into parts (id, product_id, name, cost) values (11, 1, 'Seat', 5), (21, 2, 'Bulb', 7);
`
const MODELS: Readonly<Record<string, ModelOptions>> = {
  products: { relations: { parts: { inline: true } } },
}
const NORTH: Rule = {
  id: 'north',
  effect: 'permit',
  roles: ['support'],
  actions: ['products.*'],
  where: { region: { eq: 'north' } },
}
const OPEN_TAGS: Rule = {
  id: 'open-tags',
  effect: 'permit',
  roles: ['support'],
  actions: ['tags.list', 'tags.read'],
  where: { is_hidden: { eq: false } },
}
const OPEN_LINKS: Rule = {
  id: 'open-links',
  effect: 'permit',
  roles: ['support'],
  actions: ['product_tags.*'],
  where: { tag: { is_hidden: { eq: false } } },
}
const PARTS: Rule = {
  id: 'parts',
  effect: 'permit',
  roles: ['support'],
  actions: ['parts.*'],
  fields: ['id', 'product_id', 'name'],
}
const RULES: readonly Rule[] = [NORTH, OPEN_TAGS, OPEN_LINKS, PARTS]
const { where: _, ...ALL_TAGS } = OPEN_TAGS
const { where: __, ...ALL_LINKS } = OPEN_LINKS
const { fields: ___, ...ALL_PARTS } = PARTS

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(rules: readonly Rule[] = RULES, options: Partial<HouseOptions> = {}): Promise<SignedIn> {
  house = await openHouse({ sql: SQL, policy: policyWith(rules), models: MODELS, ...options })
  return house.signIn({ name: 'Noor', role: 'support' })
}

const patch = (person: SignedIn, body: unknown, key = '1'): Promise<Reply> =>
  api(person.client, 'PATCH', `/models/products/records/${key}`, body)
const said = ({ text }: Reply): string => text.replace(/"requestId":"[^"]*"/, '')
const links = (): Promise<unknown[]> => house.sql('select product_id, tag_id from product_tags order by 1, 2')
const parts = (): Promise<unknown[]> => house.sql('select id, product_id, name, cost from parts order by id')

/** The house with `update` seeing other answers of its gateway. */
function seeing(differing: Partial<Records>): Partial<HouseOptions> {
  const loosened = (action: Action): Action =>
    action.verb === 'update' && action.model === '*'
      ? {
          ...action,
          run: (input, context) =>
            action.run(input, { ...context, records: { ...context.records, ...differing } }),
        }
      : action
  return { assemble: withParts({ gate: (one) => ({ ...one, actions: one.actions.map(loosened) }) }) }
}

const FOREIGN = { children: { parts: { update: [{ key: '21', values: { name: 'Mine' } }] } } }
const MISSING = { children: { parts: { update: [{ key: '99', values: { name: 'Mine' } }] } } }

test('a row of another record is told like one that is not there, and stays', async () => {
  const person = await open()
  const refused = await patch(person, FOREIGN)

  expect(refused.status).toBe(422)
  expect(said(refused)).toBe(said(await patch(person, MISSING)))
  expect((await patch(person, { children: { parts: { delete: [{ key: '21' }] } } })).status).toBe(200)
  expect(await parts()).toContainEqual({ id: 21, product_id: 2, name: 'Bulb', cost: 7 })
})

test('control: with rows taken for its own it would be changed', async () => {
  const person = await open(RULES, seeing({ belongsTo: () => Promise.resolve(true) }))

  expect((await patch(person, FOREIGN)).status).toBe(200)
  expect(await parts()).toContainEqual({ id: 21, product_id: 2, name: 'Mine', cost: 7 })
})

test('control: with nothing taken away the same house refuses it', async () => {
  const person = await open(RULES, seeing({}))

  expect((await patch(person, FOREIGN)).status).toBe(422)
})

test('a row says neither whose it is nor what its writer may not write', async () => {
  const person = await open()
  const refused = async (values: object): Promise<unknown> => {
    const update = await patch(person, { children: { parts: { update: [{ key: '11', values }] } } })
    const create = await patch(person, {
      children: { parts: { create: [{ values: { name: 'x', ...values } }] } },
    })
    expect([update.status, create.status]).toEqual([422, 422])
    return update.json['fields']
  }

  expect(await refused({ product_id: 2 })).toEqual({
    'children.parts.update.0.product_id': ['is not a field that can be written here'],
  })
  expect(await refused({ cost: 0 })).toEqual({
    'children.parts.update.0.cost': ['is not a field that can be written here'],
  })
  expect(await refused({ no_such_field: 0 })).toEqual({
    'children.parts.update.0.no_such_field': ['is not a field that can be written here'],
  })
  expect(await parts()).toHaveLength(2)
})

test('control: a rule that grants the field lets it be written', async () => {
  const person = await open([NORTH, OPEN_TAGS, OPEN_LINKS, ALL_PARTS])

  const body = { children: { parts: { update: [{ key: '11', values: { cost: 0 } }] } } }
  expect((await patch(person, body)).status).toBe(200)
  expect(await parts()).toContainEqual({ id: 11, product_id: 1, name: 'Seat', cost: 0 })
})

test('a link out of sight is neither shown nor removed, whatever set is sent', async () => {
  const person = await open()

  const { text } = await person.client.get(`${BASE}/m/products/1/edit`)
  expect(text).toContain('wood')
  expect(text).not.toContain('recalled')
  expect((await person.client.get(`${BASE}/m/products/1`)).text).not.toContain('recalled')
  expect((await patch(person, { links: { tags: { remove: ['1', '2'] } } })).status).toBe(200)
  expect(await links()).toEqual([{ product_id: 1, tag_id: 2 }])
})

test('control: in sight it is removed', async () => {
  const person = await open([NORTH, ALL_TAGS, ALL_LINKS, PARTS])

  expect((await person.client.get(`${BASE}/m/products/1/edit`)).text).toContain('recalled')
  expect((await patch(person, { links: { tags: { remove: ['1', '2'] } } })).status).toBe(200)
  expect(await links()).toEqual([])
})

test('a record is not linked to one that its writer cannot see, in the words of one that is not there', async () => {
  const person = await open([NORTH, OPEN_TAGS, ALL_LINKS, PARTS])
  const hidden = await patch(person, { links: { tags: { add: ['4'] } } })

  expect(hidden.status).toBe(422)
  expect(said(hidden)).toBe(said(await patch(person, { links: { tags: { add: ['99'] } } })))
  expect(await links()).toHaveLength(2)
})

test('control: one that it can see is linked', async () => {
  const person = await open([NORTH, ALL_TAGS, ALL_LINKS, PARTS])

  expect((await patch(person, { links: { tags: { add: ['4'] } } })).status).toBe(200)
  expect(await links()).toHaveLength(3)
})

test('the rules of the links decide, not those of the record', async () => {
  const reading: Rule = { ...ALL_LINKS, actions: ['product_tags.list', 'product_tags.read'] }
  const person = await open([NORTH, OPEN_TAGS, reading, PARTS])

  for (const change of [{ add: ['3'] }, { remove: ['1'] }])
    expect((await patch(person, { links: { tags: change } })).status).toBe(403)
  expect(await links()).toHaveLength(2)
})

test('relations to models that one may not know of are told like ones that are not there', async () => {
  const person = await open([NORTH, OPEN_TAGS])
  const link = await patch(person, { links: { tags: { add: ['3'] } } })
  const row = await patch(person, { children: { parts: { delete: [{ key: '11' }] } } })

  const words = 'is not a field that can be written here'
  expect(link).toMatchObject({ status: 422, json: { fields: { 'links.tags': [words] } } })
  expect(row).toMatchObject({ status: 422, json: { fields: { 'children.parts': [words] } } })
  expect(await parts()).toHaveLength(2)
})

test('a record out of reach is not found, whatever comes along', async () => {
  const person = await open()

  for (const body of [{ links: { tags: { add: ['1'] } } }, FOREIGN])
    expect((await patch(person, body, '2')).status).toBe(404)
  expect(await links()).toHaveLength(2)
})

test('a value that a record out of sight has is taken in the words of any other', async () => {
  const person = await open()
  const create = (code: string): Promise<Reply> =>
    api(person.client, 'POST', '/models/products/records', { values: { name: 'New', code, region: 'north' } })

  const seen = await create('A')
  const hidden = await create('B')
  expect(seen).toMatchObject({
    status: 422,
    json: { fields: { code: ['is already taken by another record'] } },
  })
  expect(said(hidden)).toBe(said(seen))
  expect((await create('C')).status).toBe(201)
})
