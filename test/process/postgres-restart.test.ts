/**
 * A PostgreSQL server that is stopped, killed, full or out of reach: every call
 * is answered within its limit, nothing is half written, and nothing has to be
 * restarted but the server.
 */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startPostgres } from '../../scripts/services/postgres.ts'
import type { Server } from '../../scripts/services/server.ts'
import type { Connection, Database } from '../../src/database/database.ts'
import { isOutcomeUnknown } from '../../src/database/outcome.ts'
import { openPostgres } from '../../src/database/postgres/postgres.ts'

const LIMIT_MS = 5_000
const FAILED = { code: 'data-source-failed' }

let folder = ''
let server: Server
let database: Database

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-restart-'))
  chmodSync(folder, 0o755)
  server = await startPostgres(folder, { isDurable: true })
  await up()
  await asSuperuser(
    'CREATE TABLE counters (id int PRIMARY KEY, n bigint NOT NULL); INSERT INTO counters VALUES (1, 0), (2, 0)',
  )
})

afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  database = await openPostgres({ url: server.url, timeoutMs: LIMIT_MS })
  await database.write((connection) => sql`UPDATE counters SET n = 0`.execute(connection))
})

afterEach(() => database.close())

/** A server takes connections before it takes statements; opening waits for that. */
async function up(): Promise<void> {
  const opened = await openPostgres({ url: server.url })
  await opened.close()
}

async function asSuperuser(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}

/** A power failure: the first process alone would leave the sessions to end their work. */
async function crash(): Promise<void> {
  const processes = await asSuperuser('SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()')
  await server.kill()
  for (const { pid } of processes) end(Number(pid))
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended by itself
  }
}

function set(connection: Connection, n: number, id = 1): Promise<unknown> {
  return sql`UPDATE counters SET n = ${n} WHERE id = ${id}`.execute(connection)
}

async function counters(connection: Connection): Promise<readonly bigint[]> {
  const { rows } = await sql<{ n: bigint }>`SELECT n FROM counters ORDER BY id`.execute(connection)
  return rows.map(({ n }) => n)
}

test('killed in the middle of a change, it keeps nothing of it, and the next change succeeds', async () => {
  const change = database.write(async (connection) => {
    await set(connection, 1)
    await crash()
    await set(connection, 1, 2)
  })

  await expect(change).rejects.toMatchObject(FAILED)
  expect(await change.catch(isOutcomeUnknown)).toBe(false)
  await expect
    .poll(() => database.write((connection) => set(connection, 1)).catch(({ message }: Error) => message))
    .toContain('can not be reached')
  await expect(database.read(counters)).rejects.toMatchObject(FAILED)
  await expect(counters(database.now)).rejects.toMatchObject(FAILED)
  await server.start()
  await up()
  await database.write((connection) => set(connection, 2))
  expect(await counters(database.now)).toEqual([2n, 0n])
})

test('restarted while nobody asks, it is found again: not one call fails', async () => {
  // as many sessions as there are, all of which end
  await Promise.all(
    Array.from({ length: 10 }, () =>
      database.read((connection) => sql`SELECT pg_sleep(0.05)`.execute(connection)),
    ),
  )
  await server.stop()
  await server.start()
  await up()

  const answers = await Promise.all([
    ...Array.from({ length: 12 }, () => database.read(counters)),
    ...Array.from({ length: 12 }, () => counters(database.now)),
  ])

  expect(answers).toEqual(Array.from({ length: 24 }, () => [0n, 0n]))
  await database.write((connection) => set(connection, 3))
  expect(await counters(database.now)).toEqual([3n, 0n])
})

test('changes that were acknowledged are there after a kill, and no others', async () => {
  let acknowledged = 0
  let crashing: Promise<void> | null = null
  const writer = (async () => {
    for (let n = 1; ; n += 1) {
      await database.write(async (connection) => {
        await set(connection, n)
        await set(connection, n, 2)
      })
      acknowledged = n
      if (n === 20) crashing = crash()
    }
  })()

  await expect(writer).rejects.toMatchObject(FAILED)
  await crashing
  await server.start()
  await up()
  const [one, two] = await database.read(counters)
  expect(one).toBe(two)
  expect(Number(one)).toBeGreaterThanOrEqual(acknowledged)
  expect(acknowledged).toBeGreaterThanOrEqual(20)
})

test('with no session left, it says so, and serves again when there is one', async () => {
  await asSuperuser('CREATE ROLE few LOGIN CONNECTION LIMIT 1; GRANT SELECT ON counters TO few')
  const few = await openPostgres({ url: server.url.replace('postgres@', 'few@'), timeoutMs: LIMIT_MS })
  try {
    await few.read(async (connection) => {
      await expect(few.read(counters)).rejects.toMatchObject({
        ...FAILED,
        message: expect.stringContaining('no connection free'),
      })
      expect(await counters(connection)).toEqual([0n, 0n])
    })
    expect(await few.read(counters)).toEqual([0n, 0n])
  } finally {
    await few.close()
  }
})

test('a server that is down is told apart from a database that is not there', async () => {
  await expect(openPostgres({ url: server.url.replace(/postgres$/, 'nothing') })).rejects.toMatchObject({
    mistakes: [{ id: 'D132', place: expect.stringContaining('/nothing') }],
  })
  await server.stop()
  await expect(openPostgres({ url: server.url })).rejects.toMatchObject({ mistakes: [{ id: 'D130' }] })
  await server.start()
  await up()
})
