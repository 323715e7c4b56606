/** The events that changed one record, newest first, in pages. */

import { sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { bounded, LIMITS } from './cut.ts'
import type { AuditEvent } from './event.ts'
import { parseEvent } from './stored-event.ts'

export interface HistoryQuery {
  readonly model: string
  /** As in an address. */
  readonly key: string
  readonly limit: number
  /** Where to go on, as `HistoryPage` gave it; null: at the newest. */
  readonly from: HistoryPlace | null
}

/** A place beside one event of the history. Says nothing of others, so it may stand in an address. */
export interface HistoryPlace {
  readonly direction: 'older' | 'newer'
  readonly than: bigint
}

export interface HistoryPage {
  readonly events: readonly RecordedEvent[]
  readonly older: HistoryPlace | null
  readonly newer: HistoryPlace | null
}

export interface RecordedEvent {
  readonly event: AuditEvent
  /** Null until a checkpoint covers it. */
  readonly sequence: number | null
}

export async function historyOf(connection: Connection, query: HistoryQuery): Promise<HistoryPage> {
  const isBack = query.from?.direction === 'newer'
  const rows = await rowsOf(connection, query, isBack)
  const isMore = rows.length > query.limit
  const page = rows.slice(0, query.limit)
  if (isBack) page.reverse()
  const [newest, oldest] = [page.at(0), page.at(-1)]
  const hasNewer = isBack ? isMore : query.from !== null
  const hasOlder = isBack || isMore
  return {
    events: page.flatMap(({ event: text, sequence }) => {
      const event = parseEvent(text)
      return event ? [{ event, sequence: sequence === null ? null : Number(sequence) }] : []
    }),
    newer: hasNewer && newest ? { direction: 'newer', than: BigInt(newest.entry) } : null,
    older: hasOlder && oldest ? { direction: 'older', than: BigInt(oldest.entry) } : null,
  }
}

/** One more than asked for, to know whether there are more. */
function rowsOf(connection: Connection, { model, key, limit, from }: HistoryQuery, isBack: boolean) {
  let query = inStore(connection)
    .selectFrom('castellan_audit_event')
    .select(['entry', 'sequence', 'event'])
    .where('model', '=', bounded(model, LIMITS.label))
    .where('record_key', '=', bounded(key, LIMITS.label))
    .where('is_change', '=', 1)
  if (from) query = query.where(sql`entry ${isBack ? sql`>` : sql`<`} ${from.than}`.$castTo<boolean>())
  return query
    .orderBy('entry', isBack ? 'asc' : 'desc')
    .limit(limit + 1)
    .execute()
}
