import { expect, test } from 'vitest'
import { parseFilter, parseFilters, parseSort } from './filter.ts'
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

const parse = (text: string) => parseFilter(orders, text, queryable)

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
  expect(() => parseFilters(orders, ['id:eq:x', 'note:eq:a', 'nothing:eq:1'], queryable)).toThrow(
    expect.objectContaining({
      message: 'orders.list: check id, nothing.',
      fields: expect.objectContaining({ id: expect.anything(), nothing: expect.anything() }),
    }),
  )
  expect(parseFilters(orders, ['note:eq:a'], queryable)).toHaveLength(1)
})

test('reads a sort, and refuses one by a field that may not be read', () => {
  expect(parseSort(orders, '-placed_at,id', queryable)).toEqual([
    { field: 'placed_at', direction: 'desc' },
    { field: 'id', direction: 'asc' },
  ])
  expect(parseSort(orders, '', queryable)).toEqual([])
  expect(() => parseSort(orders, 'id,-tax_number', queryable)).toThrow(
    expect.objectContaining({ fields: { tax_number: [expect.stringContaining('is not a field')] } }),
  )
})
