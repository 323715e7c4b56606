/** The address of the audit explorer, read into filters. Pure. */

import type { FieldFilter } from '../../../model/filter.ts'
import type { Sort } from '../../../model/model.ts'

export const PERIODS = [
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '', label: 'All time' },
] as const

export const OUTCOMES = ['done', 'refused', 'failed', 'pending', 'started'] as const

/** What the explorer asks; an empty text asks nothing. */
export interface AuditAddress {
  readonly search: string
  readonly actor: string
  readonly action: string
  readonly model: string
  /** The key of a record of that model. */
  readonly record: string
  readonly outcome: string
  /** Where it came from: the beginning of an address, or all of it. */
  readonly ip: string
  /** The hash of a session, or its beginning. */
  readonly session: string
  /** The id of a request. */
  readonly request: string
  /** Days back from now; empty: all. */
  readonly period: string
  /** Reads and lists too. */
  readonly withReads: boolean
  readonly cursor: string | null
}

/** The events that only look; left out until asked for. */
export const READ_KINDS: readonly string[] = [
  'record.list',
  'record.read',
  'record.history',
  'session.list',
  'person.list',
  'role.list',
  'token.list',
  'audit.read',
]

export const NEWEST_FIRST: readonly Sort[] = [{ field: 'entry', direction: 'desc' }]

export function readAuditAddress(query: URLSearchParams): AuditAddress {
  const text = (name: string): string => (query.get(name) ?? '').trim().slice(0, 200)
  return {
    search: text('q'),
    actor: text('actor'),
    action: text('action'),
    model: text('model'),
    record: text('record'),
    ip: text('ip'),
    session: text('session'),
    request: text('request'),
    outcome: OUTCOMES.find((one) => one === text('outcome')) ?? '',
    period: PERIODS.find((one) => one.value === (query.get('period') ?? '7'))?.value ?? '7',
    withReads: query.get('reads') === '1',
    cursor: query.get('cursor') || null,
  }
}

/** @param change What differs; anything but the cursor goes back to the newest. */
export function auditAddress(
  path: string,
  address: AuditAddress,
  change: Partial<AuditAddress> = {},
): string {
  const next = { ...address, cursor: null, ...change }
  const query = new URLSearchParams()
  const set = (name: string, value: string): void => {
    if (value !== '') query.set(name, value)
  }
  set('q', next.search)
  set('actor', next.actor)
  set('action', next.action)
  set('model', next.model)
  set('record', next.record)
  set('outcome', next.outcome)
  set('ip', next.ip)
  set('session', next.session)
  set('request', next.request)
  if (next.period !== '7') query.set('period', next.period)
  if (next.withReads) query.set('reads', '1')
  set('cursor', next.cursor ?? '')
  const text = query.toString()
  return text ? `${path}?${text}` : path
}

const DAY_MS = 86_400_000

/** @param now UTC milliseconds. */
export function auditFilters(address: AuditAddress, now: number): readonly FieldFilter[] {
  const filters: FieldFilter[] = []
  const add = (field: string, operator: FieldFilter['operator'], value: FieldFilter['value']): void => {
    filters.push({ field, operator, value })
  }
  if (address.actor) add('principal_label', 'contains', address.actor)
  if (address.action) add('action', 'contains', address.action)
  if (address.model) add('model', 'eq', address.model)
  if (address.record) add('record_key', 'eq', address.record)
  if (address.outcome) add('outcome', 'eq', address.outcome)
  if (address.ip) add('address', 'startsWith', address.ip)
  if (address.session) add('session', 'startsWith', address.session)
  if (address.request) add('request_id', 'eq', address.request)
  if (address.period) add('occurred_at', 'gte', new Date(now - Number(address.period) * DAY_MS).toISOString())
  if (!address.withReads) for (const kind of READ_KINDS) add('kind', 'ne', kind)
  return filters
}

/** Events in the order they came, split where a new day begins in the reader's zone. */
export function byDay<Entry extends { readonly occurredAt: string }>(
  entries: readonly Entry[],
  day: (at: string) => string,
): readonly { readonly day: string; readonly entries: readonly Entry[] }[] {
  const groups: { day: string; entries: Entry[] }[] = []
  for (const entry of entries) {
    const name = day(entry.occurredAt)
    const last = groups.at(-1)
    if (last?.day === name) last.entries.push(entry)
    else groups.push({ day: name, entries: [entry] })
  }
  return groups
}
