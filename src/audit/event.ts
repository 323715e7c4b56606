/**
 * The record of one attempt: the schema of an audit event, version 1.
 *
 * An event is a leaf of the log and is never rewritten, so this schema only
 * grows by a new `schema` number. What may be in it is decided by
 * `catalogue.ts` (kinds), `redact.ts` (values) and `canonical.ts` (bytes).
 */

import type { Sensitivity } from '../model/model.ts'
import type { EventKind, Severity } from './catalogue.ts'

export type AuditOutcome = 'started' | 'done' | 'refused' | 'failed' | 'pending'

export interface AuditEvent {
  readonly schema: 1
  /** 128 random bits, 32 hex digits. */
  readonly id: string
  /** RFC 3339, UTC, microseconds: `2026-11-21T10:00:00.000000Z`. */
  readonly occurredAt: string
  readonly principal: EventPrincipal
  /** Hex SHA-256 of the session id. */
  readonly session: string | null
  readonly request: RequestOrigin
  /** The full name: `orders.update`. */
  readonly action: string
  readonly kind: EventKind
  readonly severity: Severity
  readonly target: EventTarget | null
  readonly outcome: AuditOutcome
  /** An error code for `refused` and `failed`, the next step for `pending`. */
  readonly code: string | null
  readonly policy: { readonly version: string; readonly rules: readonly string[] }
  readonly reason: string | null
  readonly ticket: string | null
  readonly approval: {
    readonly id: string
    readonly requester: string
    readonly approvers: readonly string[]
  } | null
  readonly changes: readonly EventChange[]
  readonly counts: { readonly matched?: number; readonly affected?: number; readonly exported?: number }
  /** Small facts that belong to the kind: the filter of a list, the reason a session ended. Never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>
  /** Hex leaf hash of the previous event that changed the same record. */
  readonly previousForTarget: string | null
  /** Which process wrote it. */
  readonly node: string
  /** Castellan's own version. */
  readonly version: string
}

export interface EventPrincipal {
  readonly kind: string
  readonly id: string
  readonly label: string
  readonly roles: readonly string[]
  readonly authentication: {
    readonly methods: readonly string[]
    readonly assurance: number
    /** RFC 3339, UTC. */
    readonly at: string
  }
  readonly onBehalfOf?: string
}

export interface RequestOrigin {
  /** What `X-Request-Id` says. */
  readonly id: string
  readonly traceparent: string | null
  /** The canonical client address; empty for the command line. */
  readonly address: string
  readonly addressChain: readonly string[]
  readonly userAgent: string | null
  readonly method: string
  /** The route's pattern, never the query string. */
  readonly route: string
}

export interface EventTarget {
  readonly model: string
  /** As in an address; null for the model as a whole. */
  readonly key: string | null
  /** The record's title with masked parts left out; null where the title may not be read. */
  readonly label: string | null
}

/** Public and internal values stand in the clear; personal ones as commitments; secret ones only as changed. */
export type EventChange =
  | {
      readonly field: string
      readonly class: 'public' | 'internal'
      readonly before: string | null
      readonly after: string | null
    }
  | {
      readonly field: string
      readonly class: 'personal'
      /** Hex `SHA-256(salt ‖ value)`; null where there was no value. */
      readonly before: string | null
      readonly after: string | null
      readonly masked: true
    }
  | { readonly field: string; readonly class: 'secret'; readonly masked: true }

/** A change as the gate knows it, before redaction. Values are the text form of `model/text.ts`. */
export interface Change {
  readonly field: string
  readonly sensitivity: Sensitivity
  readonly before: string | null
  readonly after: string | null
}

/** What a caller of `append` brings; ids, time, node and redaction are the log's own. */
export interface EventDraft {
  readonly principal: EventPrincipal
  readonly session: string | null
  readonly request: RequestOrigin
  readonly action: string
  readonly kind: EventKind
  /** Absent: as the catalogue says. */
  readonly severity?: Severity
  readonly target: EventTarget | null
  /** Whose key seals personal values: `model:key` of the record they belong to; absent: the target's. */
  readonly dataSubject?: string
  readonly outcome: AuditOutcome
  readonly code?: string
  readonly policy: { readonly version: string; readonly rules: readonly string[] }
  readonly reason?: string
  readonly ticket?: string
  readonly changes?: readonly Change[]
  readonly counts?: AuditEvent['counts']
  readonly details?: AuditEvent['details']
}
