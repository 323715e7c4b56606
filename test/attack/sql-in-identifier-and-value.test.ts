/** SQL in every place of a request that takes a name or a value: none of it ever becomes a part of a statement. */

import { expect, test } from 'vitest'
import type { DataSource, ListQuery, Reader } from '../../src/data/data-source.ts'
import type { Field, Model } from '../../src/model/model.ts'
import { BASE } from '../client.ts'
import { api } from './api.ts'
import { withParts } from './assemble.ts'
import { type Attack, openAttack, ROW_RULES } from './shop.ts'

const NAMES = [
  'id"',
  "id'",
  'id`',
  'id]',
  'id;',
  'id--',
  'id/**/',
  'id\0',
  'id\n',
  'id\u001f',
  'id%00',
  'id) or (1=1',
  'id" or "1"="1',
  "id' or '1'='1",
  "'; drop table customers; --",
  '1; drop table customers',
  't0.id',
  't1.password_hash',
  't9.nickname',
  't.id',
  'customers.id',
  'main.customers.id',
  '"customers"."id"',
  'customer.region',
  'customer.password_hash',
  'customer.customer.region',
  'orders.customer.password_hash',
  'rowid',
  '_rowid_',
  'oid',
  'sqlite_master',
  'id as nickname',
  'nickname as name',
  'name collate nocase',
  'random()',
  "load_extension('x')",
  '(select password_hash from customers)',
  '$.region',
  'id->>$.a',
  '*',
  '',
  ' id',
  'ID',
  'ｉd',
  '__proto__',
  'constructor',
  'toString',
  'and',
  'or',
  'not',
  '_connector',
]
const VALUES = [
  "'",
  '"',
  "' or '1'='1",
  "'; drop table customers; --",
  "1' union select password_hash from customers --",
  '%',
  '_',
  '\\',
  '%%%',
  '\0',
  'a\0b',
  '?1',
  ':id',
  '$1',
  '{"eq":"x"}',
  '[object Object]',
  'null',
  'zebra%',
  '\ud800',
  'x'.repeat(199),
]

/** A text without a form in UTF-8 goes as the bytes that it would have. */
const encoded = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80')

/** Every place of the API and the pages that takes a name. */
const NAMED: Readonly<Record<string, (name: string) => string>> = {
  'a filter': (name) => `/api/v1/models/customers/records?filter=${encoded(`${name}:eq:x`)}`,
  'a filter’s operator': (name) => `/api/v1/models/customers/records?filter=name:${encoded(name)}:x`,
  'a sort': (name) => `/api/v1/models/customers/records?sort=${encoded(`-${name}`)}`,
  'the fields': (name) => `/api/v1/models/customers/records?fields=${encoded(`id,${name}`)}`,
  'the count': (name) => `/api/v1/models/customers/records?count=${encoded(name)}`,
  'the trash': (name) => `/api/v1/models/customers/records?trash=${encoded(name)}`,
  'the limit': (name) => `/api/v1/models/customers/records?limit=${encoded(name)}`,
  'the cursor': (name) => `/api/v1/models/customers/records?cursor=${encoded(name)}`,
  'a parameter': (name) => `/api/v1/models/customers/records?${encoded(name)}=1`,
  'a model': (name) => `/api/v1/models/${encoded(name)}/records`,
  'a model behind a prefix': (name) => `/api/v1/models/${encoded(`castellan.${name}`)}/records`,
  'a key': (name) => `/api/v1/models/customers/records/${encoded(name)}`,
  'a key of a history': (name) => `/api/v1/models/customers/records/${encoded(name)}/history`,
  'a filter of the page': (name) => `/m/customers?f=${encoded(`${name}:eq:x`)}`,
  'a sort of the page': (name) => `/m/customers?sort=${encoded(name)}`,
  'the editor of filters': (name) => `/m/customers?ff=${encoded(name)}&fo=eq&fv=x`,
  'the cursor of the page': (name) => `/m/customers?cursor=${encoded(name)}`,
  'the length of the page': (name) => `/m/customers?per=${encoded(name)}`,
  'the field of a picker': (name) => `/m/customers/~options?by=${encoded(name)}`,
  'a model of the pages': (name) => `/m/${encoded(name)}`,
  'a key of the pages': (name) => `/m/customers/${encoded(name)}`,
  'a key of a form': (name) => `/m/customers/${encoded(name)}/edit`,
}
const VALUED: Readonly<Record<string, (value: string) => string>> = {
  'an equal': (value) => `/api/v1/models/customers/records?filter=${encoded(`name:eq:${value}`)}`,
  'a part': (value) => `/api/v1/models/customers/records?filter=${encoded(`name:contains:${value}`)}`,
  'a beginning': (value) => `/api/v1/models/customers/records?filter=${encoded(`name:startsWith:${value}`)}`,
  'a choice': (value) => `/api/v1/models/customers/records?filter=${encoded(`name:in:${value},x`)}`,
  'a number': (value) => `/api/v1/models/customers/records?filter=${encoded(`id:gt:${value}`)}`,
  'the search': (value) => `/api/v1/models/customers/records?search=${encoded(value)}`,
  'the search of orders': (value) => `/api/v1/models/orders/records?search=${encoded(value)}`,
  'the search of the page': (value) => `/m/customers?q=${encoded(value)}`,
  'the search of a picker': (value) => `/m/customers/~options?q=${encoded(value)}`,
}

/** Answers what the source was asked for: every name in a query, and nothing else of it. */
function watched(seen: Set<string>): (source: DataSource) => DataSource {
  const noted = (reader: Reader): Reader => ({
    ...reader,
    list(query: ListQuery) {
      for (const name of [...query.fields, ...query.sort.map((one) => one.field), ...namesIn(query.where)])
        seen.add(name)
      return reader.list(query)
    },
  })
  return (source) => ({ ...source, read: (work) => source.read((reader) => work(noted(reader))) })
}

function namesIn(tree: unknown): readonly string[] {
  if (typeof tree !== 'object' || tree === null) return []
  if (Array.isArray(tree)) return tree.flatMap(namesIn)
  return Object.entries(tree).flatMap(([name, part]) =>
    (name === 'field' || name === 'relation') && typeof part === 'string' ? [part] : namesIn(part),
  )
}

const CATALOGUE = ['id', 'name', 'region', 'customer_id', 'customer', 'status', 'total', 'nickname']
const whole = async ({ house }: Attack): Promise<string> =>
  JSON.stringify(await house.sql('select * from customers order by id'))

test('no name of a request becomes a name in a statement', async () => {
  const seen = new Set<string>()
  await using attack = await openAttack(ROW_RULES, { assemble: withParts({ source: watched(seen) }) })
  const before = await whole(attack)

  for (const [place, address] of Object.entries(NAMED)) {
    for (const name of NAMES) {
      const { status, text } = await attack.low.client.get(`${BASE}${address(name)}`)
      expect(status, `${place}: ${JSON.stringify(name)}`).toBeLessThan(500)
      expect(text, `${place}: ${JSON.stringify(name)}`).not.toMatch(/hash-|zebra-77|Jonas|Omar|SQLITE|syntax/)
    }
  }
  expect(seen.size).toBeGreaterThan(2)
  expect([...seen].filter((name) => !CATALOGUE.includes(name))).toEqual([])
  expect(await whole(attack)).toBe(before)
})

test('names beside the catalogue are refused over the API and never ignored', async () => {
  await using attack = await openAttack(ROW_RULES)

  for (const name of NAMES.filter((one) => one !== '')) {
    for (const place of ['a filter', 'a sort', 'a parameter'] as const) {
      const { status } = await attack.low.client.get(`${BASE}${NAMED[place]?.(name)}`)
      expect([place, name, status]).toEqual([place, name, 422])
    }
  }
})

test('control: were a name of the request in the catalogue, it would stand in the statement', async () => {
  const [payload = ''] = NAMES.filter((name) => name.includes(') or ('))
  const seen = new Set<string>()
  const poisoned = (model: Model): Model => {
    const [id] = model.fields
    if (model.name !== 'customers' || !id) return model
    const field: Field = { ...id, name: payload, column: payload }
    const list = { ...model.list, filters: [...model.list.filters, payload] }
    return { ...model, fields: [...model.fields, field], list }
  }
  const assemble = withParts({ source: watched(seen), model: poisoned })
  await using attack = await openAttack(ROW_RULES, { assemble })

  const { status } = await api(
    attack.low.client,
    'GET',
    `/models/customers/records?filter=${encoded(`${payload}:eq:1`)}`,
  )
  expect(status).toBeGreaterThanOrEqual(500)
  expect(seen).toContain(payload)
})

test('no value of a request is anything but a value', async () => {
  await using attack = await openAttack(ROW_RULES)
  const before = await whole(attack)

  for (const [place, address] of Object.entries(VALUED)) {
    for (const value of VALUES) {
      const { status, text } = await attack.low.client.get(`${BASE}${address(value)}`)
      expect(status, `${place}: ${JSON.stringify(value)}`).toBeLessThan(500)
      expect(text, `${place}: ${JSON.stringify(value)}`).not.toMatch(
        /hash-|zebra-77|Jonas|Omar|SQLITE|syntax/,
      )
    }
  }
  expect(await whole(attack)).toBe(before)
})

test('what was written as a value is read as the same value', async () => {
  await using attack = await openAttack(ROW_RULES)
  const texts = VALUES.filter((value) => value.isWellFormed() && !value.includes('\0'))

  for (const value of texts) {
    const path = '/models/customers/records/1'
    const { status } = await api(attack.low.client, 'PATCH', path, { values: { name: value } })
    expect([value, status]).toEqual([value, 200])
    const found = await api(
      attack.low.client,
      'GET',
      `/models/customers/records?filter=${encoded(`name:eq:${value}`)}`,
    )
    expect(found.json['records'], value).toMatchObject([{ key: '1', values: { name: value } }])
  }
})

test('control: the same text as a part of a statement empties a table', async () => {
  await using attack = await openAttack(ROW_RULES)
  const value = "'; delete from orders; -- "

  await attack.house.sql(`update customers set name = 'x' where name = '${value}'`)
  expect(await attack.house.sql('select * from orders')).toEqual([])
})
