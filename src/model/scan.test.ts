import { expect, test } from 'vitest'
import type { FieldFilter } from './filter.ts'
import { field, model } from './fixture.ts'
import type { Index, Model } from './model.ts'
import {
  defaultSort,
  isFilterServed,
  isFoundFirst,
  isSortServed,
  scanSentence,
  scansOf,
  servedFilters,
} from './scan.ts'

const index = (fields: readonly string[], more: Partial<Index> = {}): Index => ({
  name: fields.join('_'),
  fields,
  unique: false,
  partial: false,
  ...more,
})

function events(indexes: readonly Index[], more: Partial<Model> = {}): Model {
  const base = model(
    'events',
    ['id', 'kind', 'happened_at', 'amount'].map((name) => field(name)),
  )
  return { ...base, labelPlural: 'Events', indexes, isLarge: true, ...more }
}

const isKnown = (): boolean => true
const eq = (name: string): FieldFilter => ({ field: name, operator: 'eq', value: 'x' })
const gte = (name: string): FieldFilter => ({ field: name, operator: 'gte', value: 'x' })
const asc = (name: string) => ({ field: name, direction: 'asc' as const })
const desc = (name: string) => ({ field: name, direction: 'desc' as const })

test('asks for an index that ends in the key, or carries it', () => {
  expect(isSortServed(events([index(['kind'])]), [asc('kind')])).toBe(false)
  expect(isSortServed(events([index(['kind', 'id'])]), [asc('kind')])).toBe(true)
  expect(isSortServed(events([index(['kind'], { carriesKey: true })]), [desc('kind')])).toBe(true)
  expect(isSortServed(events([]), [desc('id')])).toBe(true)
  expect(isSortServed(events([]), [asc('amount')])).toBe(false)
})

test('takes an index of one field where few records share a value and the database sorts them as it meets them', () => {
  const sorted = (largestTie: number, more: Partial<Model>): boolean =>
    isSortServed(events([index(['kind'], { largestTie })], more), [asc('kind')])

  expect(sorted(500, { plansByStatistics: true })).toBe(true)
  expect(sorted(500_000, { plansByStatistics: true })).toBe(false)
  expect(sorted(500, {})).toBe(false)
})

test('reads an index in one direction', () => {
  const both = events([index(['kind', 'happened_at'], { carriesKey: true })])
  expect(isSortServed(both, [asc('kind'), asc('happened_at')])).toBe(true)
  expect(isSortServed(both, [desc('kind'), desc('happened_at')])).toBe(true)
  expect(isSortServed(both, [asc('kind'), desc('happened_at')])).toBe(false)

  const mixed = events([index(['kind', 'happened_at', 'id'], { descending: [false, true, true] })])
  expect(isSortServed(mixed, [asc('kind'), desc('happened_at')])).toBe(true)
  expect(isSortServed(mixed, [asc('kind'), asc('happened_at')])).toBe(false)
})

test('takes no partial index, and none of another order', () => {
  expect(isSortServed(events([index(['kind', 'id'], { partial: true })]), [asc('kind')])).toBe(false)
  expect(isSortServed(events([index(['kind', 'id'], { method: 'other' })]), [asc('kind')])).toBe(false)
  expect(isFilterServed(events([index(['kind'], { method: 'equal' })]), eq('kind'))).toBe(true)
  expect(isFilterServed(events([index(['kind'], { method: 'equal' })]), gte('kind'))).toBe(false)
})

test('asks for one index that serves filter and sort together', () => {
  const one = events([index(['kind', 'happened_at', 'id']), index(['happened_at', 'id'])])
  expect(scansOf(one, [desc('happened_at')], [eq('kind')])).toEqual([])
  expect(scansOf(one, [desc('happened_at')], [gte('happened_at')])).toEqual([])

  const two = events([index(['kind', 'id']), index(['happened_at', 'id'])])
  const [scan] = scansOf(two, [desc('happened_at')], [eq('kind')])
  expect(scan).toMatchObject({ field: 'happened_at', remedy: ['kind', 'happened_at', 'id'] })
  expect(scansOf(two, [asc('id')], [gte('happened_at')])).toHaveLength(1)
})

test('sorts any way where a filter leaves one record, or as few as the statistics say', () => {
  const sort = [asc('happened_at')]
  const indexes = [index(['happened_at', 'id'])]
  expect(scansOf(events(indexes), sort, [eq('id')])).toEqual([])
  const few = [...indexes, index(['kind'], { largestTie: 20 })]
  expect(scansOf(events(few, { plansByStatistics: true }), sort, [eq('kind')])).toEqual([])
  expect(scansOf(events(few), sort, [eq('kind')])).toHaveLength(1)
})

test('sorts by default in an order that is served, by the key or by the filter', () => {
  const list = { ...events([]).list, sort: [desc('happened_at')] }
  const unserved = events([index(['kind', 'id']), index(['amount', 'id'])], { list })
  expect(defaultSort(unserved, [], isKnown)).toEqual([desc('id')])
  expect(defaultSort(unserved, [eq('kind')], isKnown)).toEqual([desc('id')])
  expect(defaultSort(unserved, [gte('amount')], isKnown)).toEqual([desc('amount')])
  expect(defaultSort({ ...unserved, isLarge: false }, [], isKnown)).toEqual([desc('happened_at')])
})

test('refuses nothing of a table that is not large, and nothing that the owner allows', () => {
  expect(scansOf(events([], { isLarge: false }), [asc('amount')], [eq('kind')])).toEqual([])
  const allowing = (allowScans: boolean | readonly string[]): Model =>
    events([], { list: { ...events([]).list, allowScans } })
  expect(scansOf(allowing(true), [asc('amount')], [eq('kind')])).toEqual([])
  expect(scansOf(allowing(['amount']), [asc('amount')], [])).toEqual([])
  expect(scansOf(allowing(['amount']), [asc('amount')], [eq('kind')])).toHaveLength(1)
})

test('takes a choice of conditions, and what is behind a relation, for a walk', () => {
  const one = events([index(['kind', 'id'])])
  expect(scansOf(one, [asc('id')], [{ all: [eq('kind')] }])).toEqual([])
  expect(scansOf(one, [asc('id')], [{ any: [eq('kind'), eq('amount')] }])).toMatchObject([{ field: 'kind' }])
  expect(scansOf(one, [asc('id')], [{ not: eq('kind') }])).toHaveLength(1)
  expect(scansOf(one, [asc('id')], [eq('customer.name')])).toMatchObject([
    { field: 'customer.name', remedy: [] },
  ])
})

test('keeps the filters that can be asked together', () => {
  const both = events([index(['kind', 'id']), index(['happened_at', 'id'])])
  const [kind, when] = [eq('kind'), gte('happened_at')]
  const served = servedFilters(both, [kind, when], isKnown)

  expect(served.get(kind)).toBeNull()
  expect(served.get(when)).toMatchObject({ field: expect.any(String) })
})

test('names the index that would help, to those who know its fields', () => {
  const [scan] = scansOf(events([]), [asc('amount')], [])
  if (!scan) throw new Error('nothing was found')

  expect(scanSentence(scan, isKnown)).toBe(
    'has no index that sorts by it, and events are too many to sort without; an index over amount, id would serve',
  )
  expect(scanSentence(scan, (name) => name !== 'id')).not.toContain('would serve')
})

test('the few that a filter leaves are found first where no index holds their order', () => {
  const few = index(['kind'], { largestTie: 500 })
  const weighs = { plansByStatistics: true }
  const foundFirst = (indexes: readonly Index[], more: Partial<Model>): boolean =>
    isFoundFirst(events(indexes, more), [asc('happened_at')], [eq('kind')])

  expect(foundFirst([few], weighs)).toBe(true)
  expect(foundFirst([few, index(['kind', 'happened_at', 'id'])], weighs)).toBe(false)
  expect(foundFirst([index(['kind'], { largestTie: 500_000 })], weighs)).toBe(false)
  expect(foundFirst([few], {})).toBe(false)
  expect(foundFirst([few], { ...weighs, isLarge: false })).toBe(false)
})
