import { expect, test } from 'vitest'
import {
  type Form,
  isOutOfOrder,
  mostDigits,
  OWN_FORM,
  readMoment,
  seenForm,
  UTC_FORM,
  writeMoment,
} from './temporal.ts'

const text = (separator: ' ' | 'T', digits: number, zone: string, isMixed: boolean = false): Form => ({
  kind: 'text',
  separator,
  digits,
  zone,
  isMixed,
})

test.each<readonly [string, readonly unknown[], string, Form]>([
  ['nothing', [], 'timestamp', OWN_FORM],
  ['SQLite’s own', ['2026-11-21 10:00:00'], 'timestamp', text(' ', 0, '')],
  ['JavaScript’s', ['2026-11-21T10:00:00.123Z'], 'timestamptz', text('T', 3, 'Z')],
  ['microseconds', ['2026-11-21 10:00:00.123456'], 'timestamp', text(' ', 6, '')],
  [
    'several lengths',
    ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.5Z'],
    'timestamptz',
    text('T', 1, 'Z', true),
  ],
  ['an offset', ['2026-11-21 10:00:00+00:00'], 'timestamptz', text(' ', 0, '+00:00')],
  ['days only', ['2026-11-21', '2026-11-22'], 'date', OWN_FORM],
  ['seconds', [1_790_000_000n], 'timestamptz', { kind: 'seconds' }],
  ['milliseconds', [1_790_000_000_000n, 0n], 'timestamptz', { kind: 'milliseconds' }],
])('sees the form of a column: %s', (_, values, type, form) => {
  expect(seenForm('timestamp', values)).toEqual({ type, form })
})

test.each([
  [['yesterday']],
  [['2026-11-21 10:00:00', 5n]],
  [[new Uint8Array([1])]],
  [['2026-11-21', '21.11.2026']],
])('sees no form in values of another kind, case %#', (values) => {
  expect(seenForm('timestamp', values)).toBeNull()
})

test.each<readonly [Form, string]>([
  [OWN_FORM, '2026-11-21 10:00:00'],
  [UTC_FORM, '2026-11-21T10:00:00.000Z'],
  [text('T', 6, '+00:00'), '2026-11-21T10:00:00.000000+00:00'],
])('writes the form of the column, case %#', (form, stored) => {
  expect(writeMoment('timestamptz', form, '2026-11-21T10:00:00Z')).toBe(stored)
  expect(readMoment('timestamptz', form, stored)).toBe('2026-11-21T10:00:00Z')
})

test('keeps finer fractions than the column has had so far', () => {
  expect(writeMoment('timestamp', OWN_FORM, '2026-11-21T10:00:00.000001')).toBe('2026-11-21 10:00:00.000001')
})

test.each<readonly [Form, number | null, boolean]>([
  [UTC_FORM, 3, false],
  [text('T', 0, 'Z'), 0, false],
  [text('T', 3, 'Z', true), null, true],
  [text('T', 3, '+00:00', true), null, false],
  [OWN_FORM, null, false],
  [{ kind: 'seconds' }, 0, false],
  [{ kind: 'milliseconds' }, 3, false],
])('takes no finer times than stay in order, case %#', (form, most, isOut) => {
  expect(mostDigits('timestamptz', form)).toBe(most)
  expect(isOutOfOrder(form)).toBe(isOut)
})

test('counts seconds and milliseconds, before 1970 too', () => {
  const seconds: Form = { kind: 'seconds' }
  const moment = '1969-12-31T23:59:58Z'

  expect(writeMoment('timestamptz', seconds, moment)).toBe(-2n)
  expect(readMoment('timestamptz', seconds, -2n)).toBe(moment)
  expect(readMoment('timestamptz', { kind: 'milliseconds' }, 1500n)).toBe('1970-01-01T00:00:01.500000Z')
})

test.each(['0000-00-00', '2026-13-01', 'soon', 5n, 1.5, null])('reads no date from %s', (raw) => {
  expect(readMoment('date', OWN_FORM, raw)).toBeNull()
})
