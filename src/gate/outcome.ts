/**
 * What `perform` answers. Next steps are values, so that every face must offer
 * them; refusals and faults are thrown as `AdminError`.
 */

export { isOutcomeUnknown } from '../database/outcome.ts'

/** What would happen: what a confirmation and an approval show. */
export interface Plan {
  /** "Delete order #10482 and 3 order items." */
  readonly sentence: string
  /** What else is touched, with capped counts. */
  readonly effects: readonly Effect[]
  readonly changes: readonly FieldChange[]
  /** What an action on several records is about; absent: it is about one, or none. */
  readonly selected?: Selected
}

/** How many records, and how the first of them are called. */
export interface Selected {
  readonly count: number
  readonly titles: readonly string[]
}

export interface Effect {
  /** "3 order items are deleted too." */
  readonly sentence: string
  /** `blocks`: the action cannot succeed while this stands. */
  readonly kind: 'deleted' | 'cleared' | 'blocks'
  readonly count: number
}

/** One field before and after, as text for people; masked values are never here. */
export interface FieldChange {
  readonly field: string
  readonly label: string
  readonly before: string | null
  readonly after: string | null
  readonly isMasked: boolean
}

export interface EventReference {
  /** 32 hex digits. */
  readonly id: string
}

export type Outcome<Result = unknown> =
  | { readonly kind: 'done'; readonly result: Result; readonly event: EventReference | null }
  /** Prove again who you are, with at least this assurance, then ask again. */
  | { readonly kind: 'step-up-required'; readonly assurance: number; readonly withinMs: number }
  /** Ask again with this `confirmation`; it binds principal, action, record, input and plan, and works once. */
  | { readonly kind: 'confirmation-required'; readonly confirmation: string; readonly plan: Plan }
  | {
      readonly kind: 'approval-required'
      readonly approval: { readonly id: string; readonly approvals: number }
    }
