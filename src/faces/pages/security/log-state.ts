/** What the last verification of the log said, for every page that tells of it. */

import type { AuditList } from '../../../gate/recorded.ts'
import type { Filter } from '../../../model/filter.ts'
import { readPart } from '../ask.ts'
import type { PageContext } from '../context.ts'
import { NEWEST_FIRST } from './audit-address.ts'

export interface LogState {
  /** `verified`, `incomplete` or `tampered`. */
  readonly result: string
  /** RFC 3339. */
  readonly at: string
  readonly firstBadSequence: number | null
  /** Of the event that says so. */
  readonly id: string
}

/** From the newest event of a verification; null: there is none, as far as this reader may see. */
export async function logState(page: PageContext): Promise<LogState | null> {
  const filters: readonly Filter[] = [
    { field: 'kind', operator: 'eq', value: 'audit.verify' },
    { field: 'outcome', operator: 'eq', value: 'done' },
  ]
  const list = await readPart<AuditList>(page, {
    action: 'castellan.audit.list',
    input: { filters, sort: NEWEST_FIRST, limit: 1 },
  })
  const [seen] = Object.values(list?.events ?? {})
  if (!seen) return null
  const { id, details, occurredAt } = seen.event
  const bad = details['firstBadSequence']
  return {
    result: String(details['result'] ?? ''),
    at: occurredAt,
    firstBadSequence: typeof bad === 'number' ? bad : null,
    id,
  }
}

/** The calendar verifies once a day and looks each minute whether it is time; a long log takes some more. */
const UNCHECKED_MS = 24 * 3_600_000 + 10 * 60_000

/** Whether nobody has verified for a day. @param now UTC, milliseconds. */
export function isUnchecked({ at }: Pick<LogState, 'at'>, now: number): boolean {
  return now - Date.parse(at) >= UNCHECKED_MS
}
