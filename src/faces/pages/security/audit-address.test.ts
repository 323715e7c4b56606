import { expect, test } from 'vitest'
import { auditAddress, auditFilters, byDay, READ_KINDS, readAuditAddress } from './audit-address.ts'

const NOW = Date.parse('2026-11-21T10:00:00Z')

function address(query = '') {
  return readAuditAddress(new URLSearchParams(query))
}

test('shows the last seven days without reads until asked for more', () => {
  const filters = auditFilters(address(), NOW)

  expect(filters).toContainEqual({ field: 'occurred_at', operator: 'gte', value: '2026-11-14T10:00:00.000Z' })
  expect(filters.filter((one) => one.field === 'kind').map((one) => one.value)).toEqual(READ_KINDS)
  expect(auditFilters(address('period=&reads=1'), NOW)).toEqual([])
})

test('filters by who, what, on what and how it ended', () => {
  expect(
    auditFilters(
      address('actor=ana&action=orders.&model=orders&record=7&outcome=refused&period=&reads=1'),
      NOW,
    ),
  ).toEqual([
    { field: 'principal_label', operator: 'contains', value: 'ana' },
    { field: 'action', operator: 'contains', value: 'orders.' },
    { field: 'model', operator: 'eq', value: 'orders' },
    { field: 'record_key', operator: 'eq', value: '7' },
    { field: 'outcome', operator: 'eq', value: 'refused' },
  ])
})

test('filters by where it came from', () => {
  const text = '/audit?ip=203.0.113.&session=9f3c&request=req-1&period=&reads=1'

  expect(auditFilters(address(text.split('?')[1] ?? ''), NOW)).toEqual([
    { field: 'address', operator: 'startsWith', value: '203.0.113.' },
    { field: 'session', operator: 'startsWith', value: '9f3c' },
    { field: 'request_id', operator: 'eq', value: 'req-1' },
  ])
  expect(auditAddress('/audit', address(text.split('?')[1] ?? ''))).toBe(text)
})

test('ignores an outcome and a period that are none', () => {
  expect(address('outcome=odd&period=9999')).toMatchObject({ outcome: '', period: '7' })
})

test('writes what it read, and goes back to the newest when anything but the cursor changes', () => {
  const text = '/audit?q=x&actor=ana&outcome=done&period=30&reads=1&cursor=c'

  expect(auditAddress('/audit', address(text.split('?')[1] ?? ''), { cursor: 'c' })).toBe(text)
  expect(auditAddress('/audit', address('cursor=c'), { outcome: 'failed' })).toBe('/audit?outcome=failed')
  expect(auditAddress('/audit', address('period='))).toBe('/audit?period=')
})

test('splits events where a day begins', () => {
  const entries = ['2026-11-21T10:00Z', '2026-11-21T09:00Z', '2026-11-20T23:00Z'].map((occurredAt) => ({
    occurredAt,
  }))

  expect(byDay(entries, (at) => at.slice(0, 10)).map((one) => [one.day, one.entries.length])).toEqual([
    ['2026-11-21', 2],
    ['2026-11-20', 1],
  ])
})
