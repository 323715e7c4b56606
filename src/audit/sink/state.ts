/** How far the sinks of an installation have come, as the server that serves them has noted it. */

import type { Connection } from '../../database/database.ts'
import { inStore } from '../../store/tables.ts'
import { LATE_MS, waitingSince } from './place.ts'

export interface SinkState {
  readonly name: string
  /**
   * Since when the first event waits that it has not taken, RFC 3339; null: it has taken all that are covered by a
   * checkpoint.
   */
  readonly behindSince: string | null
  /** Since when every attempt fails, RFC 3339; null: the last one did not. */
  readonly failingSince: string | null
  /** It stays behind, whether or not anybody serves it. */
  readonly isLate: boolean
}

const BEFORE_ALL = new Date(0).toISOString()

/** One that has never been served stands before the first event. */
export async function sinkStates(
  connection: Connection,
  names: readonly string[],
  now: number,
): Promise<readonly SinkState[]> {
  if (names.length === 0) return []
  const rows = await inStore(connection)
    .selectFrom('castellan_audit_sink')
    .select(['name', 'sequence', 'created_at', 'failing_since'])
    .where('name', 'in', names)
    .execute()
  return Promise.all(
    names.map(async (name) => {
      const row = rows.find((one) => one.name === name)
      const behindSince = await waitingSince(connection, {
        sequence: Number(row?.sequence ?? 0),
        createdAt: row?.created_at ?? BEFORE_ALL,
      })
      const isLate = behindSince !== null && now - Date.parse(behindSince) >= LATE_MS
      return { name, behindSince, failingSince: row?.failing_since ?? null, isLate }
    }),
  )
}
