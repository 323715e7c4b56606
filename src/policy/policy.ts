/**
 * What a policy is asked, and what it answers.
 *
 * Pure: what the clock, the session and the network have to say arrives in the
 * request, so that a decision can be replayed from the audit log.
 */

import type { Values } from '../model/model.ts'
import type { Predicate } from '../model/predicate.ts'
import type { PolicyDocument, PrincipalKind } from './document.ts'

/** What a policy knows of who asks. */
export interface Subject {
  readonly kind: PrincipalKind
  readonly id: string
  readonly roles: readonly string[]
  /** Scope attributes: `{ region: 'emea', teams: ['a', 'b'] }`. `id`, `kind` and `email` are always there. */
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /**
   * The person whom an agent acts for; absent: nobody. Conditions then compare with that person, whose roles and
   * attributes these are.
   */
  readonly onBehalfOf?: string
  /** A token's own limit: action patterns that narrow what its roles allow; null: no further limit. */
  readonly limitedTo: readonly string[] | null
}

export interface Circumstances {
  /** UTC, milliseconds since the epoch. */
  readonly now: number
  readonly address: string
  /** Names of the configured networks that the address belongs to. */
  readonly networks: readonly string[]
  readonly assurance: number
}

export interface AccessRequest {
  readonly subject: Subject
  /** `model.verb`. */
  readonly action: string
  readonly circumstances: Circumstances
}

/** A record as the policy sees it: its own values, and those behind the relations that rules look through. */
export interface Resource {
  readonly values: Values
  /** By relation name; null where the foreign key is null or points nowhere. */
  readonly related: Readonly<Record<string, Values | null>>
}

export interface Obligations {
  readonly confirm: boolean
  readonly reason: boolean
  readonly tickets: readonly string[]
  /** `Infinity`: no step-up. */
  readonly stepUpWithinMs: number
  readonly approvals: number
}

/** The answer for one record (or for an action on none). */
export type Decision =
  | { readonly effect: 'deny'; readonly rules: readonly string[]; readonly reason: string }
  | {
      readonly effect: 'allow'
      readonly rules: readonly string[]
      readonly obligations: Obligations
      /** The field names the action may touch on this record; secret fields only when named one by one. */
      readonly fields: ReadonlySet<string>
    }

/** The answer before any record is known: which records at all, and which fields of them. */
export interface Access {
  /** False: no rule could permit it on any record. */
  readonly isPossible: boolean
  /** Goes into the WHERE of every read and write. */
  readonly scope: Predicate
  /** Fields granted on every record of the scope: only these may be filtered, sorted, searched and grouped by. */
  readonly fieldsEverywhere: ReadonlySet<string>
  /** Fields granted on at least one record of the scope. */
  readonly fieldsSomewhere: ReadonlySet<string>
  /** Fields granted on this record; asks the rules again only where they differ by record. */
  fieldsOf(resource: Resource): ReadonlySet<string>
  /** Fields and `one` relations whose values `fieldsOf` and `decide` look at. */
  readonly looksAt: {
    readonly fields: ReadonlySet<string>
    readonly relations: ReadonlyMap<string, ReadonlySet<string>>
  }
  /** Whether some rule that could permit it obliges to a confirmation. */
  readonly mayAskToConfirm: boolean
  /** Rules that could permit it, for the audit event of a list. */
  readonly rules: readonly string[]
}

/** A compiled document. Made once, asked on every call. */
export interface Policy {
  readonly document: PolicyDocument
  /** First 16 hex digits of the SHA-256 of the document; the caller computes it, since this folder does no cryptography. */
  readonly version: string
  access(request: AccessRequest): Access
  /**
   * `resource` null: the action has no record, or none yet. For `list`, `read`, `create`, `export` and
   * `history` a permit with a condition then counts, since scope or post-image narrows later; for every
   * other verb it misses, and a forbid with a condition matches.
   */
  decide(request: AccessRequest, resource: Resource | null): Decision
}
