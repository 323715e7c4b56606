import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SqlOperator } from '../sql/dialect.ts'
import { shown, storedComparison } from './float.ts'

const HOLDS: Readonly<Record<SqlOperator, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '<>': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
}

test('shows the shortest number that is stored as the same', () => {
  expect(shown(Math.fround(0.1))).toBe(0.1)
  expect(shown(Math.fround(16777217))).toBe(16777216)
  expect(shown(Math.fround(3.4028235e38))).toBe(3.4028235e38)
  expect(shown(0)).toBe(0)
})

test('compares what is stored as what is shown would be', () => {
  const stored = fc.float({ noNaN: true, noDefaultInfinity: true })
  const value = fc.oneof(
    stored.map((one) => shown(Math.fround(one))),
    stored,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  let held = 0
  fc.assert(
    fc.property(stored, value, fc.constantFrom(...Object.keys(HOLDS)), (left, right, name) => {
      const operator = name as SqlOperator // one of the keys of a record of them
      const comparison = storedComparison(operator, right)
      const isSo =
        typeof comparison === 'boolean' ? comparison : HOLDS[comparison.operator](left, comparison.value)
      held += Number(isSo)
      expect(isSo).toBe(HOLDS[operator](shown(Math.fround(left)), right))
    }),
    { numRuns: 3000, seed: 20261121 },
  )
  // neighbours and the number itself, where the two ways could differ
  for (const one of [0.1, 0.3, 1 / 3, 1e-20, 123456.789]) {
    const near = Math.fround(one)
    for (const operator of ['=', '<>', '<', '<=', '>', '>='] as const) {
      for (const right of [near, shown(near), one, near + 1e-12, near - 1e-12]) {
        const comparison = storedComparison(operator, right)
        const isSo =
          typeof comparison === 'boolean' ? comparison : HOLDS[comparison.operator](near, comparison.value)
        expect({ operator, right, isSo }).toEqual({
          operator,
          right,
          isSo: HOLDS[operator](shown(near), right),
        })
      }
    }
  }
  expect(held).toBeGreaterThan(500)
})
