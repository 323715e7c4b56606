import { expect, test } from 'vitest'
import type { Askable } from '../../../model/filter-place.ts'
import { field, model } from '../../../model/fixture.ts'
import { filterChips, filterFromEditor } from './filter-chips.ts'

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

test('makes a filter of the three inputs of the editor', () => {
  const from = (query: string) => filterFromEditor(new URLSearchParams(query))

  expect(from('ff=status&fo=eq&fv=paid')).toBe('status:eq:paid')
  expect(from('ff=placed_at&fo=isNull&fv=')).toBe('placed_at:isNull:true')
  expect(from('ff=placed_at&fo=notNull&fv=x')).toBe('placed_at:isNull:false')
  expect(from('ff=status&fo=eq&fv=')).toBeNull()
  expect(from('q=ana')).toBeNull()
})
