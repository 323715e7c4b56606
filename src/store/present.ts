/** Which of our own tables are there. */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { OWN_PREFIX, OWN_SCHEMA } from './own-schema.ts'
import { type Family, familyOf, type StoreTables } from './tables.ts'

export type OwnTable = keyof StoreTables & string

/** By their names with the prefix, whatever the engine calls them. */
const NAMES: Readonly<Record<Family, RawBuilder<{ readonly name: string }>>> = {
  sqlite: sql`select name from sqlite_master where type = 'table'`,
  postgres: sql`
    select ${sql.lit(OWN_PREFIX)} || relation.relname as name
    from pg_catalog.pg_class as relation
    join pg_catalog.pg_namespace as home on home.oid = relation.relnamespace
    where home.nspname = ${sql.lit(OWN_SCHEMA)} and relation.relkind in ('r', 'p')`,
  mysql: sql`select table_name as name from information_schema.tables where table_schema = database()`,
}

/** Whether all of them are there, and may be seen. */
export async function arePresent(connection: Connection, tables: readonly OwnTable[]): Promise<boolean> {
  const { rows } = await NAMES[familyOf(connection)].execute(connection)
  const names = new Set(rows.map(({ name }) => name))
  return tables.every((table) => names.has(table))
}
