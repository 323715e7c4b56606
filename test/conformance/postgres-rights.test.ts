/** The rights that docs/databases.md names are enough, each for what it is said to be enough for. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPostgresSource } from '../../src/data/postgres/source.ts'
import type { Database } from '../../src/database/database.ts'
import { openPostgres } from '../../src/database/postgres/postgres.ts'
import { EVERYTHING } from '../../src/model/predicate.ts'
import { createStore } from '../../src/store/store.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

const [, section = ''] = readFileSync('docs/databases.md', 'utf8').split('## PostgreSQL')
const [READ = '', WRITE = '', OWN = ''] = [...section.matchAll(/```sql\n([\s\S]*?)```/g)].map(
  ([, text = '']) => text,
)

let own: TestDatabase
let role: string

beforeEach(async () => {
  own = await createTestDatabase('postgres')
  role = `role_${randomBytes(6).toString('hex')}`
  await own.run(`CREATE ROLE ${role} LOGIN;
    CREATE TABLE orders (id bigserial PRIMARY KEY, note text);
    CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
    INSERT INTO orders (note) VALUES ('old')`)
})

afterEach(async () => {
  await own.run(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  await own.drop()
})

async function as<T>(rights: readonly string[], work: (database: Database) => Promise<T>): Promise<T> {
  for (const text of rights) {
    expect(text).not.toBe('')
    await own.run(text.replaceAll(/\badmin\b/g, role))
  }
  const url = new URL(own.url)
  url.username = role
  const database = await openPostgres({ url: url.href })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Inserts, changes and deletes one record of every table. */
async function changeEverything(database: Database): Promise<number> {
  const source = createPostgresSource({ id: 'main', database, tables: 'application' })
  const models = new Map((await source.introspect()).models.map((model) => [model.name, model]))
  for (const model of models.values()) {
    const [, field] = model.fields
    await source.transaction(async (transaction) => {
      const key = await transaction.insert({ model, values: { [field?.name ?? '']: 'new' } })
      const record = { model, models, scope: EVERYTHING, key }
      expect(await transaction.get({ ...record, fields: [], isLocked: true })).toEqual({})
      expect(await transaction.update({ ...record, values: { [field?.name ?? '']: 'newer' } })).toBe(1)
      expect(await transaction.remove(record)).toBe(1)
    })
  }
  return models.size
}

test('to read is to list, and to change nothing', async () => {
  await as([READ], async (database) => {
    const source = createPostgresSource({ id: 'main', database, tables: 'application' })
    const { models } = await source.introspect()

    expect(models.map(({ writable }) => [writable.create, writable.update, writable.delete])).toEqual([
      [false, false, false],
      [false, false, false],
    ])
    await expect(changeEverything(database)).rejects.toMatchObject({ code: 'denied' })
    expect((await sql`SELECT note FROM orders`.execute(database.now)).rows).toEqual([{ note: 'old' }])
  })
})

test('to change is to insert, to update and to delete', async () => {
  expect(await as([READ, WRITE], changeEverything)).toBe(2)
})

test('a schema of its own is enough for the tables of its own', async () => {
  await as([READ, WRITE, OWN], async (database) => {
    expect((await createStore(database).migrate()).applied.length).toBeGreaterThan(0)
    expect((await createStore(database).migrate()).applied).toEqual([])
  })
})

test('without it there is a sentence that says what is missing', async () => {
  await as([READ, WRITE], async (database) => {
    await expect(createStore(database).migrate()).rejects.toMatchObject({ code: 'misconfigured' })
  })
})
