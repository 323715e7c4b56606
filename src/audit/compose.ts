/**
 * From a draft to the event: every property in its place, nothing undefined,
 * no text without bounds. Whatever the draft holds beyond the schema is left out.
 */

import { severityOf } from './catalogue.ts'
import { bounded, boundedOrNull, LIMITS } from './cut.ts'
import type { AuditEvent, EventChange, EventDraft, EventPrincipal, RequestOrigin } from './event.ts'

/** What the log itself adds to a draft. */
export interface Facts {
  readonly id: string
  /** UTC, milliseconds since the epoch, with fractions. */
  readonly at: number
  readonly changes: readonly EventChange[]
  readonly previousForTarget: string | null
  readonly node: string
  readonly version: string
}

/** How many roles, rules, proxies or details an event lists at most. */
const MOST_ITEMS = 100

export function composeEvent(draft: EventDraft, facts: Facts): AuditEvent {
  return {
    schema: 1,
    id: facts.id,
    occurredAt: microsecondText(facts.at),
    principal: principalOf(draft.principal),
    session: draft.session,
    request: requestOf(draft.request),
    action: bounded(draft.action, LIMITS.code),
    kind: draft.kind,
    severity: draft.severity ?? severityOf(draft.kind),
    target: draft.target && {
      model: bounded(draft.target.model, LIMITS.label),
      key: boundedOrNull(draft.target.key, LIMITS.label),
      label: boundedOrNull(draft.target.label, LIMITS.label),
    },
    outcome: draft.outcome,
    code: boundedOrNull(draft.code, LIMITS.code),
    policy: { version: bounded(draft.policy.version, LIMITS.code), rules: listOf(draft.policy.rules) },
    reason: boundedOrNull(draft.reason, LIMITS.reason),
    ticket: boundedOrNull(draft.ticket, LIMITS.code),
    approval: null,
    changes: facts.changes,
    counts: countsOf(draft.counts),
    details: detailsOf(draft.details),
    previousForTarget: facts.previousForTarget,
    node: bounded(facts.node, LIMITS.label),
    version: facts.version,
  }
}

/** RFC 3339 in UTC with six digits after the second. @param at Milliseconds since the epoch. */
export function microsecondText(at: number): string {
  const micros = Math.floor(at * 1_000)
  const millis = Math.floor(micros / 1_000)
  const rest = String(micros - millis * 1_000).padStart(3, '0')
  return `${new Date(millis).toISOString().slice(0, -1)}${rest}Z`
}

function principalOf(principal: EventPrincipal): EventPrincipal {
  const { methods, assurance, at } = principal.authentication
  return {
    kind: bounded(principal.kind, LIMITS.code),
    id: bounded(principal.id, LIMITS.label),
    label: bounded(principal.label, LIMITS.label),
    roles: listOf(principal.roles),
    authentication: { methods: listOf(methods), assurance, at: bounded(at, LIMITS.code) },
    ...(principal.onBehalfOf !== undefined && { onBehalfOf: bounded(principal.onBehalfOf, LIMITS.label) }),
  }
}

function requestOf(request: RequestOrigin): RequestOrigin {
  return {
    id: bounded(request.id, LIMITS.code),
    traceparent: boundedOrNull(request.traceparent, LIMITS.code),
    address: bounded(request.address, LIMITS.code),
    addressChain: listOf(request.addressChain),
    userAgent: boundedOrNull(request.userAgent, LIMITS.userAgent),
    method: bounded(request.method, LIMITS.code),
    route: bounded(request.route, LIMITS.label),
  }
}

function listOf(texts: readonly string[]): readonly string[] {
  return texts.slice(0, MOST_ITEMS).map((text) => bounded(text, LIMITS.label))
}

function countsOf(counts: EventDraft['counts'] = {}): AuditEvent['counts'] {
  return {
    ...(counts.matched !== undefined && { matched: counts.matched }),
    ...(counts.affected !== undefined && { affected: counts.affected }),
    ...(counts.exported !== undefined && { exported: counts.exported }),
  }
}

function detailsOf(details: EventDraft['details'] = {}): AuditEvent['details'] {
  const entries = Object.entries(details).slice(0, MOST_ITEMS)
  return Object.fromEntries(
    entries.map(([name, value]) => [
      bounded(name, LIMITS.code),
      typeof value === 'string' ? bounded(value, LIMITS.detail) : value,
    ]),
  )
}
