/** Events by their ids, many at once. */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import type { RecordedEvent } from './history.ts'
import { parseEvent } from './stored-event.ts'

const AT_ONCE = 250

/** By id; those that are not there, or can't be read, are left out. */
export async function findEvents(
  connection: Connection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecordedEvent>> {
  const found = new Map<string, RecordedEvent>()
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const rows = await inStore(connection)
      .selectFrom('castellan_audit_event')
      .select(['id', 'event', 'sequence'])
      .where('id', 'in', ids.slice(from, from + AT_ONCE))
      .execute()
    for (const { id, event: text, sequence } of rows) {
      const event = parseEvent(text)
      if (event) found.set(id, { event, sequence: sequence === null ? null : Number(sequence) })
    }
  }
  return found
}
