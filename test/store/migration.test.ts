import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuditLog } from '../../src/audit/create-log.ts'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import type { Connection, Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/url.ts'
import { openKeys } from '../../src/keys/key-ring.ts'
import { createStore } from '../../src/store/store.ts'
import { inStore } from '../../src/store/tables.ts'
import { openTestDatabase, STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { change, draft } from '../log.ts'
import type { TestDatabase } from '../servers.ts'

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
const LEAF = Buffer.alloc(32)

describe.each(STORE_ENGINES)('a store on %s', (engine) => {
  let home: TestDatabase
  let database: Database

  beforeEach(async () => {
    home = await openTestDatabase(engine)
    database = await open(home)
  })

  afterEach(async () => {
    await database.close()
    await home.drop()
  })

  test('is made once, and nothing the second time', async () => {
    const store = createStore(database)

    expect(await store.migrate()).toEqual({ applied: MIGRATIONS })
    expect(await store.migrate()).toEqual({ applied: [] })
    expect(await store.installation()).toMatch(/^[0-9a-f]{32}$/)
  })

  test('is made once when several processes start at once', async () => {
    const others = await Promise.all([open(home), open(home), open(home)])

    const made = await Promise.all([database, ...others].map((one) => createStore(one).migrate()))

    expect(made.flatMap(({ applied }) => applied).sort()).toEqual(MIGRATIONS)
    const ids = await Promise.all([database, ...others].map((one) => createStore(one).installation()))
    expect(new Set(ids).size).toBe(1)
    for (const other of others) await other.close()
  })

  test('leaves the tables of the application alone', async () => {
    await home.run(
      "create table orders (id integer primary key, note varchar(20)); insert into orders values (1, 'kept')",
    )

    await createStore(database).migrate()

    expect(await home.rows('select note from orders')).toEqual([{ note: 'kept' }])
    expect((await tablesBeside(home, engine)).filter((name) => !name.startsWith('castellan_'))).toEqual([
      'orders',
    ])
  })

  test('refuses tables that a newer version has migrated', async () => {
    await createStore(database).migrate()
    await database.write((connection) =>
      inStore(connection).insertInto('castellan_migration').values({ name: '0999-later' }).execute(),
    )

    await expect(createStore(database).migrate()).rejects.toMatchObject({
      code: 'misconfigured',
      mistakes: [{ id: 'M202', problem: expect.stringContaining('0999-later') }],
    })
  })

  test('takes an event without a number, and numbers it once', async () => {
    await createStore(database).migrate()
    await database.write(async (connection) => {
      await insertEvent(connection, 'a')
      await insertEvent(connection, 'b')
    })

    await database.write((connection) => numbered(connection, 'a', 1))

    await refused(database, (connection) => numbered(connection, 'a', 2))
    await refused(database, (connection) => numbered(connection, 'a', null))
    await refused(database, (connection) => insertEvent(connection, 'c', 3))
    expect(await eventsOf(database)).toEqual([
      { id: 'a', sequence: 1 },
      { id: 'b', sequence: null },
    ])
  })

  test('lets nothing of an event be changed, not even with its number', async () => {
    await createStore(database).migrate()
    await database.write((connection) => insertEvent(connection, 'a'))
    const columns = ['reason', 'record_label', 'event', 'occurred_at', 'session'] as const

    for (const column of columns) {
      await refused(database, (connection) =>
        inStore(connection)
          .updateTable('castellan_audit_event')
          .set({ [column]: '2026-11-21T10:00:01.000000Z', sequence: 1 })
          .execute(),
      )
    }
    await refused(database, (connection) =>
      inStore(connection).updateTable('castellan_audit_event').set({ is_change: 1, sequence: 1 }).execute(),
    )
    await refused(database, (connection) => inStore(connection).deleteFrom('castellan_audit_event').execute())

    expect(await eventsOf(database)).toEqual([{ id: 'a', sequence: null }])
  })

  test('lets nothing of the tree and its checkpoints be changed', async () => {
    await createStore(database).migrate()
    await database.write(async (connection) => {
      const store = inStore(connection)
      await store.insertInto('castellan_audit_node').values({ level: 0, position: 0, hash: LEAF }).execute()
      const issued_at = '2026-11-21T10:00:00.000Z'
      await store
        .insertInto('castellan_audit_checkpoint')
        .values({ number: 1, size: 1, root: LEAF, issued_at, note: 'note' })
        .execute()
    })

    for (const table of ['castellan_audit_node', 'castellan_audit_checkpoint'] as const) {
      const hash = table === 'castellan_audit_node' ? 'hash' : 'root'
      await refused(database, (connection) => inStore(connection).deleteFrom(table).execute())
      await refused(database, (connection) =>
        sql`update ${sql.table(table)} set ${sql.ref(hash)} = ${Buffer.alloc(32, 1)}`.execute(
          inStore(connection),
        ),
      )
    }
    expect(await inStore(database.now).selectFrom('castellan_audit_node').select('hash').execute()).toEqual([
      { hash: new Uint8Array(LEAF) },
    ])
  })

  test('keeps texts apart that differ by case, accent or a space at the end', async () => {
    await createStore(database).migrate()
    const subjects = [
      'orders:ana',
      'orders:Ana',
      'orders:ana ',
      'orders:\u00e1na',
      'orders:a\u0301na',
      'orders:🙂',
    ]

    await database.write((connection) =>
      inStore(connection)
        .insertInto('castellan_audit_subject')
        .values(subjects.map((subject) => ({ subject, key_id: 'k', wrapped: LEAF })))
        .execute(),
    )

    for (const subject of subjects) {
      const found = await inStore(database.now)
        .selectFrom('castellan_audit_subject')
        .select('subject')
        .where('subject', '=', subject)
        .execute()
      expect(found).toEqual([{ subject }])
    }
  })

  test('finds nothing for a text that an engine can not hold, and does not fail', async () => {
    await createStore(database).migrate()

    const found = await inStore(database.now)
      .selectFrom('castellan_person')
      .select('id')
      .where('email_canonical', 'in', ['a\0b', '\ud800'])
      .execute()

    expect(found).toEqual([])
  })
})

describe('the rights that a store needs', () => {
  test.each(['postgres', 'mariadb'] as const)(
    'names --store where they are missing on %s',
    async (engine) => {
      const home = await openTestDatabase(engine)
      const name = new URL(home.url).pathname.slice(1)
      const user = `user_${name.slice(-8)}`
      await home.run(withoutRight(engine, user, name))
      const url = new URL(home.url)
      url.username = user
      url.password = 'secret'
      const database = await openDatabase(url.href, { place: 'test' })

      await expect(createStore(database).migrate()).rejects.toMatchObject({
        code: 'misconfigured',
        mistakes: [{ id: 'M204', remedy: expect.stringContaining('--store') }],
      })

      await database.close()
      await home.run(
        engine === 'postgres' ? `drop owned by ${user}; drop role ${user}` : `drop user ${user}@'%'`,
      )
      await home.drop()
    },
  )

  test.each(['postgres', 'mariadb'] as const)(
    'are fewer for who only works with the tables on %s',
    async (engine) => {
      const home = await openTestDatabase(engine)
      const name = new URL(home.url).pathname.slice(1)
      const user = `user_${name.slice(-8)}`
      const owner = await open(home)
      await createStore(owner).migrate()
      await home.run(withoutRight(engine, user, name))
      if (engine === 'postgres') {
        await home.run(`grant usage on schema castellan to ${user};
        grant select, insert, update, delete on all tables in schema castellan to ${user}`)
      }
      const url = new URL(home.url)
      url.username = user
      url.password = 'secret'
      const database = await openDatabase(url.href, { place: 'test' })
      const store = createStore(database)

      expect(await store.migrate()).toEqual({ applied: [] })
      const common = { clock: () => Date.UTC(2026, 10, 21, 10), randomBytes }
      const keys = await openKeys({
        store,
        secrets: ['a secret for tests, of more than 32 bytes'],
        ...common,
      })
      const log = createAuditLog({ store, keys, ...common, node: 'test', version: '0', everyMs: null })
      await log.sealed(await log.appendAlone(draft({ changes: [change('x', 'personal')] })))
      const report = await verifyLog(await databaseReader(database.now), { now: common.clock() })

      expect(report).toMatchObject({ kind: 'verified', events: 1 })
      await database.close()
      await owner.close()
      await home.run(
        engine === 'postgres' ? `drop owned by ${user}; drop role ${user}` : `drop user ${user}@'%'`,
      )
      await home.drop()
    },
  )

  test('are not more than a schema that someone else has made and given', async () => {
    const home = await openTestDatabase('postgres')
    const name = new URL(home.url).pathname.slice(1)
    const user = `user_${name.slice(-8)}`
    await home.run(`${withoutRight('postgres', user, name)}; create schema castellan authorization ${user}`)
    const url = new URL(home.url)
    url.username = user
    const database = await openDatabase(url.href, { place: 'test' })

    expect(await createStore(database).migrate()).toEqual({ applied: MIGRATIONS })

    await database.close()
    await home.run(`drop owned by ${user}; drop role ${user}`)
    await home.drop()
  })
})

test('no statement of PostgreSQL empties the log', async () => {
  const home = await openTestDatabase('postgres')
  const database = await open(home)
  await createStore(database).migrate()
  await database.write((connection) => insertEvent(connection, 'a'))

  for (const table of ['audit_event', 'audit_node', 'audit_checkpoint']) {
    await expect(home.run(`truncate castellan.${table} cascade`)).rejects.toThrow('append-only')
  }
  expect(await eventsOf(database)).toHaveLength(1)

  await database.close()
  await home.drop()
})

test('MariaDB goes on with a migration that was cut off', async () => {
  const home = await openTestDatabase('mariadb')
  const database = await open(home)
  await createStore(database).migrate()
  await home.run(`
    delete from castellan_migration where name <> '0001-foundation';
    drop table castellan_audit_sealed;
    drop trigger castellan_audit_event_update;
    drop table castellan_known_network`)

  expect(await createStore(database).migrate()).toEqual({ applied: MIGRATIONS.slice(1) })
  await database.write((connection) => insertEvent(connection, 'a'))
  await refused(database, (connection) =>
    inStore(connection)
      .updateTable('castellan_audit_event')
      .set({ reason: 'another', sequence: 1 })
      .execute(),
  )
  expect(await home.rows('select * from castellan_known_network')).toEqual([])

  await database.close()
  await home.drop()
})

function open(home: TestDatabase): Promise<Database> {
  return openDatabase(home.url, { place: 'test' })
}

function withoutRight(engine: 'postgres' | 'mariadb', user: string, name: string): string {
  if (engine === 'postgres') return `create role ${user} login password 'secret'`
  return `create user ${user}@'%' identified by 'secret'; grant select, insert, update, delete on ${name}.* to ${user}@'%'`
}

async function tablesBeside(home: TestDatabase, engine: StoreEngine): Promise<readonly string[]> {
  const texts = {
    sqlite: "select name from sqlite_master where type = 'table'",
    postgres:
      "select tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema', 'castellan')",
    mariadb: 'select table_name as name from information_schema.tables where table_schema = database()',
  }
  return (await home.rows(texts[engine])).map((row) => String(row['name']))
}

async function insertEvent(connection: Connection, id: string, sequence?: number): Promise<void> {
  const text = 'x'
  await inStore(connection)
    .insertInto('castellan_audit_event')
    .values({
      id,
      occurred_at: '2026-11-21T10:00:00.000000Z',
      principal_kind: text,
      principal_id: text,
      principal_label: text,
      action: text,
      kind: text,
      severity: text,
      outcome: text,
      is_change: 0,
      address: text,
      request_id: text,
      event: '{}',
      leaf: LEAF,
      ...(sequence !== undefined && { sequence }),
    })
    .execute()
}

async function numbered(connection: Connection, id: string, sequence: number | null): Promise<void> {
  await inStore(connection)
    .updateTable('castellan_audit_event')
    .set({ sequence })
    .where('id', '=', id)
    .execute()
}

async function eventsOf(database: Database) {
  const rows = await inStore(database.now)
    .selectFrom('castellan_audit_event')
    .select(['id', 'sequence'])
    .orderBy('entry')
    .execute()
  return rows.map(({ id, sequence }) => ({ id, sequence: sequence === null ? null : Number(sequence) }))
}

/** Refused by a trigger, whatever the engine calls that. */
async function refused(
  database: Database,
  work: (connection: Connection) => Promise<unknown>,
): Promise<void> {
  await expect(database.write(work)).rejects.toThrow('append-only')
}
