/**
 * What can be administered: the shape of one kind of record.
 *
 * Pure data. Models come from introspection (`data/`), are refined by the
 * options of the application (`model/refine.ts`) and are then frozen: every
 * other folder reads them and none changes them.
 */

import type { Refined } from './refined.ts'

/** How a field's values look in the server, whatever the engine. */
export type FieldType =
  | 'int' // number
  | 'bigint' // bigint
  | 'decimal' // string in canonical decimal form
  | 'float' // number
  | 'bool' // boolean
  | 'text' // string
  | 'enum' // string, one of `choices`
  | 'uuid' // lower-case string
  | 'date' // 'YYYY-MM-DD'
  | 'time' // 'HH:MM:SS[.ffffff]'
  | 'timestamp' // 'YYYY-MM-DDTHH:MM:SS[.ffffff]', without a zone
  | 'timestamptz' // the same with 'Z', UTC
  | 'json' // the raw JSON text
  | 'bytes' // Uint8Array
  | 'array' // canonical JSON text of the members, in the wire form of `members.ts`
  | 'set' // the same; each label once, in the order of `choices`
  | 'native' // text of a type that only the database knows, which reads its own text again: a range, an address
  | 'opaque' // a text view of a type we do not know; read-only

/** A field's value in the server. `bigint` and `decimal` never pass through a number. */
export type Value = null | boolean | number | bigint | string | Uint8Array

/** Values by field name. */
export type Values = Readonly<Record<string, Value>>

/** A record's key: one value for each field of `Model.key`, in that order. */
export type Key = readonly Value[]

/** `secret` is never read by anyone; `personal` is masked until revealed. */
export type Sensitivity = 'public' | 'internal' | 'personal' | 'secret'

export interface Choice {
  readonly value: string
  readonly label: string
}

/** What the members of an array are. */
export interface Element {
  readonly type: Exclude<FieldType, 'array' | 'set'>
  readonly dbType: string
  readonly maxLength: number | null
  readonly scale: number | null
}

export interface Field {
  readonly name: string
  /** The column in the data source; equal to `name` unless the application renamed it. */
  readonly column: string
  readonly label: string
  readonly help: string | null
  readonly type: FieldType
  /** The engine's own name of the type, as declared. */
  readonly dbType: string
  readonly nullable: boolean
  /** Whether the source fills the field when an insert leaves it out. */
  readonly hasDefault: boolean
  /** The default as a form may prefill it, when it is a literal. */
  readonly defaultValue: Value
  /** Computed or numbered by the source; never written. */
  readonly generated: boolean
  readonly readonly: boolean
  /** Leaves every read, list, filter, form and export. */
  readonly hidden: boolean
  readonly sensitivity: Sensitivity
  readonly choices: readonly Choice[] | null
  readonly maxLength: number | null
  /** Digits after the point, for decimals. */
  readonly scale: number | null
  /** Of an array; its `choices` are those of a member. */
  readonly element?: Element
  /** A `time` that is a span as well: up to so many hours, and negative. */
  readonly spanHours?: number
  /** Which widget of `faces/pages/fields/` shows it; `null` follows the type. */
  readonly widget: string | null
  /** What an index over its column is good for; absent: everything. */
  readonly indexing?: Indexing
  /** A field that no column holds: worked out by the gate, never selected, filtered, sorted or written. */
  readonly computed?: Computed
}

/** How far the order and the comparisons of a column are those of its field, so that an index serves. */
export interface Indexing {
  readonly sorts: boolean
  /** `equal`: a value is found; `range`: what lies between two values as well. */
  readonly compares: 'range' | 'equal' | 'none'
  /** What begins with a text, whatever its case, lies together in it. */
  readonly begins?: boolean
  /** What a search finds behind a relation is looked up in it. */
  readonly follows?: boolean
}

/** How a computed field comes about, for whoever may read all that it is worked out from. */
export interface Computed {
  readonly from: readonly string[]
  value(values: Values): Value
}

/**
 * A declared way from one model to another. `one`: this model holds the foreign key; `many`: the other does;
 * `many-to-many`: the records of a third do, one for each pair.
 */
export interface Relation {
  readonly name: string
  readonly label: string
  readonly kind: 'one' | 'many' | 'many-to-many'
  /** The model on the other side. */
  readonly target: string
  /** Field names here, and the field names there that they equal, pairwise. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** What the source does to the side that holds the key when the other is deleted; `nothing`: it has no foreign key. */
  readonly onDelete: 'cascade' | 'set-null' | 'set-default' | 'restrict' | 'nothing'
  /** Of `many-to-many`, whose `from` and `to` are the keys of both sides. */
  readonly through?: Through
}

/** The model whose records are the links of a `many-to-many` relation. */
export interface Through {
  readonly model: string
  /** Its fields that name the record here, in the order of the relation's `from`; and there, in that of `to`. */
  readonly from: readonly string[]
  readonly to: readonly string[]
}

export interface Index {
  readonly name: string
  /** Leading field first; `null` stands for an expression. */
  readonly fields: readonly (string | null)[]
  readonly unique: boolean
  readonly partial: boolean
  /**
   * `order` where absent. `equal`: finds one value; `begin`: the beginning of a text; `parts`: any part of it;
   * `words`: whole words.
   */
  readonly method?: 'order' | 'equal' | 'begin' | 'parts' | 'words' | 'other'
  /** For each field whether its greatest value comes first; absent: never. */
  readonly descending?: readonly boolean[]
  /** Behind its fields stand those of the key that are not among them. */
  readonly carriesKey?: boolean
  /** About how many records at most have the same value in the leading field; absent: not known. */
  readonly largestTie?: number
}

export interface Sort {
  readonly field: string
  readonly direction: 'asc' | 'desc'
}

/** How the source marks a record deleted without removing it. */
export interface SoftDelete {
  readonly field: string
  /** `flag`: true means deleted. `instant`: the time of deletion, null while alive. */
  readonly kind: 'flag' | 'instant'
}

/** What the source itself lets anyone do, before any policy. */
export interface Writable {
  readonly create: boolean
  readonly update: boolean
  readonly delete: boolean
  /** Why something above is false, as a sentence; null when all are true. */
  readonly reason: string | null
}

export interface Model {
  /** `orders`; for Castellan's own tables `castellan.people`. Unique in one admin. */
  readonly name: string
  /** The id of the data source that holds its records. */
  readonly source: string
  /** The schema of its table where that is not the one that the source finds by itself; else null. */
  readonly schema: string | null
  readonly table: string
  readonly kind: 'table' | 'view'
  /** One record: "Order"; several: "Orders". */
  readonly label: string
  readonly labelPlural: string
  readonly description: string | null
  readonly icon: string | null
  readonly group: string | null
  readonly fields: readonly Field[]
  /** Null: records can be listed but not addressed. */
  readonly key: readonly string[] | null
  readonly uniques: readonly (readonly string[])[]
  readonly indexes: readonly Index[]
  /** It has so many records that none of its lists may walk through all of them; absent: not so, or not known. */
  readonly isLarge?: boolean
  /** The database chooses between indexes by statistics of what the columns hold. */
  readonly plansByStatistics?: boolean
  /** The index that would help a search of a large table: "a trigram index". */
  readonly searchIndex?: string
  readonly relations: readonly Relation[]
  /** The fields that call a record by name, in order; empty: its key does. */
  readonly title: readonly string[]
  readonly list: ListOptions
  readonly softDelete: SoftDelete | null
  readonly writable: Writable
  /** What the application's options add; absent: nothing. */
  readonly refined?: Refined
}

export interface ListOptions {
  readonly columns: readonly string[]
  /** The allow-list for filters in pages and API alike. */
  readonly filters: readonly string[]
  /** `field`, or `relation.field` for one hop over a `one` relation. */
  readonly search: readonly string[]
  readonly sort: readonly Sort[]
  readonly perPage: number
  /** Fields by which a large table may be sorted and filtered without an index; true: all of them. */
  readonly allowScans?: boolean | readonly string[]
}

/** The field of that name, or undefined. */
export function fieldOf(model: Pick<Model, 'fields'>, name: string): Field | undefined {
  const known = fieldsByName.get(model.fields) ?? indexed(model.fields)
  return known.get(name)
}

/** Found out once for each list of fields, since every cell of a page asks. */
const fieldsByName = new WeakMap<readonly Field[], ReadonlyMap<string, Field>>()

function indexed(fields: readonly Field[]): ReadonlyMap<string, Field> {
  const byName = new Map<string, Field>()
  for (const field of fields) if (!byName.has(field.name)) byName.set(field.name, field)
  fieldsByName.set(fields, byName)
  return byName
}

/** The relation of that name, or undefined. */
export function relationOf(model: Model, name: string): Relation | undefined {
  return model.relations.find((relation) => relation.name === name)
}

/** The `one` relation whose foreign key is exactly that single field, or undefined. */
export function relationThrough(model: Model, field: string): Relation | undefined {
  return model.relations.find(
    (relation) => relation.kind === 'one' && relation.from.length === 1 && relation.from[0] === field,
  )
}

/** The key values of a record, in the model's key order; null when the model has no key. */
export function keyOf(model: Model, values: Values): Key | null {
  if (!model.key) return null
  return model.key.map((name) => values[name] ?? null)
}
