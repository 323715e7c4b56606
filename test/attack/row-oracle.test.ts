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
import { api } from './api.ts'
import { policyWith } from './shop.ts'

/** Fewer where each world is a database that a server has to make. */
const RUNS = Math.ceil(Number(process.env['CASTELLAN_TEST_RUNS'] ?? 40) / (ENGINE === 'sqlite' ? 1 : 5))

interface Customer {
  readonly region: string | null
  readonly level: number | null
  readonly active: boolean | null
}
interface Order {
  /** Which customer, by index; null: none. */
  readonly customer: number | null
  readonly status: 'open' | 'paid'
}
interface World {
  readonly customers: readonly Customer[]
  readonly orders: readonly Order[]
  readonly permits: readonly Condition[]
  readonly forbids: readonly Condition[]
  readonly attributes: Readonly<Record<string, string>>
  /** Whether orders are reached through their customer; otherwise all of them are, whoever bought. */
  readonly isThrough: boolean
}

const REGIONS = ['north', 'south', 'North', "o'x", 'ñ', 'north ']
const region = fc.constantFrom(...REGIONS)
const operand = fc.oneof(
  { weight: 4, arbitrary: region },
  { weight: 3, arbitrary: fc.constant({ principal: 'region' }) },
  { weight: 1, arbitrary: fc.constant({ principal: 'missing' }) },
)
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'lt', 'gte'), operand)
    .map(([operator, value]) => ({ region: { [operator]: value } })),
  fc.array(operand, { maxLength: 3 }).map((values) => ({ region: { in: values } })),
  fc.boolean().map((isNull) => ({ region: { isNull } })),
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte'), fc.nat(3))
    .map(([operator, value]) => ({ level: { [operator]: value } })),
  fc.boolean().map((eq) => ({ active: { eq } })),
)
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: tie('condition').map((not) => ({ not })) },
    {
      weight: 1,
      arbitrary: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((and) => ({ and })),
    },
    {
      weight: 1,
      arbitrary: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((or) => ({ or })),
    },
  ),
}))
const world: fc.Arbitrary<World> = fc.record({
  customers: fc.array(
    fc.record({
      region: fc.option(region),
      level: fc.option(fc.nat(3)),
      active: fc.option(fc.boolean()),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  orders: fc.array(
    fc.record({ customer: fc.option(fc.nat(5)), status: fc.constantFrom('open' as const, 'paid' as const) }),
    { maxLength: 6 },
  ),
  permits: fc.array(condition, { minLength: 1, maxLength: 2 }),
  forbids: fc.array(condition, { maxLength: 1 }),
  attributes: fc.oneof(
    { weight: 4, arbitrary: region.map((one) => ({ region: one })) },
    { weight: 1, arbitrary: fc.constant({}) },
  ),
  isThrough: fc.boolean(),
})

/** Whether some attribute that the condition names is absent: then the whole rule counts against the request. */
function lacks(tree: unknown, attributes: World['attributes']): boolean {
  if (typeof tree !== 'object' || tree === null) return false
  if ('principal' in tree) return !Object.hasOwn(attributes, String(tree.principal))
  return Object.values(tree).some((part) => lacks(part, attributes))
}

const bytes = (value: unknown): unknown =>
  typeof value === 'string' ? Buffer.from(value).toString('hex') : value
const COMPARE: Readonly<Record<string, (left: never, right: never) => boolean>> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  lt: (left, right) => left < right,
  lte: (left, right) => left <= right,
  gt: (left, right) => left > right,
  gte: (left, right) => left >= right,
}

/** The condition as it reads, with nothing of the product: a comparison with nothing is never true. */
function fits(condition: Condition, row: object, attributes: World['attributes']): boolean {
  const value = (one: unknown): unknown =>
    typeof one === 'object' && one !== null && 'principal' in one ? attributes[String(one.principal)] : one
  return Object.entries(condition).every(([name, part]) => {
    if (name === 'not') return !fits(part as Condition, row, attributes)
    if (name === 'and') return (part as Condition[]).every((one) => fits(one, row, attributes))
    if (name === 'or') return (part as Condition[]).some((one) => fits(one, row, attributes))
    const held = (row as Record<string, unknown>)[name] ?? null
    return Object.entries(part as object).every(([operator, operand]) => {
      if (operator === 'isNull') return (held === null) === operand
      if (held === null) return false
      if (operator === 'in') return (operand as unknown[]).some((one) => value(one) === held)
      return COMPARE[operator]?.(bytes(held) as never, bytes(value(operand)) as never) ?? false
    })
  })
}

/** Whether the rules let someone have it; `row` null stands for a customer that isn't there. */
function mayHave({ permits, forbids, attributes }: World, row: Customer | null): boolean {
  const holds = (one: Condition): boolean => row !== null && fits(one, row, attributes)
  return (
    permits.some((one) => !lacks(one, attributes) && holds(one)) &&
    !forbids.some((one) => lacks(one, attributes) || holds(one))
  )
}

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

const quoted = (value: string | number | boolean | null): string => {
  if (value === null) return 'null'
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

function sqlOf({ customers, orders }: World): string {
  const rows = customers.map(
    (one, index) =>
      `insert into customers values (${index + 1}, 'name${index + 1}x', ${quoted(one.region)}, ${quoted(one.level)}, ${quoted(one.active)});`,
  )
  const sold = orders.map(({ customer, status }, index) => {
    const id = customer === null || customer >= customers.length ? null : customer + 1
    return `insert into orders values (${index + 101}, ${quoted(id)}, '${status}');`
  })
  return `
    create table customers (id integer primary key, name text not null, region text, level integer, active boolean);
    create table orders (id integer primary key, customer_id integer references customers(id), status text not null);
    ${rows.join('\n')} ${sold.join('\n')}`
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
    return {
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
  const keys = made.customers.flatMap((one, index) => (mayHave(made, one) ? [String(index + 1)] : []))
  const sold = made.orders.flatMap(({ customer }, index) => {
    const row = customer === null ? null : (made.customers[customer] ?? null)
    const isReached = !made.isThrough || mayHave(made, row)
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
    'the count': count,
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
  timeout: 600_000,
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
