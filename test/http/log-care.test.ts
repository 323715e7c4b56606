/** What keeps the log honest while an admin runs: anchors, the alarm of a backlog, and verification by the calendar. */

import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { careForLog, type LogCare } from '../../src/assembly/log-care.ts'
import { openAnchors } from '../../src/audit/anchor/open-anchors.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/url.ts'
import { BASE } from '../client.ts'
import { type House, openHouse } from '../house.ts'

const HOUR = 3_600_000

let folder = ''
let house: House
let own: Database
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-care-'))
  house = await openHouse({
    engine: 'sqlite',
    sql: 'create table orders (id integer primary key, note text)',
    audit: { anchors: [{ file: join(folder, 'anchor.txt') }] },
  })
  own = await openDatabase(house.url, { place: 'test' })
})
afterAll(async () => {
  await own.close()
  await house.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The care of that house, by hand; events that it appends are kept beside the log. */
function care(backlog: () => string | null = () => null) {
  const lines: string[] = []
  const appended: unknown[] = []
  const clock = (): number => house.clock.now
  const made: LogCare = careForLog(
    { audit: {} },
    {
      ...{ own, clock, randomBytes: (size) => new Uint8Array(size) },
      anchors: openAnchors([{ file: join(folder, 'another.txt') }], clock),
      gate: house.admin,
      audit: {
        appendAlone: async (draft) => {
          appended.push(draft)
          return ''
        },
        backlog: async () => ({ waiting: 1, oldestAt: backlog() }),
      },
      log: pino({ level: 'info', base: null }, { write: (line) => lines.push(line) }),
    },
    false,
  )
  return { ...made, lines, appended }
}

test('the admin keeps its checkpoints at its anchors by itself, and verifies against them', async () => {
  const { client } = await house.signIn({ role: 'superadmin' })
  const file = join(folder, 'anchor.txt')
  await expect.poll(() => readIfThere(file), { timeout: 20_000 }).toMatch(/^castellan\/[0-9a-f]{32}\n\d+\n/)

  const verified = await client.post(`${BASE}/audit/verify`, {}, { from: `${BASE}/audit` })

  expect(verified.text).toContain('The log is what was signed.')
})

test('an alarm that is not over stands on the first page and above the log, for whoever may read its events', async () => {
  const { client } = await house.signIn({ role: 'superadmin' })
  const { client: other } = await house.signIn({ role: 'support' })
  const file = join(folder, 'anchor.txt')
  const title = `No checkpoints are kept at the anchor file ${file}`
  const pages = async (): Promise<readonly boolean[]> => [
    (await client.get(`${BASE}/`)).text.includes(title),
    (await client.get(`${BASE}/audit`)).text.includes(title),
  ]
  expect(await pages()).toEqual([false, false])

  renameSync(file, `${file}.away`)
  house.clock.now += 61_000
  await expect.poll(pages, { timeout: 20_000, interval: 500 }).toEqual([true, true])
  expect((await other.get(`${BASE}/`)).text).not.toContain(title)

  renameSync(`${file}.away`, file)
  house.clock.now += 31_000
  await expect.poll(pages, { timeout: 20_000, interval: 500 }).toEqual([false, false])
})

test('an event that waits is an alarm after a few looks, once, and over when it is sealed', async () => {
  let oldestAt: string | null = new Date(house.clock.now - 6000).toISOString()
  const looking = care(() => oldestAt)

  await looking.look()
  // a clock that was set on makes an event old that was made just now
  expect(looking.appended).toEqual([])
  for (let look = 0; look < 6; look += 1) await looking.look()
  oldestAt = null
  await looking.look()

  expect(looking.appended).toMatchObject([
    { kind: 'audit.alarm', outcome: 'failed', code: 'not-sealed', details: { alarm: 'backlog' } },
    { kind: 'audit.alarm', outcome: 'done', details: { alarm: 'backlog' } },
  ])
  expect(looking.lines.filter((line) => line.includes('alarm'))).toHaveLength(2)
  await looking.close()
})

test('a log that nobody has verified for a day says so on the first page and above itself, until somebody does', async () => {
  const { client: verifier } = await house.signIn({ role: 'superadmin' })
  await verifier.post(`${BASE}/audit/verify`, {}, { from: `${BASE}/audit` })
  const { client: early } = await house.signIn({ role: 'auditor' })
  expect((await early.get(`${BASE}/audit`)).text).toContain('Log verified ')
  expect((await early.get(`${BASE}/`)).text).not.toContain('not checked for 24 h')

  house.clock.now += 25 * HOUR
  const { client } = await house.signIn({ role: 'auditor' })
  const { client: other } = await house.signIn({ role: 'support' })
  expect((await client.get(`${BASE}/`)).text).toContain('The audit log was not checked for 24 h')
  expect((await client.get(`${BASE}/audit`)).text).toContain('Not checked for 24 h, last ')
  expect((await other.get(`${BASE}/`)).text).not.toContain('not checked for 24 h')
  expect((await other.get(`${BASE}/audit`)).text).not.toMatch(/Not checked|Not verified/)

  await client.post(`${BASE}/audit/verify`, {}, { from: `${BASE}/audit` })
  expect((await client.get(`${BASE}/audit`)).text).toContain('Log verified ')
  expect((await client.get(`${BASE}/`)).text).not.toContain('not checked for 24 h')
})

test('the log is verified a day after it was last, and what is found wrong is an alarm', async () => {
  const looking = care()
  const results = () =>
    house.sql(
      "select principal_label as who, outcome from castellan_audit_event where kind = 'audit.verify' order by entry",
    )
  const before = (await results()).length
  const aMinute = async (): Promise<void> => {
    for (let look = 0; look < 60; look += 1) await looking.look()
  }

  await aMinute()
  expect(await results()).toHaveLength(before)
  await sealed()
  house.clock.now += 25 * HOUR
  await aMinute()
  expect((await results()).slice(before)).toEqual([{ who: 'system (schedule)', outcome: 'done' }])
  expect(looking.appended).toEqual([])

  await sealed()
  await house.sql('drop trigger castellan_audit_event_update')
  await house.sql("update castellan_audit_event set reason = 'another' where sequence = 2")
  house.clock.now += 25 * HOUR
  await aMinute()
  expect(looking.appended).toMatchObject([{ code: 'tampered', details: { alarm: 'verification' } }])
  await looking.close()
})

/** An event that waits is an old one once the clock is set on. */
async function sealed(): Promise<void> {
  const waiting = () => house.sql('select id from castellan_audit_event where sequence is null')
  await expect.poll(waiting, { timeout: 20_000 }).toEqual([])
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
