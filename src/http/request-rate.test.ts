import { expect, test } from 'vitest'
import { createRate } from './request-rate.ts'

const MINUTE = 60_000

/** How many of so many requests at once are let through. */
function through(rate: ReturnType<typeof createRate>, count: number, now: number, place = 'here'): number {
  return Array.from({ length: count }, () => rate(place, now)).filter((wait) => wait === 0).length
}

test.each([1, 7, 60, 3000])('lets a minute’s worth through at once: %i', (perMinute) => {
  expect(through(createRate(perMinute), perMinute * 2, 1000)).toBe(perMinute)
})

test('says how long to wait, and lets as many through as the time since then is worth', () => {
  const rate = createRate(60)
  through(rate, 60, 1000)

  expect(rate('here', 1000)).toBe(1000)
  expect(rate('here', 1400)).toBe(600)
  expect(through(rate, 10, 1000 + 5000)).toBe(5)
  expect(through(rate, 100, 1000 + 3 * MINUTE)).toBe(60)
})

test('counts each place by itself', () => {
  const rate = createRate(3)

  expect(through(rate, 5, 1000, 'one')).toBe(3)
  expect(through(rate, 5, 1000, 'other')).toBe(3)
})

test('keeps nobody out when the clock is set back', () => {
  const rate = createRate(3)
  through(rate, 3, 10 * MINUTE)

  expect(through(rate, 5, MINUTE)).toBe(3)
})

test('forgets who came first where there are more places than it keeps', () => {
  const rate = createRate(1)
  for (let place = 0; place < 10_001; place += 1) rate(`${place}`, 1000)

  expect(rate('10000', 1000)).toBeGreaterThan(0)
  expect(rate('0', 1000)).toBe(0)
})
