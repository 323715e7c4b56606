/** An event on its way out: what every format says of it, each in its own place. */

import { CATALOGUE } from '../catalogue.ts'
import type { AuditEvent } from '../event.ts'

export interface LeavingEvent {
  readonly event: AuditEvent
  readonly sequence: number
}

/** What became of the attempt: of one that only began, or waits for a next step, it is not known. */
export type Ending = 'success' | 'failure' | 'unknown'

export function endingOf({ outcome }: Pick<AuditEvent, 'outcome'>): Ending {
  if (outcome === 'done') return 'success'
  return outcome === 'refused' || outcome === 'failed' ? 'failure' : 'unknown'
}

/** In words: what the kind means, and how it ended when not well. */
export function sentenceOf({ kind, outcome, code }: AuditEvent): string {
  // a log that a later version has written to may hold a kind that this one doesn't know
  const meaning = Object.hasOwn(CATALOGUE, kind) ? CATALOGUE[kind].meaning : kind
  if (outcome === 'done') return meaning
  return code === null ? `${meaning} (${outcome})` : `${meaning} (${outcome}: ${code})`
}

/** W3C Trace Context: the ids of `traceparent`, or null where there is none that is well formed. */
export function traceOf({
  request,
}: AuditEvent): { readonly traceId: string; readonly spanId: string } | null {
  const [, traceId = '', spanId = ''] =
    /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(request.traceparent ?? '') ?? []
  return /[1-9a-f]/.test(traceId) && /[1-9a-f]/.test(spanId) ? { traceId, spanId } : null
}

/** One changed field as it may leave: values that stand in the clear, or that there are some. */
export interface LeavingChange {
  readonly field: string
  readonly before?: string | null
  readonly after?: string | null
  readonly masked?: true
}

export function changesOf({ changes }: AuditEvent): readonly LeavingChange[] {
  return changes.map((change) =>
    change.class === 'personal' || change.class === 'secret'
      ? { field: change.field, masked: true }
      : { field: change.field, before: change.before, after: change.after },
  )
}

/** `orders:42`; the model alone where no record is meant. */
export function recordOf({ target }: AuditEvent): string | null {
  if (!target) return null
  return target.key === null ? target.model : `${target.model}:${target.key}`
}

/** Milliseconds since the epoch. */
export function timeOf({ occurredAt }: AuditEvent): number {
  return Date.parse(occurredAt)
}
