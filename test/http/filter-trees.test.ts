/**
 * Random filters, asked as a tree and as text, against the plainest possible
 * reading of them: the same records on every engine.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FILTER_LIMITS } from '../../src/model/filter-limit.ts'
import { writeFilterText } from '../../src/model/filter-text.ts'
import { readFilterTree } from '../../src/model/filter-tree.ts'
import { BASE } from '../client.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, openHouse } from '../house.ts'
import { runs } from '../runs.ts'

const RUNS = runs(25)

interface Customer {
  readonly id: number
  readonly country: string | null
  readonly name: string
}
interface Order {
  readonly id: number
  readonly customer_id: number | null
  readonly note: string | null
  readonly total: string | null
  readonly placed: string | null
  readonly details: unknown
}

const TEXTS = ['a', 'A', 'a ', 'ä', '', '😀', '～', '10', '9', "o'x", '%', '_', '\\', 'x,y', '("q")', null]
const COUNTRIES = ['DE', 'de', 'AT', 'Ö', null]
const TOTALS = ['0.00', '9.99', '10.00', '-1.50', '100.10', null]
const DATES = ['2026-11-19', '2026-11-20', '2026-11-21', '2025-01-01', null]
const DETAILS: readonly unknown[] = [
  { size: 'XL', weight: 12, gift: true },
  { size: 'xl', weight: 1.5, gift: false, lines: ['a', { sku: 'b' }] },
  { size: null, weight: '12', lines: [] },
  { 'two words': 'ä😀', lines: { '0': 'a' } },
  { size: ['XL'], weight: { net: 12 } },
  ['a', 'b'],
  'XL',
  12,
  undefined,
]

const CUSTOMERS: readonly Customer[] = COUNTRIES.map((country, index) => ({
  id: index + 1,
  country,
  name: TEXTS[index] ?? '',
}))
const ORDERS: readonly Order[] = Array.from({ length: 48 }, (_, index) => ({
  id: index + 1,
  customer_id: index % 7 === 6 ? null : (index % CUSTOMERS.length) + 1,
  note: TEXTS[index % TEXTS.length] ?? null,
  total: TOTALS[index % TOTALS.length] ?? null,
  placed: DATES[(index * 3) % DATES.length] ?? null,
  details: DETAILS[(index * 5) % DETAILS.length],
}))

type Leaf = { readonly field: string; readonly operator: string; readonly value?: unknown }
type Tree =
  | Leaf
  | { readonly all: readonly Tree[] }
  | { readonly any: readonly Tree[] }
  | { readonly not: Tree }

const COMPARE = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const
const NEEDLES = ["o'", 'X', '%', '_', '1', '\\', '(', ',']
const PATHS = [
  '$.size',
  '$.weight',
  '$.gift',
  '$.lines[0]',
  '$.lines[1].sku',
  '$."two words"',
  '$[0]',
  '$.weight.net',
]
const SCALARS = ['XL', 'xl', '12', '1.5', 'true', 'a', 'b', 'ä😀', '']
/** Whether looking for a letter finds it with an accent depends on the engine. */
const SCALARS_LOOKED_FOR = SCALARS.filter((value) => value !== 'a')

function compared(field: string, values: readonly unknown[]): fc.Arbitrary<Leaf> {
  const known = values.filter((one) => one !== null)
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...COMPARE), fc.constantFrom(...known))
      .map(([operator, value]) => ({ field, operator, value })),
    fc.array(fc.constantFrom(...known), { maxLength: 3 }).map((value) => ({ field, operator: 'in', value })),
    fc.boolean().map((value) => ({ field, operator: 'isNull', value })),
  )
}

function searched(field: string): fc.Arbitrary<Leaf> {
  return fc
    .tuple(fc.constantFrom('contains', 'startsWith'), fc.constantFrom(...NEEDLES))
    .map(([operator, value]) => ({ field, operator, value }))
}

const inJson: fc.Arbitrary<Leaf> = fc.constantFrom(...PATHS).chain((path) => {
  const field = `details${path}`
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('eq', 'ne'), fc.constantFrom(...SCALARS))
      .map(([operator, value]) => ({ field, operator, value })),
    fc
      .tuple(fc.constantFrom('contains', 'startsWith'), fc.constantFrom(...SCALARS_LOOKED_FOR))
      .map(([operator, value]) => ({ field, operator, value })),
    fc
      .array(fc.constantFrom(...SCALARS), { maxLength: 3 })
      .map((value) => ({ field, operator: 'in', value })),
    fc.boolean().map((value) => ({ field, operator: 'isNull', value })),
  )
})

const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  compared('note', TEXTS),
  searched('note'),
  compared('total', TOTALS),
  compared('placed', DATES),
  fc
    .constantFrom('today', 'yesterday', 'last-7-days', 'this-month', 'last-year')
    .map((value) => ({ field: 'placed', operator: 'within', value })),
  compared('customer.country', COUNTRIES),
  searched('customer.name'),
  { weight: 2, arbitrary: inJson },
)
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: tie('tree').map((not) => ({ not })) },
    { weight: 1, arbitrary: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })) },
    { weight: 1, arbitrary: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
  ),
}))

/** What a list may be asked at once. */
function isWithinLimits(filter: Tree): boolean {
  const fields = fieldsOf(filter)
  const startingWith = (start: string): number => fields.filter((field) => field.startsWith(start)).length
  return startingWith('details$') <= FILTER_LIMITS.paths && startingWith('customer.') <= FILTER_LIMITS.hops
}

function fieldsOf(filter: Tree): readonly string[] {
  if ('all' in filter) return filter.all.flatMap(fieldsOf)
  if ('any' in filter) return filter.any.flatMap(fieldsOf)
  return 'not' in filter ? fieldsOf(filter.not) : [filter.field]
}

/** The tree as it reads, with nothing of the product. */
function fits(filter: Tree, order: Order): boolean {
  if ('all' in filter) return filter.all.every((one) => fits(one, order))
  if ('any' in filter) return filter.any.some((one) => fits(one, order))
  if ('not' in filter) return !fits(filter.not, order)
  if (filter.field.startsWith('details')) return fitsScalar(filter, scalarAt(order.details, filter.field))
  if (!filter.field.startsWith('customer.')) return fitsValue(filter, fieldIn(order, filter.field))
  const customer = CUSTOMERS.find(({ id }) => id === order.customer_id)
  return (
    customer !== undefined && fitsValue(filter, fieldIn(customer, filter.field.slice('customer.'.length)))
  )
}

function fieldIn(record: Order | Customer, name: string): string | null {
  const held: unknown = Object.entries(record).find(([one]) => one === name)?.[1]
  return typeof held === 'string' ? held : null
}

function fitsValue({ field, operator, value }: Leaf, held: string | null): boolean {
  if (operator === 'isNull') return (held === null) === value
  if (held === null) return false
  const order = (other: unknown): number =>
    field === 'total'
      ? Number(held) - Number(other)
      : Buffer.compare(Buffer.from(held), Buffer.from(String(other)))
  switch (operator) {
    case 'eq':
      return order(value) === 0
    case 'ne':
      return order(value) !== 0
    case 'lt':
      return order(value) < 0
    case 'lte':
      return order(value) <= 0
    case 'gt':
      return order(value) > 0
    case 'gte':
      return order(value) >= 0
    case 'in':
      return (value as string[]).some((one) => order(one) === 0)
    case 'contains':
      return held.toLowerCase().includes(String(value).toLowerCase())
    case 'startsWith':
      return held.toLowerCase().startsWith(String(value).toLowerCase())
    default:
      return WITHIN[String(value)]?.includes(held) ?? false
  }
}

/** By the clock of the house, 20 November 2026, and the dates above. */
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  today: ['2026-11-20'],
  yesterday: ['2026-11-19'],
  'last-7-days': ['2026-11-19', '2026-11-20'],
  'this-month': ['2026-11-19', '2026-11-20', '2026-11-21'],
  'last-year': ['2025-01-01'],
}

type Found = { readonly isPresent: boolean; readonly text: string | null }

function fitsScalar({ operator, value }: Leaf, { isPresent, text }: Found): boolean {
  if (operator === 'isNull') return !isPresent === value
  return text !== null && fitsValue({ field: 'details', operator, value }, text)
}

function scalarAt(details: unknown, field: string): Found {
  const steps = [...field.matchAll(/\.(\w+)|\."([^"]*)"|\[(\d+)\]/g)]
  const node = steps.reduce<unknown>((at, [, plain, quoted, index]) => {
    if (typeof at !== 'object' || at === null || Array.isArray(at) !== (index !== undefined)) return undefined
    const name = index ?? plain ?? quoted ?? ''
    return Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined
  }, details)
  if (node === undefined || node === null) return { isPresent: false, text: null }
  return { isPresent: true, text: typeof node === 'object' ? null : String(node) }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  return `'${String(value).replaceAll("'", "''")}'`
}

const JSON_TYPE: Readonly<Record<StoreEngine, string>> = {
  sqlite: 'json',
  postgres: 'jsonb',
  mariadb: 'json',
}

function tables(engine: StoreEngine, json = JSON_TYPE[engine]): string {
  const text = (value: unknown): string =>
    engine === 'mariadb' ? literal(value).replaceAll('\\', '\\\\') : literal(value)
  const customers = CUSTOMERS.map(({ id, country, name }) => `(${id}, ${text(country)}, ${text(name)})`)
  const orders = ORDERS.map((one) => {
    const details = one.details === undefined ? null : JSON.stringify(one.details)
    return `(${one.id}, ${one.customer_id ?? 'null'}, ${text(one.note)}, ${one.total ?? 'null'},
      ${text(one.placed)}, ${text(details)})`
  })
  return `
    create table customers (id integer primary key, country varchar(40), name varchar(40));
    create table orders (
      id integer primary key, customer_id integer references customers(id), note varchar(40),
      total decimal(10,2), placed date, details ${json}
    );
    insert into customers values ${customers.join(', ')};
    insert into orders values ${orders.join(', ')};
  `
}

interface Answer {
  readonly status: number
  readonly ids: readonly number[]
  readonly text: string
}

async function asked(house: House, token: string, init: { path: string; body?: unknown }): Promise<Answer> {
  const response = await house.admin.fetch(
    new Request(`http://127.0.0.1:4600${BASE}/api/v1${init.path}`, {
      method: init.body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
    }),
    { address: '127.0.0.1' },
  )
  const text = await response.text()
  const { records = [] } = JSON.parse(text) as { records?: readonly { key: string }[] }
  return { status: response.status, ids: records.map(({ key }) => Number(key)), text }
}

/** The same filter as it stands in an address. */
function addressOf(filter: Tree): string {
  const read = readFilterTree(filter)
  if (!read.ok) throw new Error(read.problem)
  const withTexts = (one: typeof read.filter): typeof read.filter => {
    if (one.kind === 'not') return { kind: 'not', of: withTexts(one.of) }
    if (one.kind !== 'condition') return { kind: one.kind, of: one.of.map(withTexts) }
    const { value } = one
    return { ...one, value: Array.isArray(value) ? JSON.stringify(value) : String(value) }
  }
  return writeFilterText(withTexts(read.filter))
}

async function agrees(house: House): Promise<void> {
  const token = await house.token(['superadmin'])
  let seen = 0

  await fc.assert(
    fc.asyncProperty(tree.filter(isWithinLimits), async (filter) => {
      const wanted = ORDERS.filter((order) => fits(filter, order)).map(({ id }) => id)

      const byTree = await asked(house, token, {
        path: '/models/orders/query',
        body: { filter, sort: 'id', limit: 200, fields: ['id'] },
      })
      const query = new URLSearchParams({ filter: addressOf(filter), sort: 'id', limit: '200', fields: 'id' })
      const byText = await asked(house, token, { path: `/models/orders/records?${query}` })

      expect(byTree, byTree.text).toMatchObject({ status: 200, ids: wanted })
      expect(byText, byText.text).toMatchObject({ status: 200, ids: wanted })
      seen += wanted.length
    }),
    { numRuns: RUNS },
  )
  expect(seen).toBeGreaterThan(0)
}

describe.each(STORE_ENGINES)('on %s', (engine) => {
  test('a filter finds what it says, as a tree and as text', async () => {
    const house = await openHouse({ engine, sql: tables(engine) })
    try {
      await agrees(house)
    } finally {
      await house.close()
    }
  })
})

test('a filter finds the same in json as in jsonb', async () => {
  const house = await openHouse({ engine: 'postgres', sql: tables('postgres', 'json') })
  try {
    await agrees(house)
  } finally {
    await house.close()
  }
})
