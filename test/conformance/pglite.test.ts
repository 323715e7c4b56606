import { PGlite } from '@electric-sql/pglite'
import { sql } from 'kysely'
import { afterAll, beforeAll } from 'vitest'
import { createPostgresSource } from '../../src/data/postgres/source.ts'
import { openPglite } from '../../src/database/pglite/pglite.ts'
import { describeDataSource } from '../../src/testing/conformance.ts'
import { vocabulary } from './postgres-vocabulary.ts'

/** One for all tests: it takes seconds to start. */
let instance: PGlite

beforeAll(async () => {
  instance = await PGlite.create()
}, 60_000)

afterAll(() => instance.close())

describeDataSource('PGlite', async () => {
  const database = await openPglite({ instance })
  return {
    source: createPostgresSource({ id: 'main', database, tables: 'application' }),
    vocabulary,
    execute: async (statements) => void (await instance.exec(statements.join(';\n'))),
    slowly: (connection) => sql`SELECT pg_sleep(1)`.execute(connection),
    async close() {
      await database.close()
      await instance.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    },
  }
})
