/** Two hundred people at the door at once: the memory that password hashes take is bounded, and others are answered. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { csrfIn } from '../client.ts'
import { type Running, start, temporaryFolder } from './castellan.ts'

const ATTEMPTS = 200
/** So many hashes that those which run at once have changed often. */
const ENOUGH = 12
const MEBIBYTE = 1024 * 1024
const MOST = 300 * MEBIBYTE

let folder = ''
let remove = (): void => undefined
let running: Running

beforeEach(async () => {
  const made = temporaryFolder()
  folder = made.folder
  remove = made.remove
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT)')
  shop.close()
  running = await start(['serve', '--database', 'sqlite:shop.db'], { folder })
  // or the throttle would answer before any of them costs a hash
  const store = new DatabaseSync(join(folder, 'shop.db'), { timeout: 5000 })
  store.exec(`
    CREATE TRIGGER forgotten AFTER INSERT ON castellan_throttle BEGIN DELETE FROM castellan_throttle; END;
    CREATE TRIGGER forgotten_too AFTER UPDATE ON castellan_throttle BEGIN DELETE FROM castellan_throttle; END`)
  store.close()
})
afterEach(async () => {
  await running.stop('SIGKILL')
  remove()
})

/** What the process holds in memory now, in bytes. */
function memory(): number {
  const status = readFileSync(`/proc/${running.process.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

test('two hundred sign-ins at once stay within their memory while others are answered', async () => {
  const page = await fetch(`${running.url}/sign-in`)
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const csrf = csrfIn(await page.text())
  const idle = memory()
  const enough = new AbortController()
  const statuses: number[] = []
  const hashed = (): number => statuses.filter((status) => status === 401).length

  const attempts = Array.from({ length: ATTEMPTS }, async (_, index) => {
    const answer = await fetch(`${running.url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      // a connection that waits for its next request may be closed under it
      headers: { cookie, origin: new URL(running.url).origin, connection: 'close' },
      body: new URLSearchParams({
        _csrf: csrf,
        email: `person${index}@example.com`,
        password: 'another quiet harbour',
      }),
      signal: enough.signal,
    })
    await answer.arrayBuffer()
    statuses.push(answer.status)
  })
  const ended = Promise.allSettled(attempts)
  let highest = idle
  let answered = 0
  while (hashed() < ENOUGH) {
    const other = await fetch(`${running.url}/sign-in`, { headers: { connection: 'close' } })
    await other.arrayBuffer()
    expect(other.status).toBe(200)
    answered += 1
    highest = Math.max(highest, memory())
    await delay(50)
  }
  enough.abort()
  await ended

  // those for whom there is no room to wait are told so at once
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(100)
  expect(statuses.filter((status) => status !== 401 && status !== 429)).toEqual([])
  expect(answered).toBeGreaterThan(ENOUGH / 2)
  expect(highest - idle).toBeGreaterThan(64 * MEBIBYTE)
  expect(highest - idle).toBeLessThan(MOST)
}, 120_000)
