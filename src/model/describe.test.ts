import { expect, test } from 'vitest'
import { guessList, guessSoftDelete, linkLabelled } from './describe.ts'
import { field, model } from './fixture.ts'
import type { Relation } from './model.ts'
import { searchAcross } from './search.ts'
import { guessTitle } from './title.ts'

const toCustomer: Relation = {
  name: 'customer',
  label: 'Customer',
  kind: 'one',
  target: 'customers',
  from: ['customer_id'],
  to: ['id'],
  onDelete: 'restrict',
}

test.each([
  [['id', 'name', 'title'], ['name']],
  [
    ['id', 'title', 'first_name', 'last_name'],
    ['first_name', 'last_name'],
  ],
  [
    ['FirstName', 'LastName', 'Title'],
    ['FirstName', 'LastName'],
  ],
  [['id', 'email', 'username'], ['username']],
  [['id', 'street', 'email'], ['email']],
  [['id', 'things_name', 'thing'], ['thing']],
  [['id', 'thing_name'], ['thing_name']],
  [['id', 'number', 'code'], ['number']],
  [['id', 'remark', 'other'], ['remark']],
  [['id'], []],
])('calls a record with %j by %j', (names, title) => {
  const things = model(
    'things',
    names.map((name) => field(name, name === 'id' ? 'bigint' : 'text')),
  )

  expect(guessTitle(things)).toEqual(title)
})

test('never calls a record by what is secret, personal, hidden or a reference', () => {
  const accounts = model(
    'accounts',
    [
      field('id', 'bigint'),
      field('customer_id', 'text'),
      field('name', 'text', { sensitivity: 'personal' }),
      field('title', 'text', { sensitivity: 'secret' }),
      field('label', 'text', { hidden: true }),
      field('iban', 'text', { sensitivity: 'personal' }),
    ],
    { relations: [toCustomer], uniques: [['id'], ['customer_id'], ['iban']] },
  )

  expect(guessTitle(accounts)).toEqual([])
})

test('calls a record by its only unique text, not by one that begins with a date', () => {
  const base = [field('id', 'bigint'), field('placed', 'date'), field('remark'), field('slot')]

  expect(guessTitle(model('orders', base))).toEqual([])
  expect(guessTitle(model('orders', base, { uniques: [['id'], ['slot']] }))).toEqual(['slot'])
})

test('shows at most seven columns, the telling ones, in their order', () => {
  const fields = [
    field('id', 'bigint'),
    field('number'),
    field('customer_id', 'bigint'),
    field('photo', 'bytes'),
    field('notes'),
    field('essay', 'text', { maxLength: 4000 }),
    field('meta', 'json'),
    field('password', 'text', { sensitivity: 'secret' }),
    field('iban', 'text', { sensitivity: 'personal' }),
    field('line2'),
    field('colour'),
    field('shape'),
    field('status', 'enum'),
    field('total', 'decimal'),
    field('placed_at', 'timestamp'),
    field('updated_at', 'timestamp'),
    field('is_deleted', 'bool'),
  ]
  const orders = model('orders', fields, {
    title: ['number'],
    relations: [toCustomer],
    softDelete: { field: 'is_deleted', kind: 'flag' },
  })
  const list = guessList(orders, true)

  expect(list.columns).toEqual(['number', 'customer_id', 'colour', 'shape', 'status', 'total', 'placed_at'])
  expect(list.filters).toEqual(expect.arrayContaining(['id', 'status', 'notes', 'is_deleted']))
  for (const name of ['photo', 'password', 'iban']) {
    expect([...list.columns, ...list.filters, ...list.search]).not.toContain(name)
  }
  // JSON is asked about by a path into it, and stands nowhere else
  expect(list.filters).toContain('meta')
  expect([...list.columns, ...list.search]).not.toContain('meta')
  expect(list.search).toEqual(['number', 'id', 'line2', 'colour', 'shape'])
})

test('sorts newest first where that is cheap, else by key', () => {
  const fields = [field('id', 'bigint'), field('name'), field('created_at', 'timestamp')]
  const indexes = [{ name: 'i', fields: ['created_at'], unique: false, partial: false }]
  const newest = [{ field: 'created_at', direction: 'desc' }]

  expect(guessList(model('a', fields), true).sort).toEqual(newest)
  expect(guessList(model('a', fields, { indexes }), false).sort).toEqual(newest)
  expect(guessList(model('a', fields), false).sort).toEqual([{ field: 'id', direction: 'asc' }])
  expect(guessList(model('a', fields.slice(1, 2)), true).sort).toEqual([])
})

test('searches the titles behind relations, but not what may not be read there', () => {
  const orders = model('orders', [field('customer_id', 'bigint'), field('number')], {
    relations: [toCustomer],
    list: { columns: [], filters: [], search: ['number'], sort: [], perPage: 50 },
  })
  const customers = (sensitivity: 'internal' | 'personal'): ReadonlyMap<string, ReturnType<typeof model>> =>
    new Map([
      ['customers', model('customers', [field('name', 'text', { sensitivity })], { title: ['name'] })],
    ])

  expect(searchAcross(orders, customers('internal'))).toEqual(['number', 'customer.name'])
  expect(searchAcross(orders, customers('personal'))).toEqual(['number'])
  expect(searchAcross(orders, new Map())).toEqual(['number'])
})

test('knows a record that is only marked as deleted', () => {
  expect(guessSoftDelete(model('a', [field('is_deleted', 'bool')]))).toEqual({
    field: 'is_deleted',
    kind: 'flag',
  })
  expect(guessSoftDelete(model('a', [field('deletedAt', 'timestamptz', { nullable: true })]))).toEqual({
    field: 'deletedAt',
    kind: 'instant',
  })
  expect(
    guessSoftDelete(model('a', [field('deleted_at', 'timestamp'), field('is_deleted', 'text')])),
  ).toBeNull()
})

test('a field that leads to another record is called after that record', () => {
  const orders = model(
    'orders',
    [field('id', 'bigint'), field('customer_id', 'bigint', { label: 'Customer ID' })],
    {
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

  expect(linkLabelled(orders).fields.map(({ label }) => label)).toEqual(['id', 'Customer'])
})

test('a list shows what it is sorted by', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => field(`${name}_status`))
  const orders = model('orders', [field('id', 'bigint'), ...many, field('placed_at', 'timestamp')])

  expect(guessList(orders, true).columns).toContain('placed_at')
})
