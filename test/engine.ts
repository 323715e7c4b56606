/** A database of its own for a test, empty, on the engine that the test names or that `TEST_ENGINE` says. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createTestDatabase, type TestDatabase } from './servers.ts'

export type StoreEngine = 'sqlite' | 'postgres' | 'mariadb'

/** Every engine that a store can be on. */
export const STORE_ENGINES: readonly StoreEngine[] = ['sqlite', 'postgres', 'mariadb']

/** What tests run on that name no engine; `npm run test:deep` turns through all of them. */
export const ENGINE: StoreEngine =
  STORE_ENGINES.find((engine) => engine === process.env['TEST_ENGINE']) ?? 'sqlite'

export function openTestDatabase(engine: StoreEngine = ENGINE): Promise<TestDatabase> {
  return engine === 'sqlite' ? onSqlite() : createTestDatabase(engine)
}

async function onSqlite(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'castellan-test-'))
  const file = join(folder, 'app.db')
  new DatabaseSync(file).close()
  const within = <T>(work: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(file, { timeout: 5000 })
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  return {
    url: `sqlite:${file}`,
    run: async (text) => within((database) => database.exec(text)),
    rows: async (text) => within((database) => database.prepare(text).all()),
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  }
}
