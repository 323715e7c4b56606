import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFilterText, type WrittenFilter, writeFilterText } from './filter-text.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', ',', '(', ')', '"', '\\', '\\"', 'any(', 'a,b', 'x:y', ' ', '"a"', 'not(a:eq:1)'),
)
const condition: fc.Arbitrary<WrittenFilter> = fc.record({
  kind: fc.constant('condition' as const),
  field: fc.oneof(fc.constantFrom('status', 'customer.country', 'details$.size', 'all', 'not'), text),
  operator: fc.constantFrom('eq', 'in', 'isNull', 'within'),
  value: fc.option(text, { nil: undefined }),
})
const { filter } = fc.letrec<{ filter: WrittenFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    condition,
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('filter') }),
  ),
}))

test('what is written is read back as the same, and written the same again', () => {
  fc.assert(
    fc.property(filter, (one) => {
      const written = writeFilterText(one)
      const read = readFilterText(written)

      expect(read).toEqual({ ok: true, filter: one })
      if (read.ok) expect(writeFilterText(read.filter)).toBe(written)
    }),
    { numRuns: 500 },
  )
})

test('no text breaks the reader', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('any(', 'all(', 'not(', ')', ',', ':', '"', '\\', 'a', 'eq', '$', '.'), {
        maxLength: 40,
      }),
      (parts) => {
        const read = readFilterText(parts.join(''))

        if (read.ok) expect(readFilterText(writeFilterText(read.filter))).toEqual(read)
        else expect(read.problem).toMatch(/^(is|has|lacks|nests|goes)/)
      },
    ),
    { numRuns: 1000 },
  )
})

test('takes everything behind the second colon of a lone condition as it stands', () => {
  expect(readFilterText('note:contains:a,b) "c":d')).toEqual({
    ok: true,
    filter: { kind: 'condition', field: 'note', operator: 'contains', value: 'a,b) "c":d' },
  })
})

test.each([
  ['any(', 'lacks a ":" at character 5'],
  ['any()', 'lacks a ":" at character 5'],
  ['any(a:eq:1', 'lacks a ")" at character 11'],
  ['any(a:eq:1))', 'goes on behind its last bracket'],
  ['any(a:eq:1) ', 'goes on behind its last bracket'],
  ['any(a:eq:1,)', 'lacks a ":" at character 12'],
  ['any(a:eq:"1)', 'has a quote that does not end'],
  ['any(a:eq:1"2")', 'lacks a ")" at character 11'],
  ['not(a:eq:1,b:eq:2)', 'has a not of more than one condition'],
  ['"a:eq:1', 'has a quote that does not end'],
  ['"a"b:eq:1', 'lacks a ":" at character 4'],
  [`${'all('.repeat(5)}a:eq:1${')'.repeat(5)}`, 'nests deeper than 4 groups'],
  [`a:eq:${'x'.repeat(4000)}`, 'is longer than 4000 characters'],
])('refuses %s', (wrong, problem) => {
  expect(readFilterText(wrong)).toEqual({ ok: false, problem })
})

test('reads groups as deep as they may be', () => {
  expect(readFilterText(`${'all('.repeat(4)}a:eq:1${')'.repeat(4)}`).ok).toBe(true)
})
