/**
 * Which records someone reaches, on every surface, against the plainest
 * possible reading of the same rules: for random records, rules and people.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Condition, Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { ENGINE } from '../engine.ts'
import { openHouse } from '../house.ts'
import { RUNS_LIMIT_MS, runs } from '../runs.ts'
import { api } from './api.ts'
import { bulk, type Scope } from './bulk.ts'
import {
  type Attributes,
  attributes,
  type Conditions,
  type Customer,
  conditions,
  customer,
  customersSql,
  mayHave,
  quoted,
} from './plain-rules.ts'
import { policyWith } from './shop.ts'

/** Fewer where each world is a database that a server has to make. */
const RUNS = Math.ceil(runs(40, 2 / 5) / (ENGINE === 'sqlite' ? 1 : 5))

interface Order {
  /** Which customer, by index; null: none. */
  readonly customer: number | null
  readonly status: 'open' | 'paid'
}
interface World extends Conditions {
  readonly customers: readonly Customer[]
  readonly orders: readonly Order[]
  readonly attributes: Attributes
  /** Whether orders are reached through their customer; otherwise all of them are, whoever bought. */
  readonly isThrough: boolean
}

const world: fc.Arbitrary<World> = fc
  .tuple(
    fc.record({
      customers: fc.array(customer, { minLength: 1, maxLength: 6 }),
      orders: fc.array(
        fc.record({
          customer: fc.option(fc.nat(5)),
          status: fc.constantFrom('open' as const, 'paid' as const),
        }),
        { maxLength: 6 },
      ),
      attributes,
      isThrough: fc.boolean(),
    }),
    conditions,
  )
  .map(([made, rules]) => ({ ...made, ...rules }))

/** A plan names the first of its records, and counts the others. */
const NAMED_IN_BULK = 5

const ACTIONS = ['list', 'read', 'update', 'history']

/** The rules for customers, and for orders the same through them, or none at all. */
function rulesOf({ permits, forbids, isThrough }: World): readonly Rule[] {
  const rules = (effect: Rule['effect'], conditions: readonly Condition[]): readonly Rule[] =>
    conditions.flatMap((where, index): Rule[] => [
      {
        id: `${effect}-customers-${index}`,
        effect,
        roles: ['support'],
        actions: ACTIONS.map((verb) => `customers.${verb}`),
        where,
      },
      {
        id: `${effect}-orders-${index}`,
        effect,
        roles: ['support'],
        actions: isThrough ? ACTIONS.map((verb) => `orders.${verb}`) : ['orders.export'],
        where: { customer: where },
      },
    ])
  const open: Rule = {
    id: 'all-orders',
    effect: 'permit',
    roles: ['support'],
    actions: ['orders.list', 'orders.read'],
  }
  return [...rules('permit', permits), ...rules('forbid', forbids), ...(isThrough ? [] : [open])]
}

function sqlOf({ customers, orders }: World): string {
  const sold = orders.map(({ customer, status }, index) => {
    const id = customer === null || customer >= customers.length ? null : customer + 1
    return `insert into orders values (${index + 101}, ${quoted(id)}, '${status}');`
  })
  return `${customersSql(customers)}
    create table orders (id integer primary key, customer_id integer references customers(id), status text not null);
    ${sold.join('\n')}`
}

/** What was reached on each surface: keys in order. */
type Reached = Readonly<Record<string, readonly string[]>>

async function reached(made: World, rules: readonly Rule[]): Promise<Reached> {
  const house = await openHouse({ sql: sqlOf(made), policy: policyWith(rules) })
  try {
    const { client } = await house.signIn({ role: 'support', attributes: made.attributes })
    const customers = made.customers.map((_, index) => String(index + 1))
    const orders = made.orders.map((_, index) => String(index + 101))
    const keysOf = async (path: string): Promise<readonly string[]> => {
      const { json } = await api(client, 'GET', path)
      return ((json['records'] ?? []) as { key: string }[]).map(({ key }) => key)
    }
    const open = async (
      keys: readonly string[],
      path: (key: string) => string,
    ): Promise<readonly string[]> => {
      const found: string[] = []
      for (const key of keys) if ((await client.get(`${BASE}${path(key)}`)).status === 200) found.push(key)
      return found
    }
    const named = async (path: string): Promise<readonly string[]> => {
      const { text } = await client.get(`${BASE}${path}`)
      const body = text.startsWith('[') ? text : (/<tbody[\s\S]*<\/tbody>/.exec(text)?.[0] ?? '')
      return customers.filter((key) => body.includes(`name${key}x`))
    }
    const namedIn = async (keys: readonly string[]): Promise<readonly string[]> => {
      const pages = await Promise.all(keys.map((key) => client.get(`${BASE}/m/orders/${key}`)))
      return customers.filter((key) => pages.some(({ text }) => text.includes(`name${key}x`)))
    }
    const counted = async (path: string): Promise<readonly string[]> => {
      const { json } = await api(client, 'GET', path)
      return [String((json['count'] as { value: number } | undefined)?.value ?? 0)]
    }
    const token = await client.csrf(`${BASE}/profile`)
    const changed: string[] = []
    for (const key of customers) {
      const { status } = await client.send('PATCH', `${BASE}/api/v1/models/customers/records/${key}`, {
        headers: { 'content-type': 'application/json', 'x-csrf-token': token },
        body: JSON.stringify({ values: { name: `name${key}x` } }),
      })
      if (status === 200) changed.push(key)
    }
    const scope = await api(client, 'GET', '/models/customers/records?limit=1&scope=update')
    const { token: sealed = '', count = 0 } = (scope.json['scope'] ?? {}) as Partial<Scope>
    const inBulk = await bulk(client, 'update', { scope: sealed, input: { values: { name: 'same' } } })
    return {
      'what would be changed in bulk': customers.filter((key) => inBulk.text.includes(`name${key}x`)),
      'the count in bulk': [String(count)],
      'the list': await keysOf('/models/customers/records?sort=id'),
      'the count': await counted('/models/customers/records?count=exact'),
      'the search': await keysOf('/models/customers/records?sort=id&search=name'),
      'the page of the list': await named('/m/customers?sort=id'),
      'the picker': await named('/m/customers/~options?q=name'),
      'the record': await open(customers, (key) => `/api/v1/models/customers/records/${key}`),
      'the page of the record': await open(customers, (key) => `/m/customers/${key}`),
      'the form': await open(customers, (key) => `/m/customers/${key}/edit`),
      'the history': await open(customers, (key) => `/m/customers/${key}/history`),
      'the change': changed,
      'the orders': await keysOf('/models/orders/records?sort=id'),
      'the count of orders': await counted('/models/orders/records?count=exact'),
      'the order': await open(orders, (key) => `/api/v1/models/orders/records/${key}`),
      'the customers named beside orders': await named('/m/orders?sort=id'),
      'the customers named in orders': await namedIn(orders),
      'the orders found by their customer': await keysOf('/models/orders/records?sort=id&search=name'),
    }
  } finally {
    await house.close()
  }
}

function expected(made: World): Reached {
  const keys = made.customers.flatMap((one, index) =>
    mayHave(made, one, made.attributes) ? [String(index + 1)] : [],
  )
  const sold = made.orders.flatMap(({ customer }, index) => {
    const row = customer === null ? null : (made.customers[customer] ?? null)
    const isReached = !made.isThrough || mayHave(made, row, made.attributes)
    return isReached ? [{ key: String(index + 101), customer: row && String((customer ?? 0) + 1) }] : []
  })
  const orders = sold.map(({ key }) => key)
  const count = [String(keys.length)]
  const named = keys.filter((key) => sold.some(({ customer }) => customer === key))
  const all = [
    'the list',
    'the search',
    'the page of the list',
    'the picker',
    'the record',
    'the page of the record',
    'the form',
    'the history',
    'the change',
  ]
  return {
    ...Object.fromEntries(all.map((surface) => [surface, keys])),
    'what would be changed in bulk': keys.slice(0, NAMED_IN_BULK),
    'the count': count,
    'the count in bulk': count,
    'the orders': orders,
    'the count of orders': [String(orders.length)],
    'the order': orders,
    'the customers named beside orders': named,
    'the customers named in orders': named,
    'the orders found by their customer': sold
      .filter(({ customer }) => customer !== null && keys.includes(customer))
      .map(({ key }) => key),
  }
}

test('every surface reaches just the records that the rules let someone have', {
  timeout: RUNS_LIMIT_MS,
}, async () => {
  const seen = { some: 0, none: 0, all: 0 }

  await fc.assert(
    fc.asyncProperty(world, async (made) => {
      const wanted = expected(made)
      const { length } = wanted['the list'] ?? []
      if (length === 0) seen.none += 1
      else if (length === made.customers.length) seen.all += 1
      else seen.some += 1
      expect(await reached(made, rulesOf(made))).toEqual(wanted)
    }),
    { numRuns: RUNS, seed: 20_261_121 },
  )
  // rules that always say the same have said nothing
  expect(seen.some).toBeGreaterThan(RUNS / 10)
  expect(seen.none).toBeGreaterThan(0)
})

test('control: without the conditions the same comparison finds what was let out', async () => {
  const made: World = {
    customers: [
      { region: 'north', level: 1, active: true },
      { region: 'south', level: 2, active: null },
    ],
    orders: [
      { customer: 0, status: 'open' },
      { customer: 1, status: 'paid' },
    ],
    permits: [{ region: { eq: { principal: 'region' } } }],
    forbids: [],
    attributes: { region: 'north' },
    isThrough: true,
  }
  const wide = rulesOf(made).map(({ where: _where, ...rule }) => rule)
  const wanted = expected(made)
  const letOut = await reached(made, wide)

  expect(wanted['the list']).toEqual(['1'])
  for (const surface of Object.keys(wanted)) expect(letOut[surface], surface).not.toEqual(wanted[surface])
  expect(await reached(made, rulesOf(made))).toEqual(wanted)
})
