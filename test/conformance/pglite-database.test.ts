/** What `openPglite` promises beyond the data source: its folder, its queue, and an instance of the application's. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection, Database } from '../../src/database/database.ts'
import { openPglite } from '../../src/database/pglite/pglite.ts'

let instance: PGlite
let database: Database

beforeAll(async () => {
  instance = await PGlite.create()
  await instance.exec('CREATE TABLE notes (id bigint PRIMARY KEY, body text UNIQUE)')
  database = await openPglite({ instance })
}, 60_000)

afterAll(async () => {
  await database.close()
  await instance.close()
})

async function one(connection: Connection, text: string): Promise<unknown> {
  const { rows } = await sql<Record<string, unknown>>`${sql.raw(text)}`.execute(connection)
  return Object.values(rows[0] ?? {})[0]
}

test('values come as the contract of a connection says, whatever parsers the instance has', async () => {
  const row = await database.read(async (connection) => {
    const { rows } =
      await sql`SELECT ${2n ** 63n - 1n}::int8 AS large, true AS yes, ${new Uint8Array([0, 255])}::bytea AS bytes,
      ${-0}::float8 AS zero, '2026-11-21 10:00+02'::timestamptz AS instant, '{"a":1}'::jsonb AS document,
      '{1,2}'::int4[] AS list, '1 day'::interval AS span, '2026-11-21'::date AS day`.execute(connection)
    return rows[0]
  })

  expect(row).toEqual({
    large: 2n ** 63n - 1n,
    yes: 1n,
    bytes: new Uint8Array([0, 255]),
    zero: -0,
    instant: '2026-11-21 08:00:00+00',
    document: '{"a": 1}',
    list: '{1,2}',
    span: 'P1D',
    day: '2026-11-21',
  })
  expect((await instance.query("SELECT '2026-11-21'::date AS day")).rows).toEqual([
    { day: new Date('2026-11-21T00:00:00Z') },
  ])
})

test('the settings of the instance are what they were', async () => {
  await instance.exec("SET TimeZone = 'Asia/Tokyo'")
  await database.write((connection) => sql`INSERT INTO notes VALUES (1, 'a')`.execute(connection))
  await database.read((connection) => one(connection, 'SELECT 1'))

  expect((await instance.query('SHOW TimeZone')).rows).toEqual([{ TimeZone: 'Asia/Tokyo' }])
})

test('transactions wait for each other, those of the application included', async () => {
  const order: string[] = []
  const first = database.write(async (connection) => {
    order.push('ours begins')
    await one(connection, 'SELECT 1')
    await one(connection, 'SELECT 1')
    order.push('ours ends')
  })
  const second = instance.transaction(async () => void order.push('theirs'))
  const third = database.read(async () => void order.push('the next of ours'))

  await Promise.all([first, second, third])

  expect(order).toEqual(['ours begins', 'ours ends', 'theirs', 'the next of ours'])
})

test('who waits too long for a turn is told so, and takes no turn later', async () => {
  const done = Promise.withResolvers<void>()
  const long = database.write(() => done.promise)
  const late = database.write(
    (connection) => sql`INSERT INTO notes VALUES (50, 'late')`.execute(connection),
    {
      timeoutMs: 30,
    },
  )

  await expect(late).rejects.toMatchObject({ code: 'data-source-failed' })
  done.resolve()
  await long
  expect(await one(database.now, 'SELECT count(*) FROM notes WHERE id = 50')).toBe(0n)
})

test('a failure rolls back, one that is swallowed too, and its error quotes no value', async () => {
  const twice = database.write(async (connection) => {
    await sql`INSERT INTO notes VALUES (60, 'hunter2')`.execute(connection)
    await sql`INSERT INTO notes VALUES (61, 'hunter2')`.execute(connection)
  })
  const swallowed = database.write(async (connection) => {
    await sql`INSERT INTO notes VALUES (62, 'b')`.execute(connection)
    await sql`INSERT INTO notes VALUES (62, 'c')`.execute(connection).catch(() => {})
  })

  const error: unknown = await twice.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: '23505', constraint: 'notes_body_key' })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/hunter2|INSERT/)
  await expect(swallowed).rejects.toMatchObject({ code: '23505' })
  expect(await one(database.now, 'SELECT count(*) FROM notes WHERE id >= 60')).toBe(0n)
})

test('a folder keeps what was written, and what is no folder of PGlite is refused', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'castellan-pglite-'))
  try {
    const first = await openPglite({ dir: join(folder, 'data') })
    await first.write((connection) => sql`CREATE TABLE kept AS SELECT 7 AS n`.execute(connection))
    await first.close()
    const second = await openPglite({ dir: join(folder, 'data'), readOnly: true })
    expect(await one(second.now, 'SELECT n FROM kept')).toBe(7n)
    await expect(second.write(async () => 1)).rejects.toMatchObject({ code: 'denied' })
    await second.close()

    writeFileSync(join(folder, 'file'), 'no folder')
    await expect(openPglite({ dir: join(folder, 'file') })).rejects.toMatchObject({
      code: 'misconfigured',
      mistakes: [{ id: 'D138', place: join(folder, 'file') }],
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
