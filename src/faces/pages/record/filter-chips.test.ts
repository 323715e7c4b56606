import { expect, test } from 'vitest'
import type { Askable } from '../../../model/filter-place.ts'
import { field, model } from '../../../model/fixture.ts'
import { filterChips, filterFromEditor, isSomeIgnored } from './filter-chips.ts'

const STATUS = field('status', 'enum', {
  label: 'Status',
  choices: [
    { value: 'unpaid', label: 'Unpaid' },
    { value: 'paid', label: 'Paid' },
  ],
})
const PLACED = field('placed_at', 'timestamptz', { label: 'Placed', nullable: true })
const GIFT = field('gift', 'bool', { label: 'Gift' })
const HIDDEN = field('margin', 'decimal')
const NAMES = ['status', 'placed_at', 'gift', 'margin']
const MODEL = model('orders', [STATUS, PLACED, GIFT, HIDDEN], {
  list: { columns: [], filters: NAMES, search: [], sort: [], perPage: 50 },
})
const QUERYABLE: Askable = {
  models: new Map(),
  queryable: () => new Set(['status', 'placed_at', 'gift']),
}

function sentences(...texts: readonly string[]) {
  return filterChips(MODEL, texts, QUERYABLE).map((chip) => `${chip.label} ${chip.sentence}`)
}

test('says each filter as a sentence with the labels of its choices', () => {
  expect(
    sentences(
      'status:eq:unpaid',
      'status:in:paid,unpaid',
      'gift:eq:true',
      'placed_at:isNull',
      'placed_at:isNull:false',
    ),
  ).toEqual([
    'Status is Unpaid',
    'Status is any of Paid, Unpaid',
    'Gift is yes',
    'Placed is empty',
    'Placed is not empty',
  ])
})

test('compares times by before and after', () => {
  expect(sentences('placed_at:gt:2026-11-01T00:00:00Z')[0]).toMatch(/^Placed is after 2026-11-01/)
})

test('ignores what cannot be asked and keeps the rest', () => {
  const chips = filterChips(MODEL, ['nonsense', 'margin:gt:5', 'status:eq:odd', 'status:eq:paid'], QUERYABLE)

  expect(chips.map((chip) => chip.isIgnored)).toEqual([true, true, true, false])
  expect(chips.map((chip) => chip.filter !== null)).toEqual([false, false, false, true])
})

test('gives an unreadable field the same words as one that is not there', () => {
  const [unreadable, absent] = filterChips(MODEL, ['margin:gt:5', 'absent:gt:5'], QUERYABLE)

  expect(unreadable?.sentence.replace('margin', 'absent')).toBe(absent?.sentence)
})

test('makes a filter of the inputs of a field’s editor', () => {
  const from = (query: string) => filterFromEditor(new URLSearchParams(query))

  expect(from('ff=status&fo=eq&fv=paid')).toBe('status:eq:paid')
  expect(from('ff=status&fo=in&fv=paid')).toBe('status:eq:paid')
  expect(from('ff=status&fo=in&fv=paid&fv=unpaid')).toBe('status:in:paid,unpaid')
  expect(from('ff=status&fo=notIn&fv=paid&fv=unpaid')).toBe('not(status:in:"paid,unpaid")')
  expect(from('ff=status&fo=in&fv=a,b&fv=c')).toBe('status:in:["a,b","c"]')
  expect(from('ff=id&fo=in&fv=1,2&fm=1')).toBe('id:in:1,2')
  expect(from('ff=meta&fp=$.size&fo=eq&fv=XL')).toBe('meta$.size:eq:XL')
  expect(from('ff=placed_at&fo=within&fv=today')).toBe('placed_at:within:today')
  expect(from('ff=placed_at&fo=isNull&fv=')).toBe('placed_at:isNull:true')
  expect(from('ff=placed_at&fo=notNull&fv=x')).toBe('placed_at:isNull:false')
  expect(from('ff=status&fo=eq&fv=')).toBeNull()
  expect(from('q=ana')).toBeNull()
})

test('says groups, relations and periods in words', () => {
  expect(
    sentences(
      'any(status:eq:paid,not(gift:eq:true))',
      'placed_at:within:last-7-days',
      'placed_at:within:today',
    ),
  ).toEqual(['Any of Status is Paid or (Not Gift is yes)', 'Placed is in the last 7 days', 'Placed is today'])
  expect(sentences('not(any(status:eq:paid,gift:eq:true))')).toEqual(['None of Status is Paid, Gift is yes'])
})

test('ignores what exceeds the limits of all filters together', () => {
  const chips = filterChips(
    MODEL,
    Array.from({ length: 31 }, () => 'gift:eq:true'),
    QUERYABLE,
  )

  expect(chips.filter((chip) => chip.isIgnored)).toHaveLength(1)
  expect(isSomeIgnored(chips)).toBe(true)
  expect(chips.at(-1)?.sentence).toContain('30 conditions')
})
