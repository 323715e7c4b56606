/** Rotating keys while people work: two servers over one store, real sockets, and not one request that fails. */

import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rotateDue } from '../../src/assembly/key-schedule.ts'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/url.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { type Serving, serve } from '../../src/node.ts'
import { withParts } from '../attack/assemble.ts'
import { SHOP } from '../attack/shop.ts'
import { BASE, type Client, createClient } from '../client.ts'
import { asSystem, type House, openHouse } from '../house.ts'

let house: House
let servers: readonly Serving[]
let database: Database
let identity: Identity

beforeAll(async () => {
  house = await openHouse({
    sql: SHOP,
    assemble: withParts({
      identity: (made) => {
        identity = made
        return made
      },
    }),
  })
  database = await openDatabase(house.url, { place: 'test' })
  servers = await Promise.all([house.admin, await house.second()].map((admin) => serve(admin, { port: 0 })))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await database.close()
  await house.close()
})

/** The same browser at one of the servers; in debug a cookie's name ends in its port. */
function at(server: Serving, { cookies }: Client): Client {
  const client = createClient((request) => fetch(request), server.origin)
  const { port } = new URL(server.origin)
  for (const [name, value] of cookies) client.cookies.set(name.replace(/\d+$/, port), value)
  return client
}

test('no request fails while keys are rotated under load, on either server', async () => {
  const people = [await house.signIn({ role: 'superadmin' }), await house.signIn({ role: 'superadmin' })]
  const statuses: string[] = []
  let isOver = false

  async function work(client: Client): Promise<void> {
    const csrf = await client.csrf(`${BASE}/profile`)
    while (!isOver) {
      const page = await client.get(`${BASE}/m/orders`)
      const form = await client.post(`${BASE}/theme`, { theme: 'dark', next: `${BASE}/profile` }, { csrf })
      statuses.push(`page ${page.status}`, `form ${form.status}`)
    }
  }
  const working = people.flatMap(({ client }) => servers.map((server) => work(at(server, client))))
  const purposes = identity.keys.purposes
  const others = [house.admin, house.admin, await house.second()]
  for (const admin of [...others, ...others]) {
    await asSystem(admin, house.clock.now, 'castellan.keys.rotate', { purposes })
    await Promise.all(
      servers.map((server) => at(server, people[0]?.client ?? house.visitor()).get(`${BASE}/profile`)),
    )
  }
  isOver = true
  await Promise.all(working)

  expect([...new Set(statuses)].sort()).toEqual(['form 303', 'page 200'])
  expect(statuses.length).toBeGreaterThan(20)
  const report = await verifyLog(await databaseReader(database.now), { now: house.clock.now })
  expect(report).toMatchObject({ kind: expect.not.stringContaining('tampered') })
  expect(report.handOvers.length).toBeGreaterThan(0)
})

test('the calendar rotates what is due, once, and never the key of the log by itself', async () => {
  const schedule = {
    own: database,
    gate: house.admin,
    identity,
    clock: () => house.clock.now,
    randomBytes,
    log: pino({ level: 'silent' }),
  }
  const states = () =>
    house.sql("select purpose, id from castellan_key where state = 'active' order by purpose") as Promise<
      { purpose: string; id: string }[]
    >
  const before = await states()

  await rotateDue({ keyRotationDays: 30 }, schedule)
  expect(await states()).toEqual(before)

  house.clock.now += 31 * 24 * 60 * 60_000
  await rotateDue({ keyRotationDays: 0 }, schedule)
  expect(await states()).toEqual(before)
  await rotateDue({ keyRotationDays: 30 }, schedule)
  const after = await states()
  await rotateDue({ keyRotationDays: 30 }, schedule)

  const stayed = before.filter(({ id }) => after.some((one) => one.id === id))
  expect(stayed.map(({ purpose }) => purpose)).toEqual(['checkpoint'])
  expect(await states()).toEqual(after)
})

test('of two processes that find a ring due at the same time one rotates it', async () => {
  house.clock.now += 31 * 24 * 60 * 60_000
  const input = { purposes: ['access'], olderThanDays: 30 }
  const turn = async (): Promise<number> => {
    const { turned } = (await asSystem(house.admin, house.clock.now, 'castellan.keys.rotate', input)) as {
      turned: readonly unknown[]
    }
    return turned.length
  }

  expect([await turn(), await turn()]).toEqual([1, 0])
})
