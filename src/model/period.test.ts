import { describe, expect, test } from 'vitest'
import { boundsOf, COMMON_HOURS, COMMON_PERIODS, type Period, periodWords, readPeriod } from './period.ts'

function period(text: string): Period {
  const read = readPeriod(text)
  if (!read) throw new Error(text)
  return read
}

function bounds(
  text: string,
  now: string,
  zone = 'UTC',
  type: 'date' | 'timestamp' | 'timestamptz' = 'date',
) {
  const { from, before } = boundsOf(period(text), type, Date.parse(now), zone)
  return [from, before]
}

/** A Friday. */
const NOW = '2026-11-20T10:00:00Z'

test.each([
  ['today', '2026-11-20', '2026-11-21'],
  ['yesterday', '2026-11-19', '2026-11-20'],
  ['tomorrow', '2026-11-21', '2026-11-22'],
  ['last-1-days', '2026-11-20', '2026-11-21'],
  ['last-7-days', '2026-11-14', '2026-11-21'],
  ['next-2-days', '2026-11-20', '2026-11-22'],
  ['last-2-weeks', '2026-11-07', '2026-11-21'],
  ['last-1-months', '2026-10-21', '2026-11-21'],
  ['next-3-months', '2026-11-20', '2027-02-20'],
  ['this-week', '2026-11-16', '2026-11-23'],
  ['last-week', '2026-11-09', '2026-11-16'],
  ['this-month', '2026-11-01', '2026-12-01'],
  ['last-month', '2026-10-01', '2026-11-01'],
  ['next-month', '2026-12-01', '2027-01-01'],
  ['this-quarter', '2026-10-01', '2027-01-01'],
  ['last-quarter', '2026-07-01', '2026-10-01'],
  ['this-year', '2026-01-01', '2027-01-01'],
  ['last-year', '2025-01-01', '2026-01-01'],
])('%s is from %s to before %s', (text, from, before) => {
  expect(bounds(text, NOW)).toEqual([from, before])
})

test('a week ends with its Sunday', () => {
  expect(bounds('this-week', '2026-11-22T23:59:59Z')).toEqual(['2026-11-16', '2026-11-23'])
  expect(bounds('this-week', '2026-11-23T00:00:00Z')).toEqual(['2026-11-23', '2026-11-30'])
})

test('a month back from its 31st ends where the shorter one does', () => {
  expect(bounds('last-1-months', '2027-03-31T12:00:00Z')).toEqual(['2027-03-01', '2027-04-01'])
  expect(bounds('last-1-months', '2028-03-30T12:00:00Z')).toEqual(['2028-03-01', '2028-03-31'])
})

test('the day is that of whoever asks', () => {
  expect(bounds('today', '2026-11-20T23:30:00Z', 'Europe/Berlin')).toEqual(['2026-11-21', '2026-11-22'])
  expect(bounds('today', '2026-11-20T03:00:00Z', 'America/New_York')).toEqual(['2026-11-19', '2026-11-20'])
  expect(bounds('today', NOW, 'Pacific/Kiritimati')).toEqual(['2026-11-21', '2026-11-22'])
})

test('a day is an hour shorter or longer where clocks change', () => {
  const day = (now: string) => bounds('today', now, 'Europe/Berlin', 'timestamptz')

  expect(day('2026-03-29T12:00:00Z')).toEqual(['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'])
  expect(day('2026-10-25T12:00:00Z')).toEqual(['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'])
  expect(bounds('last-7-days', '2026-10-27T12:00:00Z', 'Europe/Berlin', 'timestamptz')).toEqual([
    '2026-10-20T22:00:00Z',
    '2026-10-27T23:00:00Z',
  ])
})

test('a day without a midnight begins with what its clocks show first', () => {
  // Beirut's clocks went from 23:59:59 to 01:00 on 30 March 2024 at midnight; Santiago's do in September
  expect(bounds('today', '2024-03-31T12:00:00Z', 'Asia/Beirut', 'timestamptz')[0]).toBe(
    '2024-03-30T22:00:00Z',
  )
  expect(bounds('today', '2024-09-08T15:00:00Z', 'America/Santiago', 'timestamptz')[0]).toBe(
    '2024-09-08T04:00:00Z',
  )
})

test('hours are counted back from now, whatever clocks do', () => {
  expect(bounds('last-24-hours', '2026-03-29T12:00:00Z', 'Europe/Berlin', 'timestamptz')).toEqual([
    '2026-03-28T12:00:00Z',
    '2026-03-29T12:00:00.001000Z',
  ])
  expect(bounds('next-1-hours', NOW, 'UTC', 'timestamptz')).toEqual([
    '2026-11-20T10:00:00Z',
    '2026-11-20T11:00:00.001000Z',
  ])
})

test('times without a zone are compared with the clock of whoever asks', () => {
  expect(bounds('today', NOW, 'Asia/Tokyo', 'timestamp')).toEqual([
    '2026-11-20T00:00:00',
    '2026-11-21T00:00:00',
  ])
  expect(bounds('last-1-hours', NOW, 'Asia/Tokyo', 'timestamp')).toEqual([
    '2026-11-20T18:00:00',
    '2026-11-20T19:00:00.001000',
  ])
})

test('a zone that the platform does not know counts as UTC', () => {
  expect(bounds('today', NOW, 'Mars/Olympus', 'timestamptz')).toEqual([
    '2026-11-20T00:00:00Z',
    '2026-11-21T00:00:00Z',
  ])
})

describe.each([
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'America/Santiago',
  'Africa/Casablanca',
  'Pacific/Chatham',
])('in %s', (zone) => {
  const shown = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })
  const dateAt = (instant: number): string => shown.format(instant)

  test('every day of two years begins where its date is shown first, and ends where the next begins', () => {
    let end: string | undefined
    for (let noon = Date.UTC(2024, 0, 1, 12); noon < Date.UTC(2026, 0, 1); noon += 86_400_000) {
      const [from = '', before = ''] = bounds('today', new Date(noon).toISOString(), zone, 'timestamptz')
      const date = dateAt(noon)

      expect(dateAt(Date.parse(from))).toBe(date)
      expect(dateAt(Date.parse(from) - 1000) < date).toBe(true)
      expect(dateAt(Date.parse(before)) > date).toBe(true)
      if (end !== undefined) expect(from).toBe(end)
      end = before
    }
  })
})

test.each([
  '',
  'now',
  'last-days',
  'last-0-days',
  'last-1001-days',
  'last-01-days',
  'this-3-days',
  'this-hour',
  'last-day',
  'last-7-years',
  'LAST-7-DAYS',
  'last-7-days ',
  'constructor',
  'last-constructor',
])('"%s" is no period', (text) => {
  expect(readPeriod(text)).toBeNull()
})

test('every offered period is one, and has words', () => {
  for (const text of [...COMMON_PERIODS, ...COMMON_HOURS]) expect(readPeriod(text)).not.toBeNull()
  expect(['today', 'last-month', 'last-7-days', 'last-1-hours'].map(periodWords)).toEqual([
    'today',
    'last month',
    'the last 7 days',
    'the last hour',
  ])
})
