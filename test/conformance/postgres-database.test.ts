/** What `openPostgres` promises beyond the data source: sessions, limits, losses, and pools of others. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Connection, Database } from '../../src/database/database.ts'
import { isOutcomeUnknown } from '../../src/database/outcome.ts'
import { type OpenPostgresOptions, openPostgres } from '../../src/database/postgres/postgres.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

let own: TestDatabase

beforeAll(async () => {
  own = await createTestDatabase('postgres')
  await own.run('CREATE TABLE notes (id bigint PRIMARY KEY, body text)')
})

afterAll(() => own.drop())

async function opened(options: Partial<OpenPostgresOptions> = {}): Promise<Database> {
  const database = await openPostgres({ url: own.url, ...options } as OpenPostgresOptions)
  onTestFinished(() => database.close())
  return database
}

function borrowed(options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: own.url, max: 1, ...options })
  onTestFinished(() => pool.end())
  return pool
}

/** The one value of the one row. */
async function one(connection: Connection, text: string): Promise<unknown> {
  const { rows } = await sql<Record<string, unknown>>`${sql.raw(text)}`.execute(connection)
  return Object.values(rows[0] ?? {})[0]
}

const add = (id: number) => (connection: Connection) =>
  sql`INSERT INTO notes VALUES (${id}, 'new')`.execute(connection)

const note = async (id: number): Promise<unknown> =>
  (await own.rows(`SELECT body FROM notes WHERE id = ${id}`))[0]?.['body']

test('values come as the contract of a connection says', async () => {
  const database = await opened()

  const { rows } = await database.read((connection) =>
    sql`SELECT 1::int2 AS small, 2::int4 AS whole, 9223372036854775807::int8 AS large, true AS yes,
      '\\x00ff'::bytea AS bytes, 0.1::float8 AS ratio, 0.1::float4 AS single, 'NaN'::float8 AS none,
      '-0'::float8 AS zero, 1.10::numeric(5, 2) AS price, NULL::int4 AS empty,
      '2026-11-21 10:00+02'::timestamptz AS instant, '1 day 2 hours'::interval AS span,
      '{"a": 1}'::jsonb AS document, '{1,2}'::int4[] AS list, 'x'::char(3) AS padded`.execute(connection),
  )

  expect(rows).toEqual([
    {
      small: 1n,
      whole: 2n,
      large: 2n ** 63n - 1n,
      yes: 1n,
      bytes: new Uint8Array([0, 255]),
      ratio: 0.1,
      single: 0.1,
      none: Number.NaN,
      zero: -0,
      price: '1.10',
      empty: null,
      instant: '2026-11-21 08:00:00+00',
      span: 'P1DT2H',
      document: '{"a": 1}',
      list: '{1,2}',
      padded: 'x  ',
    },
  ])
})

test('parameters arrive as they are, and undefined is refused', async () => {
  const database = await opened()
  const echo = (type: string, value: unknown): Promise<unknown> =>
    database.read(async (connection) => {
      const { rows } = await sql<{ v: unknown }>`SELECT ${value}::${sql.raw(type)} AS v`.execute(connection)
      return rows[0]?.v
    })

  expect(await echo('int8', 2n ** 63n - 1n)).toBe(2n ** 63n - 1n)
  expect(await echo('float8', -0)).toBe(-0)
  expect(await echo('float8', Number.NaN)).toBe(Number.NaN)
  expect(await echo('bool', false)).toBe(0n)
  expect(await echo('bytea', new Uint8Array([0, 92, 255]))).toEqual(new Uint8Array([0, 92, 255]))
  expect(await echo('text', '')).toBe('')
  expect(await echo('text', null)).toBeNull()
  await expect(echo('text', undefined)).rejects.toThrow(TypeError)
  await expect(echo('text', {})).rejects.toThrow(TypeError)
})

test('a read sees one snapshot and can not write', async () => {
  const database = await opened()

  const counts = await database.read(async (connection) => {
    const before = await one(connection, 'SELECT count(*) FROM notes')
    await database.write(add(100))
    return [before, await one(connection, 'SELECT count(*) FROM notes')]
  })

  expect(counts[0]).toBe(counts[1])
  expect(await one(database.now, 'SELECT count(*) FROM notes')).not.toBe(counts[0])
  await expect(database.read(add(101))).rejects.toMatchObject({ code: 'data-source-failed' })
  await expect(add(101)(database.now)).rejects.toMatchObject({ code: 'data-source-failed' })
})

test('a connection is of no use once its transaction has ended', async () => {
  const database = await opened()
  const kept = await database.write(async (connection) => connection)

  await expect(one(kept, 'SELECT 1')).rejects.toThrow('has ended')
})

test('a failure that the work swallows is no commit', async () => {
  const database = await opened()
  const work = database.write(async (connection) => {
    await add(200)(connection)
    await sql`SELECT nonsense FROM notes`.execute(connection).catch(() => {})
  })

  await expect(work).rejects.toMatchObject({ code: 'data-source-failed' })
  expect(await note(200)).toBeUndefined()
})

test('an error that goes to the log quotes no value and no statement', async () => {
  const database = await opened()
  await own.run("INSERT INTO notes VALUES (210, 'hunter2')")
  await own.run('CREATE UNIQUE INDEX notes_body ON notes (body) WHERE id > 209 AND id < 220')

  const error: unknown = await database
    .write((connection) => sql`INSERT INTO notes VALUES (211, 'hunter2')`.execute(connection))
    .catch((one_: unknown) => one_)

  expect(error).toMatchObject({ code: '23505', constraint: 'notes_body' })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/hunter2|INSERT/)
})

test('what looks for a word is planned for that word, and kept under no name', async () => {
  const database = await opened()
  for (let time = 0; time < 4; time += 1) {
    await database.read((connection) =>
      sql`SELECT id FROM notes WHERE body ILIKE ${'%a%'}`.execute(connection),
    )
    await database.read((connection) => sql`SELECT body FROM notes WHERE id = ${1}`.execute(connection))
  }

  const { rows } = await database.read((connection) =>
    sql<{ statement: string }>`SELECT statement FROM pg_prepared_statements`.execute(connection),
  )

  const kept = rows.map(({ statement }) => statement)
  expect(kept).toContainEqual(expect.stringContaining('SELECT body FROM notes WHERE id ='))
  expect(kept).not.toContainEqual(expect.stringContaining('body ILIKE'))
})

test('a deadlock is run again', async () => {
  const database = await opened()
  await own.run("INSERT INTO notes VALUES (300, 'a'), (301, 'a')")
  const both = Promise.withResolvers<void>()
  let runs = 0
  const change = (first: number, second: number) =>
    database.write(
      async (connection) => {
        runs += 1
        await sql`UPDATE notes SET body = body || 'x' WHERE id = ${first}`.execute(connection)
        if (runs === 2) both.resolve()
        await both.promise
        await sql`UPDATE notes SET body = body || 'x' WHERE id = ${second}`.execute(connection)
      },
      { isolation: 'read-committed' },
    )

  await Promise.all([change(300, 301), change(301, 300)])

  expect([await note(300), await note(301)]).toEqual(['axx', 'axx'])
  expect(runs).toBe(3)
})

test('a failure behind which another writer stands is run again, whatever the work made of it', async () => {
  const database = await opened()
  await own.run('CREATE TABLE doctors (n int)')
  const both = Promise.withResolvers<void>()
  let runs = 0
  const change = database.write.bind(database, async (connection) => {
    runs += 1
    await one(connection, 'SELECT count(*) FROM doctors')
    if (runs === 2) both.resolve()
    await both.promise
    await sql`INSERT INTO doctors VALUES (1)`.execute(connection).catch(() => {
      throw new RangeError('its own words')
    })
  })

  await Promise.all([change(), change()])

  expect(runs).toBe(3)
})

test('the server stops a statement that is given up', async () => {
  const database = await opened()
  const caller = new AbortController()
  const read = database.read(
    async (connection) => {
      const slow = sql`SELECT pg_sleep(120)`.execute(connection)
      setImmediate(() => caller.abort())
      await slow
    },
    { signal: caller.signal },
  )

  await expect(read).rejects.toMatchObject({ code: 'data-source-failed' })
  await expect
    .poll(() =>
      own.rows(
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(120)%' AND pid <> pg_backend_pid() AND state = 'active'",
      ),
    )
    .toEqual([])
})

test('a session that the server ends in the middle fails once, and nothing is half written', async () => {
  const database = await opened({ max: 1 })
  const work = database.write(async (connection) => {
    await add(400)(connection)
    const pid = await one(connection, 'SELECT pg_backend_pid()')
    await own.run(`SELECT pg_terminate_backend(${pid})`)
    await add(401)(connection)
  })

  await expect(work).rejects.toMatchObject({ code: 'data-source-failed' })
  expect(await work.catch(isOutcomeUnknown)).toBe(false)
  expect([await note(400), await note(401)]).toEqual([undefined, undefined])
  await database.write(add(402))
  expect(await note(402)).toBe('new')
})

test('idle sessions that the server ends are replaced', async () => {
  const database = await opened({ max: 2 })
  const ids = await Promise.all(
    [1, 2].map(() => database.read((one_) => one(one_, 'SELECT pg_backend_pid()'))),
  )
  await own.run(`SELECT pg_terminate_backend(pid) FROM unnest('{${ids}}'::int[]) pid`)

  await expect
    .poll(() => database.read((connection) => one(connection, 'SELECT 7')).catch(() => null))
    .toBe(7n)
})

test('says that all connections are in use, within the limit', async () => {
  const database = await opened({ max: 1, label: 'shop' })
  const done = Promise.withResolvers<void>()
  const long = database.read(() => done.promise)

  const late = database.read((connection) => one(connection, 'SELECT 1'), { timeoutMs: 100 })

  await expect(late).rejects.toThrow('All 1 connections to shop were in use')
  done.resolve()
  await long
  await expect(database.read((connection) => one(connection, 'SELECT 1'))).resolves.toBe(1n)
})

test('a closed database serves nobody, and closing waits for who is inside', async () => {
  const database = await opened()
  const writing = database.write(async (connection) => {
    await add(500)(connection)
    await one(connection, 'SELECT pg_sleep(0.05)')
  })

  await Promise.all([writing, database.close(), database.close()])

  expect(await note(500)).toBe('new')
  await expect(database.read(async () => 1)).rejects.toMatchObject({ code: 'data-source-failed' })
  await expect(one(database.now, 'SELECT 1')).rejects.toMatchObject({ code: 'data-source-failed' })
})

test('a database that is opened for reading takes no change', async () => {
  const database = await opened({ readOnly: true })

  expect(database.isReadOnly).toBe(true)
  await expect(database.write(add(600))).rejects.toMatchObject({ code: 'denied' })
  await expect(database.read((connection) => one(connection, 'SELECT 1'))).resolves.toBe(1n)
})

const SETTINGS = `SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN
  ('TimeZone', 'DateStyle', 'IntervalStyle', 'statement_timeout', 'idle_in_transaction_session_timeout',
  'bytea_output', 'extra_float_digits', 'default_transaction_isolation', 'search_path', 'application_name')`

/** A pool whose sessions differ in everything from what we need. */
function foreignPool(): pg.Pool {
  return borrowed({
    onConnect: (client) =>
      client.query(`SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'ISO, DMY'; SET IntervalStyle = 'sql_standard';
        SET bytea_output = 'escape'; SET extra_float_digits = 0; SET statement_timeout = 77000`),
  } as pg.PoolConfig)
}

test.each(['read', 'write', 'failed write', 'late read', 'now'])(
  'a borrowed pool keeps its settings, its parsers and itself: %s',
  async (kind) => {
    const pool = foreignPool()
    const seen = async (): Promise<unknown> => [
      (await pool.query(SETTINGS)).rows,
      (await pool.query(moment)).rows,
    ]
    const moment = "SELECT '2026-11-21 10:00+00'::timestamptz AS t, '1.10'::numeric AS n, 7::int8 AS i"
    const before = await seen()
    const database = await openPostgres({ pool })
    const look = (connection: Connection): Promise<unknown> => one(connection, moment)

    if (kind === 'read') expect(await database.read(look)).toBe('2026-11-21 10:00:00+00')
    if (kind === 'write') expect(await database.write(look)).toBe('2026-11-21 10:00:00+00')
    if (kind === 'now') expect(await look(database.now)).toBe('2026-11-21 10:00:00+00')
    if (kind === 'failed write') {
      await expect(
        database.write(async (connection) => {
          await look(connection)
          throw new RangeError('no')
        }),
      ).rejects.toThrow(RangeError)
    }
    if (kind === 'late read') {
      const slow = database.read((connection) => one(connection, 'SELECT pg_sleep(20)'), { timeoutMs: 80 })
      await expect(slow).rejects.toMatchObject({ code: 'data-source-failed' })
    }
    await database.close()

    expect(await seen()).toEqual(before)
    expect(pool.ended).toBe(false)
  },
)

const ELSEWHERE = [
  ['another schema', 'SET search_path TO tenant'],
  ['a temporary table', "CREATE TEMP TABLE notes AS SELECT 901::int8 AS id, 'temporary' AS body"],
] as const

test.each(ELSEWHERE)('a borrowed session that was led to %s reads what is meant', async (_, led) => {
  await own.run(`CREATE SCHEMA IF NOT EXISTS tenant;
    CREATE TABLE IF NOT EXISTS tenant.notes (id int8 PRIMARY KEY, body text);
    INSERT INTO tenant.notes VALUES (901, 'of a tenant') ON CONFLICT DO NOTHING;
    INSERT INTO public.notes VALUES (901, 'meant') ON CONFLICT DO NOTHING`)
  const pool = borrowed()
  const database = await openPostgres({ pool })
  const body = 'SELECT body FROM notes WHERE id = 901'
  await pool.query(led)

  expect(await database.read((connection) => one(connection, body))).toBe('meant')
  expect(await one(database.now, body)).toBe('meant')
  expect(await database.write((connection) => one(connection, body))).toBe('meant')
  // control: the session itself, which has its way back, does not
  expect((await pool.query(body)).rows).toEqual([
    { body: expect.stringMatching(/^(of a tenant|temporary)$/) },
  ])
  await database.close()
})

test('a borrowed pool whose idle session is ended does not end the process', async () => {
  const pool = borrowed()
  const database = await openPostgres({ pool })
  const pid = await database.read((connection) => one(connection, 'SELECT pg_backend_pid()'))
  await own.run(`SELECT pg_terminate_backend(${pid})`)

  await expect
    .poll(() => database.read((connection) => one(connection, 'SELECT 7')).catch(() => null))
    .toBe(7n)
  await database.close()
})

test.each<readonly [string, (url: URL) => void, string]>([
  ['nobody listens', (url) => (url.port = '1'), 'D130'],
  ['the host is unknown', (url) => (url.hostname = 'nowhere.test'), 'D130'],
  ['the account is unknown', (url) => (url.username = 'nobody'), 'D131'],
  ['the database is missing', (url) => (url.pathname = '/nothing'), 'D132'],
  ['the server speaks in clear', (url) => url.searchParams.set('sslmode', 'require'), 'D131'],
])('says what is wrong at the start, without the password: %s', async (_, change, id) => {
  const url = new URL(own.url)
  url.password = 'hunter2'
  change(url)

  const error: unknown = await openPostgres({ url: url.href }).catch((one_: unknown) => one_)

  expect(error).toMatchObject({ code: 'misconfigured', mistakes: [{ id, remedy: expect.any(String) }] })
  expect(JSON.stringify([String(error), error])).not.toContain('hunter2')
})

test('refuses a database that does not store UTF-8', async () => {
  const name = `latin_${Math.abs(process.pid)}`
  await own.run(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
  const url = new URL(own.url)
  url.pathname = `/${name}`
  try {
    await expect(openPostgres({ url: url.href })).rejects.toMatchObject({ mistakes: [{ id: 'D134' }] })
  } finally {
    await own.run(`DROP DATABASE ${name} WITH (FORCE)`)
  }
})

test('a server that never answers is given up within the limit', async () => {
  const silent = createServer(() => {})
  const port = await listening(silent)

  const opening = openPostgres({ url: `postgres://a@127.0.0.1:${port}/shop`, timeoutMs: 100 })

  await expect(opening).rejects.toMatchObject({ mistakes: [{ id: 'D130' }] })
})

/** What stands between us and the server: cuts the line at the first COMMIT, before or after passing it on. */
async function cuttingProxy(passesOn: boolean): Promise<{ readonly url: string; arm(): void }> {
  const target = new URL(own.url)
  let isArmed = false
  const proxy = createServer((here) => {
    const there = connect(Number(target.port), target.hostname)
    const cut = (): void => void [here, there].map((socket) => socket.destroy())
    here.on('data', (chunk) => {
      if (!isArmed || !chunk.includes('COMMIT')) return void there.write(chunk)
      // the answer of the server is the sign that it has committed; it never arrives
      there.removeAllListeners('data')
      if (!passesOn) return cut()
      there.once('data', cut)
      there.write(chunk)
    })
    there.on('data', (chunk) => here.write(chunk))
    for (const socket of [here, there]) socket.on('error', cut).on('close', cut)
  })
  const url = new URL(own.url)
  url.port = String(await listening(proxy))
  return {
    url: url.href,
    arm() {
      isArmed = true
    },
  }
}

test.each([
  ['made', 700, true],
  ['not made', 701, false],
] as const)(
  'says that the outcome is not known where a commit was not answered: %s',
  async (_, id, passesOn) => {
    const proxy = await cuttingProxy(passesOn)
    const database = await opened({ url: proxy.url } as Partial<OpenPostgresOptions>)
    proxy.arm()

    const error: unknown = await database.write(add(id)).catch((one_: unknown) => one_)

    expect(error).toMatchObject({ code: 'data-source-failed', message: expect.stringContaining('not known') })
    expect(isOutcomeUnknown(error)).toBe(true)
    expect(await note(id)).toBe(passesOn ? 'new' : undefined)
  },
)

function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new Promise((settle) => {
    server.listen(0, '127.0.0.1', () => settle((server.address() as AddressInfo).port)) // over TCP
  })
}
