import { expect, test } from 'vitest'
import { field, model } from './fixture.ts'
import type { Index, Model, Relation } from './model.ts'
import { indexedWords, planSearch, takes } from './search-plan.ts'

const index = (name: string, more: Partial<Index> = {}): Index => ({
  name: `by_${name}`,
  fields: [name],
  unique: false,
  partial: false,
  ...more,
})

const CUSTOMER: Relation = {
  name: 'customer',
  label: 'Customer',
  kind: 'one',
  target: 'customers',
  from: ['customer_id'],
  to: ['id'],
  onDelete: 'nothing',
}

const customers = model('customers', [field('id', 'int'), field('name')])

function orders(indexes: readonly Index[], more: Partial<Model> = {}): Model {
  const base = model('orders', [
    field('id', 'int'),
    field('customer_id', 'int', { indexing: { sorts: true, compares: 'range', follows: true } }),
    field('ref'),
    field('note', 'text', { indexing: { sorts: true, compares: 'range', begins: true } }),
  ])
  return { ...base, key: ['id'], indexes, isLarge: true, relations: [CUSTOMER], ...more }
}

const PLACES = ['id', 'ref', 'note', 'customer.name']

function planned(indexes: readonly Index[], more: Partial<Model> = {}, target: Model = customers) {
  const { places, left, scans } = planSearch(orders(indexes, more), new Map([['customers', target]]), PLACES)
  return { places: places.map(({ place, by }) => `${place}: ${by}`), left, scans }
}

test('looks through all of a table that is not large', () => {
  expect(planned([index('ref', { method: 'parts' })], { isLarge: false })).toEqual({
    places: PLACES.map((place) => `${place}: scan`),
    left: [],
    scans: 'always',
  })
})

test('leaves out what no index serves as soon as some text is served', () => {
  expect(planned([index('ref', { method: 'parts' })])).toEqual({
    places: ['id: equal', 'ref: part'],
    left: ['note', 'customer.name'],
    scans: 'never',
  })
  expect(planned([index('ref', { method: 'words' })]).places).toEqual(['id: equal', 'ref: word'])
  expect(planned([index('ref', { method: 'begin' })]).places).toEqual(['id: equal', 'ref: begin'])
})

test('takes an index in order for beginnings only where it goes without case', () => {
  expect(planned([index('ref'), index('note')]).places).toEqual(['id: equal', 'note: begin'])
})

test('takes no index that is partial, and no index of words over several fields', () => {
  const unserved = [
    index('ref', { method: 'parts', partial: true }),
    index('ref', { method: 'words', fields: ['ref', 'note'] }),
  ]
  expect(planned(unserved)).toEqual({
    places: ['id: equal', 'ref: scan', 'note: scan', 'customer.name: scan'],
    left: [],
    scans: 'otherwise',
  })
})

test('follows a relation whose field is indexed to a model that is not large, or serves', () => {
  const followed = [index('customer_id')]
  expect(planned(followed).places).toEqual(['id: equal', 'customer.name: part'])
  const many: Model = { ...customers, isLarge: true }
  expect(planned(followed, {}, many).scans).toBe('otherwise')
  const served: Model = { ...many, indexes: [index('name', { method: 'parts' })] }
  expect(planned(followed, {}, served).left).toEqual(['ref', 'note'])
})

test('looks through what the owner allows', () => {
  const { list } = orders([])
  const allowing = { list: { ...list, allowScans: ['note'] } }
  expect(planned([index('ref', { method: 'parts' })], allowing)).toEqual({
    places: ['id: equal', 'ref: part', 'note: scan'],
    left: ['customer.name'],
    scans: 'always',
  })
})

test('asks an index for what it can find', () => {
  expect(takes({ place: 'ref', by: 'part' }, 'ab')).toBe(false)
  expect(takes({ place: 'ref', by: 'part' }, 'abc')).toBe(true)
  expect(takes({ place: 'ref', by: 'begin' }, 'a')).toBe(true)
  expect(takes({ place: 'ref', by: 'word' }, '+*"@')).toBe(false)
  expect(indexedWords('+o’brien* -(müller) "a')).toEqual(['brien', 'müller'])
})
