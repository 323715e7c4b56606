/**
 * Records whose keys are hard to carry in an address, on every engine: each is
 * found by its row's link, opened, and saved with nothing but its one change.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guardedForm } from '../browser-form.ts'
import { BASE, type Client } from '../client.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, openHouse } from '../house.ts'

const CODES = [
  'new',
  '~new',
  '~',
  'a/b',
  '..',
  '.',
  '100%',
  '%41',
  '%2F',
  '?#&=+',
  ' a ',
  'a  b',
  'é',
  '日本',
  `'"<b>`,
  '\\',
  '["1"]',
  'null',
  '007',
  'edit',
  'history',
  'trash',
  '~options',
]

const BYTES: Readonly<Record<StoreEngine, string>> = {
  sqlite: 'blob',
  postgres: 'bytea',
  mariadb: 'varbinary(20)',
}

const INSTANTS: Readonly<Record<StoreEngine, string>> = {
  sqlite: 'timestamp',
  postgres: 'timestamp',
  mariadb: 'datetime(6)',
}

const TABLES = (engine: StoreEngine): string => `
  CREATE TABLE codes (code varchar(100) PRIMARY KEY, other integer);
  CREATE TABLE shelves (room varchar(100), shelf integer, other integer, PRIMARY KEY (room, shelf));
  CREATE TABLE files (digest ${BYTES[engine]} PRIMARY KEY, other integer);
  CREATE TABLE nodes (id integer PRIMARY KEY, parent_id integer REFERENCES nodes (id), other integer);
  CREATE TABLE amounts (amount decimal(20,4) PRIMARY KEY, other integer);
  CREATE TABLE days (at ${INSTANTS[engine]} PRIMARY KEY, other integer);
  CREATE TABLE loose (other integer);
  ${CODES.map((code) => `INSERT INTO codes VALUES (${literal(engine, code)}, 1);`).join('\n')}
  ${CODES.map((code, index) => `INSERT INTO shelves VALUES (${literal(engine, code)}, ${index}, 1);`).join('\n')}
  INSERT INTO files VALUES (${engine === 'postgres' ? `'\\x00ff2f'` : `x'00ff2f'`}, 1);
  INSERT INTO nodes VALUES (1, NULL, 1);
  INSERT INTO nodes VALUES (2, 1, 1);
  INSERT INTO nodes VALUES (3, 3, 1);
  INSERT INTO amounts VALUES (1.5, 1);
  INSERT INTO amounts VALUES (-0.25, 1);
  INSERT INTO days VALUES ('2026-11-21 07:30:00.123456', 1);
  INSERT INTO loose VALUES (1);
`

/** What only servers have: another schema, with names that must be quoted. */
const MORE: Readonly<Record<StoreEngine, string>> = {
  sqlite: '',
  mariadb: '',
  postgres: `
    CREATE SCHEMA legacy;
    CREATE TABLE legacy.rental (id integer PRIMARY KEY, other integer);
    CREATE TABLE legacy."Odd Name" ("Key Part" varchar(20), "select" integer, other integer, PRIMARY KEY ("Key Part", "select"));
    INSERT INTO legacy.rental VALUES (1, 1);
    INSERT INTO legacy."Odd Name" VALUES ('a/b', 2, 1);
    CREATE TABLE parted (id integer, region varchar(10), other integer, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
    CREATE TABLE parted_north PARTITION OF parted FOR VALUES IN ('north');
    CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
    INSERT INTO parted VALUES (1, 'north', 1), (1, 'south', 1);
  `,
}

const MODELS: Readonly<Record<string, number>> = {
  codes: CODES.length,
  shelves: CODES.length,
  files: 1,
  nodes: 3,
  amounts: 2,
  days: 1,
}
const POSTGRES_MODELS = { ...MODELS, 'legacy.rental': 1, 'legacy.Odd Name': 1, parted: 2 }

for (const engine of STORE_ENGINES) {
  describe(engine, () => {
    let house: House
    let client: Client
    beforeAll(async () => {
      house = await openHouse({ engine, sql: TABLES(engine) + MORE[engine] })
      client = (await house.signIn({ role: 'superadmin' })).client
    }, 120_000)
    afterAll(() => house?.close())

    test.each(Object.entries(engine === 'postgres' ? POSTGRES_MODELS : MODELS))(
      'opens and changes every record of %s by its address',
      async (model, count) => {
        const path = `${BASE}/m/${encodeURIComponent(model)}`
        const links = rowLinks((await client.get(`${path}?per=100`)).text)

        expect(links).toHaveLength(count)
        for (const link of links) {
          expect([link, (await client.get(link)).status]).toEqual([link, 200])
          expect([link, await changed(client, link)]).toEqual([link, link])
        }
        const [table] = (await house.sql(
          `select count(*) as n, sum(other) as total from ${quoted(engine, model)}`,
        )) as { n: number; total: number | string }[]
        expect([table?.n, Number(table?.total)]).toEqual([count, 2 * count])
      },
    )

    test('lists what has no key, and neither opens nor saves it', async () => {
      const list = await client.get(`${BASE}/m/loose`)

      expect(list.status).toBe(200)
      expect(rowLinks(list.text)).toEqual([])
      const statuses = []
      for (const page of ['', '/edit', '/history', '/delete'])
        statuses.push([page, (await client.get(`${BASE}/m/loose/1${page}`)).status])
      expect(statuses).toEqual([
        ['', 404],
        ['/edit', 404],
        ['/history', 404],
        ['/delete', 404],
      ])
      const saved = await client.post(
        `${BASE}/m/loose/1/edit`,
        { other: '2' },
        { from: `${BASE}/m/codes/new` },
      )
      expect(saved.status).toBe(404)
      expect(await house.sql('select other from loose')).toEqual([{ other: 1 }])
    })
  })
}

/** Sets `other` to 2 on the record's form; where the answer leads, without the event. */
async function changed(client: Client, link: string): Promise<string | null> {
  const form = guardedForm((await client.get(`${link}/edit`)).text)
  form.set('other', '2')
  const { location } = await client.send('POST', `${link}/edit`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.body(),
  })
  return location?.replace(/\?event=[0-9a-f]{32}$/, '') ?? null
}

function rowLinks(html: string): readonly string[] {
  return [...html.matchAll(/class="row-link" href="([^"]+)"/g)].map(([, href = '']) =>
    href.replaceAll('&#39;', "'").replaceAll('&amp;', '&'),
  )
}

function literal(engine: StoreEngine, text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return engine === 'mariadb' ? quoted.replaceAll('\\', '\\\\') : quoted
}

function quoted(engine: StoreEngine, model: string): string {
  const mark = engine === 'mariadb' ? '`' : '"'
  return model
    .split('.')
    .map((part) => `${mark}${part}${mark}`)
    .join('.')
}
