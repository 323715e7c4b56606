/** The rows that `catalog-query.ts` asks for, in the words of PostgreSQL's own catalogs. */

export interface RelationRow {
  readonly id: number
  readonly schema: string
  readonly name: string
  /** pg_class.relkind: table, partitioned table, view, materialised view, foreign table. */
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f'
  readonly comment: string | null
  readonly rows: number | null
  /** False: a materialised view that was never filled, which can't be read. */
  readonly filled: boolean
  /** Whether its bare name leads to it. */
  readonly visible: boolean
  readonly can_select: boolean
  readonly can_insert: boolean
  readonly can_update: boolean
  readonly can_delete: boolean
  /** A foreign table takes these as well; true for others. */
  readonly takes_insert: boolean
  readonly takes_update: boolean
  readonly takes_delete: boolean
  /** A trigger runs before each insert and may change the row. */
  readonly fills: boolean
  /** Row level security restricts the connected user. */
  readonly secured: boolean
  /** Tables that inherit from it, partitions aside. */
  readonly heirs: boolean
}

export interface ColumnRow {
  readonly relation: number
  readonly name: string
  readonly type: number
  /** As `format_type` prints it. */
  readonly declared: string
  readonly required: boolean
  /** The default or the expression of a generated column. */
  readonly expression: string | null
  /** `a`: always, `d`: by default, empty: none. */
  readonly identity: 'a' | 'd' | ''
  /** `s`: stored, `v`: virtual, empty: not generated. */
  readonly generated: 's' | 'v' | ''
  readonly comment: string | null
  readonly can_select: boolean
  readonly can_insert: boolean
  readonly can_update: boolean
  /** Its default draws from a sequence that the connected user may not use. */
  readonly sequence_denied: boolean
}

export interface TypeRow {
  readonly id: number
  readonly name: string
  /** Whether it came with PostgreSQL. */
  readonly builtin: boolean
  /** pg_type.typtype: base, composite, domain, enum, pseudo, range, multirange. */
  readonly kind: 'b' | 'c' | 'd' | 'e' | 'p' | 'r' | 'm'
  /** Of an array: what its members are, as an id and as printed. */
  readonly element: number | null
  readonly element_declared: string | null
  /** Of a domain: what it is made of, as an id and as printed. */
  readonly base: number | null
  readonly base_declared: string | null
  readonly required: boolean
  readonly default: string | null
  readonly labels: readonly string[] | null
  readonly checks: readonly string[] | null
}

export interface KeyRow {
  readonly relation: number
  readonly columns: readonly string[]
}

export interface ForeignKeyRow extends KeyRow {
  readonly target_schema: string
  readonly target: string
  readonly target_columns: readonly string[]
  /** pg_constraint.confdeltype: no action, restrict, cascade, set null, set default. */
  readonly on_delete: 'a' | 'r' | 'c' | 'n' | 'd'
}

export interface CheckRow {
  readonly relation: number
  readonly name: string
  readonly definition: string
}

export interface IndexRow {
  readonly relation: number
  readonly name: string
  readonly columns: readonly (string | null)[]
  readonly unique: boolean
  readonly partial: boolean
  readonly method: string
  readonly definition: string
  /** The names of the operator classes. */
  readonly classes: readonly string[]
  /** Its order is the one that its columns have by themselves. */
  readonly plain: boolean
  readonly descending: readonly boolean[]
  /** About how many rows at most have the same value in the leading column; null: not known. */
  readonly tie: number | null
}

export interface PostgresRows {
  /** The schema that bare names lead to; null: none. */
  readonly default_schema: string | null
  /** Schemas with tables in them that the connected user may not use. */
  readonly closed_schemas: readonly string[]
  readonly relations: readonly RelationRow[]
  readonly columns: readonly ColumnRow[]
  readonly types: readonly TypeRow[]
  readonly primary_keys: readonly KeyRow[]
  readonly foreign_keys: readonly ForeignKeyRow[]
  readonly checks: readonly CheckRow[]
  readonly indexes: readonly IndexRow[]
}
