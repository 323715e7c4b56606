import { expect, test } from 'vitest'
import { choiceLabel, humanise, pluralLabel, singular, singularLabel, wordsOf } from './label.ts'

test.each([
  ['placed_at', 'Placed at'],
  ['CustomerId', 'Customer ID'],
  ['customerID', 'Customer ID'],
  ['HTTPServerURL', 'HTTP server URL'],
  ['Order Details', 'Order details'],
  ['address2', 'Address 2'],
  ['sha256', 'Sha256'],
  ['Straße_größe', 'Straße größe'],
  ['__', '__'],
  ['x', 'X'],
])('writes %s as "%s"', (name, label) => {
  expect(humanise(name)).toBe(label)
})

test.each([
  ['in_progress', 'In progress'],
  ['IN_PROGRESS', 'In progress'],
  ['inProgress', 'In progress'],
  ['PENDING', 'Pending'],
  ['PG-13', 'PG-13'],
  ['NC-17', 'NC-17'],
  ['R', 'R'],
  ['EUR', 'EUR'],
  ['A+', 'A+'],
  ['Behind the Scenes', 'Behind the Scenes'],
  ['', ''],
])('calls the choice "%s" "%s"', (value, label) => {
  expect(choiceLabel(value)).toBe(label)
})

test.each([
  ['orders', 'Order', 'Orders'],
  ['Album', 'Album', 'Albums'],
  ['categories', 'Category', 'Categories'],
  ['addresses', 'Address', 'Addresses'],
  ['address', 'Address', 'Addresses'],
  ['order_status', 'Order status', 'Order statuses'],
  ['people', 'Person', 'People'],
  ['order_items', 'Order item', 'Order items'],
  ['OrderDetails', 'Order detail', 'Order details'],
  ['boxes', 'Box', 'Boxes'],
  ['movies', 'Movie', 'Movies'],
  ['staff', 'Staff', 'Staff'],
  ['news', 'News', 'News'],
  ['keys', 'Key', 'Keys'],
  ['analysis', 'Analysis', 'Analyses'],
  ['houses', 'House', 'Houses'],
  ['Sales 1997', 'Sales 1997', 'Sales 1997'],
])('calls one of %s "%s" and several "%s"', (table, one, several) => {
  expect([singularLabel(table), pluralLabel(table)]).toEqual([one, several])
})

test('keeps the case of a name', () => {
  expect([singular('Order Details'), singular('CATEGORIES'), singular('orderItems')]).toEqual([
    'Order Detail',
    'CATEGORY',
    'orderItem',
  ])
})

test('splits a name into words', () => {
  expect(wordsOf('is-deleted_AtNow2')).toEqual(['is', 'deleted', 'at', 'now2'])
})
