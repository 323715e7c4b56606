import { sql } from 'kysely'
import { createSqliteSource } from '../../src/data/sqlite/source.ts'
import { openSqlite } from '../../src/database/sqlite/sqlite.ts'
import { describeDataSource, type Vocabulary } from '../../src/testing/conformance.ts'

const vocabulary: Vocabulary = {
  identityKey: 'INTEGER PRIMARY KEY',
  integer: 'BIGINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  text: 'TEXT',
  varchar: (length) => `VARCHAR(${length})`,
  // as text where the numbers of SQLite would round
  decimal: (precision, scale) => `${precision > 15 ? 'VARCHAR_DECIMAL' : 'DECIMAL'}(${precision}, ${scale})`,
  uuid: 'UUID',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  json: 'JSON',
  bytes: 'BLOB',
  nullsAre: 'lowest',
  // an empty column of moments with a zone gets the milliseconds that JavaScript writes
  cannotHold: (kind, value) =>
    Number.isNaN(value) || (kind === 'timestamptz' && /\.\d{3}(?!000)\d{3}Z$/.test(String(value))),
}

describeDataSource('SQLite', async () => {
  const database = await openSqlite({ file: ':memory:' })
  return {
    source: createSqliteSource({ id: 'main', database, tables: 'application' }),
    vocabulary,
    execute: (statements) =>
      database.write(async (connection) => {
        for (const statement of statements) await sql.raw(statement).execute(connection)
      }),
    slowly: (connection) =>
      sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)
        SELECT max(i) FROM n`.execute(connection),
    close: () => database.close(),
  }
})
