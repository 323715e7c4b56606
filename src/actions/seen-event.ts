/**
 * An event as one principal may see it.
 *
 * The log holds values of records, so whoever reads the log sees of them what
 * the policy lets them read, and of the rest only which field it was. A field
 * that is personal by now is masked even where an older event has it in the clear.
 */

import type { AuditEvent, EventChange } from '../audit/event.ts'
import type { Grant } from '../gate/grant.ts'
import { isMasked, readableFields } from '../gate/grant.ts'
import { countedModel } from '../gate/record/taken.ts'
import type { Model } from '../model/model.ts'
import { EVERYTHING } from '../model/predicate.ts'

/**
 * For a reader of the log: everything but what they may not read of the record. Which of the records
 * they may read it was then, nobody can say any more, so it is shown only to who reads them all.
 */
export function seenInLog(
  event: AuditEvent,
  { grant, models }: { readonly grant: Grant; readonly models: ReadonlyMap<string, Model> },
): AuditEvent {
  const model = models.get(event.target?.model ?? '')
  // Castellan's own records are the subject of the log itself, and so is what belongs to no model.
  if (!model || model.name.startsWith('castellan.')) return event
  const { scope, fieldsEverywhere } = grant.access(`${model.name}.read`)
  const readable = new Set(
    scope === EVERYTHING
      ? readableFields(model, fieldsEverywhere).filter((name) => !isMasked(model, name))
      : [],
  )
  const isCalled =
    scope === EVERYTHING && model.title.every((name) => readable.has(name) || isMasked(model, name))
  return {
    ...event,
    target: event.target && (isCalled ? event.target : { ...event.target, label: null }),
    changes: event.changes.map((change) => (readable.has(change.field) ? change : withoutValues(change))),
    details: seenDetails(event.details, grant),
  }
}

/** What a deletion took along is counted over all records there were, so it is for who may list all of them. */
function seenDetails(details: AuditEvent['details'], grant: Grant): AuditEvent['details'] {
  const seen = Object.entries(details).filter(([name]) => {
    const counted = countedModel(name)
    return counted === null || grant.access(`${counted}.list`).scope === EVERYTHING
  })
  return Object.fromEntries(seen)
}

/**
 * For a reader of the record: who, when, what and why, and the fields they may read. Where from, under
 * which session and by which rules is the log's.
 */
export function seenInHistory(
  event: AuditEvent,
  record: { readonly model: Model; readonly label: string; readonly readable: ReadonlySet<string> },
): AuditEvent {
  const { model, label, readable } = record
  const { kind, id, label: name } = event.principal
  return {
    ...event,
    principal: {
      kind,
      id,
      label: name,
      roles: [],
      authentication: { methods: [], assurance: 0, at: event.principal.authentication.at },
    },
    session: null,
    request: {
      id: event.request.id,
      traceparent: null,
      address: '',
      addressChain: [],
      userAgent: null,
      method: '',
      route: '',
    },
    target: event.target && { ...event.target, label },
    policy: { version: event.policy.version, rules: [] },
    approval: null,
    changes: event.changes
      .filter(({ field }) => readable.has(field))
      .map((change) => (isMasked(model, change.field) ? withoutValues(change) : change)),
    // that it undoes another, which stands in the same history
    details: typeof event.details['undoes'] === 'string' ? { undoes: event.details['undoes'] } : {},
    node: '',
  }
}

/** Commitments go as well: they are of no use to a reader. */
function withoutValues(change: EventChange): EventChange {
  const { field } = change
  if (change.class === 'secret') return change
  return { field, class: 'personal', before: null, after: null, masked: true }
}
