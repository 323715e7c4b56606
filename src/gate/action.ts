/**
 * An action: the only thing a principal can do.
 *
 * A declaration with an input parser and a `run`. The six of every model are in
 * `gate/record/`, the rest in `actions/`. `run` gets no connection to the
 * application's data but `records`, the gateway that is already narrowed to
 * what the policy grants this principal for this action.
 */

import type { EventKind, Severity } from '../audit/catalogue.ts'
import type { AuditEvent, Change, RequestOrigin } from '../audit/event.ts'
import type { Connection } from '../database/database.ts'
import type { Principal } from '../identity/principal.ts'
import type { Key, Model, Values } from '../model/model.ts'
import type { Access, Decision, Obligations } from '../policy/policy.ts'
import type { Grant } from './grant.ts'
import type { Plan } from './outcome.ts'
import type { OwnFace } from './own-action.ts'
import type { Records, RecordView, Target } from './records.ts'

export interface Action<Input = unknown, Result = unknown> {
  /** The verb of `model.verb`. */
  readonly verb: string
  /** The model it belongs to; `*`: every model of the application. */
  readonly model: string
  readonly label: string
  /**
   * `record`: the call names a key, and the record is loaded and decided on before `run`; `records`: it names several,
   * or a scope, and the same is done with each of them.
   */
  readonly on: 'model' | 'record' | 'records'
  /** `read` runs on a read-only snapshot; `write` in a write transaction. */
  readonly access: 'read' | 'write'
  readonly kind: EventKind
  readonly severity?: Severity
  /** It reads here and changes something elsewhere, which cannot commit with the log: `started` before, `done` after. */
  readonly changesElsewhere?: boolean
  /** Whether nothing that this read finds decides about what else it shows, so that no snapshot has to hold it together. Absent: no. */
  isLoose?(input: Input, access: Access): boolean
  /** A read that is recorded at most once a minute for the same principal and the same thing. */
  readonly isFolded?: boolean
  /** What makes two folded reads the same: the filter and search of a list; absent: the key alone. */
  sameness?(input: Input): string
  /** What the action itself obliges to, beside the rules that permit it; the strictest holds. */
  readonly obligations?: Obligations
  /** How pages show an action of the application; absent: it is one of ours. */
  readonly own?: OwnFace
  /** Whether the model has this action at all: `restore` needs a soft-deleted model. Absent: yes. */
  appliesTo?(model: Model): boolean
  /** @throws AdminError `invalid-input` with the fields. Runs before the transaction, with nothing of the record known. */
  parse(input: unknown, context: ParseContext): Input | Promise<Input>
  /** The part of the input that its caller answers for: granted, planned and confirmed. Absent: all of it. */
  typed?(input: Input, model: Model): Input
  /** Field names that the input writes: each must be granted on the record as it was and as it becomes. */
  writes?(input: Input): readonly string[]
  /** Whether the input asks for other actions within this one, whose rules may oblige to more. Absent: no. */
  nests?(input: Input): boolean
  /** What would happen, for confirmation and approval; absent: the label is the sentence. */
  plan?(input: Input, context: RunContext): Promise<Plan>
  run(input: Input, context: RunContext): Promise<Result>
  /** How an action on one record is done to several at once; absent: it is not. Not for `on: 'records'`, which always is. */
  readonly several?: Several<Input>
}

export interface Several<Input = unknown> {
  /** Of the event of the whole; each record that is changed has one of its own. */
  readonly kind: EventKind
  /** Fields that `plan` shows, as far as their reader may see them. */
  shows(input: Input): readonly string[]
  plan(input: Input, context: RunContext): Promise<Plan>
  run(input: Input, context: RunContext): Promise<unknown>
}

export interface ParseContext {
  readonly model: Model
  readonly models: ReadonlyMap<string, Model>
  readonly principal: Principal
  /** What the policy grants for this action, before any record is known. */
  readonly access: Access
  /** What the policy grants this principal for other actions, asked once each. */
  readonly grant: Grant
  /** What the application makes of values that are to be written, before they are decided on; the same where it makes nothing. */
  prepare(verb: 'create' | 'update', values: Values): Promise<unknown>
}

export interface RunContext extends ParseContext {
  readonly origin: RequestOrigin
  /** UTC, milliseconds since the epoch; the same for the whole call. */
  readonly now: number
  /** Null for an action on the model. */
  readonly target: Target | null
  /** The records of an action on several, in the order of their keys; else none. */
  readonly targets: readonly Target[]
  readonly records: Records
  /** Our own tables, in the same transaction; for the operations of `identity/` and `audit/`. */
  readonly connection: Connection
  readonly report: Report
  /** Why and for which ticket, as the caller said. */
  readonly reason: string | null
  readonly ticket: string | null
  /** The actions of the application that this model has. */
  readonly ownActions: readonly Action[]
  /**
   * Another action of ours as part of this one: found, decided, obliged and checked as a call of its own would be,
   * in the same transaction, with an audit event of its own where it changes something.
   * @throws AdminError as `perform`; TypeError for a model of another database.
   */
  nested(call: NestedCall): Promise<unknown>
  /** The same in two steps: found, granted and parsed, so that mistakes in several come to light before any is done. */
  begun(call: NestedCall): Promise<BegunCall>
  /**
   * Records of a model of the same database that the principal may read, as they stand in the transaction and locked
   * where it may change them, by key as in an address; those that are not there, or out of reach, are left out.
   */
  beside(
    model: string,
    keys: readonly string[],
    verbs: readonly string[],
  ): Promise<ReadonlyMap<string, Beside>>
  /** Fields of the target that `run` wrote and its input did not name: granted on the record as it was, and held against it as it becomes. */
  wrote(fields: readonly string[]): void
  /** Runs when the transaction has committed: mail, network, closing streams. */
  afterCommit(work: () => Promise<void>): void
}

/** One of the actions that every model of the application has, within another. */
export interface NestedCall {
  readonly model: string
  readonly verb: 'list' | 'read' | 'create' | 'update' | 'delete' | 'restore'
  /** As in an address. */
  readonly key?: string
  /** Several at once, where it is not about one. */
  readonly keys?: readonly string[]
  /** The version of its record that the caller saw. */
  readonly ifVersion?: string
  readonly input: unknown
  /**
   * What a new record gets beside what its maker answers for: fields that nobody types, as the log holds them. Never
   * from the caller.
   */
  readonly also?: Values
  /** What the events of it say beside; `key`: of the record, as in an address; null: of the whole. */
  told?(key: string | null): AuditEvent['details']
}

/** A record that an action looks at beside its own target. */
export interface Beside {
  readonly key: Key
  /** What the principal may read of it. */
  readonly view: RecordView
  /** Everything but secrets; never shown. */
  readonly stored: Values
  /** What the policy says to each verb that was asked, obligations aside. */
  readonly decisions: ReadonlyMap<string, Decision>
}

/** One that can be done, and is not yet. */
export interface BegunCall {
  done(): Promise<unknown>
}

/** What `run` tells the audit event. Everything is optional and adds up. */
export interface Report {
  change(...changes: readonly Change[]): void
  /** What became of one of `RunContext.targets`: it gets an event of its own. */
  changeOf(target: Target, changes: readonly Change[]): void
  /** The same for what tells of one record: of one of `RunContext.targets`. */
  on(target: Target): Report
  count(counts: AuditEvent['counts']): void
  detail(details: AuditEvent['details']): void
  /** For an action that makes its record: the event's target. */
  target(key: string | null, label: string | null): void
}

/** Declares an action; types flow from `parse` to `run`. */
export function defineAction<Input, Result>(action: Action<Input, Result>): Action<Input, Result> {
  return action
}
