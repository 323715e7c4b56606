/** Questions over related records, within JSON or in great number, that tell what may not be read or cost too much. */

import { expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { api, type Reply } from './api.ts'
import { type Attack, openAttack, ROW_RULES, WITHOUT_FIELD_RULE, WITHOUT_ROW_RULE } from './shop.ts'

/** All orders, whoever bought. */
const ALL_ORDERS: Rule = {
  id: 'support-reads-orders',
  effect: 'permit',
  roles: ['support'],
  actions: ['orders.list', 'orders.read'],
}

/** The rule for customers among those of the shop. */
function customers(rules: readonly Rule[]): readonly Rule[] {
  return [...rules.slice(0, 1), ALL_ORDERS]
}

async function keysOf({ low }: Attack, model: string, filter: string): Promise<readonly string[]> {
  const { status, json, text } = await api(
    low.client,
    'GET',
    `/models/${model}/records?filter=${encodeURIComponent(filter)}`,
  )
  expect(status, text).toBe(200)
  return (json['records'] as readonly { key: string }[]).map(({ key }) => key).toSorted()
}

function query({ low }: Attack, model: string, filter: unknown): Promise<Reply> {
  return api(low.client, 'POST', `/models/${model}/query`, { filter })
}

const SOUTHERN = [
  'customer.name:eq:Jonas Lindqvist',
  'customer.name:startsWith:jonas',
  'customer.region:eq:south',
  'any(customer.id:eq:2,customer.id:eq:4)',
]

test('a customer out of reach answers no question about their orders', async () => {
  await using attack = await openAttack(customers(ROW_RULES))

  for (const filter of SOUTHERN) expect(await keysOf(attack, 'orders', filter), filter).toEqual([])
  // a denial says no more: to whom they belong, it is nobody's
  expect(await keysOf(attack, 'orders', 'not(customer.name:eq:Jonas Lindqvist)')).toEqual([
    '11',
    '12',
    '13',
    '14',
  ])
  expect(await keysOf(attack, 'orders', 'customer.region:eq:north')).toEqual(['11', '13'])
})

test('control: without the row rule it does', async () => {
  await using attack = await openAttack(customers(WITHOUT_ROW_RULE))

  expect(await keysOf(attack, 'orders', 'customer.name:eq:Jonas Lindqvist')).toEqual(['12'])
  expect(await keysOf(attack, 'orders', 'customer.region:eq:south')).toEqual(['12', '14'])
})

const HIDDEN = [
  'customer.nickname',
  'customer.password_hash',
  'customer.nothing',
  'nobody.name',
  'customer.customer.name',
  'customer',
]

test('a field behind a relation that may not be read is one that is not there, byte for byte', async () => {
  await using attack = await openAttack(customers(ROW_RULES))

  const answers = await Promise.all(
    HIDDEN.flatMap((field) =>
      [
        api(
          attack.low.client,
          'GET',
          `/models/orders/records?filter=${encodeURIComponent(`${field}:eq:zebra-77`)}`,
        ),
        query(attack, 'orders', {
          any: [
            { field: 'id', operator: 'eq', value: '11' },
            { field, operator: 'eq', value: 'zebra-77' },
          ],
        }),
        query(attack, 'orders', { not: { field, operator: 'isNull' } }),
      ].map(async (reply) => {
        const { status, text } = await reply
        return `${status} ${text.replaceAll(field, 'FIELD').replace(/"requestId":"[^"]*"/, '')}`
      }),
    ),
  )

  expect(new Set(answers).size).toBe(1)
  expect(answers[0]).toMatch(/^422 .*is not a field that can be filtered/)
})

test('control: with the field granted it answers', async () => {
  await using attack = await openAttack(customers(WITHOUT_FIELD_RULE))

  expect(await keysOf(attack, 'orders', 'customer.nickname:eq:zebra-77')).toEqual(['11'])
})

test('the page shows both as the same ignored filter, and counts no value of a customer out of reach', async () => {
  await using attack = await openAttack(customers(ROW_RULES))
  const page = async (field: string): Promise<string> => {
    const { text } = await attack.low.client.get(`${BASE}/m/orders?f=${field}:eq:zebra-77`)
    const [list = ''] = /<div id="list">.*?<\/table>/s.exec(text) ?? []
    return list.replaceAll(field, 'FIELD').replaceAll(/nonce="[^"]*"/g, '')
  }

  const hidden = await page('customer.nickname')
  expect(hidden).toContain('Filter ignored')
  expect(hidden).toBe(await page('customer.nothing'))

  const { text } = await attack.low.client.get(`${BASE}/m/orders/~filter?field=customer_id`)
  expect(text).toContain('Amara')
  expect(text).not.toMatch(/Jonas|Omar/)
})

test('what ties the records must be readable too, in either direction', async () => {
  const blind: readonly Rule[] = [
    { id: 'support-reads-customers', effect: 'permit', roles: ['support'], actions: ['customers.list'] },
    { ...ALL_ORDERS, fields: { except: ['customer_id'] } },
  ]
  await using attack = await openAttack(blind)
  await using sighted = await openAttack([blind[0] ?? ALL_ORDERS, ALL_ORDERS])

  for (const [model, filter] of [
    ['orders', 'customer.name:eq:Amara Okafor'],
    ['customers', 'orders.status:eq:paid'],
  ] as const) {
    const { status } = await api(
      attack.low.client,
      'GET',
      `/models/${model}/records?filter=${encodeURIComponent(filter)}`,
    )
    expect(status, filter).toBe(422)
    expect(await keysOf(sighted, model, filter), filter).not.toEqual([])
  }
})

test('of many related records only those within reach are asked', async () => {
  const openOnly: readonly Rule[] = [
    { id: 'support-reads-customers', effect: 'permit', roles: ['support'], actions: ['customers.list'] },
    { ...ALL_ORDERS, where: { status: { eq: 'open' } } },
  ]
  await using attack = await openAttack(openOnly)
  await using control = await openAttack([openOnly[0] ?? ALL_ORDERS, ALL_ORDERS])

  expect(await keysOf(attack, 'customers', 'orders.total:gte:30')).toEqual([])
  expect(await keysOf(control, 'customers', 'orders.total:gte:30')).toEqual(['3', '4'])
})

const ONE = { field: 'id', operator: 'gte', value: 0 }
const HOP = { field: 'customer.id', operator: 'gte', value: 0 }

test.each([
  ['conditions', { all: Array.from({ length: 31 }, () => ONE) }, /30 conditions/],
  ['groups', { not: { not: { not: { not: { not: ONE } } } } }, /4 groups/],
  ['relations', { all: Array.from({ length: 7 }, () => HOP) }, /6 times/],
  [
    'members',
    { field: 'id', operator: 'in', value: Array.from({ length: 201 }, (_, index) => index) },
    /200 values/,
  ],
  ['text', { field: 'status', operator: 'contains', value: 'a'.repeat(201) }, /200 characters/],
])('refuses too many %s, and says how many are taken', async (_, filter, limit) => {
  await using attack = await openAttack(customers(WITHOUT_ROW_RULE))

  const { status, text } = await query(attack, 'orders', filter)
  expect(status).toBe(422)
  expect(text).toMatch(limit)
  expect((await query(attack, 'orders', ONE)).status).toBe(200)
})

test('a path into JSON is no way into a statement', async () => {
  const sql = `
    create table orders (id integer primary key, details json);
    insert into orders values (1, '{"size":"XL","a\\u0027b":"quoted"}'), (2, '{"size":"M"}');
  `
  await using attack = await openAttack([ALL_ORDERS], { engine: 'sqlite', sql })
  const hostile = [
    "$.size' or 1=1 --",
    '$."size") or (1=1',
    '$.*',
    '$[*]',
    '$.size"',
    '$.."size"',
    '$[#-1]',
    '$."\\u0073ize"',
    '$',
  ]

  expect(await keysOf(attack, 'orders', 'details$.size:eq:XL')).toEqual(['1'])
  expect(await keysOf(attack, 'orders', `"details$.\\"a'b\\"":eq:quoted`)).toEqual(['1'])
  for (const path of hostile) {
    const { status } = await query(attack, 'orders', { field: `details${path}`, operator: 'eq', value: 'XL' })
    expect(status, path).toBe(422)
  }
  for (const value of ["XL' or 1=1 --", '%', '_L', '"XL"', '\\']) {
    const found = await query(attack, 'orders', { field: 'details$.size', operator: 'contains', value })
    expect(found.json['records'], value).toEqual([])
  }
})
