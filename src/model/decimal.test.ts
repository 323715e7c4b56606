import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalDecimal, compareDecimals } from './decimal.ts'

test('there is one spelling of each decimal', () => {
  expect(canonicalDecimal('+007.50', null)).toBe('7.5')
  expect(canonicalDecimal('.5', null)).toBe('0.5')
  expect(canonicalDecimal('5.', 2)).toBe('5.00')
  expect(canonicalDecimal('-0.00', 2)).toBe('0.00')
  expect(canonicalDecimal('12.500', 2)).toBe('12.50')
})

test('what is no decimal, or finer than the scale, has no canonical form', () => {
  for (const wrong of ['', '.', '-', '1e3', '1,5', ' 1', '0x1', 'NaN', '١']) {
    expect(canonicalDecimal(wrong, null)).toBeNull()
  }
  expect(canonicalDecimal('1.005', 2)).toBeNull()
})

test('decimals are ordered by value, beyond what a float can tell apart', () => {
  const scaled = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 12 }))
  const text = ([digits, zeros]: readonly [bigint, number]) => {
    const sign = digits < 0n ? '-' : ''
    const padded = String(digits < 0n ? -digits : digits).padStart(7, '0')
    return `${sign}${padded.slice(0, -6)}.${padded.slice(-6)}${'0'.repeat(zeros)}`
  }
  fc.assert(
    fc.property(scaled, scaled, (a, b) => {
      const expected = a[0] < b[0] ? -1 : Number(a[0] > b[0])

      expect(Math.sign(compareDecimals(text(a), text(b)))).toBe(expected)
    }),
    { numRuns: 1000 },
  )
  expect(compareDecimals('-0', '0.00')).toBe(0)
})
