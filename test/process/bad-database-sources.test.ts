/** Several databases, one of which goes away while the admin runs: the others go on. */

import { expect, test } from 'vitest'
import { createAdmin } from '../../src/admin.ts'
import { BASE } from '../client.ts'
import { asSystem, openHouse } from '../house.ts'
import { SHELVES, said } from './shelves.ts'
import { wayToDatabase } from './way.ts'

const NOTES = `CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, body VARCHAR(40)); INSERT INTO notes VALUES (1, 'hello')`
const FAR = `${BASE}/m/far.shelves`

test.each(['postgres', 'mariadb'] as const)(
  'a second database on %s that goes away takes nothing with it but its own records',
  async (engine) => {
    const way = await wayToDatabase(engine)
    await way.home.run(SHELVES)
    const house = await openHouse({
      engine: 'sqlite',
      sql: NOTES,
      assemble: ({ database, ...options }, ports) =>
        createAdmin({ ...options, sources: { near: String(database), far: way.home.url } }, ports),
    })
    try {
      const { client } = await house.signIn({ role: 'superadmin' })
      const form = await client.csrf(`${FAR}/1/edit`)
      await way.shut()
      const list = await client.get(FAR)
      const saved = await client.post(
        `${FAR}/1/edit`,
        { name: 'Elm', weight: '11', color: 'green', _original: '{}' },
        { csrf: form },
      )
      const dashboard = await client.get(BASE)
      const near = await client.get(`${BASE}/m/notes`)
      const changed = await client.post(`${BASE}/m/notes/1/edit`, {
        body: 'bye',
        _original: '{"body":"hello"}',
      })
      const ready = await house.visitor().get(`${BASE}/readyz`)
      await way.open()

      for (const page of [list, saved]) {
        expect(page.status).toBe(503)
        expect(said(page)).toMatch(/The database test_\w+ (?:can not be reached|ended the connection)/)
      }
      expect(said(saved)).toContain('What you sent is kept on this page.')
      expect([dashboard.status, near.status, changed.status, ready.status]).toEqual([200, 200, 303, 503])
      expect((await client.get(FAR)).status).toBe(200)
      expect((await house.visitor().get(`${BASE}/readyz`)).status).toBe(200)
      expect(await way.home.rows('SELECT name FROM shelves WHERE id = 1')).toEqual([{ name: 'Oak' }])
      const { lines } = (await asSystem(house.admin, house.clock.now, 'castellan.audit.verify', {})) as {
        lines: readonly string[]
      }
      expect(lines[0]).toMatch(/^verified /)
    } finally {
      await house.close()
      await way.close()
      await way.home.drop()
    }
  },
)
