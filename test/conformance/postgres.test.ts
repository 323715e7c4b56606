import { sql } from 'kysely'
import { createPostgresSource } from '../../src/data/postgres/source.ts'
import { openPostgres } from '../../src/database/postgres/postgres.ts'
import { describeDataSource } from '../../src/testing/conformance.ts'
import { createTestDatabase } from '../servers.ts'
import { vocabulary } from './postgres-vocabulary.ts'

describeDataSource('PostgreSQL', async () => {
  const own = await createTestDatabase('postgres')
  const database = await openPostgres({ url: own.url, max: 6 })
  return {
    source: createPostgresSource({ id: 'main', database, tables: 'application' }),
    vocabulary,
    execute: (statements) => own.run(statements.join(';\n')),
    slowly: (connection) => sql`SELECT pg_sleep(20)`.execute(connection),
    async close() {
      await database.close()
      await own.drop()
    },
  }
})
