import { sql } from 'kysely'
import { createSqliteSource } from '../../src/data/sqlite/source.ts'
import { openSqlite } from '../../src/database/sqlite/sqlite.ts'
import { describeDataSource } from '../../src/testing/conformance.ts'

describeDataSource('SQLite', async () => {
  const database = await openSqlite({ file: ':memory:' })
  return {
    source: createSqliteSource({ id: 'main', database, tables: 'application' }),
    execute: (statements) =>
      database.write(async (connection) => {
        for (const statement of statements) await sql.raw(statement).execute(connection)
      }),
    close: () => database.close(),
  }
})
