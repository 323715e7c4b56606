/** The audit log as the rest of the house sees it. */

import type { Connection } from '../database/database.ts'
import type { AuditEvent, EventDraft } from './event.ts'
import type { UnsealedValues } from './unsealed.ts'

export interface AuditLog {
  /** Inserts the event in the caller's transaction on the store's database: both commit or neither. Returns the event's id. */
  append(connection: Connection, draft: EventDraft): Promise<string>
  /** The same for what one action did to several records: no record is the target of two of them. Returns their ids, in order. */
  appendAll(connection: Connection, drafts: readonly EventDraft[]): Promise<readonly string[]>
  /** Commits the event in a transaction of its own, durably, before it returns. */
  appendAlone(draft: EventDraft): Promise<string>
  /** The same for several, of which none is the target of two: all of them or none. */
  appendAllAlone(drafts: readonly EventDraft[]): Promise<readonly string[]>
  /**
   * The same for reads of lists and records: the same principal reading the same thing within the
   * same minute adds no event. `sameness` is what makes two reads the same: model, key or filter and search.
   */
  appendRead(draft: EventDraft, sameness: string): Promise<string | null>
  /** Resolves when the event has a number and a signed checkpoint covers it. */
  sealed(eventId: string): Promise<void>
  /** The canonical event by its id, with its number when it has one. */
  find(eventId: string): Promise<{ readonly event: AuditEvent; readonly sequence: number | null } | null>
  /** The personal values of those events, as far as the keys of their subjects are still there. */
  unsealed(connection: Connection, events: readonly AuditEvent[]): Promise<UnsealedValues>
  close(): Promise<void>
}
