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
  /** What is put back as it was, record by record; absent: it undoes nothing. */
  readonly undo?: UndoPlan
}

/** What undoing comes to. Of many records the first are told one by one. */
export interface UndoPlan {
  /** How many records are put back. */
  readonly count: number
  readonly records: readonly UndoneRecord[]
  /** Those that have changed since. */
  readonly conflicts: UndonePart
  /** Whether those are put back all the same. */
  readonly isOverwriting: boolean
  /** Those of which nothing can be put back, and why. */
  readonly impossible: UndonePart
  /** How many are as they were already. */
  readonly same: number
  /** What comes back with nothing: "3 order items went with Order #5, and stay gone." */
  readonly notes: readonly string[]
  /** Of everything that is written, what is not told included: what was shown is what runs. */
  readonly digest: string
}

/** Some of the records, of which the first are told. */
export interface UndonePart {
  readonly count: number
  readonly records: readonly UndoneRecord[]
}

export interface UndoneRecord {
  readonly model: string
  /** As in an address; null: it is to be made again. */
  readonly key: string | null
  readonly title: string
  /** "changed back", "deleted", "made again", "brought back", "moved to the trash": what becomes of it. */
  readonly verb: string
  readonly changes: readonly FieldChange[]
  /** What stays as it is, and why. */
  readonly why: readonly string[]
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
