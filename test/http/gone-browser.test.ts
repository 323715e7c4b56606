/** Whoever closes the page before it comes has its statement stopped on the server, and not only forgotten here. */

import { expect, onTestFinished, test } from 'vitest'
import { serve } from '../../src/node.ts'
import { BASE } from '../client.ts'
import { openTestDatabase } from '../engine.ts'
import { openHouse } from '../house.ts'

/** Statements of the house that sleep, as the server sees them. */
const ASLEEP = {
  postgres: `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep'`,
  mariadb: `SELECT count(*) AS n FROM information_schema.processlist
    WHERE db = DATABASE() AND state = 'User sleep'`,
} as const

const SLOW = {
  postgres: 'CREATE VIEW slow AS SELECT id FROM shelves WHERE pg_sleep(8) IS NOT NULL',
  mariadb: 'CREATE VIEW slow AS SELECT id FROM shelves WHERE SLEEP(8) = 0',
} as const

test.each(['postgres', 'mariadb'] as const)('a list that nobody waits for is stopped: %s', async (engine) => {
  const home = await openTestDatabase(engine)
  await home.run('CREATE TABLE shelves (id INTEGER PRIMARY KEY)')
  await home.run('INSERT INTO shelves VALUES (1)')
  await home.run(SLOW[engine])
  const house = await openHouse({ engine, home, debug: true })
  onTestFinished(() => house.close())
  const serving = await serve(house.admin, { port: 0 })
  onTestFinished(() => serving.close())
  const token = await house.token(['superadmin'])
  const asleep = async (): Promise<number> => Number((await home.rows(ASLEEP[engine]))[0]?.['n'])
  const browser = new AbortController()

  const page = fetch(`${serving.origin}${BASE}/api/v1/models/slow/records`, {
    headers: { authorization: `Bearer ${token}` },
    signal: browser.signal,
  }).catch(() => 'left')
  await expect.poll(asleep, { timeout: 6000 }).toBe(1)
  browser.abort()

  expect(await page).toBe('left')
  await expect.poll(asleep, { timeout: 3000 }).toBe(0)
})
