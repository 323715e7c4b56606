/** One admin over databases of three engines: names, records, changes and what the log says of them. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Admin, createAdmin } from '../../src/admin.ts'
import type { AdminOptions } from '../../src/config.ts'
import { openPostgres } from '../../src/database/postgres/postgres.ts'
import { asSystem } from '../house.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

const NOW = Date.UTC(2026, 10, 20, 10, 0, 0)
const BASE = '/admin/api/v1'
const secretKeys = [randomBytes(32).toString('base64url')]

let shop: TestDatabase
let crm: TestDatabase
let folder: string
const open: { close(): Promise<unknown> }[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-sources-'))
  ;[shop, crm] = await Promise.all([createTestDatabase('postgres'), createTestDatabase('mariadb')])
  await shop.run(
    "CREATE TABLE orders (id int PRIMARY KEY, status text NOT NULL); INSERT INTO orders VALUES (1, 'new')",
  )
  await crm.run(
    "CREATE TABLE accounts (id int PRIMARY KEY, name varchar(40) NOT NULL); INSERT INTO accounts VALUES (1, 'Acme')",
  )
  const notes = new DatabaseSync(join(folder, 'notes.db'))
  notes.exec("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO notes VALUES (1, 'x')")
  notes.close()
})
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
  await Promise.all([shop.drop(), crm.drop()])
  rmSync(folder, { recursive: true })
})

async function admin(options: AdminOptions): Promise<Admin> {
  const made = createAdmin(
    { secretKeys, debug: true, log: 'silent', ...options },
    { clock: () => NOW, passwordCost: { memoryKib: 8, passes: 1 } },
  )
  open.push(made)
  await made.initialize()
  return made
}

/** What the API answers to a service that may do everything. */
async function api(
  made: Admin,
): Promise<(method: string, path: string, body?: unknown, version?: string) => Promise<Answered>> {
  const input = {
    name: randomBytes(4).toString('hex'),
    roles: ['superadmin'],
    actions: null,
    expiresAt: null,
  }
  const { token } = (await asSystem(made, NOW, 'castellan.tokens.create', input)) as { token: string }
  return async (method, path, body, version) => {
    const answer = await made.fetch(
      new Request(`http://127.0.0.1:4600${BASE}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(version !== undefined && { 'if-match': version }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
      { address: '127.0.0.1' },
    )
    return { status: answer.status, body: await answer.json(), version: answer.headers.get('etag') }
  }
}

interface Answered {
  readonly status: number
  readonly body: unknown
  readonly version: string | null
}

const sources = (): Readonly<Record<string, string>> => ({
  shop: shop.url,
  crm: crm.url,
  notes: `sqlite:${join(folder, 'notes.db')}`,
})

test('calls the models of every source but the first after it', async () => {
  const made = await admin({ sources: sources() })

  const names = [...made.models.keys()].filter((name) => !name.startsWith('castellan.'))

  expect(names).toEqual(['orders', 'crm.accounts', 'notes.notes'])
  expect(made.sources.map(({ id, engine, sharesStore }) => ({ id, engine, sharesStore }))).toEqual([
    { id: 'shop', engine: 'postgres', sharesStore: true },
    { id: 'crm', engine: 'mariadb', sharesStore: false },
    { id: 'notes', engine: 'sqlite', sharesStore: false },
  ])
  expect(new Set(made.sources.map(({ fingerprint }) => fingerprint)).size).toBe(3)
})

test.each([
  ['orders', 'status', 'paid', ['done']],
  ['crm.accounts', 'name', 'Globex', ['started', 'done']],
  ['notes.notes', 'body', 'y', ['started', 'done']],
])('changes a record of %s and records it', async (name, field, value, outcomes) => {
  const made = await admin({ sources: sources() })
  const ask = await api(made)

  const before = await ask('GET', `/models/${name}/records/1`)
  const changed = await ask(
    'PATCH',
    `/models/${name}/records/1`,
    { values: { [field]: value } },
    before.version ?? '',
  )
  const after = await ask('GET', `/models/${name}/records/1`)
  const logged = await ask('GET', `/audit/events?filter=action:eq:${name}.update`)

  expect(changed.status).toBe(200)
  expect(after.body).toMatchObject({ record: { values: { [field]: value } } })
  const { events } = logged.body as { events: { event: { outcome: string } }[] }
  expect(events.map(({ event }) => event.outcome).sort()).toEqual([...outcomes].sort())
})

test('puts the own tables into the source whose address the store has', async () => {
  const made = await admin({ sources: sources(), store: crm.url })

  expect(made.sources.filter(({ sharesStore }) => sharesStore).map(({ id }) => id)).toEqual(['crm'])
  expect(await shop.rows("SELECT 1 FROM pg_namespace WHERE nspname = 'castellan'")).toEqual([])
})

test('refuses two models of one name', async () => {
  await shop.run('CREATE SCHEMA crm; CREATE TABLE crm.accounts (id int PRIMARY KEY)')

  await expect(admin({ sources: sources() })).rejects.toThrow(
    /^D121 sources\.crm: its model "crm\.accounts" has the name of one of "shop"\. Give the source another id\.$/,
  )
  expect(await shop.rows("SELECT 1 FROM pg_namespace WHERE nspname = 'castellan'")).toEqual([])
})

test('leaves the pool that an application lends open, and closes what it opened', async () => {
  const pool = new pg.Pool({ connectionString: shop.url, max: 2 })
  const made = await admin({
    database: {
      writes: 'refuse',
      open: async () => ({ database: await openPostgres({ pool }), overlay: null }),
    },
  })
  const ask = await api(made)

  const listed = await ask('GET', '/models/orders/records')
  await made.close()

  expect(listed.status).toBe(200)
  expect((await pool.query('SELECT status FROM orders')).rows).toEqual([{ status: 'new' }])
  await pool.end()
})

test('starts as often as it is asked to, and again after it failed', async () => {
  const made = createAdmin({ database: shop.url, secretKeys, debug: true, log: 'silent' })
  open.push(made)
  await shop.run('ALTER TABLE orders RENAME TO other; DROP TABLE other')
  await expect(made.initialize()).rejects.toThrow(/^D120 /)
  await shop.run('CREATE TABLE orders (id int PRIMARY KEY)')

  const tokens = await Promise.all([made.initialize(), made.initialize()])

  expect(tokens.map(({ setUpToken }) => typeof setUpToken)).toEqual(['string', 'string'])
})
