import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite } from '../database/sqlite/sqlite.ts'
import { createStore } from './store.ts'
import { inStore } from './tables.ts'

const MIGRATIONS = [
  '0001-foundation',
  '0002-identity',
  '0003-audit',
  '0004-host-people',
  '0005-known-fields',
  '0006-passkeys',
  '0007-letters',
  '0008-oidc',
  '0010-agents',
  '0011-anchors',
  '0012-audit-sinks',
  '0013-audit-session',
]

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-store-'))
  file = join(folder, 'store.db')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('makes its tables once, and nothing the second time', async () => {
  await using opened = await open()

  expect(await opened.store.migrate()).toEqual({ applied: MIGRATIONS })
  expect(await opened.store.migrate()).toEqual({ applied: [] })
})

test('makes each table once when two processes start at once', async () => {
  await using one = await open()
  await using other = await open()

  const [first, second] = await Promise.all([one.store.migrate(), other.store.migrate()])

  expect([...first.applied, ...second.applied].sort()).toEqual(MIGRATIONS)
})

test('gives the installation an id that stays', async () => {
  await using opened = await open()
  await opened.store.migrate()
  const id = await opened.store.installation()

  await opened.store.migrate()

  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(await opened.store.installation()).toBe(id)
})

test('leaves the tables of the application alone', async () => {
  await using opened = await open()
  await opened.database.write(async (connection) => {
    await sql`create table orders (id integer primary key, note text)`.execute(connection)
    await sql`insert into orders values (1, 'kept')`.execute(connection)
  })

  await opened.store.migrate()

  const { rows } = await sql`select * from orders`.execute(opened.database.now)
  expect(rows).toEqual([{ id: 1n, note: 'kept' }])
  const tables = await tablesOf(opened.database.now)
  expect(tables.length).toBeGreaterThan(8)
  expect(tables.filter((name) => !name.startsWith('castellan_'))).toEqual(['orders'])
})

test('refuses a read-only database and names --store', async () => {
  await using _writable = await open()
  await using readOnly = await open({ readOnly: true })

  await expect(readOnly.store.migrate()).rejects.toMatchObject({
    code: 'misconfigured',
    mistakes: [{ id: 'M201', remedy: expect.stringContaining('--store') }],
  })
})

test('accepts a read-only database in which nothing is missing', async () => {
  await using writable = await open()
  await writable.store.migrate()
  await using readOnly = await open({ readOnly: true })

  expect(await readOnly.store.migrate()).toEqual({ applied: [] })
})

test('refuses tables that a newer version has migrated', async () => {
  await using opened = await open()
  await opened.store.migrate()
  await opened.database.write((connection) =>
    inStore(connection).insertInto('castellan_migration').values({ name: '0999-later' }).execute(),
  )

  await expect(opened.store.migrate()).rejects.toMatchObject({
    code: 'misconfigured',
    mistakes: [{ id: 'M202', problem: expect.stringContaining('0999-later') }],
  })
})

async function open(options: { readOnly?: boolean } = {}) {
  const database = await openSqlite({ file, ifMissing: 'create', ...options })
  return { database, store: createStore(database), [Symbol.asyncDispose]: () => database.close() }
}

async function tablesOf(connection: Parameters<typeof inStore>[0]): Promise<readonly string[]> {
  const { rows } = await sql<{
    name: string
  }>`select name from sqlite_master where type = 'table' and name not like 'sqlite%'`.execute(connection)
  return rows.map(({ name }) => name)
}
