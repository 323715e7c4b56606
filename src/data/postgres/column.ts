/**
 * What is known of a PostgreSQL column beyond the model: facts that only the
 * adapter needs to read, compare and write it, and to say which fields a
 * broken constraint is about. Asked once, with the catalog.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import type { Field, Model } from '../../model/model.ts'

export interface Column {
  /** The type below all domains: `int4`, `varchar`, `jsonb`; of an array, that of its members. */
  readonly base: string
  /** As `format_type` prints it, below all domains: `numeric(10,2)`. */
  readonly declared: string
  readonly isArray: boolean
  /** Of several values: to SQL it is NULL where each of them is, and not NULL where none is. */
  readonly isComposite: boolean
  /** The labels of an enum, or of the members of an array, in their order. */
  readonly labels: readonly string[] | null
  /** The domains on the way to the base, by name. */
  readonly domains: readonly string[]
  readonly isNullable: boolean
  /** Whether the type has an order of its own. */
  readonly isOrdered: boolean
  /**
   * How the column compares texts. `bytes`: equal and ordered by their bytes. `exact`: equal by their bytes,
   * ordered by a language. `loose`: even different texts may be equal.
   */
  readonly collation: 'bytes' | 'exact' | 'loose'
}

export interface Facts {
  /** By `tableKey`, then by column name. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, Column>>
  /** Tables whose rows have a place of their own, which tells them apart: no views, no partitioned tables. */
  readonly places: ReadonlySet<string>
  /** Columns of each constraint and unique index, by `constraintKey`. */
  readonly constraints: ReadonlyMap<string, Constraint>
  readonly defaultSchema: string | null
}

export interface Constraint {
  readonly columns: readonly string[]
  /** The table of the model that it is about: of a partition, the whole table. */
  readonly table: string
}

export const NO_FACTS: Facts = {
  columns: new Map(),
  places: new Set(),
  constraints: new Map(),
  defaultSchema: null,
}

interface ColumnRow {
  readonly schema: string
  readonly table: string
  readonly relation_kind: string
  readonly column: string
  readonly type: string
  readonly declared: string
  readonly is_required: bigint
  readonly collation: string | null
  readonly is_deterministic: bigint
}

interface TypeRow {
  readonly id: string
  readonly name: string
  /** pg_type.typtype. */
  readonly kind: string
  /** Of an array. */
  readonly element: string | null
  /** Of a domain. */
  readonly base: string | null
  readonly declared: string
  readonly is_required: bigint
  readonly is_ordered: bigint
  /** JSON, of an enum. */
  readonly labels: string | null
}

interface ConstraintRow {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly root_schema: string
  readonly root: string
  /** JSON. */
  readonly columns: string
}

export function tableKey(schema: string, table: string): string {
  return `${schema}\0${table}`
}

export function constraintKey(schema: string, table: string, name: string): string {
  return `${schema}\0${table}\0${name}`
}

/** The key of a model's table, whose schema may be the one that goes without saying. */
export function keyOfModel({ defaultSchema }: Facts, { schema, table }: Model): string {
  return tableKey(schema ?? defaultSchema ?? '', table)
}

export async function readFacts(connection: Connection): Promise<Facts> {
  const [columns, types, constraints, settings] = await Promise.all([
    sql<ColumnRow>`${columnRows()}`.execute(connection),
    sql<TypeRow>`${typeRows()}`.execute(connection),
    sql<ConstraintRow>`${constraintRows()}`.execute(connection),
    sql<{ readonly schema: string | null; readonly collation: string }>`
      SELECT current_schema() AS schema, datcollate AS collation
      FROM pg_database WHERE datname = current_database()`.execute(connection),
  ])
  const [{ schema = null, collation = '' } = {}] = settings.rows
  const typesById = new Map(types.rows.map((row) => [row.id, row]))
  const byTable = Map.groupBy(columns.rows, (row) => tableKey(row.schema, row.table))
  return {
    columns: new Map(
      [...byTable].map(([key, rows]) => [
        key,
        new Map(rows.map((row) => [row.column, columnOfRow(row, typesById, collation)])),
      ]),
    ),
    places: new Set(
      columns.rows
        .filter(({ relation_kind: kind }) => kind === 'r' || kind === 'm')
        .map((row) => tableKey(row.schema, row.table)),
    ),
    constraints: new Map(
      constraints.rows.map((row) => [
        constraintKey(row.schema, row.table, row.name),
        { columns: JSON.parse(row.columns) as string[], table: tableKey(row.root_schema, row.root) },
      ]),
    ),
    defaultSchema: schema,
  }
}

/** What a field alone says of its column, until the facts are read. */
export function declaredColumn(field: Field): Column {
  return {
    base: BASES[field.type],
    declared: field.dbType,
    isArray: field.type === 'array',
    labels: null,
    domains: [],
    isNullable: field.nullable,
    isComposite: false,
    isOrdered: !UNORDERED.has(field.type),
    collation: 'exact',
  }
}

const UNORDERED: ReadonlySet<Field['type']> = new Set(['json', 'native', 'opaque', 'array'])

const BASES: Readonly<Record<Field['type'], string>> = {
  int: 'int4',
  bigint: 'int8',
  decimal: 'numeric',
  float: 'float8',
  bool: 'bool',
  text: 'text',
  enum: 'text',
  uuid: 'uuid',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  json: 'json',
  bytes: 'bytea',
  array: 'unknown',
  set: 'text',
  native: 'unknown',
  opaque: 'unknown',
}

function columnOfRow(row: ColumnRow, types: ReadonlyMap<string, TypeRow>, collation: string): Column {
  const domains: string[] = []
  let isRequired = row.is_required === 1n
  let type = types.get(row.type)
  let declared = row.declared
  while (type?.kind === 'd' && type.base !== null) {
    domains.push(type.name)
    isRequired ||= type.is_required === 1n
    declared = type.declared
    type = types.get(type.base)
  }
  const isArray = (type?.element ?? null) !== null
  // of an array, from here on what its members are, below all domains
  if (isArray) type = types.get(type?.element ?? '')
  while (type?.kind === 'd' && type.base !== null) {
    domains.push(type.name)
    declared = type.declared
    type = types.get(type.base)
  }
  return {
    base: type?.name ?? 'unknown',
    declared,
    isArray,
    labels: type?.labels ? (JSON.parse(type.labels) as string[]) : null,
    domains,
    isNullable: !isRequired,
    isComposite: type?.kind === 'c' && !isArray,
    isOrdered: type?.is_ordered === 1n,
    collation: collationOf(row, type?.name, collation),
  }
}

function collationOf(row: ColumnRow, base: string | undefined, ofDatabase: string): Column['collation'] {
  if (base === 'citext' || row.is_deterministic === 0n) return 'loose'
  const name = row.collation === 'default' ? ofDatabase : row.collation
  return name !== null && BY_BYTES.has(name) ? 'bytes' : 'exact'
}

const BY_BYTES: ReadonlySet<string> = new Set(['C', 'POSIX', 'ucs_basic'])

function isOurs(): RawBuilder<unknown> {
  return sql`n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`
}

function columnRows(): RawBuilder<unknown> {
  return sql`
    SELECT n.nspname AS schema, c.relname AS "table", c.relkind AS relation_kind, a.attname AS "column",
      a.atttypid::text AS type, format_type(a.atttypid, a.atttypmod) AS declared,
      a.attnotnull AS is_required, o.collname AS collation,
      coalesce(o.collisdeterministic, true) AS is_deterministic
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_collation o ON o.oid = a.attcollation
    WHERE ${isOurs()} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
      AND a.attnum > 0 AND NOT a.attisdropped`
}

/** An order of its own: of the type, of what it is binary the same as, or of all types of its kind. */
function typeRows(): RawBuilder<unknown> {
  return sql`
    WITH RECURSIVE used (id) AS (
      SELECT a.atttypid
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${isOurs()} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
      UNION
      SELECT below.id
      FROM pg_type t
      JOIN used ON used.id = t.oid
      CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) AS below (id)
      WHERE below.id <> 0
    ),
    ordered (id) AS (
      SELECT k.opcintype FROM pg_opclass k JOIN pg_am m ON m.oid = k.opcmethod
      WHERE m.amname = 'btree' AND k.opcdefault
    )
    SELECT t.oid::text AS id, t.typname AS name, t.typtype AS kind,
      CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem::text END AS element,
      CASE WHEN t.typtype = 'd' THEN t.typbasetype::text END AS base,
      format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END,
        CASE WHEN t.typtype = 'd' THEN t.typtypmod END) AS declared,
      t.typnotnull AS is_required,
      t.typtype IN ('e', 'r', 'm') OR t.oid IN (SELECT id FROM ordered)
        OR EXISTS (
          SELECT FROM pg_cast s
          WHERE s.castsource = t.oid AND s.castmethod = 'b' AND s.castcontext = 'i'
            AND s.casttarget IN (SELECT id FROM ordered)
        ) AS is_ordered,
      (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum e WHERE e.enumtypid = t.oid)
        AS labels
    FROM pg_type t
    WHERE t.oid IN (SELECT id FROM used)`
}

/** Constraints, and unique indexes that are none; an index over expressions is about the columns in them. */
function constraintRows(): RawBuilder<unknown> {
  return sql`
    WITH named AS (
      SELECT k.conrelid AS relation, k.conname AS name, k.conkey::int[] AS places
      FROM pg_constraint k
      WHERE k.conrelid <> 0 AND k.conkey IS NOT NULL
      UNION ALL
      SELECT i.indrelid, x.relname, array_agg(DISTINCT d.refobjsubid)
      FROM pg_index i
      JOIN pg_class x ON x.oid = i.indexrelid
      JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0
      WHERE i.indisunique
      GROUP BY i.indrelid, x.relname
    )
    SELECT n.nspname AS schema, c.relname AS "table", named.name,
      rn.nspname AS root_schema, r.relname AS root,
      (SELECT json_agg(a.attname ORDER BY a.attnum)::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum = ANY (named.places)) AS columns
    FROM named
    JOIN pg_class c ON c.oid = named.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class r ON r.oid = CASE WHEN c.relispartition THEN pg_partition_root(c.oid) ELSE c.oid END
    JOIN pg_namespace rn ON rn.oid = r.relnamespace
    WHERE ${isOurs()}`
}
