/** Somebody tries operators, parameters and members that are written down nowhere, or that belong to the statement rather than to the filter. */

import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { runs } from '../runs.ts'
import { act, api, type Reply } from './api.ts'
import { type Attack, openAttack, WITHOUT_ROW_RULE } from './shop.ts'

const OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'contains', 'startsWith', 'isNull']
const FOREIGN = [
  'lookup',
  '$lookup',
  '$where',
  '$regex',
  'regex',
  'iregex',
  'like',
  'ilike',
  'or',
  'and',
  'not',
  'between',
  'exists',
  'any',
  'raw',
  'sql',
  'EQ',
  'eq ',
  ' eq',
  '__proto__',
  'constructor',
  'toString',
  '=',
  "= '' OR 1=1 --",
  '',
]
const PARAMETERS = ['search', 'sort', 'fields', 'limit', 'cursor', 'count', 'trash', 'filter']
const MEMBERS: readonly object[] = [
  { where: { region: 'south' } },
  { _connector: 'OR' },
  { or: [{ region: { eq: 'south' } }] },
  { scope: true },
  { include: ['nickname'] },
  { filters: [{ field: 'region', operator: 'eq', value: 'south', _connector: 'OR' }] },
  { filters: [{ field: 'region', operator: 'eq', value: 'south', negated: true }] },
  { filters: [{ field: 'region', operator: 'or', value: 'south' }] },
  { filters: [{ field: 'region', operator: 'eq', value: { $ne: null } }] },
  { filters: { region: 'south' } },
  { sort: [{ field: 'id', direction: 'asc; drop table orders' }] },
  { sort: [{ field: 'id', direction: 'asc', nulls: 'first' }] },
  { limit: '5' },
  { limit: -1 },
  { limit: 1e9 },
  { count: 'max' },
]

let attack: Attack
afterEach(() => attack[Symbol.asyncDispose]())

const ask = (query: string): Promise<Reply> =>
  api(attack.low.client, 'GET', `/models/customers/records?${query}`)

test('an operator that is not in the catalogue is refused, whatever it is', async () => {
  attack = await openAttack(WITHOUT_ROW_RULE)

  for (const operator of FOREIGN) {
    const { status } = await ask(`filter=${encodeURIComponent(`name:${operator}:a`)}`)
    expect(status, operator).toBe(422)
  }
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }).filter((one) => !OPERATORS.includes(one) && !one.includes(':')),
      async (operator) => {
        const { status } = await ask(`filter=${encodeURIComponent(`name:${operator}:a`)}`)
        expect(status).toBe(422)
      },
    ),
    { numRuns: runs(30), seed: 20_261_130 },
  )
})

test('control: each of the catalogue is taken', async () => {
  attack = await openAttack(WITHOUT_ROW_RULE)

  for (const operator of OPERATORS.filter((one) => one !== 'isNull')) {
    expect((await ask(`filter=name:${operator}:a`)).status, operator).toBe(200)
  }
  expect((await ask('filter=region:isNull:true')).status).toBe(200)
})

test('a parameter that is not in the catalogue is refused and never ignored', async () => {
  attack = await openAttack(WITHOUT_ROW_RULE)
  const names = [
    'where',
    'group',
    'having',
    'lookup',
    '_connector',
    'populate',
    'aggregate',
    'alias',
    '__proto__',
  ]

  for (const name of [...names, ...PARAMETERS.map((one) => one.toUpperCase()), 'filter[name]', 'sort[]']) {
    expect((await ask(`${encodeURIComponent(name)}=name`)).status, name).toBe(422)
  }
})

test('a member that the input of a list does not have is refused whole', async () => {
  attack = await openAttack(WITHOUT_ROW_RULE)

  for (const member of MEMBERS) {
    const { status, text } = await act(attack.low.client, 'customers.list', member)
    expect(status, JSON.stringify(member)).toBe(422)
    expect(text).not.toMatch(/Amara|Jonas/)
  }
})

test('control: the members that it has narrow the same list', async () => {
  attack = await openAttack(WITHOUT_ROW_RULE)
  const filters = [{ field: 'region', operator: 'eq', value: 'south' }]
  const { status, text } = await act(attack.low.client, 'customers.list', { filters })

  expect(status).toBe(200)
  expect(text).toMatch(/Jonas/)
  expect(text).not.toMatch(/Amara/)
})
