/**
 * The audit events of proving who one is.
 *
 * What a stranger typed is never in one: people type passwords into e-mail
 * fields, so an unknown account is only called unknown.
 */

import type { EventKind } from '../audit/catalogue.ts'
import type { AuditOutcome, EventDraft } from '../audit/event.ts'
import { AdminError } from '../errors.ts'
import { toText } from './instant.ts'
import type { Parts } from './parts.ts'
import type { Authentication, Principal } from './principal.ts'
import type { RequestOrigin } from './request.ts'

/** Enough of a person for an event to name them. */
export interface Named {
  readonly id: string
  readonly name: string
}

/** What is known at the end of an attempt. */
export interface Told {
  readonly outcome: AuditOutcome
  readonly code?: string
  readonly details?: EventDraft['details']
  /** Absent: the kind the story began with. */
  readonly kind?: EventKind
  /** Hex SHA-256 of the session that came of it. */
  readonly session?: string
  /** What was proven; absent: nothing, or what the session had proven before. */
  readonly authentication?: Authentication
}

/** An attempt that is under way: everything about its event but how it ended. */
export type Story = (told: Told) => EventDraft

/** An attempt by a person who has yet to prove who they are; null: an account nobody knows. */
export function storyOf(kind: EventKind, person: Named | null, origin: RequestOrigin, now: number): Story {
  return (told) => ({
    principal: {
      kind: 'person',
      id: person?.id ?? '',
      label: person?.name ?? 'unknown',
      roles: [],
      authentication: written(told.authentication ?? { methods: [], assurance: 0, at: now }),
    },
    session: told.session ?? null,
    ...common(kind, person, origin, told),
  })
}

/** An attempt by someone who is signed in. */
export function storyBy(kind: EventKind, principal: Principal, origin: RequestOrigin): Story {
  const { subject, name, authentication, sessionHash } = principal
  return (told) => ({
    principal: {
      kind: subject.kind,
      id: subject.id,
      label: name,
      roles: subject.roles,
      authentication: written(told.authentication ?? authentication),
      ...(subject.onBehalfOf !== undefined && { onBehalfOf: subject.onBehalfOf }),
    },
    session: sessionHash,
    ...common(kind, { id: subject.id, name }, origin, told),
  })
}

function common(begun: EventKind, person: Named | null, origin: RequestOrigin, told: Told) {
  const kind = told.kind ?? begun
  const details = kind === begun ? told.details : { ...told.details, attempted: begun }
  return {
    request: origin,
    action: kind,
    kind,
    target: person && { model: 'castellan.people', key: person.id, label: person.name },
    outcome: told.outcome,
    policy: { version: '', rules: [] },
    ...(told.code !== undefined && { code: told.code }),
    ...(details && { details }),
  }
}

function written({ methods, assurance, at }: Authentication): EventDraft['principal']['authentication'] {
  return { methods, assurance, at: toText(at) }
}

/** A refusal whose cause the log may know and the caller may not. */
export class Unproven extends Error {
  override readonly name = 'Unproven'
  readonly because: string
  readonly answer: AdminError
  /** A kind of event of its own; null: the one that the attempt began with. */
  readonly kind: EventKind | null

  constructor(because: string, answer: AdminError, kind: EventKind | null = null) {
    super(because)
    this.because = because
    this.answer = answer
    this.kind = kind
  }
}

/**
 * Runs an attempt. One that ends in an error is recorded on its own before
 * anybody gets the answer; one that succeeds has recorded itself with its changes.
 */
export async function attempted<T>(parts: Parts, story: Story, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await parts.audit.appendAlone(story(endingOf(error)))
    throw error instanceof Unproven ? error.answer : error
  }
}

function endingOf(error: unknown): Told {
  if (error instanceof Unproven) {
    const details = { because: error.because }
    return { outcome: 'refused', code: error.answer.code, details, ...(error.kind && { kind: error.kind }) }
  }
  if (!(error instanceof AdminError)) return { outcome: 'failed', code: 'internal' }
  const { code, status } = error
  if (code === 'limit-exceeded') {
    const details = { retryAfterSeconds: error.retryAfterSeconds ?? 0 }
    return { kind: 'guard.throttle', outcome: 'refused', code, details }
  }
  return { outcome: status >= 500 ? 'failed' : 'refused', code }
}

/** What became of a field that is neither secret nor personal. */
export function internalChange(
  field: string,
  before: string | null,
  after: string | null,
): NonNullable<EventDraft['changes']>[number] {
  return { field, sensitivity: 'internal', before, after }
}
