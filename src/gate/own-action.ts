/**
 * How an application declares an action of its own: `orders.refund`.
 *
 * The types that its developers write against. `actions/own-action.ts` turns a
 * declaration into an action of the gate; nothing of it gets a connection, so
 * whatever `run` reads or changes passes the policy.
 */

import type { z } from 'zod'
import type { AuditEvent } from '../audit/event.ts'
import type { HookContext } from '../model/hook.ts'
import type { Field, Relation } from '../model/model.ts'
import type { Plan } from './outcome.ts'
import type { ListInput, RecordList, RecordView } from './records.ts'

/** On one record, on the model as a whole, or on the records that are selected in a list. */
export type OwnActionOn = 'model' | 'record' | 'records'

export interface OwnAction<Input = unknown, On extends OwnActionOn = OwnActionOn> {
  /** The verb of `orders.refund`, in kebab-case: what policies and the audit log call it. */
  readonly name: string
  /** On its button: "Refund". */
  readonly label: string
  /** Under the title of its page: what it is for. */
  readonly description?: string
  /** A Lucide name of those that the admin ships. */
  readonly icon?: string
  /** What it does can't be undone: its button is red. */
  readonly danger?: boolean
  readonly on: On
  /** An object: its form is made of it, and unknown members are refused. Absent: no input. */
  readonly input?: z.core.$ZodType<Input>
  /** Beside what the policy's rules oblige to. An action with a `plan` is confirmed unless `confirm` is false. */
  readonly obligations?: OwnObligations
  /** Narrows the policy for this one action, and never widens it: false hides and refuses it. */
  isAccessible?(context: OwnAccessContext<On>): boolean | Promise<boolean>
  /** What would happen, shown before it does: a sentence alone, or with effects and fields before and after. */
  plan?(context: OwnPlanContext<Input, On>): OwnPlan | Promise<OwnPlan>
  /** Does it. What it throws rolls everything back. */
  run(context: OwnRunContext<Input, On>): OwnAnswer | Promise<OwnAnswer>
}

export interface OwnObligations {
  readonly confirm?: boolean
  readonly reason?: boolean
  /** A regular expression that the ticket must match as a whole. */
  readonly ticket?: string
  /** `5m`, `30s`, `2h`. */
  readonly stepUpWithin?: string
}

export interface OwnAccessContext<On extends OwnActionOn = OwnActionOn> extends HookContext {
  readonly target: On extends 'record' ? RecordView : null
}

export type OwnPlan = string | (Pick<Plan, 'sentence'> & Partial<Plan>)

export interface OwnPlanContext<Input, On extends OwnActionOn = OwnActionOn> extends OwnAccessContext<On> {
  readonly input: Input
  /** The records that an action on `records` is about, as the principal may see them; else none. */
  readonly targets: readonly RecordView[]
  readonly records: OwnReader
}

export interface OwnRunContext<Input, On extends OwnActionOn = OwnActionOn> extends HookContext {
  readonly input: Input
  /** The record that it is about, as it stands in the transaction and as the principal may see it. */
  readonly target: On extends 'record' ? OwnTarget : null
  /** The records that an action on `records` is about, at most 1,000, in the order of their keys; else none. */
  readonly targets: readonly OwnTarget[]
  readonly records: OwnRecords
  /** Why and for which ticket, as the principal said. */
  readonly reason: string | null
  readonly ticket: string | null
  /** Small facts for the audit event; never a secret. */
  note(details: AuditEvent['details']): void
  /** Runs when the transaction has committed: mail, network. Not at all when it is rolled back. */
  afterCommit(work: () => Promise<void>): void
}

export interface OwnTarget extends RecordView {
  readonly key: string
  /**
   * Changes the record. The rule that permits this very action says which records and fields it may write; the record
   * that results is held against it too.
   * @param values By field name, as the API takes them: decimals and large whole numbers as text.
   */
  update(values: Readonly<Record<string, unknown>>): Promise<void>
}

/** Records of any model of the same database, as far as the principal itself may list and read them. */
export interface OwnReader {
  /** The record of that key, or null where there is none that the principal may read. */
  read(model: string, key: string): Promise<RecordView | null>
  list(model: string, input?: Partial<ListInput>): Promise<RecordList>
}

/**
 * Changes of any record of the same database, each as if the principal did it: by its own rules and obligations,
 * with an audit event of its own. One that is refused ends the whole action.
 */
export interface OwnRecords extends OwnReader {
  create(model: string, values: Readonly<Record<string, unknown>>): Promise<OwnWritten>
  update(model: string, key: string, values: Readonly<Record<string, unknown>>): Promise<OwnWritten>
  delete(model: string, key: string): Promise<void>
}

export interface OwnWritten {
  /** As in an address; null where the model has no key. */
  readonly key: string | null
  readonly title: string
  /** Null where the principal can't see it. */
  readonly record: RecordView | null
}

/** What is shown when it is done; nothing: that it is. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one of the answers
export type OwnAnswer = OwnResult | undefined | void

export interface OwnResult {
  /** One sentence. */
  readonly message?: string
  readonly link?: OwnPlace & { readonly label: string }
  /** Where the page goes on; absent: to the record, or to the list. */
  readonly redirect?: OwnPlace
  /** Handed over for saving, instead of a page. At most 10 MiB. */
  readonly file?: OwnFile
}

export interface OwnFile {
  readonly name: string
  /** `text/csv`, `application/pdf`. */
  readonly type: string
  readonly content: string | Uint8Array
}

/** A list, a record, or a page of the admin by its path: `/reports`. */
export type OwnPlace =
  | { readonly model: string; readonly key?: string; readonly path?: never }
  | { readonly path: string; readonly model?: never; readonly key?: never }

/** What pages have to know of an action of the application. */
export interface OwnFace {
  readonly description: string | null
  readonly icon: string | null
  readonly isDangerous: boolean
  /** The form of its input, in order. */
  readonly fields: readonly Field[]
  /** Fields whose empty input means null rather than nothing. */
  readonly nulls: readonly string[]
  /** Ways from a field of the form to the model whose record it picks. */
  readonly relations: readonly Relation[]
  /** Whether the action is there for whoever asks, as far as the application itself decides it. */
  isAccessible(context: OwnAccessContext): Promise<boolean>
}

/**
 * Declares an action of the application; types flow from `input` to `plan` and `run`.
 *
 * Nobody may run it before a rule of the policy permits `model.name`.
 */
export function defineAction<const On extends OwnActionOn, Input = Readonly<Record<string, never>>>(
  action: OwnAction<Input, On>,
): OwnAction {
  // Its declaration is parsed with `input` before anything of it is called, so what is erased here is checked there.
  return action as unknown as OwnAction
}
