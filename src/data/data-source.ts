/**
 * The port behind which the records of some models live.
 *
 * Narrow on purpose: the gate asks in terms of models, predicates and fields,
 * and an adapter answers with values of the types in `model/model.ts`. Every
 * read and write carries its row scope; there is no call without one.
 */

import type { Connection, Engine, ReadOptions, WriteOptions } from '../database/database.ts'
import type { Key, Model, Relation, Sort, Value, Values } from '../model/model.ts'
import type { Predicate } from '../model/predicate.ts'

export interface DataSource {
  readonly id: string
  readonly engine: Engine
  readonly capabilities: Capabilities
  /** Reads the models from the database, with default options, sensitivity classified. */
  introspect(): Promise<Schema>
  /** One read-only snapshot. */
  read<T>(work: (reader: Reader) => Promise<T>, options?: ReadOptions): Promise<T>
  /** One write transaction; a throw rolls back. `work` may be run again, as `Database.write` says. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, options?: WriteOptions): Promise<T>
}

/** What an engine can do; the conformance suite asserts the refusal of what it can't. */
export interface Capabilities {
  /** It can say about how many records a table has without counting them. */
  readonly estimates: boolean
  /** Writers run beside each other; else each waits until the one before it has ended. */
  readonly concurrentWriters: boolean
  /** Others are served while a read is open; else they wait until it has ended. */
  readonly concurrentReads: boolean
  /** What the records of a page lead to is read in the statement that reads the page: `ListQuery.led`. */
  readonly readsAlong: boolean
  /** A statement is stopped at its time limit, or when nobody waits for it any more; else it runs to its end. */
  readonly cancel: boolean
}

export interface Schema {
  /** Changes when any table, column or constraint changes. */
  readonly fingerprint: string
  readonly models: readonly Model[]
  readonly warnings: readonly Warning[]
  /** About how many records a model has, by its name, where the catalog tells. For people to read, not to reckon with. */
  readonly rows: ReadonlyMap<string, number>
  /** What `schema: null` of a model stands for; null or absent where the engine has no schemas. */
  readonly defaultSchema?: string | null
}

export interface Warning {
  readonly code: string
  readonly model: string | null
  readonly field: string | null
  readonly detail: string
}

export interface ListQuery {
  readonly model: Model
  /** The models that `related` predicates lead to, by name. */
  readonly models: ReadonlyMap<string, Model>
  /** The row scope of the principal. Filters and search are in `where`. */
  readonly scope: Predicate
  readonly where: Predicate
  readonly fields: readonly string[]
  /** Those of the fields, all of bytes, of which a record has the length alone, as a number; absent: none. */
  readonly measured?: ReadonlySet<string>
  /** The key is appended as tie-breaker where the sort does not end in it. */
  readonly sort: readonly Sort[]
  /** Those that `where` leaves are few: they are found first, and sorted then. */
  readonly isFoundFirst?: boolean
  readonly limit: number
  /** A place between two records, as `Page.next` or `Page.previous` gave it. */
  readonly from: Position | null
  /** Records that those of the page lead to, to be read along with them where the source can; absent: none. */
  readonly led?: readonly Led[]
  /** Where the page begins when there is no place to go on from; absent: with the first record. */
  readonly start?: ListStart | undefined
  readonly count: CountRequest
}

/** What a `one` relation leads to, as far as a scope of its own goes. */
export interface Led {
  readonly relation: Relation
  readonly target: Model
  readonly scope: Predicate
  /** Of the target; those that the relation names are among them. */
  readonly fields: readonly string[]
}

/** The last page, or the page that begins with the first record at or behind a value of the first sort field. */
export type ListStart = 'last' | { readonly at: Value }

/**
 * `estimated`: what the database keeps of a large table, where it tells nothing that the scope hides; else as
 * `capped`. `capped`: counting stops behind 10,000 records, or at its time limit, and then an estimate or null is
 * answered. `exact`: all of them, as long as the read may take.
 */
export type CountRequest = 'none' | 'estimated' | 'capped' | 'exact'

/** The sort values of the record at the edge of a page, and which way to go on from there. */
export interface Position {
  readonly direction: 'after' | 'before'
  readonly values: readonly Value[]
}

export interface Page {
  readonly records: readonly Values[]
  readonly next: Position | null
  readonly previous: Position | null
  readonly count: Count | null
  /**
   * By the name of the relation, for each of the records what it leads to within the scope, or null. A relation that
   * the source could not read along is left out.
   */
  readonly led?: ReadonlyMap<string, readonly (Values | null)[]>
}

export interface Count {
  readonly value: number
  readonly kind: 'exact' | 'at-least' | 'estimate'
}

export interface Reader {
  list(query: ListQuery): Promise<Page>
  /** The record of that key within the scope, or null. */
  get(query: GetQuery): Promise<Values | null>
  /** The records whose `match` fields equal one of `keys`, within the scope, in one query. */
  getMany(query: GetManyQuery): Promise<readonly Values[]>
  count(query: CountQuery): Promise<Count>
  /** How often each value stands in a field, of the first `cap` records within the scope. */
  tally(query: TallyQuery): Promise<Tally>
  /** The connection, for whoever reads or writes our own tables in the same snapshot or transaction. */
  readonly connection: Connection
}

export interface GetQuery {
  readonly model: Model
  readonly models: ReadonlyMap<string, Model>
  readonly scope: Predicate
  readonly key: Key
  readonly fields: readonly string[]
  /** Inside a transaction: nobody else changes the record before it ends. */
  readonly isLocked?: boolean
}

export interface GetManyQuery {
  readonly model: Model
  readonly models: ReadonlyMap<string, Model>
  readonly scope: Predicate
  readonly match: readonly string[]
  readonly keys: readonly Key[]
  readonly fields: readonly string[]
  readonly limit: number
  /**
   * Inside a transaction: nobody else changes the records before it ends. They are locked in the order of `match`,
   * so that two transactions over the same records do not wait for each other.
   */
  readonly isLocked?: boolean
}

export interface CountQuery {
  readonly model: Model
  readonly models: ReadonlyMap<string, Model>
  readonly scope: Predicate
  readonly where: Predicate
  /** Counting stops here; the answer is then `at-least`. */
  readonly cap: number
}

export interface TallyQuery extends CountQuery {
  readonly field: string
  /** Null stands for records without a value. */
  readonly values: readonly Value[]
}

export interface Tally {
  /** In the order of the values. */
  readonly counts: readonly number[]
  /** Whether all records were looked at; else there are more than `cap`, and each count is of those alone. */
  readonly isWhole: boolean
}

export interface Transaction extends Reader {
  /**
   * Inserts and returns the key of the new record (empty when the model has none).
   * @throws AdminError `invalid-input` with the field, for unique, foreign-key, check and not-null violations.
   */
  insert(change: { readonly model: Model; readonly values: Values }): Promise<Key>
  /** Returns how many records it changed: 0 when the key is not within the scope. */
  update(change: ChangeQuery & { readonly values: Values }): Promise<number>
  remove(change: ChangeQuery): Promise<number>
  /**
   * The same values for several records, in one statement. Returns how many it changed; fewer than there are keys: some
   * are not within the scope, and the transaction has to be rolled back.
   */
  updateMany(change: ChangeManyQuery & { readonly values: Values }): Promise<number>
  removeMany(change: ChangeManyQuery): Promise<number>
  /** Why the source refused what was tried past it; what is no refusal comes back as it was. */
  explain(error: unknown, attempt: Attempt): Promise<unknown>
}

/** What was tried, for whoever says why the source refused it. */
export interface Attempt {
  readonly kind: 'insert' | 'update' | 'remove'
  readonly model: Model
  readonly values: Values
  /** Of the record as it was, where it is known. */
  readonly key?: Key
}

export interface ChangeQuery {
  readonly model: Model
  readonly models: ReadonlyMap<string, Model>
  readonly scope: Predicate
  readonly key: Key
}

/** None of the keys holds NULL, and none is named twice. */
export interface ChangeManyQuery extends Omit<ChangeQuery, 'key'> {
  readonly keys: readonly Key[]
}
