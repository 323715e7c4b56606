/** The search behind a relation offers records, labels or values that its user may not read. */

import { expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { api } from './api.ts'
import { type Attack, openAttack, ROW_RULES, WITHOUT_FIELD_RULE, WITHOUT_ROW_RULE } from './shop.ts'

const options = async ({ low }: Attack, query: string): Promise<string> =>
  (await low.client.get(`${BASE}/m/customers/~options?${query}`)).text

test('offers only records within reach, whatever is searched for', async () => {
  await using attack = await openAttack(ROW_RULES)

  expect(JSON.parse(await options(attack, 'q='))).toHaveLength(2)
  for (const query of [
    'q=',
    'q=Jonas',
    'q=o',
    'q=%25',
    'q=_',
    'by=id&q=Omar',
    'by=name',
    'by=region&q=south',
  ])
    expect(await options(attack, query), query).not.toMatch(/Jonas|Omar|south/)
})

test('control: without the row rule it offers them', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  expect(JSON.parse(await options(attack, 'q='))).toHaveLength(4)
  expect(await options(attack, 'q=Jonas')).toContain('Jonas')
})

test('takes no field for its value, its label or its search that may not be read', async () => {
  await using attack = await openAttack(ROW_RULES)

  for (const query of [
    'by=nickname',
    'by=password_hash',
    'by=nickname&q=zebra',
    'q=zebra',
    'by=no_such_field',
  ])
    expect(await options(attack, query), query).not.toMatch(/zebra-77|heron|hash-|"value":/)
})

test('control: without the field rule it takes it', async () => {
  await using attack = await openAttack(WITHOUT_FIELD_RULE)

  expect(await options(attack, 'by=nickname')).toContain('zebra-77')
})

test('the choices in a form are those of the picker', async () => {
  const rules: readonly Rule[] = [
    ...ROW_RULES,
    { id: 'creates-orders', effect: 'permit', roles: ['support'], actions: ['orders.create'] },
  ]
  await using attack = await openAttack(rules)
  const { text } = await attack.low.client.get(`${BASE}/m/orders/new`)

  expect(text).toContain('Amara')
  expect(text).not.toMatch(/Jonas|Omar/)
})

const tie = async ({ low, house }: Attack): Promise<unknown> => {
  await api(low.client, 'PATCH', '/models/orders/records/11', { values: { customer_id: '2' } })
  return await house.sql('select customer_id from orders where id = 11')
}
/** The rule on orders lets them be tied to anyone; only the customer's own rule stands in the way. */
const TYING: readonly Rule[] = [
  ...ROW_RULES.filter(({ id }) => id === 'support-reads-own-customers'),
  {
    id: 'any-order',
    effect: 'permit',
    roles: ['support'],
    actions: ['orders.list', 'orders.read', 'orders.update'],
  },
]

test('a record is not tied to one that its writer can’t read, and both answers are the same', async () => {
  await using attack = await openAttack(TYING)

  expect(await tie(attack)).toEqual([{ customer_id: 1 }])
  const answer = async (id: string): Promise<string> => {
    const values = { customer_id: id }
    const { status, json } = await api(attack.low.client, 'PATCH', '/models/orders/records/11', { values })
    return JSON.stringify([status, { ...json, requestId: '' }])
  }
  expect(await answer('2')).toBe(await answer('99'))
})

test('control: where the customer may be read, it is tied to them', async () => {
  await using attack = await openAttack(
    TYING.map((rule) => (rule.id === 'any-order' ? rule : (WITHOUT_ROW_RULE[0] ?? rule))),
  )

  expect(await tie(attack)).toEqual([{ customer_id: 2 }])
})
