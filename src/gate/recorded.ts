/** What reading the log answers: events as this principal may see them, and what proves them. */

import type { AuditEvent, AuditOutcome, EventChange } from '../audit/event.ts'

export type { Activity, ActivityOf } from '../audit/activity.ts'

import type { InclusionProof } from '../audit/proof.ts'
import type { VerifyReport } from '../audit/report.ts'
import type { OwnFile } from './own-action.ts'
import type { RecordList, RecordRead } from './records.ts'

/** An event without the values that its reader may not see: those changes say only which field it was. */
export interface SeenEvent {
  readonly event: AuditEvent
  /** Null until a checkpoint covers it. */
  readonly sequence: number | null
  /** How the attempt ended that the event only begins; absent where that is not known, or it begins none. */
  readonly ending?: AuditOutcome
}

/** `castellan.audit.list`; `events` by key, for the events of this page. */
export interface AuditList extends RecordList {
  readonly events: Readonly<Record<string, SeenEvent>>
}

/** `castellan.audit.read`. */
export interface AuditRead extends RecordRead {
  /** Null when what is stored cannot be read: a damaged log must still be looked at. */
  readonly event: AuditEvent | null
  /** Null until a checkpoint covers it. */
  readonly sequence: number | null
  /** As in `SeenEvent`. */
  readonly ending?: AuditOutcome
  /** That it is in the log; null until a checkpoint covers it. */
  readonly proof: InclusionProof | null
}

/** `castellan.audit.verify`. */
export interface AuditVerified {
  readonly report: VerifyReport
  /** The same for people, the outcome first. */
  readonly lines: readonly string[]
}

/** `castellan.audit.export`: what an export would hold. Writing it is the caller's. */
export interface AuditExport {
  readonly events: number
  /** The signed note of the last checkpoint; null while nothing is sealed. */
  readonly checkpoint: string | null
  /** The events themselves, where it was asked for those that match. */
  readonly file?: OwnFile
}

/** `castellan.audit.checkpoint`. */
export interface AuditCheckpoint {
  /** The signed note; null while nothing is sealed. */
  readonly checkpoint: string | null
}

/** `….history`: what changed one record, newest first. */
export interface RecordHistory {
  readonly events: readonly SeenEvent[]
  /** To go on: towards older and towards newer events. */
  readonly page: { readonly next: string | null; readonly previous: string | null }
  /** Where two versions were to be compared. */
  readonly compared?: ComparedVersions
}

/** What lies between a record after one event and after a later one. */
export interface ComparedVersions {
  /** Each field once, as it was then and as it is at the end; none where it is the same. */
  readonly changes: readonly EventChange[]
  /** How many changes lie between. */
  readonly events: number
}
