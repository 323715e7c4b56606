/**
 * What a database says of its own tables, the same for every engine.
 *
 * Each engine reads its catalog into this shape; `data/describe/` makes models
 * of it, so that labels, titles, lists and warnings follow one set of rules.
 */

import type { Element, FieldType, Relation, Value } from '../model/model.ts'

export interface Catalog {
  readonly tables: readonly CatalogTable[]
  /** What `schema: null` of a table stands for; absent where the engine has no schemas. */
  readonly defaultSchema?: string | null
  /** Tables that were seen and left out, with the reason. */
  readonly leftOut: readonly {
    readonly schema: string | null
    readonly name: string
    readonly code: string
    readonly detail: string
  }[]
  /** What the owner should know of tables that were taken in, or of the whole. */
  readonly notes: readonly CatalogNote[]
}

export interface CatalogNote {
  /** Null: it is about the database. */
  readonly table: { readonly schema: string | null; readonly name: string } | null
  readonly column: string | null
  readonly code: string
  readonly detail: string
}

export interface CatalogTable {
  /** Null: the schema that the database finds by itself (`public`, the only one). */
  readonly schema: string | null
  readonly name: string
  readonly kind: 'table' | 'view'
  readonly comment: string | null
  readonly columns: readonly CatalogColumn[]
  /** Column names; empty: none. */
  readonly primaryKey: readonly string[]
  readonly indexes: readonly CatalogIndex[]
  readonly foreignKeys: readonly CatalogForeignKey[]
  /** How many rows it has, about; null: not known. */
  readonly rows: number | null
  /** The database chooses between indexes by statistics of what the columns hold. */
  readonly plansByStatistics?: boolean
  /** What the connected user may do, and what the kind of table allows. */
  readonly rights: { readonly insert: boolean; readonly update: boolean; readonly delete: boolean }
  /** A trigger may fill columns of a new record that an insert leaves out. */
  readonly hasInsertTrigger: boolean
  /** Why a right is missing, as a sentence; null when all are there. */
  readonly rightsReason: string | null
  /** Whatever else tells one version of the table from another: checks, defaults, a view's text. Only compared. */
  readonly definition: string
}

export interface CatalogColumn {
  readonly name: string
  readonly type: FieldType
  /** As the engine prints it: `numeric(10,2)`. */
  readonly dbType: string
  /** Of an array. */
  readonly element?: Element
  /** Of a time that is a span as well: its most hours. */
  readonly spanHours?: number
  readonly isNullable: boolean
  readonly hasDefault: boolean
  /** The default where it is a literal; else null. */
  readonly defaultValue: Value
  /** Computed, or numbered by the database and never written. */
  readonly isGenerated: boolean
  /** The connected user may write it. */
  readonly isWritable: boolean
  readonly comment: string | null
  readonly maxLength: number | null
  readonly scale: number | null
  /** The labels of an enum, or the values that a check admits, in their order; null: any. */
  readonly choices: readonly string[] | null
}

export interface CatalogIndex {
  readonly name: string
  /** Column names, leading first; null stands for an expression. */
  readonly columns: readonly (string | null)[]
  readonly isUnique: boolean
  readonly isPartial: boolean
  /** As in `Index` of `model/model.ts`. */
  readonly method?: 'order' | 'equal' | 'begin' | 'parts' | 'words' | 'other'
  readonly descending?: readonly boolean[]
  readonly carriesKey?: boolean
  readonly largestTie?: number
}

export interface CatalogForeignKey {
  readonly columns: readonly string[]
  readonly targetSchema: string | null
  readonly targetTable: string
  /** Null: the primary key there. */
  readonly targetColumns: readonly string[] | null
  readonly onDelete: Relation['onDelete']
}
