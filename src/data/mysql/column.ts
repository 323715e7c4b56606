/**
 * What is known of a MariaDB or MySQL column beyond the model: facts that only
 * the adapter needs to read, compare and write it.
 */

import { type RawBuilder, sql } from 'kysely'
import { engineOf } from '../../database/connection.ts'
import type { Connection, Engine } from '../../database/database.ts'
import type { Field } from '../../model/model.ts'

export interface Column {
  /** `bigint`, `varchar`, `enum` … */
  readonly kind: string
  readonly isUnsigned: boolean
  /** Whether the column may hold NULL, whatever the model tells people. */
  readonly isNullable: boolean
  /** The character set of a text; null: it is none. */
  readonly charset: string | null
  /** Its collation; null: it is no text, or not known. */
  readonly collation: string | null
  /** The most characters, or bytes where it has no character set; null: not limited by its type alone. */
  readonly maxLength: number | null
  /** Digits of a decimal, all of them. */
  readonly precision: number | null
  /** Digits behind the point; null for a floating-point number that does not say. */
  readonly scale: number | null
  /** Digits of a second, of a moment. */
  readonly fraction: number
  /** The labels of an enum or a set; null: it is neither. */
  readonly labels: readonly string[] | null
  /** Numbered by the database. */
  readonly isNumbered: boolean
}

/** A CHECK constraint of a table. */
export interface Check {
  readonly name: string
  /** The columns that it mentions. */
  readonly columns: ReadonlySet<string>
}

export interface TableFacts {
  /** By name. */
  readonly columns: ReadonlyMap<string, Column>
  readonly checks: readonly Check[]
}

interface ColumnRow {
  readonly tbl: string
  readonly name: string
  readonly kind: string
  readonly declared: string
  readonly nullable: 'YES' | 'NO'
  readonly charset: string | null
  readonly collation: string | null
  readonly length: bigint | null
  readonly digits: bigint | null
  readonly scale: bigint | null
  readonly fraction: bigint | null
  readonly extra: string
}

interface CheckRow {
  readonly tbl: string
  readonly name: string
  readonly clause: string
}

/** The facts of every table and view of the database, by table. */
export async function readFacts(connection: Connection): Promise<ReadonlyMap<string, TableFacts>> {
  // MySQL gives the names of such columns in capitals unless they are named here
  const { rows: columns } = await sql<ColumnRow>`SELECT table_name AS tbl, column_name AS name,
      data_type AS kind, column_type AS declared, is_nullable AS nullable, character_set_name AS charset,
      collation_name AS collation,
      character_maximum_length AS length, numeric_precision AS digits, numeric_scale AS scale,
      datetime_precision AS fraction, extra AS extra
    FROM information_schema.columns WHERE table_schema = DATABASE()`.execute(connection)
  const { rows: checks } = await checkRows(engineOf(connection)).execute(connection)
  const facts = new Map<string, { readonly columns: Map<string, Column>; readonly checks: Check[] }>()
  for (const row of columns) {
    const table = facts.get(row.tbl) ?? { columns: new Map(), checks: [] }
    table.columns.set(row.name, columnOf(row))
    facts.set(row.tbl, table)
  }
  for (const { tbl, name, clause } of checks) {
    const table = facts.get(tbl)
    const mentioned = [...(table?.columns.keys() ?? [])].filter((column) => clause.includes(quoted(column)))
    table?.checks.push({ name, columns: new Set(mentioned) })
  }
  return facts
}

/** In MariaDB a check is named within its table, in MySQL within the database. */
function checkRows(engine: Engine): RawBuilder<CheckRow> {
  if (engine === 'mariadb') {
    return sql`SELECT table_name AS tbl, constraint_name AS name, check_clause AS clause
      FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()`
  }
  return sql`SELECT t.table_name AS tbl, c.constraint_name AS name, c.check_clause AS clause
    FROM information_schema.check_constraints AS c JOIN information_schema.table_constraints AS t
      ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
        AND t.constraint_type = 'CHECK'
    WHERE c.constraint_schema = DATABASE()`
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function columnOf(row: ColumnRow): Column {
  return {
    ...shapeOf(row.declared),
    kind: row.kind.toLowerCase(),
    isNullable: row.nullable === 'YES',
    charset: row.charset,
    collation: row.collation,
    maxLength: numberOf(row.length),
    precision: numberOf(row.digits),
    scale: numberOf(row.scale),
    fraction: Number(row.fraction ?? 0n),
    isNumbered: /\bauto_increment\b/i.test(row.extra),
  }
}

/** What a field alone says of its column, until the table has been read. */
export function declaredColumn(field: Field): Column {
  const [, kind = ''] = /^(\w+)/.exec(field.dbType.toLowerCase()) ?? []
  return {
    ...shapeOf(field.dbType),
    kind,
    isNullable: field.nullable,
    charset: TEXTS.has(kind) ? 'utf8mb4' : null,
    collation: null,
    maxLength: field.maxLength,
    precision: null,
    scale: field.scale,
    fraction: 6,
    isNumbered: false,
  }
}

const TEXTS: ReadonlySet<string> = new Set([
  'char',
  'varchar',
  'tinytext',
  'text',
  'mediumtext',
  'longtext',
  'enum',
  'set',
])

function shapeOf(declared: string): Pick<Column, 'isUnsigned' | 'labels'> {
  return { isUnsigned: /\bunsigned\b/i.test(declared), labels: labelsOf(declared) }
}

/** `enum('a','it''s')` → a, it's; a set is declared the same way. */
function labelsOf(declared: string): readonly string[] | null {
  if (!/^(?:enum|set)\(/i.test(declared)) return null
  return [...declared.matchAll(/'((?:[^']|'')*)'/g)].map(([, label = '']) => label.replaceAll("''", "'"))
}

function numberOf(value: bigint | null): number | null {
  return value === null ? null : Number(value)
}
