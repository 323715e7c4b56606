/**
 * An event as it is stored: its canonical text, its leaf hash, and the columns
 * derived from it by which queries find it.
 *
 * The text is the event; the columns only repeat it. One function derives them,
 * for whoever writes and for whoever verifies.
 */

import type { Insertable } from 'kysely'
import type { AuditEventTable } from '../store/audit-tables.ts'
import { canonicalJson, parseCanonical } from './canonical.ts'
import type { EventKind } from './catalogue.ts'
import type { AuditEvent } from './event.ts'
import { leafHash } from './tree.ts'

export type Projection = Omit<Insertable<AuditEventTable>, 'event' | 'leaf' | 'sequence'>

/** The columns that repeat the event. */
export const PROJECTED: readonly (keyof Projection)[] = [
  'id',
  'occurred_at',
  'principal_kind',
  'principal_id',
  'principal_label',
  'session',
  'action',
  'kind',
  'severity',
  'model',
  'record_key',
  'record_label',
  'outcome',
  'is_change',
  'code',
  'reason',
  'ticket',
  'address',
  'request_id',
]

/** Kinds after which the record they are about is as it was. */
const READS: ReadonlySet<EventKind> = new Set<EventKind>([
  'record.list',
  'record.read',
  'record.reveal',
  'record.history',
  'record.export',
  'session.list',
  'person.list',
  'role.list',
  'token.list',
  'audit.read',
  'audit.verify',
  'audit.export',
  'audit.erase',
])

/** Whether the record of that event is another one afterwards. */
export function isChange({
  kind,
  outcome,
  target,
}: Pick<AuditEvent, 'kind' | 'outcome' | 'target'>): boolean {
  return outcome === 'done' && typeof target?.key === 'string' && !READS.has(kind)
}

/** The row of an event, before it has a sequence. */
export function rowOf(event: AuditEvent): Insertable<AuditEventTable> {
  const text = canonicalJson(event)
  return { ...projectionOf(event), event: text, leaf: leafHash(Buffer.from(text)) }
}

/** What each of `PROJECTED` holds for that event. */
export function projectionOf(event: AuditEvent): Projection {
  return {
    id: event.id,
    occurred_at: event.occurredAt,
    principal_kind: event.principal.kind,
    principal_id: event.principal.id,
    principal_label: event.principal.label,
    session: event.session,
    action: event.action,
    kind: event.kind,
    severity: event.severity,
    model: event.target?.model ?? null,
    record_key: event.target?.key ?? null,
    record_label: event.target?.label ?? null,
    outcome: event.outcome,
    is_change: isChange(event) ? 1 : 0,
    code: event.code,
    reason: event.reason,
    ticket: event.ticket,
    address: event.request.address,
    request_id: event.request.id,
  }
}

/**
 * The event that a canonical text says, or null when the text is not canonical
 * or no event of this schema.
 */
export function parseEvent(text: string): AuditEvent | null {
  const value = parseCanonical(text)
  // Only what this code wrote has a leaf in the log, so the outline is enough to tell it apart.
  return isEvent(value) ? value : null
}

function isEvent(value: unknown): value is AuditEvent {
  if (typeof value !== 'object' || value === null) return false
  const { schema, id, occurredAt, principal, request, target, changes, details } = value as Record<
    string,
    unknown
  >
  return (
    schema === 1 &&
    typeof id === 'string' &&
    typeof occurredAt === 'string' &&
    isObject(principal) &&
    isObject(request) &&
    (target === null || isObject(target)) &&
    Array.isArray(changes) &&
    isObject(details)
  )
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
