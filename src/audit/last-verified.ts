/** When the log was verified last: an event says so. */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'

/** RFC 3339, by whomever; of a log that never was, when it began. Null: nothing has happened yet. */
export async function lastVerifiedAt(connection: Connection): Promise<string | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('occurred_at')
    .where('kind', '=', 'audit.verify')
    .where('outcome', '=', 'done')
    .orderBy('occurred_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row) return row.occurred_at
  const first = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('occurred_at')
    .orderBy('entry')
    .limit(1)
    .executeTakeFirst()
  return first?.occurred_at ?? null
}
