/** Somebody reaches through a relation for a field of the other side that they may not read. */

import { afterEach, expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { api } from './api.ts'
import { type Attack, openAttack } from './shop.ts'

const VERBS = ['list', 'read']
const RULES: readonly Rule[] = [
  {
    id: 'support-reads-orders',
    effect: 'permit',
    roles: ['support'],
    actions: VERBS.map((verb) => `orders.${verb}`),
  },
  {
    id: 'support-reads-customers-without-names',
    effect: 'permit',
    roles: ['support'],
    actions: VERBS.map((verb) => `customers.${verb}`),
    fields: { except: ['name', 'nickname'] },
  },
]
const WITHOUT_FIELD_RULE = RULES.map(({ fields: _fields, ...rule }) => rule)

/** Ways that other admins have to write a field behind a relation, or one of an alias in a join. */
const HOPS = [
  'customer.nickname',
  'customer.name',
  'customer.password_hash',
  'customer_id.nickname',
  'customers.nickname',
  'customer__nickname',
  'customer/nickname',
  'customer->nickname',
  'customer[nickname]',
  't.nickname',
  't_r.nickname',
  't_r.password_hash',
  ...Array.from({ length: 10 }, (_, index) => `t${index}.nickname`),
  '"t_r"."nickname"',
  '`t_r`.`nickname`',
  'castellan_person.email',
  'created_by.reset_token',
]

let attack: Attack
afterEach(() => attack[Symbol.asyncDispose]())

const ask = async (query: string, path = '/models/orders/records'): Promise<string> => {
  const { status, text } = await api(attack.low.client, 'GET', `${path}?${query}`)
  return `${status} ${text.replace(/"requestId":"[^"]*"/, '')}`
}
const records = (answer: string): readonly string[] =>
  [...answer.matchAll(/"key":"(1\d)"/g)].map(([, key = '']) => key)

test('filters and sorts reach over no relation, in the words of a field that is not there', async () => {
  attack = await openAttack(RULES)
  const refused = async (name: string, query: string): Promise<string> =>
    (await ask(query)).replaceAll(JSON.stringify(name).slice(1, -1), 'NAME')

  for (const name of HOPS) {
    const encoded = encodeURIComponent(name)
    for (const form of ['filter=NAME:startsWith:z', 'filter=NAME:eq:zebra-77', 'sort=NAME', 'sort=-NAME']) {
      const answer = await refused(name, form.replace('NAME', encoded))
      expect(answer, `${name} ${form}`).toMatch(/^422 /)
      expect(answer, `${name} ${form}`).toBe(await refused('nothing', form.replace('NAME', 'nothing')))
    }
  }
})

test('control: a field of the record itself is taken in the same place', async () => {
  attack = await openAttack(RULES)

  expect(await ask('filter=status:startsWith:o')).toMatch(/^200 /)
  expect(await ask('sort=-status')).toMatch(/^200 /)
})

test('a search finds nothing by what stands behind a relation and may not be read there', async () => {
  attack = await openAttack(RULES)

  for (const word of ['Amara', 'amara', 'Okaf', 'a', 'zebra', 'hash']) {
    expect(records(await ask(`count=exact&search=${word}`)), word).toEqual([])
  }
  expect(await ask('count=exact')).not.toMatch(/Amara|Jonas/)
})

test('control: without the field rule the same search finds the order by its customer', async () => {
  attack = await openAttack(WITHOUT_FIELD_RULE)

  expect(records(await ask('count=exact&search=Amara'))).toContain('11')
  expect(await ask('count=exact')).toMatch(/Amara/)
})

test('who is nobody learns not even which fields there are', async () => {
  attack = await openAttack(RULES)
  const visitor = attack.house.visitor()
  const anonymous = async (query: string): Promise<string> => {
    const { status, text } = await visitor.get(`${BASE}/api/v1/models/orders/records?${query}`)
    return `${status} ${text.replace(/"requestId":"[^"]*"/, '')}`
  }
  const answer = await anonymous('')

  expect(answer).toMatch(/^401 /)
  for (const name of [...HOPS, 'status', 'nothing']) {
    expect(await anonymous(`filter=${encodeURIComponent(name)}:startsWith:z`), name).toBe(answer)
    expect(await anonymous(`sort=${encodeURIComponent(name)}`), name).toBe(answer)
  }
})
