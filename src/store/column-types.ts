/**
 * What the columns of our own tables are declared as, engine by engine.
 *
 * Texts compare by their exact characters on every engine, trailing spaces
 * included. Instants are text in RFC 3339, UTC, so that they are the same bytes
 * everywhere and sort as text.
 */

import { type ColumnDataType, type Expression, type RawBuilder, sql } from 'kysely'
import type { Engine } from '../database/database.ts'
import { OWN_SCHEMA } from './own-schema.ts'

type Type = ColumnDataType | Expression<unknown>

export interface ColumnTypes {
  readonly instant: Type
  /** JSON that stays the text it was. */
  readonly json: Type
  readonly bytes: Type
  /** A text of at most so many characters, for engines that index no other. */
  text(most: number): Type
  readonly longText: Type
  /** A number that the engine gives to each row, larger than any before. */
  readonly entry: Type
  /** What ends CREATE TABLE. */
  readonly ending: RawBuilder<unknown> | null
}

/** The domain of instants on PostgreSQL: three digits after the second, or six. */
export const INSTANT_DOMAIN: RawBuilder<unknown> = sql`${sql.id(OWN_SCHEMA, 'instant')}`

const SQLITE: ColumnTypes = {
  instant: 'timestamptz',
  json: 'json',
  bytes: 'blob',
  text: () => 'text',
  longText: 'text',
  entry: 'integer',
  ending: null,
}

const POSTGRES: ColumnTypes = {
  instant: INSTANT_DOMAIN,
  json: 'json',
  bytes: 'bytea',
  text: () => 'text',
  longText: 'text',
  entry: sql`bigint generated always as identity`,
  ending: null,
}

function mysqlTypes(collation: string): ColumnTypes {
  return {
    // MySQL's own json would write the text anew; MariaDB's is this
    json: sql`longtext`,
    instant: 'varchar(27)',
    bytes: 'blob',
    text: (most) => `varchar(${most})`,
    longText: sql`longtext`,
    entry: sql`bigint auto_increment`,
    ending: sql`engine = InnoDB row_format = dynamic default character set utf8mb4 collate ${sql.raw(collation)}`,
  }
}

const TYPES: Readonly<Record<Engine, ColumnTypes>> = {
  sqlite: SQLITE,
  postgres: POSTGRES,
  pglite: POSTGRES,
  // the collations that do not pad: "ana " is not "ana"
  mariadb: mysqlTypes('utf8mb4_nopad_bin'),
  mysql: mysqlTypes('utf8mb4_0900_bin'),
}

export function columnTypes(engine: Engine): ColumnTypes {
  return TYPES[engine]
}
