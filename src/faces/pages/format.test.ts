import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatFor } from './format.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const berlin = formatFor('en', 'Europe/Berlin', () => NOW)

test('says an instant in the zone of who reads it', () => {
  expect(berlin.dateTime(NOW)).toBe('20 Nov 2026, 13:00')
  expect(formatFor('en', 'UTC', () => NOW).dateTime(NOW)).toBe('20 Nov 2026, 12:00')
})

test('reads instants as numbers and as RFC 3339 text alike', () => {
  expect(berlin.time('2026-11-20T12:00:07Z')).toBe('13:00:07')
  expect(berlin.machine(NOW)).toBe('2026-11-20T12:00:00Z')
})

test('names the zone where it is exact', () => {
  expect(berlin.exact(NOW)).toBe('20 Nov 2026, 13:00:00 CET')
})

test.each([
  [10_000, 'now'],
  [3 * MINUTE, '3 min ago'],
  [2 * HOUR, '2 hr ago'],
  [26 * HOUR, 'yesterday'],
  [6 * DAY, '6 days ago'],
  [7 * DAY, '13 Nov 2026'],
])('is relative within seven days and a date beyond: %d ms ago', (ago, text) => {
  expect(berlin.relative(NOW - ago)).toBe(text)
})

test('says what is to come as well', () => {
  expect(berlin.relative(NOW + 2 * HOUR)).toBe('in 2 hr')
})

test('counts days by the calendar of the zone, not by hours', () => {
  const justBeforeMidnight = Date.UTC(2026, 10, 19, 22, 59)

  expect(berlin.day(NOW)).toBe('Today, 20 November')
  expect(berlin.day(justBeforeMidnight)).toBe('Yesterday, 19 November')
  expect(berlin.day(justBeforeMidnight + 2 * MINUTE)).toBe('Today, 20 November')
  expect(berlin.day(NOW - 3 * DAY)).toBe('Tuesday, 17 November 2026')
})

test('writes money exactly, beyond what a number can hold', () => {
  expect(berlin.money('9007199254740993.25', 'EUR')).toBe('€9,007,199,254,740,993.25')
})

test('puts the word that fits the count', () => {
  expect(berlin.plural(1, 'order', 'orders')).toBe('1 order')
  expect(berlin.plural(1284n, 'order', 'orders')).toBe('1,284 orders')
})

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Monrovia',
]

test('writes every instant as Intl does, in every zone and language', () => {
  const instants = fc.oneof(
    fc.integer({ min: Date.UTC(1930, 0), max: Date.UTC(2060, 0) }),
    // around the changes of the clock
    fc.integer({ min: -2 * HOUR, max: 2 * HOUR }).map((ms) => Date.UTC(2026, 2, 29, 1) + ms),
    fc.integer({ min: -2 * HOUR, max: 2 * HOUR }).map((ms) => Date.UTC(2026, 3, 4, 15) + ms),
  )
  const languages = fc.constantFrom('en', 'de', 'en-US', 'ar-EG', 'ja')
  fc.assert(
    fc.property(instants, fc.constantFrom(...ZONES), languages, (at, timeZone, language) => {
      const locale = language === 'en' ? 'en-GB' : language
      const date = { day: 'numeric', month: 'short', year: 'numeric' } as const
      const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
      const exact = { ...date, ...clock, second: '2-digit', timeZoneName: 'short' } as const
      const format = formatFor(language, timeZone, () => NOW)
      const intl = (options: Intl.DateTimeFormatOptions): string =>
        new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(at)

      expect(format.date(at)).toBe(intl(date))
      expect(format.dateTime(at)).toBe(intl({ ...date, ...clock }))
      expect(format.exact(at)).toBe(intl(exact))
    }),
  )
})

test('throws for what is no instant, as Intl does', () => {
  expect(() => berlin.exact(Number.NaN)).toThrow(RangeError)
})
