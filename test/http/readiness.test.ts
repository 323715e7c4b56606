/** Whether an admin is ready, under load and after its end. */

import { afterEach, expect, test } from 'vitest'
import { readiness } from '../../src/assembly/readiness.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/url.ts'
import { systemPrincipal } from '../../src/identity/principal.ts'
import { BASE } from '../client.ts'
import { openTestDatabase, type STORE_ENGINES } from '../engine.ts'
import { openHouse, performAs } from '../house.ts'

const audit = { backlog: async () => ({ waiting: 0 }) }
const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

async function opened(engine: (typeof STORE_ENGINES)[number]): Promise<Database> {
  const home = await openTestDatabase(engine)
  const database = await openDatabase(home.url, { place: 'test' })
  cleanUps.push(home.drop, () => database.close())
  return database
}

test.each(['postgres', 'mariadb'] as const)(
  'is told while every read that is let in goes on: %s',
  async (engine) => {
    const database = await opened(engine)
    const done = Promise.withResolvers<void>()
    const reads = Array.from({ length: 12 }, () => database.read(() => done.promise))
    try {
      const isReady = readiness({ databases: [database], own: database, audit })

      expect(await isReady()).toBe(true)
      // control: a read has to wait for its turn, and it does not come
      await expect(database.read(async () => 1, { timeoutMs: 300 })).rejects.toMatchObject({
        code: 'data-source-failed',
      })
    } finally {
      done.resolve()
      await Promise.all(reads)
    }
  },
)

test('asks a database once for all who ask at the same time', async () => {
  const database = await opened('sqlite')
  let asked = 0
  const counted = {
    get now() {
      asked += 1
      return database.now
    },
  }
  const isReady = readiness({ databases: [counted], own: database, audit })

  expect(new Set(await Promise.all(Array.from({ length: 50 }, isReady)))).toEqual(new Set([true]))
  expect(asked).toBe(1)
  await isReady()
  expect(asked).toBe(2)
})

test('is not ready when a database is gone, or the log has fallen behind', async () => {
  const database = await opened('sqlite')
  const behind = readiness({
    databases: [database],
    own: database,
    audit: { backlog: async () => ({ waiting: 200_000 }) },
  })
  expect(await behind()).toBe(false)

  const isReady = readiness({ databases: [database], own: database, audit })
  expect(await isReady()).toBe(true)
  await database.close()
  expect(await isReady()).toBe(false)
})

test('a closed admin answers 503 and opens nothing, until it is initialized again', async () => {
  const house = await openHouse({ engine: 'sqlite', sql: 'create table orders (id integer primary key)' })
  try {
    const { admin } = house
    const status = async (path: string) =>
      (await admin.fetch(new Request(`http://127.0.0.1${BASE}${path}`), { address: '127.0.0.1' })).status
    const call = () =>
      performAs(admin, systemPrincipal('test', house.clock.now), 'castellan.people.list', { limit: 1 })
    expect(await status('/readyz')).toBe(200)

    await admin.close()
    for (const path of ['/readyz', '/sign-in', '/api/v1/models']) expect(await status(path), path).toBe(503)
    await expect(call()).rejects.toMatchObject({ code: 'data-source-failed' })
    expect(admin.sources).toEqual([])

    await admin.initialize()
    expect(await status('/readyz')).toBe(200)
    expect(await call()).toMatchObject({ kind: 'done' })
  } finally {
    await house.close()
  }
})

test('an admin that is closed while it opens stays closed', async () => {
  const house = await openHouse({ engine: 'sqlite', sql: 'create table orders (id integer primary key)' })
  try {
    const { admin } = house
    await admin.close()

    await Promise.all([admin.initialize(), admin.close()])

    expect(admin.models.size).toBe(0)
    expect((await admin.fetch(new Request(`http://127.0.0.1${BASE}/healthz`))).status).toBe(503)
  } finally {
    await house.close()
  }
})
