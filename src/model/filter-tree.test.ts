import { expect, test } from 'vitest'
import { readFilterTree } from './filter-tree.ts'

const ONE = { field: 'status', operator: 'eq', value: 'paid' }

test('reads conditions, and groups of them', () => {
  expect(readFilterTree({ any: [ONE, { not: { all: [ONE] } }] })).toEqual({
    ok: true,
    filter: {
      kind: 'any',
      of: [
        { kind: 'condition', ...ONE },
        { kind: 'not', of: { kind: 'all', of: [{ kind: 'condition', ...ONE }] } },
      ],
    },
  })
})

test.each([
  [null, /is not of the form/],
  ['status:eq:paid', /is not of the form/],
  [[ONE], /is not of the form/],
  [{}, /is not of the form/],
  [{ field: 'status' }, /is not of the form/],
  [{ ...ONE, extra: 1 }, /is not of the form/],
  [{ any: [ONE], all: [ONE] }, /is not of the form/],
  [{ any: [] }, /"any" of no conditions/],
  [{ all: ONE }, /"all" of no conditions/],
  [{ any: Array.from({ length: 31 }, () => ONE) }, /more than 30 conditions/],
  [{ not: { not: { not: { not: { not: ONE } } } } }, /nests deeper than 4 groups/],
])('refuses %j', (json, problem) => {
  expect(readFilterTree(json)).toEqual({ ok: false, problem: expect.stringMatching(problem) })
})

test('refuses a tree without end before it walks it', () => {
  const deep = JSON.parse(`${'{"not":'.repeat(5000)}${JSON.stringify(ONE)}${'}'.repeat(5000)}`)

  expect(readFilterTree(deep)).toMatchObject({ ok: false })
})
