import { expect, test } from 'vitest'
import { field, model } from './fixture.ts'
import { compareValues, compileHolds, type Held } from './holds.ts'
import type { Field, FieldType, Value } from './model.ts'
import { EVERYTHING, NOTHING, not, or, type Predicate } from './predicate.ts'

const people = model('people', [field('id', 'bigint'), field('name')])

function things(type: FieldType, differing: Partial<Field> = {}) {
  return model('things', [field('a', type, differing), field('owner_id', 'bigint')], {
    relations: [
      {
        name: 'owner',
        label: '',
        kind: 'one',
        target: 'people',
        from: ['owner_id'],
        to: ['id'],
        onDelete: 'restrict',
      },
      {
        name: 'parts',
        label: '',
        kind: 'many',
        target: 'people',
        from: ['owner_id'],
        to: ['id'],
        onDelete: 'restrict',
      },
    ],
  })
}

const models = new Map([['people', people]])

function holds(type: FieldType, predicate: Predicate, a: Value | undefined, related: Held['related'] = {}) {
  const values = a === undefined ? {} : { a }
  return compileHolds(things(type), models, predicate)({ values, related })
}

const compare = (operator: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte', value: Value): Predicate => ({
  kind: 'compare',
  field: 'a',
  operator,
  value,
})

test.each<[FieldType, Value, Value]>([
  ['int', -1, 2],
  ['bigint', 9007199254740992n, 9007199254740993n],
  ['bigint', 2n, 2.5],
  ['decimal', '9.99', '10'],
  ['decimal', '-10', '-9.99'],
  ['decimal', '0.1', '0.10000000000000000001'],
  ['float', 0.1, 0.2],
  ['bool', false, true],
  ['text', 'B', 'a'],
  ['text', 'a', 'a '],
  ['text', '', '\u0001'],
  ['text', '～', '😀'],
  ['text', 'é', '～'],
  ['text', 'e\u0301', 'é'],
  ['date', '2026-09-30', '2026-10-01'],
  ['time', '10:00:00', '10:00:00.000001'],
  ['timestamptz', '2026-11-21T10:00:00Z', '2026-11-21T10:00:00.500000Z'],
  ['bytes', new Uint8Array([1, 255]), new Uint8Array([2])],
  ['float', Number.NEGATIVE_INFINITY, -1e308],
  ['float', 1e308, Number.POSITIVE_INFINITY],
])('%s: %s is before %s', (type, less, greater) => {
  expect(compareValues(type, less, greater)).toBeLessThan(0)
  expect(compareValues(type, greater, less)).toBeGreaterThan(0)
  expect(compareValues(type, less, less)).toBe(0)
  expect(['lt', 'lte', 'ne'].map((one) => holds(type, compare(one as 'lt', greater), less))).toEqual([
    true,
    true,
    true,
  ])
  expect(['gt', 'gte', 'eq'].map((one) => holds(type, compare(one as 'lt', greater), less))).toEqual([
    false,
    false,
    false,
  ])
})

test('a leaf over NULL is false, and its negation true; only isNull sees NULL', () => {
  const leaves: Predicate[] = [
    ...(['eq', 'ne', 'lt', 'gte'] as const).map((operator) => compare(operator, 1)),
    { kind: 'in', field: 'a', values: [1, null] },
  ]

  for (const leaf of leaves) {
    expect(holds('int', leaf, null)).toBe(false)
    expect(holds('int', not(leaf), null)).toBe(true)
  }
  expect(holds('int', { kind: 'isNull', field: 'a' }, null)).toBe(true)
  expect(holds('int', { kind: 'isNull', field: 'a' }, 0)).toBe(false)
  expect(holds('int', compare('eq', null), null)).toBe(false)
})

test('what does not fit its field satisfies nothing', () => {
  for (const operator of ['eq', 'ne', 'lt', 'gte'] as const) {
    expect(holds('bigint', compare(operator, 5n), '5')).toBe(false)
    expect(holds('decimal', compare(operator, '5'), 'five')).toBe(false)
    expect(holds('bool', compare(operator, true), 'yes')).toBe(false)
  }
})

test('the empty set has no members', () => {
  expect(holds('int', { kind: 'in', field: 'a', values: [] }, 1)).toBe(false)
  expect(holds('int', { kind: 'in', field: 'a', values: [2, 1] }, 1)).toBe(true)
})

test('a set is a JSON array, and its members are told apart by type', () => {
  const contains = (value: Value, a: Value) => holds('json', { kind: 'contains', field: 'a', value }, a)

  expect(contains('b', '["a", "b"]')).toBe(true)
  expect(contains(1, '[1.0]')).toBe(true)
  expect(contains(1n, '[1]')).toBe(true)
  expect(contains(true, '[true]')).toBe(true)
  for (const json of ['["1"]', '[true]', '[[1]]', '{"1": 1}', '1', '', 'x', null])
    expect(contains(1, json)).toBe(false)
})

test('a hop asks the record on the other side', () => {
  const isAna: Predicate = {
    kind: 'related',
    relation: 'owner',
    where: { kind: 'compare', field: 'name', operator: 'eq', value: 'Ana' },
  }

  expect(holds('int', isAna, 1, { owner: { id: 1n, name: 'Ana' } })).toBe(true)
  expect(holds('int', isAna, 1, { owner: { id: 1n, name: 'Bo' } })).toBe(false)
  expect(holds('int', isAna, 1, { owner: null })).toBe(false)
  expect(holds('int', not(isAna), 1, { owner: null })).toBe(true)
  expect(holds('int', { kind: 'related', relation: 'owner', where: EVERYTHING }, 1, { owner: null })).toBe(
    false,
  )
})

test('constants, and, or', () => {
  expect(holds('int', EVERYTHING, 1)).toBe(true)
  expect(holds('int', NOTHING, 1)).toBe(false)
  expect(holds('int', or(compare('eq', 1), compare('eq', 2)), 2)).toBe(true)
  expect(holds('int', { kind: 'and', of: [compare('gt', 1), compare('lt', 2)] }, 2)).toBe(false)
})

test('refuses what a closure can not answer', () => {
  const refused: Predicate[] = [
    { kind: 'isNull', field: 'nonsense' },
    { kind: 'related', relation: 'nonsense', where: EVERYTHING },
    { kind: 'related', relation: 'parts', where: EVERYTHING },
    { kind: 'text', field: 'a', operator: 'contains', value: 'x' },
  ]

  for (const predicate of refused) expect(() => holds('int', predicate, 1)).toThrow(TypeError)
  expect(() => holds('int', compare('eq', 1), undefined)).toThrow('"things.a" was not loaded.')
  expect(() => holds('int', { kind: 'related', relation: 'owner', where: EVERYTHING }, 1)).toThrow(
    '"things.owner" was not loaded.',
  )
})

test('what is no number compares with nothing, itself included', () => {
  for (const other of [Number.NaN, 0, Number.POSITIVE_INFINITY]) {
    expect(compareValues('float', Number.NaN, other)).toBeNull()
    expect(holds('float', compare('eq', other), Number.NaN)).toBe(false)
    expect(holds('float', compare('ne', other), Number.NaN)).toBe(false)
  }
  expect(holds('float', compare('ne', 0), 1)).toBe(true)
})
