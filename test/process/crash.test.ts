/**
 * Killed at any moment, the process loses no change that it acknowledged, leaves
 * no change without its event and no event without its change, and the log
 * verifies after the restart. The same when it is the database server that is
 * killed; the process then goes on by itself.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { castellan, type Running, SECRET, start, temporaryFolder } from './castellan.ts'
import { openShop, type Shop } from './shop.ts'
import { range, write, writeUntilDead } from './writer.ts'

const WRITERS = 8
const isDeep = process.env['CASTELLAN_TEST_RUNS'] !== undefined
/** After how many acknowledged changes the process is killed; more of them in a deep run. */
const MOMENTS: Readonly<Record<StoreEngine, readonly number[]>> = isDeep
  ? { sqlite: range(40, 7), postgres: range(20, 13), mariadb: range(20, 13) }
  : { sqlite: [1, 10, 33, 60], postgres: [1, 60], mariadb: [1, 60] }

const { folder, remove } = temporaryFolder()
afterAll(remove)

const environment = { CASTELLAN_SECRET_KEY: SECRET }

interface Stored {
  readonly id: number
  readonly note: string | null
  /** What the events say the note was set to, in order. */
  readonly recorded: readonly string[]
}

async function stored(shop: Shop): Promise<readonly Stored[]> {
  const rows = await shop.rows('select id, note from orders order by id')
  const told = await shop.rows(
    "select event from castellan_audit_event where action = 'orders.update' and outcome = 'done' order by entry",
  )
  const events = told.map(({ event }) => JSON.parse(String(event)))
  return rows.map(({ id, note }) => ({
    id: Number(id),
    note: note === null ? null : String(note),
    recorded: events.filter(({ target }) => target.key === String(id)).map(({ changes }) => changes[0].after),
  }))
}

/** Every change has its event, every event its change, and what was promised is there. */
async function mustBeWhole(shop: Shop, acknowledged: readonly (string | null)[]): Promise<void> {
  const records = await stored(shop)
  expect(records).toHaveLength(WRITERS)
  for (const { id, note, recorded } of records) {
    expect(recorded.at(-1) ?? null).toBe(note)
    expect(new Set(recorded).size).toBe(recorded.length)
    const promised = acknowledged[id - 1]
    if (promised) expect(recorded).toContain(promised)
  }
}

describe.each(STORE_ENGINES)('on %s', (engine) => {
  let shop: Shop
  let where: readonly string[] = []
  let token = ''

  beforeAll(async () => {
    shop = await openShop(engine, WRITERS)
    where = ['--database', shop.url]
    const create = ['token', 'create', ...where, '--name', 'writer', '--role', 'superadmin']
    token = (await castellan(create, { folder, environment })).stdout.trim()
  })
  afterAll(() => shop.close())

  async function mustVerify(): Promise<void> {
    const verified = await castellan(['audit', 'verify', ...where], { folder, environment })
    expect(verified.stdout).toMatch(/^verified \d+ events/)
    expect(verified.code).toBe(0)
  }

  test.each(MOMENTS[engine].map((moment, round) => ({ moment, round })))(
    'killed after $moment acknowledged changes',
    async ({ moment, round }) => {
      const server: Running = await start(['serve', ...where], { folder, environment })
      let count = 0
      const onAcknowledged = (): void => {
        count += 1
        if (count === moment) server.process.kill('SIGKILL')
      }
      const writing = { url: server.url, token, round, onAcknowledged }
      const acknowledged = await Promise.all(range(WRITERS, 1).map((id) => writeUntilDead(id, writing)))
      await server.stop('SIGKILL')

      expect(count).toBeGreaterThanOrEqual(moment)
      await mustBeWhole(shop, acknowledged)
      const restarted = await start(['serve', ...where], { folder, environment })
      await restarted.stop()
      await mustVerify()
    },
  )

  if (engine === 'sqlite') return

  test('goes on by itself when the database server is killed', async () => {
    const server: Running = await start(['serve', ...where], { folder, environment })
    let count = 0
    let killed: Promise<void> | undefined
    const onAcknowledged = (): void => {
      count += 1
      if (count === 40) killed = shop.killServer()
    }
    const writing = { url: server.url, token, round: 1_000, onAcknowledged }

    const acknowledged = await Promise.all(range(WRITERS, 1).map((id) => writeUntilDead(id, writing)))
    await killed
    await shop.startServer()

    await mustBeWhole(shop, acknowledged)
    expect(await write(server.url, token, 1, 'after the restart')).toBe(200)
    await server.stop()
    await mustVerify()
  })
})
