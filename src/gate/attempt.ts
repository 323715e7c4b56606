/**
 * One attempt, from the call to its audit event: what is known of it so far,
 * and what `run` reports about it.
 */

import { CATALOGUE, type Severity } from '../audit/catalogue.ts'
import { BEGAN_WITH } from '../audit/ending.ts'
import type { AuditEvent, Change, EventDraft, EventPrincipal, EventTarget } from '../audit/event.ts'
import { isOutcomeUnknown } from '../database/outcome.ts'
import { AdminError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import type { Action, Report } from './action.ts'
import type { Call } from './call.ts'
import { Unmet } from './evidence.ts'
import type { Target } from './records.ts'

export interface Attempt {
  readonly call: Call
  readonly action: Action | null
  /** `orders`. */
  readonly model: string
  readonly policyVersion: string
  rules: readonly string[]
  target: EventTarget | null
  changes: Change[]
  /** By key as it was: what became of each record of an action on several. */
  readonly records: Map<string, ChangedRecord>
  counts: AuditEvent['counts']
  details: AuditEvent['details']
  /** What its events say beside, where it is a part of another; by the key of a record. */
  readonly told: (key: string | null) => AuditEvent['details']
  /** The event that says that it began, where its change and its event can't commit together. */
  startedEvent: string | null
}

export interface ChangedRecord {
  /** As it is now. */
  readonly key: string
  readonly label: string
  readonly changes: readonly Change[]
}

export function beginAttempt(
  call: Call,
  action: Action | null,
  model: string,
  policyVersion: string,
  told: Attempt['told'] = () => ({}),
): Attempt {
  return {
    call,
    action,
    model,
    policyVersion,
    rules: [],
    target: { model, key: call.key ?? null, label: null },
    changes: [],
    records: new Map(),
    counts: {},
    details: {},
    told,
    startedEvent: null,
  }
}

/** Forgets what a run reported that the database rolled back to run it again. */
export function rewind(attempt: Attempt, { rules, target }: Pick<Attempt, 'rules' | 'target'>): void {
  Object.assign(attempt, { rules, target, changes: [], counts: {}, details: {} })
  attempt.records.clear()
}

export function severityOf(attempt: Attempt): Severity {
  return attempt.action?.severity ?? CATALOGUE[kindOf(attempt)].severity
}

/** Adds up what `run` tells. */
export function reportTo(attempt: Attempt): Report {
  return {
    change: (...changes) => {
      attempt.changes.push(...changes)
    },
    changeOf: ({ encodedKey, view }, changes) =>
      changeOf(attempt, encodedKey, encodedKey, view.title, changes),
    on: (target) => reportOn(attempt, target),
    count: (counts) => {
      attempt.counts = { ...attempt.counts, ...counts }
    },
    detail: (details) => {
      attempt.details = { ...attempt.details, ...details }
    },
    target: (key, label) => {
      attempt.target = { model: attempt.model, key, label }
    },
  }
}

/** Adds to what became of one record of several. */
function changeOf(
  { records }: Attempt,
  keyBefore: string,
  key: string,
  label: string,
  changes: readonly Change[],
): void {
  const before = records.get(keyBefore)?.changes ?? []
  records.set(keyBefore, { key, label, changes: [...before, ...changes] })
}

/** What `run` tells of one of several records, as if the action were about that one alone. */
function reportOn(attempt: Attempt, target: Target): Report {
  const told = { key: target.encodedKey, label: target.view.title }
  return {
    ...reportTo(attempt),
    change: (...changes) => {
      if (changes.length > 0) changeOf(attempt, target.encodedKey, told.key, told.label, changes)
    },
    count: () => {},
    target: (key, label) => Object.assign(told, { key: key ?? told.key, label: label ?? told.label }),
  }
}

/** The events of the records that an action on several has changed; `bulk`: the event of the whole. */
export function recordDrafts(attempt: Attempt, bulk: string): readonly EventDraft[] {
  const { action, model } = attempt
  const draft = draftOf(attempt)
  return [...attempt.records].map(([before, { key, label, changes }]) => ({
    ...draft,
    kind: action?.kind ?? draft.kind,
    ...(action?.severity && { severity: action.severity }),
    target: { model, key, label },
    outcome: 'done',
    changes,
    counts: { affected: 1 },
    details: { bulk, ...attempt.told(before) },
  }))
}

export function doneDraft(attempt: Attempt): EventDraft {
  return { ...draftOf(attempt), outcome: 'done', changes: attempt.changes }
}

export function startedDraft(attempt: Attempt): EventDraft {
  return { ...draftOf(attempt), outcome: 'started' }
}

/** The event of an attempt that changed nothing: what stopped it decides its outcome and code. */
export function endingDraft(attempt: Attempt, error: unknown): EventDraft {
  if (error instanceof Unmet) {
    return {
      ...draftOf(attempt),
      outcome: 'pending',
      code: error.next.kind,
      policy: policyOf(attempt, error.rules),
    }
  }
  if (error instanceof AdminError) {
    const isFault = error.code === 'data-source-failed' || error.code === 'internal'
    const rules = error.rules.length > 0 ? error.rules : attempt.rules
    const draft = draftOf(attempt)
    return {
      ...draft,
      // should it stand after all, its own event stands beside this one
      ...(isOutcomeUnknown(error) && { details: { ...draft.details, isOutcomeKnown: false } }),
      outcome: isFault ? 'failed' : 'refused',
      code: error.code,
      policy: policyOf(attempt, rules),
    }
  }
  return { ...draftOf(attempt), outcome: 'failed', code: 'internal' }
}

function draftOf(attempt: Attempt): Omit<EventDraft, 'outcome'> {
  const { call } = attempt
  return {
    principal: eventPrincipal(call.principal),
    session: call.principal.sessionHash,
    request: call.origin,
    action: call.action,
    kind: kindOf(attempt),
    severity: severityOf(attempt),
    target: attempt.target,
    policy: policyOf(attempt, attempt.rules),
    counts: attempt.counts,
    details: { ...attempt.details, ...(attempt.startedEvent && { [BEGAN_WITH]: attempt.startedEvent }) },
    ...(call.reason && { reason: call.reason }),
    ...(call.ticket && { ticket: call.ticket }),
  }
}

function kindOf({ action, call }: Attempt): keyof typeof CATALOGUE {
  return (call.selection && action?.several?.kind) ?? action?.kind ?? 'action.run'
}

function policyOf(attempt: Attempt, rules: readonly string[]): EventDraft['policy'] {
  return { version: attempt.policyVersion, rules }
}

function eventPrincipal({ subject, name, authentication }: Principal): EventPrincipal {
  return {
    kind: subject.kind,
    id: subject.id,
    label: name,
    roles: subject.roles,
    authentication: {
      methods: authentication.methods,
      assurance: authentication.assurance,
      at: new Date(authentication.at).toISOString(),
    },
    ...(subject.onBehalfOf !== undefined && { onBehalfOf: subject.onBehalfOf }),
  }
}
