/**
 * What MariaDB and MySQL say of their own tables, as rows; nothing is concluded
 * here. One query for each kind of thing, over the database that is connected to.
 *
 * Every column is named, since MySQL gives those of `information_schema` in
 * upper case and MariaDB as they were written.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'

export interface TableRow {
  readonly name: string
  /** `BASE TABLE`, `VIEW`, `SYSTEM VERSIONED`, `SEQUENCE`. */
  readonly kind: string
  readonly row_count: bigint | null
  readonly comment: string
  /** The storage engine; null for a view. */
  readonly engine: string | null
  /** `YES` where the storage engine has transactions. */
  readonly transactions: string | null
}

export interface ColumnRow {
  readonly table_name: string
  readonly name: string
  /** MariaDB: an expression, strings in quotes, `NULL` for none; MySQL: the bare value, or an expression as `extra` says. */
  readonly default_text: string | null
  readonly nullable: 'YES' | 'NO'
  readonly data_type: string
  /** `decimal(10,2)`, `enum('a','b')`, `int(10) unsigned`. */
  readonly declared: string
  readonly max_length: bigint | null
  readonly scale: bigint | null
  /** `auto_increment`, `on update current_timestamp()`, `STORED GENERATED`, `DEFAULT_GENERATED`. */
  readonly extra: string
  /** What the connected user may do with it: `select,insert,update,references`. */
  readonly privileges: string
  readonly comment: string
  readonly expression: string | null
}

export interface KeyColumnRow {
  readonly table_name: string
  readonly name: string
  readonly column_name: string
  readonly target_schema: string | null
  readonly target_table: string | null
  readonly target_column: string | null
  /** `CASCADE`, `SET NULL`, `RESTRICT`, `NO ACTION`; null: no foreign key. */
  readonly delete_rule: string | null
}

export interface IndexColumnRow {
  readonly table_name: string
  readonly name: string
  /** Null: an expression. */
  readonly column_name: string | null
  readonly non_unique: bigint
  /** How many characters of the column are in it; null: all. */
  readonly prefix: bigint | null
  /** `A` or `D`; null: none. */
  readonly sort_order: string | null
  /** `BTREE`, `HASH`, `FULLTEXT`, `SPATIAL`. */
  readonly method: string
}

export interface CheckRow {
  readonly table_name: string
  readonly name: string
  readonly clause: string
}

export interface TriggerRow {
  readonly table_name: string
}

export interface DeleteRight {
  /** Null: every table of the database. */
  readonly table_name: string | null
}

export interface MysqlRows {
  readonly database: string
  readonly isMariadb: boolean
  /** The connected user has a role, whose rights are not all shown. */
  readonly hasRole: boolean
  readonly tables: readonly TableRow[]
  readonly columns: readonly ColumnRow[]
  readonly keyColumns: readonly KeyColumnRow[]
  readonly indexColumns: readonly IndexColumnRow[]
  readonly checks: readonly CheckRow[]
  /** Tables with a trigger before an insert. */
  readonly triggers: readonly TriggerRow[]
  readonly deleteRights: readonly DeleteRight[]
}

interface SessionRow {
  readonly version: string
  readonly database_name: string
  readonly user_name: string
  readonly role_name: string | null
}

export async function readRows(connection: Connection): Promise<MysqlRows> {
  const [session] = await rowsOf<SessionRow>(
    connection,
    sql`
      SELECT version() AS version, database() AS database_name, current_user() AS user_name,
        current_role() AS role_name`,
  )
  if (!session) throw new TypeError('The server told nothing of its session.')
  const isMariadb = /mariadb/i.test(session.version)
  return {
    database: session.database_name,
    isMariadb,
    hasRole: session.role_name !== null && session.role_name !== 'NONE',
    tables: await rowsOf(connection, TABLES),
    columns: await rowsOf(connection, COLUMNS),
    keyColumns: await rowsOf(connection, KEY_COLUMNS),
    indexColumns: await rowsOf(connection, isMariadb ? INDEX_COLUMNS : INDEX_COLUMNS_OF_MYSQL),
    checks: await rowsOf(connection, isMariadb ? CHECKS : CHECKS_OF_MYSQL),
    triggers: await rowsOf(connection, TRIGGERS),
    deleteRights: await rowsOf(connection, deleteRights(granteeOf(session.user_name))),
  }
}

const TABLES = sql`
  SELECT t.table_name AS name, t.table_type AS kind, t.table_rows AS row_count, t.table_comment AS comment,
    t.engine AS engine, e.transactions AS transactions
  FROM information_schema.tables t
  LEFT JOIN information_schema.engines e ON e.engine = t.engine
  WHERE t.table_schema = database()
  ORDER BY t.table_name`

const COLUMNS = sql`
  SELECT table_name AS table_name, column_name AS name, column_default AS default_text,
    is_nullable AS nullable, data_type AS data_type, column_type AS declared,
    character_maximum_length AS max_length, numeric_scale AS scale, extra AS extra,
    privileges AS privileges, column_comment AS comment, generation_expression AS expression
  FROM information_schema.columns
  WHERE table_schema = database()
  ORDER BY table_name, ordinal_position`

const KEY_COLUMNS = sql`
  SELECT k.table_name AS table_name, k.constraint_name AS name, k.column_name AS column_name,
    k.referenced_table_schema AS target_schema, k.referenced_table_name AS target_table,
    k.referenced_column_name AS target_column, r.delete_rule AS delete_rule
  FROM information_schema.key_column_usage k
  LEFT JOIN information_schema.referential_constraints r
    ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
    AND r.table_name = k.table_name
  WHERE k.table_schema = database()
  ORDER BY k.table_name, k.constraint_name, k.ordinal_position`

const INDEX_COLUMNS = sql`
  SELECT table_name AS table_name, index_name AS name, column_name AS column_name,
    non_unique AS non_unique, sub_part AS prefix, index_type AS method,
    collation AS sort_order
  FROM information_schema.statistics
  WHERE table_schema = database()
  ORDER BY table_name, index_name, seq_in_index`

/** An index that is switched off serves no sort, but keeps its values unique. */
const INDEX_COLUMNS_OF_MYSQL = sql`
  SELECT table_name AS table_name, index_name AS name, column_name AS column_name,
    non_unique AS non_unique, sub_part AS prefix, index_type AS method,
    collation AS sort_order
  FROM information_schema.statistics
  WHERE table_schema = database() AND (is_visible = 'YES' OR non_unique = 0)
  ORDER BY table_name, index_name, seq_in_index`

/** In MariaDB a check is named within its table, in MySQL within the database. */
const CHECKS = sql`
  SELECT table_name AS table_name, constraint_name AS name, check_clause AS clause
  FROM information_schema.check_constraints
  WHERE constraint_schema = database()
  ORDER BY table_name, constraint_name`

const CHECKS_OF_MYSQL = sql`
  SELECT t.table_name AS table_name, c.constraint_name AS name, c.check_clause AS clause
  FROM information_schema.check_constraints c
  JOIN information_schema.table_constraints t
    ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
    AND t.constraint_type = 'CHECK'
  WHERE c.constraint_schema = database()
  ORDER BY t.table_name, c.constraint_name`

const TRIGGERS = sql`
  SELECT DISTINCT event_object_table AS table_name
  FROM information_schema.triggers
  WHERE event_object_schema = database() AND action_timing = 'BEFORE' AND event_manipulation = 'INSERT'`

/** The other rights stand with the columns; that to delete is told by whom it was given. */
function deleteRights(grantee: string): RawBuilder<unknown> {
  return sql`
    SELECT NULL AS table_name
    FROM information_schema.user_privileges
    WHERE grantee = ${grantee} AND privilege_type = 'DELETE'
    UNION
    SELECT NULL
    FROM information_schema.schema_privileges
    WHERE grantee = ${grantee} AND privilege_type = 'DELETE' AND database() LIKE table_schema
    UNION
    SELECT table_name
    FROM information_schema.table_privileges
    WHERE grantee = ${grantee} AND privilege_type = 'DELETE' AND table_schema = database()`
}

/** `ana@%` → `'ana'@'%'`; a name may hold an @ as well, a host may not. */
function granteeOf(user: string): string {
  const at = user.lastIndexOf('@')
  return `'${user.slice(0, at)}'@'${user.slice(at + 1)}'`
}

async function rowsOf<Row>(connection: Connection, query: RawBuilder<unknown>): Promise<readonly Row[]> {
  const { rows } = await query.execute(connection)
  // each caller selects the very columns of its row type
  return rows as readonly Row[]
}
