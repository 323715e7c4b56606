/**
 * What an application's own models say of its tables, laid over what the
 * database says. The database stays the truth: an overlay names, relates,
 * hides and restricts; what contradicts the database becomes a warning.
 */

import type { Choice, Sensitivity } from '../model/model.ts'

export interface Overlay {
  /** Who says it, as messages call them: `Drizzle`, `TypeORM`. */
  readonly from: string
  readonly models: readonly ModelOverlay[]
  /** Absent: its ORM can't write in a transaction that is not its own. */
  readonly writer?: OrmWriter
}

/** Changes records through the ORM, in a transaction of ours. */
export interface OrmWriter {
  /** @param client The driver's client that the transaction is on; it is neither committed nor given back here. */
  over(client: unknown): OrmSession
}

/** Values as an application gives them to its ORM, by column: a Date, an object for JSON, a Buffer. */
export type OrmValues = Readonly<Record<string, unknown>>

/** One transaction. Each runs all the code that the ORM runs for such a change. */
export interface OrmSession {
  /** Answers what was stored, the key at least. */
  insert(model: ModelOverlay, values: OrmValues): Promise<OrmValues>
  /** The record is there, and locked. */
  update(model: ModelOverlay, key: OrmValues, values: OrmValues): Promise<void>
  remove(model: ModelOverlay, key: OrmValues): Promise<void>
  /** What the application has asked for after its commit. */
  committed?(): Promise<void>
}

export interface ModelOverlay {
  /** Null: the schema that the database finds by itself. */
  readonly schema: string | null
  readonly table: string
  /** The application's name of one record, `OrderItem`; null: the table's. */
  readonly entity: string | null
  readonly description: string | null
  readonly fields: readonly FieldOverlay[]
  readonly relations: readonly RelationOverlay[]
  /** The column that marks a deleted record, where the application deletes softly. */
  readonly softDeleteColumn: string | null
  /**
   * Code of the application that a change by SQL would pass by, a few words each: "the hook beforeUpdate".
   * Where there is any, or any field with `makes`, the model is read-only until the owner chooses `writes`.
   */
  readonly codeOnWrite: readonly string[]
}

export interface FieldOverlay {
  readonly column: string
  /** The application's name of the field, `placedAt`; labels are made of it. Null: the column's. */
  readonly property: string | null
  readonly help: string | null
  /** In the order of the application; `value` is what the database stores. */
  readonly choices: readonly Choice[] | null
  /** Left out of what the application selects by default: it leaves every read here. */
  readonly isHidden: boolean
  readonly sensitivity: Sensitivity | null
  readonly maxLength: number | null
  /** Values that only code makes or changes: a transformer, a setter. Null: none; else why it can't be written. */
  readonly readonlyReason: string | null
  /** Values that the application's code makes, where nobody gives one; called when the owner chose `writes: 'sql'`. */
  readonly makes?: CodeValues
  /** The problem with a value as "must be …", or null. What the application's validators say. */
  validate?(value: unknown): string | null
}

/** Each returns what the application itself would store: a Date, a number, an object for JSON. */
export interface CodeValues {
  onCreate?(): unknown
  onUpdate?(): unknown
}

export interface RelationOverlay {
  /** The application's name: `customer`, `items`. */
  readonly name: string
  readonly kind: 'one' | 'many'
  readonly targetSchema: string | null
  readonly targetTable: string
  /** Columns here and there, pairwise. */
  readonly from: readonly string[]
  readonly to: readonly string[]
}
