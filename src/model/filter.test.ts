import { expect, test } from 'vitest'
import { filterText, NOT_QUERYABLE, parseFilter, parseFilters, parseSort } from './filter.ts'
import type { Askable } from './filter-place.ts'
import { field, model } from './fixture.ts'

const orders = model(
  'orders',
  [
    field('id', 'bigint'),
    field('status', 'enum', { choices: [{ value: 'paid', label: 'Paid' }] }),
    field('total', 'decimal', { scale: 2 }),
    field('note', 'text', { nullable: true }),
    field('placed_at', 'timestamp', { nullable: true }),
    field('is_gift', 'bool'),
    field('photo', 'bytes', { nullable: true }),
    field('tax_number'),
    field('internal'),
  ],
  {
    list: {
      columns: [],
      filters: ['id', 'status', 'total', 'note', 'placed_at', 'is_gift', 'photo', 'tax_number'],
      search: [],
      sort: [],
      perPage: 50,
    },
  },
)
const queryable = new Set(['id', 'status', 'total', 'note', 'placed_at', 'is_gift', 'photo', 'internal'])

const askable: Askable = { models: new Map(), queryable: () => queryable }
const parse = (text: string) => parseFilter(orders, text, askable)

test.each([
  ['status:eq:paid', { field: 'status', operator: 'eq', value: 'paid' }],
  ['id:gt:9007199254740993', { field: 'id', operator: 'gt', value: 9007199254740993n }],
  ['total:lte:12', { field: 'total', operator: 'lte', value: '12.00' }],
  ['id:in:1,2', { field: 'id', operator: 'in', value: [1n, 2n] }],
  ['note:in:["a,b","c"]', { field: 'note', operator: 'in', value: ['a,b', 'c'] }],
  ['note:contains:a:b', { field: 'note', operator: 'contains', value: 'a:b' }],
  ['note:eq:', { field: 'note', operator: 'eq', value: '' }],
  ['note:isNull', { field: 'note', operator: 'isNull', value: true }],
  ['note:isNull:false', { field: 'note', operator: 'isNull', value: false }],
  ['is_gift:eq:true', { field: 'is_gift', operator: 'eq', value: true }],
  ['placed_at:gte:2026-11-21T14:30', expect.objectContaining({ operator: 'gte' })],
])('reads %s', (text, filter) => {
  expect(parse(text)).toEqual(filter)
})

test.each([
  ['id:eq:x', /whole number/],
  ['total:eq:1.234', /digits after the point/],
  ['status:eq:lost', /one of "paid"/],
  ['status:lt:paid', /can be filtered by eq, ne/],
  ['is_gift:eq:maybe', /true or false/],
  ['note:like:a', /can be filtered by/],
  ['note:eq', /needs a value/],
  ['placed_at:eq:', /ask isNull/],
  ['photo:eq:AA==', /can be filtered by isNull/],
  ['note:in:[1]', /JSON array of texts/],
  [`id:in:${Array.from({ length: 201 }, (_, index) => index).join(',')}`, /at most 200 values/],
  [`note:contains:${'a'.repeat(201)}`, /at most 200 characters/],
])('refuses %s', (text, problem) => {
  const [name = ''] = text.split(':')
  expect(() => parse(text)).toThrow(
    expect.objectContaining({
      code: 'invalid-input',
      fields: { [name]: [expect.stringMatching(problem)] },
    }),
  )
})

test('says the same of a field that does not exist, may not be read, or is not meant for filters', () => {
  const answers = ['tax_number', 'internal', 'nothing'].flatMap((name) =>
    [`${name}:eq:1`, `${name}:wrong:1`, name].map((text) => {
      try {
        parse(text)
        return 'parsed'
      } catch (error) {
        const { message, fields } = error as { message: string; fields: unknown }
        return JSON.stringify({ message, fields }).replaceAll(name, 'FIELD')
      }
    }),
  )

  expect(new Set(answers).size).toBe(1)
  expect(answers[0]).toContain('is not a field that can be filtered or sorted by')
})

test('refuses all filters at once, and names every field at fault', () => {
  expect(() => parseFilters(orders, ['id:eq:x', 'note:eq:a', 'nothing:eq:1'], askable)).toThrow(
    expect.objectContaining({
      message: 'orders.list: check id, nothing.',
      fields: expect.objectContaining({ id: expect.anything(), nothing: expect.anything() }),
    }),
  )
  expect(parseFilters(orders, ['note:eq:a'], askable)).toHaveLength(1)
})

test('reads a sort, and refuses one by a field that may not be read', () => {
  expect(parseSort(orders, '-placed_at,id', queryable)).toEqual([
    { field: 'placed_at', direction: 'desc' },
    { field: 'id', direction: 'asc' },
  ])
  expect(parseSort(orders, '', queryable)).toEqual([])
  expect(parseSort(orders, '-dash,--dash', new Set(['-dash']))).toEqual([
    { field: '-dash', direction: 'asc' },
    { field: '-dash', direction: 'desc' },
  ])
  expect(() => parseSort(orders, 'id,-tax_number', queryable)).toThrow(
    expect.objectContaining({ fields: { tax_number: [expect.stringContaining('is not a field')] } }),
  )
})

const customers = model('customers', [field('id', 'bigint'), field('country'), field('vat'), field('code')], {
  list: { columns: [], filters: ['id', 'country', 'vat'], search: [], sort: [], perPage: 50 },
})
const linked = model(
  'orders',
  [
    field('id', 'bigint'),
    field('customer_id', 'bigint'),
    field('details', 'json', { nullable: true }),
    field('due', 'date'),
    field('odd:name'),
  ],
  {
    list: {
      columns: [],
      filters: ['id', 'customer_id', 'details', 'due', 'odd:name'],
      search: [],
      sort: [],
      perPage: 50,
    },
    relations: [
      {
        name: 'customer',
        label: 'Customer',
        kind: 'one',
        target: 'customers',
        from: ['customer_id'],
        to: ['id'],
        onDelete: 'restrict',
      },
    ],
  },
)

function asking(differing: Readonly<Record<string, readonly string[]>> = {}): Askable {
  const open: Readonly<Record<string, readonly string[]>> = {
    orders: ['id', 'customer_id', 'details', 'due', 'odd:name'],
    customers: ['id', 'country', 'code'],
    ...differing,
  }
  return {
    models: new Map([
      ['orders', linked],
      ['customers', customers],
    ]),
    queryable: (name) => new Set(open[name]),
  }
}

function problems(text: string, askable = asking()): unknown {
  try {
    return parseFilter(linked, text, askable)
  } catch (error) {
    return (error as { fields: unknown }).fields
  }
}

test.each([
  'customer.country:eq:DE',
  'details$.size:eq:XL',
  'details$.lines[0].sku:isNull:true',
  'due:within:last-7-days',
  'any(due:within:today,not(customer.country:in:"DE,AT"))',
  '"odd:name":eq:a:b',
  'all(id:gte:1,any(id:lt:5,id:eq:9),details$.a:eq:"x,(y)")',
])('reads %s, and writes it the same again', (text) => {
  expect(filterText(parseFilter(linked, text, asking()))).toBe(text)
})

test('says the same of everything behind a relation that may not be asked about', () => {
  const said = (name: string, askable?: Askable): unknown =>
    JSON.stringify(problems(`${name}:eq:1`, askable)).replaceAll(name, 'FIELD')
  const all = [
    said('customer.vat'),
    said('customer.code'),
    said('customer.nothing'),
    said('nobody.country'),
    said('customer.country', asking({ customers: [] })),
    said('customer.country', asking({ orders: ['id'] })),
  ]

  expect(new Set(all)).toEqual(new Set([JSON.stringify({ FIELD: [NOT_QUERYABLE] })]))
})

test.each([
  ['due:within:last-2-hours', { due: [expect.stringContaining('no time of day')] }],
  ['due:within:soon', { due: [expect.stringContaining('a period such as')] }],
  ['id:within:today', { id: [expect.stringContaining('can be filtered by')] }],
  ['details:eq:{}', { details: ['can be filtered by isNull'] }],
  ['details$.a:gt:1', { 'details$.a': [expect.stringContaining('can be filtered by eq, ne')] }],
  ['details$.*:eq:1', { 'details$.*': [NOT_QUERYABLE] }],
  ['due$.a:eq:1', { 'due$.a': [NOT_QUERYABLE] }],
  ['any(id:eq:x,id:eq:1)', { id: ['must be a whole number such as 42'] }],
  [
    `any(${Array.from({ length: 31 }, () => 'id:eq:1').join()})`,
    { filter: ['hold more than 30 conditions'] },
  ],
  [
    `any(${Array.from({ length: 7 }, () => 'customer.id:eq:1').join()})`,
    { filter: ['ask of related records more than 6 times'] },
  ],
  [
    `any(${Array.from({ length: 5 }, () => 'details$.a:eq:1').join()})`,
    { filter: ['look into JSON more than 4 times'] },
  ],
  ['all(all(all(all(all(id:eq:1)))))', { filter: ['nests deeper than 4 groups'] }],
])('refuses %s', (text, fields) => {
  expect(problems(text)).toEqual(fields)
})

test('counts the limits over all filters together', () => {
  const texts = Array.from({ length: 31 }, (_, index) => `id:eq:${index}`)

  expect(() => parseFilters(linked, texts, asking())).toThrow(
    expect.objectContaining({ fields: { filter: ['hold more than 30 conditions'] } }),
  )
  expect(parseFilters(linked, texts.slice(1), asking())).toHaveLength(30)
})

test('asks over a relation to many only where the key that ties them may be asked about', () => {
  const back = model('customers', customers.fields, {
    list: customers.list,
    relations: [
      {
        ...must(linked.relations[0]),
        name: 'orders',
        kind: 'many',
        target: 'orders',
        from: ['id'],
        to: ['customer_id'],
      },
    ],
  })
  const read = (askable: Askable) => () => parseFilter(back, 'orders.due:within:today', askable)

  expect(read(asking())()).toMatchObject({ field: 'orders.due' })
  expect(read(asking({ orders: ['id', 'due'] }))).toThrow(/check orders.due/)
})

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('It is not there.')
  return value
}
