import { expect, test } from 'vitest'
import type { Filter } from '../../../model/filter.ts'
import { writeFilterText } from '../../../model/filter-text.ts'
import { changedBy, draftOf, readDraft, writtenFilters } from './filter-draft.ts'

const PAID: Filter = { field: 'status', operator: 'eq', value: 'paid' }
const LARGE: Filter = { field: 'details$.size', operator: 'in', value: ['XL', 'a,b'] }

function texts(filters: readonly Filter[]): readonly string[] {
  return writtenFilters(draftOf(filters)).map(writeFilterText)
}

test('takes the filters of a list apart and puts them together as they were', () => {
  expect(texts([PAID, { any: [LARGE, { not: PAID }] }])).toEqual([
    'status:eq:paid',
    'any(details$.size:in:"[\\"XL\\",\\"a,b\\"]",not(status:eq:paid))',
  ])
  expect(texts([{ field: 'note', operator: 'isNull', value: false }])).toEqual(['note:isNull:false'])
  expect(texts([{ not: { any: [PAID, { all: [PAID, LARGE] }] } }])[0]).toMatch(
    /^not\(any\(status:eq:paid,all\(/,
  )
})

const SENT =
  'n.m=any&n.0.f=status&n.0.o=eq&n.0.v=paid&n.1.m=none&n.1.0.f=details&n.1.0.p=$.size&n.1.0.o=notNull&n.2.f='

test('reads what its form sends, and leaves out what says nothing yet', () => {
  const draft = readDraft(new URLSearchParams(SENT))

  expect(draft.of).toHaveLength(3)
  expect(writtenFilters(draft).map(writeFilterText)).toEqual([
    'any(status:eq:paid,not(details$.size:isNull:false))',
  ])
})

test('adds and removes where the button stands', () => {
  const draft = readDraft(new URLSearchParams(SENT))

  expect(changedBy(draft, 'add:n').of).toHaveLength(4)
  expect(changedBy(draft, 'group:n.1').of[1]).toMatchObject({ of: [{}, { kind: 'group', match: 'any' }] })
  expect(changedBy(draft, 'remove:n.1.0').of[1]).toMatchObject({ of: [] })
  expect(changedBy(draft, 'remove:n.0').of).toHaveLength(2)
  for (const button of ['', 'apply', 'remove:n', 'remove:n.9', 'add:n.0', 'add:n.x']) {
    expect(changedBy(draft, button), button).toEqual(draft)
  }
})

test('reads no deeper and no more than a list may be asked', () => {
  const deep = Array.from({ length: 9 }, (_, index) => `n${'.0'.repeat(index)}.m=all`).join('&')
  const many = Array.from({ length: 99 }, (_, index) => `n.${index}.f=status`).join('&')
  const depth = (part: unknown): number => {
    const { of = [] } = part as { of?: readonly unknown[] }
    return 1 + Math.max(0, ...of.map(depth))
  }

  expect(depth(readDraft(new URLSearchParams(deep)))).toBe(4)
  expect(readDraft(new URLSearchParams(many)).of).toHaveLength(30)
})
