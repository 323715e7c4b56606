/**
 * Killed at any moment, the process loses no change that it acknowledged, leaves
 * no change without its event and no event without its change, and the log
 * verifies after the restart.
 */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { castellan, type Running, SECRET, start, temporaryFolder } from './castellan.ts'

const WRITERS = 8
/** After how many acknowledged changes the process is killed; more of them in a deep run. */
const MOMENTS = process.env['CASTELLAN_TEST_RUNS'] ? range(40, 7) : [1, 10, 33, 60]

const { folder, remove } = temporaryFolder()
afterAll(remove)

const environment = { CASTELLAN_SECRET_KEY: SECRET }
const where = ['--database', 'sqlite:shop.db']
let token = ''

beforeAll(async () => {
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)')
  for (let id = 1; id <= WRITERS; id += 1) shop.exec(`INSERT INTO orders (id) VALUES (${id})`)
  shop.close()
  const made = await castellan(['token', 'create', ...where, '--name', 'writer', '--role', 'superadmin'], {
    folder,
    environment,
  })
  token = made.stdout.trim()
})

function range(count: number, step: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) * step)
}

/** Writes to one record, one change after the other, until nobody answers; the last note that was acknowledged. */
async function writeUntilDead(
  url: string,
  id: number,
  round: number,
  onAcknowledged: () => void,
): Promise<string | null> {
  let acknowledged: string | null = null
  for (let n = 0; ; n += 1) {
    const note = `round ${round}, change ${n}`
    try {
      const answer = await fetch(`${url}/api/v1/models/orders/records/${id}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ values: { note } }),
      })
      if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`)
      await answer.arrayBuffer()
      acknowledged = note
      onAcknowledged()
    } catch (error) {
      // the one failure there may be: nobody is there any more
      if (error instanceof TypeError) return acknowledged
      throw error
    }
  }
}

interface Stored {
  readonly id: number
  readonly note: string | null
  /** What the events say the note was set to, in order. */
  readonly recorded: readonly string[]
}

function stored(): readonly Stored[] {
  const shop = new DatabaseSync(join(folder, 'shop.db'), { readOnly: true })
  const events = shop
    .prepare(
      "SELECT event FROM castellan_audit_event WHERE action = 'orders.update' AND outcome = 'done' ORDER BY entry",
    )
    .all()
    .map(({ event }) => JSON.parse(String(event)))
  const rows = shop.prepare('SELECT id, note FROM orders').all()
  shop.close()
  return rows.map(({ id, note }) => ({
    id: Number(id),
    note: note === null ? null : String(note),
    recorded: events.filter(({ target }) => target.key === String(id)).map(({ changes }) => changes[0].after),
  }))
}

test.each(MOMENTS.map((moment, round) => ({ moment, round })))(
  'killed after $moment acknowledged changes',
  async ({ moment, round }) => {
    const server: Running = await start(['serve', ...where], { folder, environment })
    let count = 0
    const killWhenDue = (): void => {
      count += 1
      if (count === moment) server.process.kill('SIGKILL')
    }
    const writers = range(WRITERS, 1).map((id) => writeUntilDead(server.url, id, round, killWhenDue))
    const acknowledged = await Promise.all(writers)
    await server.stop('SIGKILL')

    const records = stored()
    expect(count).toBeGreaterThanOrEqual(moment)
    expect(records).toHaveLength(WRITERS)
    for (const { id, note, recorded } of records) {
      expect(recorded.at(-1) ?? null).toBe(note)
      expect(new Set(recorded).size).toBe(recorded.length)
      const promised = acknowledged[id - 1]
      if (promised) expect(recorded).toContain(promised)
    }
    const restarted = await start(['serve', ...where], { folder, environment })
    await restarted.stop()
    const verified = await castellan(['audit', 'verify', ...where], { folder, environment })
    expect(verified.stdout).toMatch(/^verified \d+ events/)
    expect(verified.code).toBe(0)
  },
)
