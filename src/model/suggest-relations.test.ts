import { expect, test } from 'vitest'
import { field, model } from './fixture.ts'
import type { Field, Model } from './model.ts'
import { suggestRelations } from './suggest-relations.ts'

function table(name: string, fields: readonly Field[], more: Partial<Model> = {}): Model {
  const [first] = fields
  return model(name, fields, { key: first ? [first.name] : null, ...more })
}

const id = field('id', 'bigint')
const customers = table('customers', [id, field('email', 'text')], { uniques: [['email']] })

function waysOf(...models: readonly Model[]): readonly string[] {
  return suggestRelations(models).map(
    ({ model: here, name, from, target, to }) => `${here}.${name}: ${from.join()} -> ${target}.${to.join()}`,
  )
}

test('finds a key behind the name of its table, in a role as well', () => {
  const orders = table('orders', [id, field('customer_id', 'int'), field('billing_customer_id', 'bigint')])

  expect(waysOf(customers, orders)).toEqual([
    'orders.customer: customer_id -> customers.id',
    'orders.billing_customer: billing_customer_id -> customers.id',
  ])
})

test('finds a unique field and a key of text', () => {
  const countries = table('countries', [field('code', 'text')])
  const mails = table('mails', [id, field('customer_email', 'text'), field('country_code', 'text')])

  expect(waysOf(customers, countries, mails)).toEqual([
    'mails.customer: customer_email -> customers.email',
    'mails.country: country_code -> countries.code',
  ])
})

test('finds the record above in the same table, and no record in itself', () => {
  const categories = table('categories', [id, field('category_id', 'bigint'), field('parent_id', 'bigint')])

  expect(waysOf(categories)).toEqual(['categories.parent: parent_id -> categories.id'])
})

test('finds a key of several fields that are all there', () => {
  const lines = model('order_lines', [field('order_no', 'int'), field('line_no', 'int')], {
    key: ['order_no', 'line_no'],
  })
  const returns = table('returns', [id, field('order_no', 'int'), field('line_no', 'int')])
  const halves = table('halves', [id, field('order_no', 'int')])

  expect(waysOf(lines, returns, halves)).toEqual([
    'returns.order_line: order_no,line_no -> order_lines.order_no,line_no',
  ])
})

test.each<readonly [string, readonly Model[]]>([
  ['another type', [customers, table('orders', [id, field('customer_id', 'text')])]],
  [
    'no key and no unique field there',
    [{ ...customers, key: null, uniques: [] }, table('orders', [id, field('customer_id', 'bigint')])],
  ],
  ['a view', [{ ...customers, kind: 'view' }, table('orders', [id, field('customer_id', 'bigint')])]],
  ['a secret', [customers, table('orders', [id, field('customer_id', 'bigint', { sensitivity: 'secret' })])]],
  [
    'two tables alike',
    [
      customers,
      { ...customers, name: 'crm.customers', schema: 'crm', table: 'customers' },
      table('orders', [id, field('customer_id', 'bigint')]),
    ],
  ],
  ['a bare id', [customers, table('orders', [id])]],
])('suggests nothing for %s', (_, models) => {
  expect(waysOf(...models)).toEqual([])
})

test('says nothing of what is declared already', () => {
  const orders = table('orders', [id, field('customer_id', 'bigint')], {
    relations: [
      {
        name: 'buyer',
        label: 'Buyer',
        kind: 'one',
        target: 'customers',
        from: ['customer_id'],
        to: ['id'],
        onDelete: 'nothing',
      },
    ],
  })

  expect(waysOf(customers, orders)).toEqual([])
})

test('gives names that the option takes and nothing else has', () => {
  const orders = table('orders', [id, field('Customer ID', 'bigint'), field('customer', 'text')])

  expect(waysOf(customers, orders)).toEqual(['orders.customer_id_customer: Customer ID -> customers.id'])
})
