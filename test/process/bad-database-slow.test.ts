/**
 * A database that is slow or locked: whoever waits is answered in time, others
 * are served meanwhile, and nothing goes on running that nobody waits for.
 */

import mysql from 'mysql2/promise'
import pg from 'pg'
import { describe, test } from 'vitest'
import { BASE } from '../client.ts'
import { createTestDatabase } from '../servers.ts'
import { kept, LIST, openShelves, RECORD, ROOMS, SHELVES, type Shelves, said } from './shelves.ts'

/** A session of its own that has run a statement, and runs another when it is told to, and ends. */
async function hold(url: string, text: string): Promise<(last: string) => Promise<void>> {
  const { run, end } = url.startsWith('postgres') ? await pgSession(url) : await mysqlSession(url)
  await run(text)
  return async (last) => {
    await run(last)
    await end()
  }
}

interface Session {
  run(text: string): Promise<unknown>
  end(): Promise<void>
}

async function pgSession(url: string): Promise<Session> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return { run: (text) => client.query(text), end: () => client.end() }
}

async function mysqlSession(url: string): Promise<Session> {
  const client = await mysql.createConnection({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    multipleStatements: true,
  })
  return { run: (text) => client.query(text), end: () => client.end() }
}

const TYPED = { name: 'Elm', weight: '11', color: 'green' }

/** What each server says of the sessions of one database; none of them is the one that asks. */
const ENGINES = {
  postgres: {
    view: 'CREATE VIEW slow AS SELECT id, name FROM shelves WHERE pg_sleep(60) IS NOT NULL',
    running: `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()
      AND application_name = 'castellan' AND (state = 'active' OR xact_start IS NOT NULL)`,
    asleep: `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event = 'PgSleep'`,
    lock: 'BEGIN; LOCK TABLE shelves',
    lockRecord: 'BEGIN; SELECT 1 FROM shelves WHERE id = 1 FOR UPDATE',
    unlock: 'COMMIT',
  },
  mariadb: {
    view: 'CREATE VIEW slow AS SELECT id, name FROM shelves WHERE SLEEP(60) = 0',
    running: `SELECT count(*) AS n FROM information_schema.processlist WHERE db = DATABASE()
      AND id <> CONNECTION_ID() AND command <> 'Sleep'`,
    asleep: `SELECT count(*) AS n FROM information_schema.processlist WHERE db = DATABASE() AND state = 'User sleep'`,
    lock: 'LOCK TABLES shelves WRITE',
    lockRecord: 'BEGIN; SELECT 1 FROM shelves WHERE id = 1 FOR UPDATE',
    unlock: 'COMMIT; UNLOCK TABLES',
  },
} as const

describe.each(['postgres', 'mariadb'] as const)('on %s', (engine) => {
  const ask = ENGINES[engine]
  // waiting is all that they do, so they wait together
  const opened = async (
    atEnd: (close: () => Promise<void>) => void,
  ): Promise<Shelves & { counted(what: string): Promise<number> }> => {
    const home = await createTestDatabase(engine)
    const shelves = await openShelves({ engine, home, sql: `${SHELVES}; ${ask.view}` })
    atEnd(() => shelves.house.close())
    return { ...shelves, counted: async (what) => Number((await home.rows(what))[0]?.['n']) }
  }

  test.concurrent('more slow lists than there are connections are given up in time, and everything else is served', async ({
    expect,
    onTestFinished,
  }) => {
    const { client, save, house, api, events, counted } = await opened(onTestFinished)
    const token = await house.token(['superadmin'])
    const slow = Array.from({ length: 12 }, () =>
      house.visitor().send('GET', `${BASE}/api/v1/models/slow/records`, {
        headers: { authorization: `Bearer ${token}` },
        isBare: true,
      }),
    )
    await expect.poll(() => counted(ask.asleep), { timeout: 5_000 }).toBe(7)
    // no list has a lane left, and yet people are known and what they save is saved
    const profile = await client.get(`${BASE}/profile`)
    const ready = await client.get(`${BASE}/healthz`)
    const answers = await Promise.all(slow)

    expect(profile.status).toBe(200)
    expect(ready.status).toBe(200)
    for (const answer of answers) {
      expect(answer.status).toBe(503)
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'data-source-failed' })
      expect(answer.text).toMatch(
        /took (?:longer than 10000 ms|too long)|is busy: other lists are read|gave no connection in time|in use for too long/,
      )
    }
    await expect.poll(() => counted(ask.running), { timeout: 10_000 }).toBe(0)
    expect((await client.get(LIST)).status).toBe(200)
    expect((await save(TYPED)).status).toBe(303)
    expect((await api('GET', '/models/rooms/records')).status).toBe(200)
    expect((await events('slow.list')).map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: 12 }, () => 'failed'),
    )
  })

  test.concurrent('a list that nobody waits for any more is stopped on the server', async ({
    expect,
    onTestFinished,
  }) => {
    const { house, client, counted } = await opened(onTestFinished)
    const token = await house.token(['superadmin'])
    const leaving = new AbortController()
    const answer = house.admin.fetch(
      new Request(`http://127.0.0.1:4600${BASE}/api/v1/models/slow/records`, {
        headers: { authorization: `Bearer ${token}` },
        signal: leaving.signal,
      }),
      { address: '127.0.0.1' },
    )
    await expect.poll(() => counted(ask.asleep)).toBe(1)
    leaving.abort()

    expect((await answer).status).toBe(503)
    await expect.poll(() => counted(ask.running)).toBe(0)
    expect((await client.get(ROOMS)).status).toBe(200)
  })

  test.concurrent('a table that somebody has locked is told as busy, and read and changed once it is free', async ({
    expect,
    onTestFinished,
  }) => {
    const { house, client, save, counted } = await opened(onTestFinished)
    const held = await hold(house.url, ask.lock)
    const [list, record, rooms] = await Promise.all([client.get(LIST), client.get(RECORD), client.get(ROOMS)])
    await held(ask.unlock)

    expect(rooms.status).toBe(200)
    for (const page of [list, record]) {
      expect(page.status).toBe(503)
      expect(said(page)).toMatch(/is busy: another session holds a lock|took too long|took longer than/)
    }
    expect((await client.get(LIST)).status).toBe(200)
    expect((await save(TYPED)).status).toBe(303)
    await expect.poll(() => counted(ask.running)).toBe(0)
  })

  test.concurrent('a save of a record that somebody has locked is told as busy, and keeps what was typed', async ({
    expect,
    onTestFinished,
  }) => {
    const { house, save, events } = await opened(onTestFinished)
    const held = await hold(house.url, ask.lockRecord)
    const busy = await save(TYPED)
    await held(ask.unlock)

    expect(busy.status).toBe(503)
    expect(said(busy)).toMatch(
      /Nothing was saved\. The database test_\w+ is busy: another session holds a lock\. Try again\./,
    )
    expect([kept(busy, 'name'), kept(busy, 'color')]).toEqual(['Elm', 'green'])
    expect((await save(TYPED)).status).toBe(303)
    expect((await events('shelves.update')).map(({ outcome }) => outcome)).toEqual(['failed', 'done'])
  })
})
