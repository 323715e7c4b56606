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
/** All orders, and the customers of the north alone. */
const NORTH: readonly Rule[] = RULES.map(({ fields: _fields, ...rule }) =>
  rule.id === 'support-reads-orders' ? rule : { ...rule, where: { region: { eq: 'north' } } },
)
const WITHOUT_ROW_RULE = NORTH.map(({ where: _where, ...rule }) => rule)
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
  't.nickname',
  't_r.nickname',
  't_r.password_hash',
  ...Array.from({ length: 10 }, (_, index) => `t${index}.nickname`),
  '`t_r`.`nickname`',
  'castellan_person.email',
  'created_by.reset_token',
]

const FORMS = [
  'filter=NAME:startsWith:z',
  'filter=NAME:eq:zebra-77',
  'filter=not(NAME:eq:zebra-77)',
  'filter=any(status:eq:open,all(NAME:gt:a))',
  'filter=NAME:isNull:false',
  'sort=NAME',
  'sort=-NAME',
]

let attack: Attack
afterEach(() => attack[Symbol.asyncDispose]())

const ask = async (query: string, path = '/models/orders/records'): Promise<string> => {
  const { status, text } = await api(attack.low.client, 'GET', `${path}?${query}`)
  return `${status} ${text.replace(/"requestId":"[^"]*"/, '')}`
}
const records = (answer: string): readonly string[] =>
  [...answer.matchAll(/"key":"(1\d)"/g)].map(([, key = '']) => key)

test('filters and sorts reach for no hidden field behind a relation, in the words of one that is not there', async () => {
  attack = await openAttack(RULES)
  const refused = async (name: string, query: string): Promise<string> =>
    (await ask(query)).replaceAll(JSON.stringify(name).slice(1, -1), 'NAME')

  for (const name of HOPS) {
    const encoded = encodeURIComponent(name)
    for (const form of FORMS) {
      const answer = await refused(name, form.replace('NAME', encoded))
      expect(answer, `${name} ${form}`).toMatch(/^422 /)
      expect(answer, `${name} ${form}`).toBe(await refused('nothing', form.replace('NAME', 'nothing')))
    }
  }
})

test('control: a field of the record itself is taken in the same place', async () => {
  attack = await openAttack(RULES)

  expect(await ask('filter=status:startsWith:o')).toMatch(/^200 /)
  expect(await ask('filter=any(status:eq:open,all(customer.region:gt:a))')).toMatch(/^200 /)
  expect(await ask('sort=-status')).toMatch(/^200 /)
})

/** Each is asked with the name of a customer out of reach, and with one that nobody has. */
const GUESSES: readonly ((guess: string) => string)[] = [
  (guess) => `filter=customer.name:startsWith:${guess}`,
  (guess) => `filter=customer.name:gte:${guess}&filter=customer.name:lt:${guess}zzz`,
  (guess) => `filter=not(customer.name:contains:${guess})`,
  (guess) => `filter=any(status:eq:paid,customer.name:contains:${guess})`,
  (guess) => `filter=all(not(any(customer.name:startsWith:${guess},status:eq:paid)))`,
]

test('a filter behind a relation counts no record that its reader could not list there', async () => {
  attack = await openAttack(NORTH)

  for (const guess of GUESSES) {
    const answer = await ask(`count=exact&${guess('Jonas')}`)
    expect(answer, guess('Jonas')).toMatch(/^200 /)
    expect(answer, guess('Jonas')).toBe(await ask(`count=exact&${guess('Nobody')}`))
  }
  expect(records(await ask(GUESSES[0]?.('Amara') ?? ''))).toEqual(['11'])
})

test('control: without the row rule each of them tells', async () => {
  attack = await openAttack(WITHOUT_ROW_RULE)

  for (const guess of GUESSES) {
    expect(await ask(`count=exact&${guess('Jonas')}`), guess('Jonas')).not.toBe(
      await ask(`count=exact&${guess('Nobody')}`),
    )
  }
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
