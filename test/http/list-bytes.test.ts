/**
 * What bytes cost a list. Fifty records with a file of some megabytes each are a page like any other: of each file
 * the database answers its length, and the whole of it only where one record is read.
 */

import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/database/url.ts'
import { BASE, type Client } from '../client.ts'
import { counted } from '../counted.ts'
import { openTestDatabase, STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { openHouse } from '../house.ts'

const FILE_BYTES = 100_000
const RECORDS = 50
const BYTES = { sqlite: 'BLOB', postgres: 'BYTEA', mariadb: 'LONGBLOB' }
const FILE = {
  sqlite: `zeroblob(${FILE_BYTES})`,
  postgres: `decode(repeat('00', ${FILE_BYTES}), 'hex')`,
  mariadb: `REPEAT(x'00', ${FILE_BYTES})`,
}
const SHA_256 = '9192c25b734fcbadbe32dadc28089c60db0e39f90cc20ce2e5733f57261acc0c'

interface World {
  readonly client: Client
  api(path: string): Promise<Readonly<Record<string, unknown>>>
  /** How many bytes the database answered since the last time. */
  received(): number
}

async function openWorld(engine: StoreEngine): Promise<World> {
  const home = await openTestDatabase(engine)
  const files = Array.from({ length: RECORDS }, (_, n) => `(${n + 1}, 'file ${n}', ${FILE[engine]})`)
  await home.run(`
    CREATE TABLE files (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, content ${BYTES[engine]});
    INSERT INTO files VALUES ${files.join()};
    INSERT INTO files VALUES (${RECORDS + 1}, 'none', NULL)`)
  const { database, taken } = counted(await openDatabase(home.url, { place: 'database' }))
  const house = await openHouse({
    engine,
    home,
    database: { writes: 'refuse', open: async () => ({ database, overlay: null }) },
    models: {
      files: {
        list: { columns: ['id', 'name', 'content'] },
        fields: { content: { sensitivity: 'internal' } },
      },
    },
  })
  onTestFinished(() => house.close())
  const { client } = await house.signIn({ role: 'superadmin' })
  const token = await house.token(['superadmin'])
  return {
    client,
    async api(path) {
      const headers = { authorization: `Bearer ${token}` }
      const { status, text } = await house
        .visitor()
        .send('GET', `${BASE}/api/v1${path}`, { headers, isBare: true })
      expect([status, status === 200 ? '' : text]).toEqual([200, ''])
      return JSON.parse(text) as Readonly<Record<string, unknown>>
    },
    received: () => taken().reduce((sum, { received }) => sum + received, 0),
  }
}

test.each(STORE_ENGINES)('a list reads how many bytes there are, and none of them: %s', async (engine) => {
  const { client, api, received } = await openWorld(engine)

  await api('/models/files/records/1')
  expect(received()).toBeGreaterThan(FILE_BYTES)
  const { records } = await api('/models/files/records?sort=id&limit=100')
  const { status, text } = await client.get(`${BASE}/m/files?per=100`)
  expect(received()).toBeLessThan(FILE_BYTES)
  const found = records as readonly { values: Record<string, unknown>; version: string | null }[]
  expect(found).toHaveLength(RECORDS + 1)
  expect(found[0]).toMatchObject({ values: { content: { bytes: FILE_BYTES } }, version: null })
  expect(found[0]?.values['content']).toEqual({ bytes: FILE_BYTES })
  // nothing of this one was left out, so its version is that of the record's own read
  expect(found.at(-1)).toMatchObject({ values: { content: null }, version: expect.any(String) })
  expect(status).toBe(200)
  expect(text.match(/100,000 bytes/g)).toHaveLength(RECORDS)
})

test.each(STORE_ENGINES)('the record itself has its digest and its version: %s', async (engine) => {
  const { api } = await openWorld(engine)

  const { record } = await api('/models/files/records/1')
  expect(record).toMatchObject({
    values: { content: { bytes: FILE_BYTES, sha256: SHA_256 } },
    version: expect.any(String),
  })
  const { records } = await api(`/models/files/records?filter=id:eq:${RECORDS + 1}`)
  const last = await api(`/models/files/records/${RECORDS + 1}`)
  expect((records as readonly { version: unknown }[])[0]?.version).toBe(
    (last['record'] as { version: unknown }).version,
  )
})
