/**
 * Attempts on a database that cannot commit with the log: one event says that
 * they began, another how they ended. Where the other is missing (a crash, a
 * connection lost at the wrong moment), nobody knows whether the change stands.
 */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import type { AuditEvent, AuditOutcome } from './event.ts'
import { parseEvent } from './stored-event.ts'

/** The detail of an ending event that names the event of its beginning. */
export const BEGAN_WITH = 'startedEvent'

/** An attempt under way ends within the time limits of its databases; after this it has been cut off. */
export const UNDER_WAY_MS = 60_000

/** The id of the event that began what this one ends, or null. */
export function beginningOf({ outcome, details }: Pick<AuditEvent, 'outcome' | 'details'>): string | null {
  const id = details[BEGAN_WITH]
  return outcome !== 'started' && typeof id === 'string' ? id : null
}

/** So many attempts are looked up at once. */
const AT_ONCE = 250

/** How attempts ended, by the id of the event that began them; those of which it is not known are left out. */
export async function endingsOf(
  connection: Connection,
  begun: readonly AuditEvent[],
): Promise<ReadonlyMap<string, AuditOutcome>> {
  const asked = new Set(begun.map(({ id }) => id))
  const endings = new Map<string, AuditOutcome>()
  for (let from = 0; from < begun.length; from += AT_ONCE) {
    for (const event of await laterEvents(connection, begun.slice(from, from + AT_ONCE))) {
      const id = beginningOf(event)
      if (id !== null && asked.has(id) && !endings.has(id)) endings.set(id, event.outcome)
    }
  }
  return endings
}

/** What else the requests of those events did since, by whoever made them; the oldest first. */
async function laterEvents(
  connection: Connection,
  begun: readonly AuditEvent[],
): Promise<readonly AuditEvent[]> {
  const since = begun.reduce((first, { occurredAt }) => (occurredAt < first ? occurredAt : first), '9')
  const rows = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('event')
    .where('principal_id', 'in', distinct(begun.map(({ principal }) => principal.id)))
    .where('occurred_at', '>=', since)
    .where('request_id', 'in', distinct(begun.map(({ request }) => request.id)))
    .where('outcome', '!=', 'started')
    .orderBy('occurred_at')
    .execute()
  return rows.flatMap(({ event }) => parseEvent(event) ?? [])
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
