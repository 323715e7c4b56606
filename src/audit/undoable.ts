/**
 * Which changes belong to one event: those of the records of an action on
 * several, and those of what was done within an action. Also all that one
 * session changed, and all that happened to a record since one of its events.
 *
 * What belongs together is found by its principal and its time, for which there is an index.
 */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { microsecondText } from './compose.ts'
import { bounded, LIMITS } from './cut.ts'
import type { AuditEvent } from './event.ts'
import { isChange, parseEvent } from './stored-event.ts'

/** Changes in the order in which they were made. */
export interface Changes {
  readonly events: readonly AuditEvent[]
  /** Those of the actions on several that they belong to, as far as they were looked at. */
  readonly wholes: readonly AuditEvent[]
  /** There are more than were looked at. */
  readonly isMore: boolean
}

/** The detail of a record's event that names the event of the action on several. */
const BULK = 'bulk'
/** The details of an event that was done within an action on a record, or on a model. */
const WITHIN = 'within'
const WITHIN_KEY = 'withinKey'

/** One action, with all its events, ends within the time limit of its transaction. */
const WINDOW_MS = 2 * 60_000

/** So many events of one principal are looked through for those that belong to one of them. */
const MOST_IN_WINDOW = 10_000

/** What that event changed, and all that belongs to it. Its own event comes back where it changed a record by itself. */
export async function changesOfEvent(connection: Connection, event: AuditEvent): Promise<Changes> {
  if (event.outcome !== 'done') return { events: [], wholes: [], isMore: false }
  const at = Date.parse(event.occurredAt)
  const rows = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('event')
    .where('principal_id', '=', bounded(event.principal.id, LIMITS.label))
    .where('occurred_at', '>=', microsecondText(at - WINDOW_MS))
    .where('occurred_at', '<=', microsecondText(at + WINDOW_MS))
    .where('request_id', '=', event.request.id)
    .where('outcome', '=', 'done')
    .orderBy('entry')
    .limit(MOST_IN_WINDOW + 1)
    .execute()
  const around = rows.flatMap((row) => parseEvent(row.event) ?? [])
  const those = belongingTo(event, around)
  return {
    events: those.filter(changesRecord),
    wholes: those.filter((one) => !one.target?.key),
    isMore: rows.length > MOST_IN_WINDOW,
  }
}

/**
 * Those of the events that belong to one of them, however deep, itself included.
 * @param around In the order in which they were made.
 */
export function belongingTo(event: AuditEvent, around: readonly AuditEvent[]): readonly AuditEvent[] {
  const those = new Map([[event.id, event]])
  let before = 0
  while (those.size > before) {
    before = those.size
    for (const one of around) {
      if (those.has(one.id)) continue
      if ([...parentsIn(those, one)].length > 0) those.set(one.id, one)
    }
  }
  return around.filter(({ id }) => those.has(id))
}

/** The event of the whole that one is a part of, where it is among those. */
function* parentsIn(those: ReadonlyMap<string, AuditEvent>, one: AuditEvent): Iterable<AuditEvent> {
  const { [BULK]: bulk, [WITHIN]: within, [WITHIN_KEY]: withinKey = null } = one.details
  if (typeof bulk === 'string') {
    const parent = those.get(bulk)
    if (parent) yield parent
    return
  }
  if (typeof within !== 'string') return
  for (const parent of those.values()) {
    if (parent.action === within && (parent.target?.key ?? null) === withinKey && parent.id !== one.id) {
      yield parent
    }
  }
}

/** All that a session of theirs changed; newest first while it is cut. @param limit At most so many events. */
export async function changesOfSession(
  connection: Connection,
  {
    principal,
    session,
    limit,
  }: { readonly principal: string; readonly session: string; readonly limit: number },
): Promise<Changes> {
  const rows = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('event')
    .where('session', '=', session)
    .where('is_change', '=', 1)
    .where('principal_id', '=', bounded(principal, LIMITS.label))
    .orderBy('entry', 'desc')
    .limit(limit + 1)
    .execute()
  return inOrder(rows, limit)
}

/** All that happened to a record after one of its events; null: that event is none of this record's. */
export async function changesSince(
  connection: Connection,
  {
    model,
    key,
    event,
    limit,
  }: { readonly model: string; readonly key: string; readonly event: string; readonly limit: number },
): Promise<Changes | null> {
  const store = inStore(connection)
  const since = await store
    .selectFrom('castellan_audit_event')
    .select('entry')
    .where('id', '=', event)
    .where('model', '=', bounded(model, LIMITS.label))
    .where('record_key', '=', bounded(key, LIMITS.label))
    .where('is_change', '=', 1)
    .executeTakeFirst()
  if (!since) return null
  const rows = await store
    .selectFrom('castellan_audit_event')
    .select('event')
    .where('model', '=', bounded(model, LIMITS.label))
    .where('record_key', '=', bounded(key, LIMITS.label))
    .where('is_change', '=', 1)
    .where('entry', '>', since.entry)
    .orderBy('entry', 'desc')
    .limit(limit + 1)
    .execute()
  return inOrder(rows, limit)
}

function inOrder(rows: readonly { readonly event: string }[], limit: number): Changes {
  const events = rows
    .slice(0, limit)
    .flatMap((row) => parseEvent(row.event) ?? [])
    .filter(changesRecord)
    .reverse()
  return { events, wholes: [], isMore: rows.length > limit }
}

/** Whether it says what became of a record of the application. */
function changesRecord(event: AuditEvent): boolean {
  return isChange(event) && event.changes.length > 0 && !(event.target?.model ?? '').startsWith('castellan.')
}
