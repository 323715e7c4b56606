import { expect, test } from 'vitest'
import type { AuditEvent } from '../../../audit/event.ts'
import { folded } from './fold.ts'

const seen = (id: string, bulk?: string) => ({
  // the two members that folding looks at
  event: { id, details: bulk === undefined ? {} : { bulk } } as AuditEvent,
})
const ids = (of: ReturnType<typeof folded>): unknown =>
  of.map(({ lead, parts }) => [lead.event.id, parts.map(({ event }) => event.id)])

test('folds the records of an action on several into its event', () => {
  const entries = [seen('z'), seen('b2', 'b'), seen('b1', 'b'), seen('b'), seen('a')]

  expect(ids(folded(entries))).toEqual([
    ['z', []],
    ['b', ['b2', 'b1']],
    ['a', []],
  ])
})

test('folds what a page has of it where the whole stands on another', () => {
  expect(ids(folded([seen('c2', 'c'), seen('c1', 'c'), seen('b1', 'b')]))).toEqual([
    ['c2', ['c1']],
    ['b1', []],
  ])
  expect(folded([])).toEqual([])
})
