/** Rows and sets of links in the form of a record, without scripts. */

import { afterEach, expect, test } from 'vitest'
import type { ModelOptions } from '../../src/model/options.ts'
import type { Rule } from '../../src/policy/document.ts'
import { policyWith } from '../attack/shop.ts'
import { BASE } from '../client.ts'
import { openHouse, type SignedIn } from '../house.ts'

const SQL = `
  create table products (id integer primary key, name text not null, code text unique, secret_token text, note text);
  create table tags (id integer primary key, name text not null);
  create table product_tags (
    product_id integer not null references products (id), tag_id integer not null references tags (id),
    primary key (product_id, tag_id)
  );
  create table parts (
    product_id integer not null references products (id), line integer not null, name text not null,
    amount integer not null default 1 check (amount > 0), place integer not null default 0,
    primary key (product_id, line)
  );
  create table floors (house integer not null, level integer not null, name text not null, primary key (house, level));
  create table rooms (
    id integer primary key, name text not null, house integer, level integer,
    foreign key (house, level) references floors (house, level)
  );
  create table folders (id integer primary key, name text not null, folder_id integer references folders (id));
  insert into floors (house, level, name) values (1, 1, 'Ground'), (1, 2, 'Attic');
  insert into rooms (id, name, house, level) values (1, 'Hall', 1, 1);
  insert into folders (id, name, folder_id) values (1, 'Top', null), (2, 'Middle', 1), (3, 'Bottom', 2);
  insert into products (id, name, code, secret_token, note) values (1, 'Oak chair', 'A', 'tok', 'old'), (2, 'Lamp', 'B', null, null);
  insert into tags (id, name) values (1, 'wood'), (2, 'light'), (3, 'sale');
  insert into product_tags values (1, 1), (1, 2);
  insert into parts (product_id, line, name, amount, place) values (1, 1, 'Seat', 1, 1), (1, 2, 'Leg', 4, 2);
`
const MODELS: Readonly<Record<string, ModelOptions>> = {
  products: { relations: { parts: { inline: { max: 4, order: 'place' } } } },
  folders: { relations: { folder: { tree: true } } },
}
const ALL: Rule = { id: 'all', effect: 'permit', roles: ['support'], actions: ['*.*'] }

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(rules: readonly Rule[] = [ALL]): Promise<SignedIn> {
  house = await openHouse({ sql: SQL, policy: policyWith(rules), models: MODELS })
  return house.signIn({ name: 'Noor', role: 'support' })
}

/** What a browser would send of the form on that page, pressing a button of that value. */
async function formOf(person: SignedIn, path: string): Promise<URLSearchParams> {
  return fieldsIn((await person.client.get(`${BASE}${path}`)).text)
}

function fieldsIn(html: string): URLSearchParams {
  const form = /<form[^>]*data-guard[\s\S]*?<\/form>/.exec(html)?.[0] ?? ''
  const fields = new URLSearchParams()
  for (const [tag] of form.matchAll(
    /<(?:input|textarea)\b[^>]*>(?:[^<]*<\/textarea>)?|<select\b[\s\S]*?<\/select>/g,
  )) {
    const attribute = (name: string): string | undefined =>
      new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
    const name = attribute('name')
    if (name === undefined || / disabled/.test(tag)) continue
    if (tag.startsWith('<select')) {
      const chosen = /<option value="([^"]*)" selected/.exec(tag)?.[1] ?? ''
      fields.append(name, chosen.replaceAll('&quot;', '"'))
      continue
    }
    if (attribute('type') === 'checkbox' && !/ checked/.test(tag)) continue
    const text = /<textarea/.test(tag)
      ? (/>([\s\S]*)<\/textarea>/.exec(tag)?.[1] ?? '')
      : (attribute('value') ?? '')
    fields.append(name, text)
  }
  return fields
}

const send = async (
  person: SignedIn,
  path: string,
  fields: URLSearchParams,
): Promise<{ readonly status: number; readonly text: string }> =>
  person.client.send('POST', `${BASE}${path}`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: String(fields),
  })

const tagsOf = async (product: number): Promise<unknown> =>
  (
    (await house.sql(`select tag_id from product_tags where product_id = ${product} order by tag_id`)) as {
      tag_id: number
    }[]
  ).map(({ tag_id }) => tag_id)
const partsOf = (product: number): Promise<unknown[]> =>
  house.sql(`select line, name, amount, place from parts where product_id = ${product} order by place, line`)

test('a set of links is ticked, and saved as what changed', async () => {
  const person = await open()
  const fields = await formOf(person, '/m/products/1/edit')
  expect(fields.getAll('~link.tags').toSorted()).toEqual(['1', '2'])
  // someone else adds one meanwhile
  await house.sql('insert into product_tags values (1, 3)')

  fields.delete('~link.tags')
  fields.append('~link.tags', '2')
  expect((await send(person, '/m/products/1/edit', fields)).status).toBe(303)
  expect(await tagsOf(1)).toEqual([2, 3])
})

test('a row is changed, added and deleted with the record', async () => {
  const person = await open()
  const fields = await formOf(person, '/m/products/1/edit')
  expect(fields.get('~in.parts.1.amount')).toBe('4')
  expect(fields.has('~in.parts.1.line')).toBe(false)

  fields.set('_then', 'add-row.parts')
  const again = await send(person, '/m/products/1/edit', fields)
  expect(again.status).toBe(200)
  const more = fieldsIn(again.text)
  expect(more.get('~in.parts.2.line')).toBe('3')
  more.set('~in.parts.1.amount', '5')
  more.set('~in.parts.2.name', 'Arm')
  more.set('~gone.parts.0', 'true')
  expect((await send(person, '/m/products/1/edit', more)).status).toBe(303)
  expect(await partsOf(1)).toEqual([
    { line: 2, name: 'Leg', amount: 5, place: 2 },
    { line: 3, name: 'Arm', amount: 1, place: 3 },
  ])
})

test('a row that nothing is typed in is none, and one can be dropped again', async () => {
  const person = await open()
  const fields = await formOf(person, '/m/products/1/edit')
  fields.set('_then', 'add-row.parts')
  const blank = fieldsIn((await send(person, '/m/products/1/edit', fields)).text)

  expect((await send(person, '/m/products/1/edit', blank)).status).toBe(303)
  expect(await partsOf(1)).toHaveLength(2)
  blank.set('~in.parts.2.name', 'Typed')
  blank.set('_then', 'drop-row.parts.2')
  const dropped = fieldsIn((await send(person, '/m/products/1/edit', blank)).text)
  expect(dropped.has('~in.parts.2.name')).toBe(false)
})

test('rows change places, and keep what was typed', async () => {
  const person = await open()
  const fields = await formOf(person, '/m/products/1/edit')
  fields.set('name', 'Typed and not saved')
  fields.set('_then', 'up-row.parts.1')
  const moved = fieldsIn((await send(person, '/m/products/1/edit', fields)).text)

  expect(moved.get('name')).toBe('Typed and not saved')
  expect([...moved.keys()].filter((name) => name.startsWith('~row.'))).toEqual([
    '~row.parts.1',
    '~row.parts.0',
  ])
  expect((await send(person, '/m/products/1/edit', moved)).status).toBe(303)
  expect((await partsOf(1)).map((row) => (row as { name: string }).name)).toEqual(['Leg', 'Seat'])
})

test('what is wrong with a row is said there, and all that was typed stays', async () => {
  const person = await open()
  const fields = await formOf(person, '/m/products/1/edit')
  fields.set('name', 'Mine')
  fields.set('~in.parts.1.amount', '0')
  fields.append('~link.tags', '3')

  const { status, text } = await send(person, '/m/products/1/edit', fields)
  expect(status).toBe(422)
  expect(text).toContain('Part 2: amount breaks a rule of the database')
  expect(text).toContain('href="#field--126in.parts.1.amount"'.replaceAll('.', '-46'))
  const kept = fieldsIn(text)
  expect(kept.get('name')).toBe('Mine')
  expect(kept.get('~in.parts.1.amount')).toBe('0')
  expect(kept.getAll('~link.tags').toSorted()).toEqual(['1', '2', '3'])
  expect(await tagsOf(1)).toEqual([1, 2])
})

test('a new record is made with its rows and links', async () => {
  const person = await open()
  const fields = await formOf(person, '/m/products/new')
  fields.set('name', 'Table')
  fields.append('~link.tags', '3')
  fields.set('_then', 'add-row.parts')
  const more = fieldsIn((await send(person, '/m/products/new', fields)).text)
  more.set('~in.parts.0.name', 'Top')

  expect((await send(person, '/m/products/new', more)).status).toBe(303)
  expect(await tagsOf(3)).toEqual([3])
  expect(await partsOf(3)).toEqual([{ line: 1, name: 'Top', amount: 1, place: 1 }])
})

test('a row that someone else changed is shown beside theirs, and chosen field by field', async () => {
  const person = await open()
  const fields = await formOf(person, '/m/products/1/edit')
  await house.sql("update parts set amount = 8, name = 'Foot' where line = 2")
  fields.set('~in.parts.1.amount', '5')
  fields.set('note', 'mine')

  const { status, text } = await send(person, '/m/products/1/edit', fields)
  expect(status).toBe(409)
  expect(text).toContain('Part: ')
  expect(text).toContain('Foot')
  const chosen = conflictFields(text)
  expect(chosen.get('~in.parts.1.amount')).toBe('5')
  expect((await send(person, '/m/products/1/edit', chosen)).status).toBe(303)
  expect(await partsOf(1)).toContainEqual({ line: 2, name: 'Foot', amount: 5, place: 2 })
  expect(await house.sql('select note from products where id = 1')).toEqual([{ note: 'mine' }])
  expect(await tagsOf(1)).toEqual([1, 2])
})

/** The page of a conflict as it is sent with every choice left at "yours". */
function conflictFields(html: string): URLSearchParams {
  const fields = new URLSearchParams()
  const form = html.split('<form').find((part) => part.includes('name="_original"')) ?? ''
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    const attribute = (name: string): string | undefined =>
      new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
    const name = attribute('name')
    if (name === undefined || (attribute('type') === 'radio' && !/ checked/.test(tag))) continue
    fields.append(name, attribute('value') ?? '')
  }
  return fields
}

test('a duplicate starts with what may be copied, and nothing is written before it is saved', async () => {
  const person = await open()
  const { text } = await person.client.get(`${BASE}/m/products/1/duplicate`)
  const fields = fieldsIn(text)

  expect(text).toContain('The original has this value, and no two records may have the same.')
  expect(fields.get('name')).toBe('Oak chair')
  expect(fields.get('note')).toBe('old')
  expect(fields.get('secret_token') ?? '').toBe('')
  expect(fields.has('id')).toBe(false)
  expect(fields.getAll('~link.tags').toSorted()).toEqual(['1', '2'])
  expect(await house.sql('select count(*) as n from products')).toEqual([{ n: 2 }])
  fields.set('code', 'C')
  expect((await send(person, '/m/products/new', fields)).status).toBe(303)
  expect(await house.sql('select name, code, secret_token from products where id = 3')).toEqual([
    { name: 'Oak chair', code: 'C', secret_token: null },
  ])
  expect(await tagsOf(3)).toEqual([1, 2])
})

test('the page of a record shows the other sides of its links, and offers to duplicate it', async () => {
  const person = await open()
  const { text } = await person.client.get(`${BASE}/m/products/1`)

  expect(text).toContain(`href="${BASE}/m/tags/1"`)
  expect(text).toContain('wood')
  expect(text).toContain(`${BASE}/m/products/1/duplicate`)
})

test('who may not link sees the set without a way to change it', async () => {
  const person = await open([
    { ...ALL, actions: ['products.*', 'tags.*', 'parts.*', 'product_tags.list', 'product_tags.read'] },
  ])

  expect((await formOf(person, '/m/products/1/edit')).has('~link.tags')).toBe(false)
  expect((await person.client.get(`${BASE}/m/products/1`)).text).toContain('wood')
})

test('a foreign key of several fields is picked as one record', async () => {
  const person = await open()
  const { text } = await person.client.get(`${BASE}/m/rooms/1/edit`)
  expect(text).toContain('Ground')
  const fields = fieldsIn(text)
  expect(fields.has('house')).toBe(false)

  fields.set('~key.floor', '["1","2"]')
  expect((await send(person, '/m/rooms/1/edit', fields)).status).toBe(303)
  expect(await house.sql('select house, level from rooms')).toEqual([{ house: 1, level: 2 }])
  const again = await formOf(person, '/m/rooms/1/edit')
  again.set('~key.floor', '["7","7"]')
  const refused = await send(person, '/m/rooms/1/edit', again)
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('Floor names no floor that you can read')
  again.set('~key.floor', '')
  expect((await send(person, '/m/rooms/1/edit', again)).status).toBe(303)
  expect(await house.sql('select house, level from rooms')).toEqual([{ house: null, level: null }])
})

test('a picker for such a key answers whole keys', async () => {
  const person = await open()

  const { text } = await person.client.get(`${BASE}/m/floors/~options?by=~key&q=Attic`)
  expect(JSON.parse(text)).toEqual([{ value: '["1","2"]', label: 'Attic', secondary: null }])
})

test('no record of a tree comes to lead back to itself', async () => {
  const person = await open()
  const move = async (folder: string, above: string): Promise<{ status: number; text: string }> => {
    const fields = await formOf(person, `/m/folders/${folder}/edit`)
    fields.set('folder_id', above)
    return await send(person, `/m/folders/${folder}/edit`, fields)
  }

  for (const above of ['1', '2', '3']) {
    const refused = await move('1', above)
    expect(refused.status, above).toBe(422)
    expect(refused.text).toContain('leads back to this record')
  }
  expect((await move('3', '1')).status).toBe(303)
  expect(await house.sql('select folder_id from folders order by id')).toEqual([
    { folder_id: null },
    { folder_id: 1 },
    { folder_id: 1 },
  ])
})
