/** Counts, pages and orders tell of records and fields that are kept from who asks. */

import { expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { api, type Reply } from './api.ts'
import { type Attack, openAttack, ROW_RULES, WITHOUT_FIELD_RULE, WITHOUT_ROW_RULE } from './shop.ts'

const list = ({ low }: Attack, query: string, model = 'customers'): Promise<Reply> =>
  api(low.client, 'GET', `/models/${model}/records?${query}`)
const counted = async (attack: Attack, query: string, model?: string): Promise<unknown> =>
  (await list(attack, `count=exact&${query}`, model)).json['count']

const EVERY_COUNT = ['', 'limit=1', 'search=o', 'filter=region:ne:x', 'filter=id:in:1,2,3,4', 'sort=-name']

test('a count holds no record out of reach, with any filter, search or limit', async () => {
  await using attack = await openAttack(ROW_RULES)

  for (const query of EVERY_COUNT) {
    const { value } = (await counted(attack, query)) as { value: number }
    expect(value, query).toBeLessThanOrEqual(2)
  }
  expect(await counted(attack, '', 'orders')).toEqual({ value: 2, kind: 'exact' })
})

test('control: without the row rule it holds them', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  expect(await counted(attack, '')).toEqual({ value: 4, kind: 'exact' })
  expect(await counted(attack, '', 'orders')).toEqual({ value: 4, kind: 'exact' })
})

test('the count does not depend on records out of reach', async () => {
  await using attack = await openAttack(ROW_RULES)
  const before = await Promise.all(EVERY_COUNT.map((query) => counted(attack, query)))

  for (let id = 100; id < 130; id += 1)
    await attack.house.sql(`insert into customers values (${id}, 'Hidden ${id}', 'south', 'x', 'y')`)
  expect(await Promise.all(EVERY_COUNT.map((query) => counted(attack, query)))).toEqual(before)
  expect((await attack.low.client.get(`${BASE}/m/customers`)).text).toContain('>2 records<')
})

test('pages hold what is within reach and end where it ends', async () => {
  await using attack = await openAttack(ROW_RULES)
  const first = await list(attack, 'limit=1&sort=id')
  const page = first.json['page'] as { next: string }
  const second = await list(attack, `limit=1&sort=id&cursor=${encodeURIComponent(page.next)}`)

  expect(first.json['records']).toMatchObject([{ key: '1' }])
  expect(second.json['records']).toMatchObject([{ key: '3' }])
  expect(second.json['page']).toMatchObject({ next: null })
})

test('the place in a list that one has sealed opens nothing for another or for another list', async () => {
  await using attack = await openAttack(ROW_RULES)
  const other = await attack.house.signIn({ role: 'support', attributes: { region: 'south' } })
  const { json } = await list(attack, 'limit=1&sort=id')
  const cursor = encodeURIComponent((json['page'] as { next: string }).next)

  expect((await list(attack, `limit=1&sort=id&cursor=${cursor}`)).status).toBe(200)
  expect(
    (await api(other.client, 'GET', `/models/customers/records?limit=1&sort=id&cursor=${cursor}`)).status,
  ).toBe(422)
  expect((await list(attack, `limit=1&sort=-id&cursor=${cursor}`)).status).toBe(422)
  expect((await list(attack, `limit=1&sort=id&cursor=${cursor}`, 'orders')).status).toBe(422)
  expect((await list(attack, `limit=1&sort=id&cursor=${cursor.slice(0, -2)}`)).status).toBe(422)
})

const AGGREGATES = [
  'aggregate=max(nickname)',
  'max=nickname',
  'min=id',
  'groupBy=region',
  'group=nickname',
  'distinct=nickname',
  'aggregate[max]=nickname',
  'having=count(*)>1',
  'fields=count(*)',
  'fields=max(nickname)',
  'deep=1',
  'populate=*',
  'include=customer',
  'alias[x]=nickname',
  'where[nickname]=zebra-77',
  '$filter=nickname eq 1',
  'filter[nickname]=zebra-77',
  'lookup[nickname]=z',
  'sort=customer.nickname',
  'sort=nickname',
]

test('no parameter groups, aliases or sums up what may not be read', async () => {
  await using attack = await openAttack(ROW_RULES)

  for (const query of AGGREGATES) {
    const { status, text } = await list(attack, query)
    if (query.startsWith('fields=')) expect(text, query).not.toMatch(/zebra|max|count\(/)
    else expect([query, status]).toEqual([query, 422])
    expect(text, query).not.toMatch(/zebra-77.*zebra|heron/)
  }
})

const orderOf = async (attack: Attack, sort: string): Promise<string> =>
  JSON.stringify(
    ((await list(attack, `sort=${sort}`)).json['records'] as { key: string }[] | undefined)?.map(
      ({ key }) => key,
    ),
  )

test('the order of a list does not depend on a hidden field', async () => {
  await using attack = await openAttack(ROW_RULES)
  const before = await Promise.all(['id', 'name', 'region', ''].map((sort) => orderOf(attack, sort)))
  await attack.house.sql("update customers set nickname = 'aaa' where id = 3")

  expect(await Promise.all(['id', 'name', 'region', ''].map((sort) => orderOf(attack, sort)))).toEqual(before)
  expect(before[0]).toBe('["1","3"]')
})

test('control: without the field rule it can be sorted by it, and tells', async () => {
  await using attack = await openAttack(WITHOUT_FIELD_RULE)
  const before = await orderOf(attack, 'nickname')
  await attack.house.sql("update customers set nickname = 'zzz' where id = 3")

  expect(await orderOf(attack, 'nickname')).not.toBe(before)
})
