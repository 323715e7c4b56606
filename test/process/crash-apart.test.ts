/**
 * Killed while the application's database and the log's are two: nothing that
 * was acknowledged lacks its event, and what may stand without one is in the log
 * as begun and never ended.
 */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { castellan, SECRET, start, temporaryFolder } from './castellan.ts'
import { openShop, type Shop } from './shop.ts'
import { range, writeUntilDead } from './writer.ts'

const WRITERS = 8
const MOMENTS = process.env['CASTELLAN_TEST_RUNS'] ? range(20, 11) : [1, 45]

const { folder, remove } = temporaryFolder()
const environment = { CASTELLAN_SECRET_KEY: SECRET }
let shop: Shop
let where: readonly string[] = []
let token = ''

beforeAll(async () => {
  shop = await openShop('postgres', WRITERS)
  where = ['--database', shop.url, '--store', 'sqlite:own.db']
  const create = ['token', 'create', ...where, '--name', 'writer', '--role', 'superadmin']
  token = (await castellan(create, { folder, environment })).stdout.trim()
})
afterAll(async () => {
  await shop.close()
  remove()
})

interface Logged {
  readonly id: string
  readonly outcome: string
  readonly key: string
  readonly note: string | null
  /** The event that began what this one ends. */
  readonly began: string | null
}

function logged(): readonly Logged[] {
  const own = new DatabaseSync(join(folder, 'own.db'), { readOnly: true })
  const rows = own
    .prepare("select event from castellan_audit_event where action = 'orders.update' order by entry")
    .all()
  own.close()
  return rows.map(({ event }) => {
    const { id, outcome, target, changes, details } = JSON.parse(String(event))
    return {
      id,
      outcome,
      key: target.key,
      note: changes[0]?.after ?? null,
      began: details.startedEvent ?? null,
    }
  })
}

test.each(MOMENTS.map((moment, round) => ({ moment, round })))(
  'killed after $moment acknowledged changes',
  async ({ moment, round }) => {
    const server = await start(['serve', ...where], { folder, environment })
    let count = 0
    const onAcknowledged = (): void => {
      count += 1
      if (count === moment) server.process.kill('SIGKILL')
    }
    const writing = { url: server.url, token, round, onAcknowledged }
    const acknowledged = await Promise.all(range(WRITERS, 1).map((id) => writeUntilDead(id, writing)))
    await server.stop('SIGKILL')

    const events = logged()
    const ended = new Set(events.map(({ began }) => began))
    const orders = await shop.rows('select id, note from orders order by id')
    expect(orders).toHaveLength(WRITERS)
    for (const { id, note } of orders) {
      const own = events.filter(({ key }) => key === String(id))
      const done = own.filter(({ outcome }) => outcome === 'done').map((event) => event.note)
      const unknown = own.filter((event) => event.outcome === 'started' && !ended.has(event.id))
      const promised = acknowledged[Number(id) - 1]
      if (promised) expect(done).toContain(promised)
      // one writer each: what has no end is what was under way when the process died
      expect(unknown.length).toBeLessThanOrEqual(round + 1)
      if ((done.at(-1) ?? null) !== note) expect(unknown.length).toBeGreaterThan(0)
    }
    expect(await shop.rows("select 1 from pg_namespace where nspname = 'castellan'")).toEqual([])

    const restarted = await start(['serve', ...where], { folder, environment })
    await restarted.stop()
    const verified = await castellan(['audit', 'verify', '--store', 'sqlite:own.db'], { folder, environment })
    expect(verified.stdout).toMatch(/^verified \d+ events/)
  },
)
