/** Counters of attempts in Redis: exact over processes, and in the store while Redis is away. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startRedis } from '../../scripts/services/redis.ts'
import type { Server } from '../../scripts/services/server.ts'
import { openRedis, type Redis } from '../../src/identity/redis.ts'
import { redisTallies } from '../../src/identity/redis-tallies.ts'
import { storedTallies } from '../../src/identity/stored-tallies.ts'
import { placeCounters } from '../../src/identity/throttle.ts'
import { inStore } from '../../src/store/tables.ts'
import { ANA, from, HOUR, type IdentityWorld, MINUTE, openIdentity, tally } from '../identity.ts'

const WRONG = 'not the password at all'
const WAITS_AFTER_FIVE = [...Array<string>(5).fill('unauthenticated'), 'limit-exceeded', 'limit-exceeded']

let folder = ''
let server: Server
let redis: Redis
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-redis-'))
  server = await startRedis(folder)
  redis = await openRedis(server.url)
})
afterEach(() => redis.run("return redis.call('FLUSHALL')", [], []))
afterAll(async () => {
  await redis.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What one wrong password is answered with. */
async function guess(world: IdentityWorld, email = ANA.email, address = '192.0.2.10') {
  const error: unknown = await world.identity
    .signIn({ email, password: WRONG }, from(address))
    .catch((reason: unknown) => reason)
  return error as { readonly code: string; readonly message: string; readonly retryAfterSeconds?: number }
}

async function guesses(count: number, world: IdentityWorld, email?: string): Promise<readonly string[]> {
  const codes: string[] = []
  for (let index = 0; index < count; index += 1) codes.push((await guess(world, email)).code)
  return codes
}

async function countedInStore(world: IdentityWorld): Promise<number> {
  return (await inStore(world.database.now).selectFrom('castellan_throttle').selectAll().execute()).length
}

test('counts in Redis as in the store: the same waits in the same words, and nothing in the store', async () => {
  await using world = await openIdentity({ redis })
  await world.person()
  await using stored = await openIdentity()
  await stored.person()

  const answers = []
  for (const one of [world, stored]) {
    const seen = []
    for (let round = 0; round < 24; round += 1) {
      const { code, message, retryAfterSeconds = 0 } = await guess(one)
      seen.push([code, message, retryAfterSeconds])
      if (round % 3 === 0) one.time.now += retryAfterSeconds * 1000
    }
    answers.push(seen)
  }

  expect(answers[0]).toEqual(answers[1])
  expect(answers[0]?.filter(([code]) => code === 'limit-exceeded').length).toBeGreaterThan(5)
  expect(await countedInStore(world)).toBe(0)
  expect(await countedInStore(stored)).toBe(3)
})

test('of two hundred guesses at once in two processes five are taken', { timeout: 20_000 }, async () => {
  await using world = await openIdentity({ redis })
  await world.person()
  const connection = await openRedis(server.url)
  await using other = await world.second({ redis: connection })

  const { refused } = await tally(
    Array.from({ length: 200 }, (_, index) =>
      (index % 2 === 0 ? world : other).identity.signIn({ email: ANA.email, password: WRONG }, from()),
    ),
  )
  await connection.close()

  const codes = refused.map((error) => (error as { code: string }).code)
  expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(5)
  expect(codes.filter((code) => code === 'limit-exceeded')).toHaveLength(195)
})

test('takes back what succeeded: the account begins again', async () => {
  await using world = await openIdentity({ redis })
  const ana = await world.person()
  await guesses(4, world)

  expect(await world.identity.signIn(ana, from())).toMatchObject({ kind: 'second-factor' })

  expect(await guesses(7, world)).toEqual(WAITS_AFTER_FIVE)
})

test('limits everybody together, in Redis and in the store', async () => {
  await using world = await openIdentity()
  const [total] = placeCounters('')
  if (!total) throw new Error('There is no total.')
  const counters = [{ ...total, key: 'everybody' }]
  const stored = storedTallies(world.database)
  const shared = redisTallies(redis, stored, null)
  await stored.count(counters, world.time.now)
  await world.database.write((connection) =>
    inStore(connection).updateTable('castellan_throttle').set({ failures: 998 }).execute(),
  )
  for (let count = 0; count < 998; count += 1) await shared.count(counters, world.time.now)

  for (const tallies of [stored, shared]) {
    for (let count = 0; count < 2; count += 1) {
      expect(await tallies.count(counters, world.time.now)).toMatchObject({ kind: 'counted' })
    }
    expect(await tallies.count(counters, world.time.now)).toEqual({
      kind: 'waits',
      about: 'total',
      waitMs: MINUTE,
    })
  }
})

test('begins again when its cycle is over, and keeps no counter longer than that', async () => {
  await using world = await openIdentity({ redis })
  await world.person()
  expect(await guesses(6, world)).toEqual(WAITS_AFTER_FIVE.slice(0, 6))

  const left = await redis.run(
    "local found = {} for _, key in ipairs(redis.call('KEYS', '*')) do found[#found + 1] = redis.call('PTTL', key) end return found",
    [],
    [],
  )
  world.time.now += 24 * HOUR

  expect(left).toHaveLength(3)
  expect((left as number[]).every((ttl) => ttl > 0 && ttl <= 24 * HOUR)).toBe(true)
  expect((await guess(world)).code).toBe('unauthenticated')
})

test('counts in the store while Redis is away, as long as it is, and in Redis again after', async () => {
  const own = mkdtempSync(join(tmpdir(), 'castellan-redis-'))
  const frail = await startRedis(own)
  const connection = await openRedis(frail.url)
  await using world = await openIdentity({ redis: connection })
  const ana = await world.person()
  await guesses(5, world)
  expect((await guess(world)).code).toBe('limit-exceeded')

  await frail.kill()

  expect(await guesses(7, world)).toEqual(WAITS_AFTER_FIVE)
  expect(await countedInStore(world)).toBe(3)
  expect(world.warnings).toEqual(['Redis does not answer; attempts to sign in are counted in the store.'])
  world.time.now += MINUTE
  expect(await world.identity.signIn(ana, from())).toMatchObject({ kind: 'second-factor' })

  await frail.start()
  await expect
    .poll(() => connection.run("return redis.call('PING')", [], []).catch(() => 'away'), { timeout: 10_000 })
    .toBe('PONG')
  expect(await guesses(7, world)).toEqual(WAITS_AFTER_FIVE)
  await connection.close()
  await frail.stop()
  rmSync(own, { recursive: true, force: true })
})

test('opens without a Redis that nobody has started', async () => {
  const connection = await openRedis('redis://127.0.0.1:9')
  await using world = await openIdentity({ redis: connection })
  await world.person()

  expect(await guesses(7, world)).toEqual(WAITS_AFTER_FIVE)
  await connection.close()
})
