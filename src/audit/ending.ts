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

/** How attempts ended, by the id of the event that began them; those of which it is not known are left out. */
export async function endingsOf(
  connection: Connection,
  begun: readonly AuditEvent[],
): Promise<ReadonlyMap<string, AuditOutcome>> {
  const endings = new Map<string, AuditOutcome>()
  for (const { id, principal, request, occurredAt } of begun) {
    const rows = await inStore(connection)
      .selectFrom('castellan_audit_event')
      .select('event')
      .where('principal_id', '=', principal.id)
      .where('occurred_at', '>=', occurredAt)
      .where('request_id', '=', request.id)
      .where('outcome', '!=', 'started')
      .orderBy('occurred_at')
      .execute()
    const ending = rows
      .map(({ event }) => parseEvent(event))
      .find((event) => event && beginningOf(event) === id)
    if (ending) endings.set(id, ending.outcome)
  }
  return endings
}
