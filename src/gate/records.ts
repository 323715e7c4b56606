/**
 * The gateway to records that `run` gets: already narrowed to the row scope and
 * the fields that the policy grants this principal for this action.
 *
 * The types; `gate/gateway.ts` builds it.
 */

import type { Count, CountRequest, ListStart } from '../data/data-source.ts'
import type { Filter, FilterOperator } from '../model/filter.ts'
import type { Key, Model, Relation, Sort, Value, Values } from '../model/model.ts'
import type { SearchPlan } from '../model/search-plan.ts'
import type { Decision, Resource } from '../policy/policy.ts'
import type { Plan } from './outcome.ts'

/** The record that an action on a record is about, as it stands in the transaction. */
export interface Target {
  readonly model: Model
  readonly key: Key
  /** As in an address. */
  readonly encodedKey: string
  /** What the principal may read of it, masked values left out. */
  readonly view: RecordView
  /** All that the policy looks at; never shown. */
  readonly resource: Resource
}

/** One record as this principal sees it. */
export interface RecordView {
  readonly model: string
  /** As in an address; null where the model has no key, or the record's holds NULL. */
  readonly key: string | null
  readonly title: string
  /** Readable values only. In a list bytes are their length, a number, unless they were asked for. */
  readonly values: Values
  /** Fields that are there but masked: personal ones until they are revealed. */
  readonly masked: readonly string[]
  /** By relation name, for the `one` relations: the record they lead to, when it may be read. */
  readonly related: Readonly<Record<string, RelatedView | null>>
  /** Changes when anything readable of the record does; null in a list that asked for some fields only, shows others than a read, or has but the length of bytes. */
  readonly version: string | null
}

export interface RelatedView {
  readonly model: string
  readonly key: string
  readonly title: string
}

export type { Filter, FilterOperator }

export interface ListInput {
  readonly filters: readonly Filter[]
  readonly search: string | null
  readonly sort: readonly Sort[]
  /** Field names to return; null: all readable. */
  readonly fields: readonly string[] | null
  readonly limit: number
  /** Sealed by the gate and bound to model, filters, sort and principal. */
  readonly cursor: string | null
  /** Where the list begins when no cursor says so; absent: with its first page. */
  readonly start?: ListStart | null
  readonly count: CountRequest
  /** Soft-deleted records: left out by default. */
  readonly trash: 'without' | 'only'
  /** The verb of an action that is to be done to all that match, over all pages: a scope for it is sealed. */
  readonly scope?: string
  /** Bytes that are only shown are not read for a list, unless they are asked for whole; absent: their length. */
  readonly bytes?: 'length' | 'whole'
  /** A field whose values are counted in place of listing any records; absent: none. */
  readonly tally?: string | null
}

/** The few and known values of a field, and how many records have each. */
export interface FieldTally {
  readonly field: string
  readonly values: readonly { readonly value: Value; readonly label: string; readonly count: number }[]
  /** Whether all records were looked at; else the counts are of the first 10,000 alone. */
  readonly isWhole: boolean
}

export interface RecordList {
  readonly records: readonly RecordView[]
  readonly page: { readonly next: string | null; readonly previous: string | null }
  readonly count: Count | null
  /** Field names this principal may read on some record of the scope, in model order. */
  readonly readable: readonly string[]
  /** Field names it may filter, sort and search by. */
  readonly queryable: readonly string[]
  /** What a search of the list looks through; absent where the list is none of a model. */
  readonly searched?: SearchPlan
  /** Where the input asked for one; null: the field has no few and known values. */
  readonly tally?: FieldTally | null
  /** Where a scope was asked for. */
  readonly scope?: ListScope
}

export interface ListScope {
  /** Names all that match, for one action and one principal. */
  readonly token: string
  /** How many those are now; when it is used there must be as many. */
  readonly count: number
}

export interface RecordRead {
  readonly record: RecordView
  /** Verbs of this model that the policy allows on this very record, obligations aside. */
  readonly verbs: readonly string[]
  /** Fields it may write when it updates this record. */
  readonly writable: readonly string[]
  /** What `delete` or `purge` would do, where that was asked for and is allowed. */
  readonly plan?: Plan
}

export interface Records {
  list(input: ListInput): Promise<RecordList>
  /** The target again, as it is now; null when it has left the scope. */
  reload(key: Key): Promise<RecordView | null>
  /** Everything the source holds of the record, for the differences that the audit event records; secret values left out. Never shown. */
  stored(key: Key): Promise<Values>
  create(values: Values): Promise<Key>
  /** @throws AdminError `not-found` when the record is not within the scope any more. */
  update(key: Key, values: Values): Promise<void>
  remove(key: Key): Promise<void>
  /** `stored` of several records, in the same order; empty where a record is not within the scope. */
  storedMany(keys: readonly Key[]): Promise<readonly Values[]>
  /** @param before What is stored of them, in the same order. @throws AdminError as `update`, for all of them. */
  updateMany(keys: readonly Key[], values: Values, before: readonly Values[]): Promise<void>
  removeMany(keys: readonly Key[]): Promise<void>
  /** What the policy says to each of these verbs on the target, obligations aside. */
  decisions(target: Target, verbs: readonly string[]): Promise<ReadonlyMap<string, Decision>>
  /**
   * The links of a record to some others that the principal may list: the key of each link by that of the record it
   * leads to, both as in addresses.
   */
  linksTo(relation: Relation, key: Key, targets: readonly Key[]): Promise<ReadonlyMap<string, string>>
  /** Whether the record of that key on the other side belongs to the one of these values, whoever may see it. */
  belongsTo(relation: Relation, values: Key, key: Key): Promise<boolean>
  /** What of other records goes, is cleared or stands in the way when these are deleted. @see gate/record/impact.ts */
  impact(keys: readonly Key[], counted: ImpactCounted): Promise<Impact>
}

/** `seen`: only what the principal may list, by ties that it may search by. `all`: for the audit log. */
export type ImpactCounted = 'seen' | 'all'

export interface Impact {
  readonly parts: readonly ImpactPart[]
  /** False: the relations go on further than was looked. */
  readonly isComplete: boolean
}

/** The records at the end of one relation, of the deleted ones or of those that go with them. */
export interface ImpactPart {
  /** The model that the relation is of: the deleted one, or one whose records go with it. */
  readonly from: Model
  readonly relation: Relation
  readonly target: Model
  readonly count: Count
}
