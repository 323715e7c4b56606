import { expect, test } from 'vitest'
import { alarmOf, openAlarms, unresolved } from './alarms.ts'
import { isUnchecked, type LogState } from './log-state.ts'

type AlarmEvent = Parameters<typeof alarmOf>[0]

function event(differing: Partial<AlarmEvent> = {}): AlarmEvent {
  return {
    id: '1'.repeat(32),
    kind: 'audit.alarm',
    outcome: 'failed',
    code: 'EISDIR',
    occurredAt: '2026-11-21T10:00:00.000Z',
    details: { alarm: 'anchor file /mnt/a' },
    ...differing,
  }
}

const sink = (name: string, differing: Partial<AlarmEvent> = {}): AlarmEvent =>
  event({
    kind: 'audit.sink-behind',
    code: '503',
    details: { sink: name, since: '2026-11-21T09:58:00.000Z' },
    ...differing,
  })

test('an alarm is open until the newest event of its name says that it is over', () => {
  const over = event({ outcome: 'done', code: null })
  const other = event({ details: { alarm: 'backlog' } })

  expect(unresolved([])).toEqual([])
  expect(unresolved([event(), over])).toEqual([event()])
  expect(unresolved([over, event()])).toEqual([])
  expect(unresolved([over, other, event(), event()])).toEqual([other])
})

test('a sink recovers by itself, whatever others are called', () => {
  const recovered = sink('siem', { kind: 'audit.sink-recovered', outcome: 'done', code: null })
  const anchor = event({ details: { alarm: 'siem' } })

  expect(unresolved([recovered, sink('files'), sink('siem'), anchor])).toEqual([sink('files'), anchor])
})

test('an alarm says what fails, since when, and with which code', () => {
  expect(alarmOf(sink('siem'))).toMatchObject({
    title: 'The sink siem is behind',
    code: '503',
    since: '2026-11-21T09:58:00.000Z',
  })
  expect(alarmOf(event())).toMatchObject({
    title: 'No checkpoints are kept at the anchor file /mnt/a',
    code: 'EISDIR',
    since: '2026-11-21T10:00:00.000Z',
  })
  expect(alarmOf(event({ details: { alarm: 'backlog' } })).title).toBe('Events are not sealed')
  expect(alarmOf(event({ details: { alarm: 'verification' } })).title).toBe('The audit log did not verify')
})

/** What a verification said, an hour behind the events. */
const verification = (result: string, differing: Partial<LogState> = {}): LogState => ({
  result,
  at: '2026-11-21T11:00:00.000Z',
  firstBadSequence: null,
  id: '2'.repeat(32),
  ...differing,
})

test('a verification that found something is an alarm, whoever asked for it, until one finds nothing', () => {
  const title = 'The audit log did not verify'
  const byCalendar = event({ details: { alarm: 'verification' }, code: 'tampered' })
  const titles = (events: readonly AlarmEvent[], state: LogState | null): readonly string[] =>
    openAlarms(events, state).map((alarm) => alarm.title)

  expect(titles([], null)).toEqual([])
  expect(titles([], verification('verified'))).toEqual([])
  expect(titles([], verification('incomplete'))).toEqual([])
  expect(titles([], verification('tampered'))).toEqual([title])
  expect(titles([byCalendar], verification('tampered'))).toEqual([title])
  expect(titles([byCalendar], verification('verified'))).toEqual([])
  expect(titles([byCalendar], verification('verified', { at: '2026-11-21T09:00:00.000Z' }))).toEqual([title])
  expect(titles([byCalendar, sink('siem')], verification('verified'))).toEqual(['The sink siem is behind'])
})

test('a log is unchecked a day behind its last verification, and what the calendar takes', () => {
  const at = Date.parse('2026-11-21T11:00:00.000Z')
  const hours = (count: number): boolean => isUnchecked(verification('verified'), at + count * 3_600_000)

  expect([hours(0), hours(24), hours(24.25), hours(48)]).toEqual([false, false, true, true])
})
