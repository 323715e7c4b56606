/**
 * A form brings back what it was given: records whose values no browser, no
 * input and no type of ours can hold are saved with another field changed, and
 * every other column keeps its bytes.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Written } from '../../src/gate/record/write.ts'
import type { RecordRead } from '../../src/gate/records.ts'
import type { Model } from '../../src/model/model.ts'
import { guardedForm } from '../browser-form.ts'
import { BASE, type Client } from '../client.ts'
import { openTestDatabase, STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, openHouse, performAs } from '../house.ts'
import { superadmin } from '../samples/sample-house.ts'
import { type Storage, storageOf } from '../samples/stored.ts'
import { unchangedValues } from '../samples/unchanged.ts'
import type { TestDatabase } from '../servers.ts'

const TEXTS = [
  '  spaces around  ',
  '\nan empty line first',
  '\n\ntwo',
  '\r\nthe same, as Windows writes it',
  'one\r\ntwo\rthree\nfour',
  'ends with a break\n',
  '\ttabs\t',
  ' \u00a0\u2028\ufeff ',
  '',
  'e\u0301 is not é',
  `&amp; &#10; "quoted" 'too' </textarea><b>`,
  'a@b.example\nc@d.example',
  ' a@b.example ',
  'https://example.com/a b ',
]

/** The declaration, then the literals, one record for each, and what most other records hold. */
type Column = readonly [string, readonly string[], string?]

const COLUMNS: Readonly<Record<StoreEngine, readonly Column[]>> = {
  sqlite: [
    ['decimal(10,2)', ['1.5', `'1.50'`, `'1.5'`, '2', '1e300', `'12 apples'`, '0.1']],
    ['decimal_text(10) -- TEXT affinity', ['1.5', `'1.500'`, `' 2'`]],
    ['real', ['0.1', '1e21', '-0.0', '9e999', `'abc'`, '3']],
    ['integer', ['9223372036854775807', '-1', `'text'`, '1.5', "'a' || char(10) || 'b'", "x'00ff'"]],
    ['boolean', ['1', '0', `'yes'`, '2', `'true'`], '1'],
    ['boolean NOT NULL', ['1', '0', `'yes'`, '2', `'true'`], '1'],
    [
      'date',
      [`'2026-11-21'`, `'2026-02-30'`, `'0000-00-00'`, `'about 1920'`, '0', `'a' || char(10) || 'b'`],
      `'2026-11-21'`,
    ],
    ['time', [`'07:30:00'`, `'07:30'`, `'24:00:00'`, `'99:00'`], `'07:30'`],
    [
      'datetime',
      [
        `'2026-11-21 07:30:00'`,
        `'2026-11-21T07:30:00Z'`,
        `'2026-11-21 07:30:00.123456'`,
        `'2026-02-30 07:30:00'`,
        `'2026-02-30T07:30:00'`,
        '1763700000',
      ],
      `'2026-11-21 07:30:00'`,
    ],
    ['json', [`'{"a": 1.50,  "b":[]}'`, `'{"n": 12345678901234567890}'`, `'{not json'`, `'null'`, `''`]],
    ['blob', ["x'00ff0d0a'", "x''", `'text'`]],
    ['', ['1', `'1'`, '1.0']],
  ],
  postgres: [
    ['numeric', ['1.50', `'NaN'`, '1e-20', '12345678901234567890.123456789', '0.00']],
    ['numeric(10,2)', ['1.5', '-0.1']],
    ['float4', ['0.1', `'NaN'`, `'Infinity'`, '1e20']],
    ['float8', ['0.1', '1e300', `'-0'`, `'-Infinity'`]],
    ['int8', ['9223372036854775807', '-9223372036854775808']],
    ['bool', ['true', 'false', 'NULL']],
    [
      'timestamp',
      [
        `'2026-11-21 07:30:00.123456'`,
        `'infinity'`,
        `'0044-03-15 12:00:00 BC'`,
        `'12026-01-01 00:00:00'`,
        `'2026-11-21 00:00:00'`,
      ],
    ],
    ['timestamptz', [`'2026-11-21 07:30:00.123456+05:45'`, `'-infinity'`, `'2026-11-21 07:30:00.100+00'`]],
    ['date', [`'2026-11-21'`, `'infinity'`, `'0044-03-15 BC'`, `'12026-01-01'`]],
    ['time', [`'24:00:00'`, `'07:30:00.000001'`, `'07:30'`]],
    ['timetz', [`'07:30:00+02'`]],
    ['interval', [`'1 year 2 mons 3 days 04:05:06.7'`]],
    ['json', [`'{"a": 1.50,  "b":[]}'`, `E'{"a":\\n  "b"}'`, `'null'`]],
    ['jsonb', [`'{"a": 1.50,  "b":[], "n": 12345678901234567890}'`]],
    ['bytea', [`'\\x00ff0d0a'`, `''`]],
    ['uuid', [`'1B4E28BA-2FA1-41D2-883F-0016D3CCA427'`]],
    ['text[]', [`'{a,NULL,"b c"}'`, `'{}'`]],
    ['int4range', [`'[1,5)'`, `'empty'`]],
    ['tsvector', [`'a:1 b:2'`]],
    ['point', [`'(1.5,2)'`]],
    ['char(5)', [`'ab'`, `''`]],
    ['money', [`'1234.50'`]],
    ['inet', [`'192.0.2.1/24'`]],
    ['xml', [`'<a> b </a>'`]],
    ['bit(3)', [`B'101'`]],
    [`mood`, [`'sad'`, `'so so'`]],
  ],
  mariadb: [
    ['decimal(10,2)', ['1.5', '-0.1']],
    ['decimal(65,30)', ['12345678901234567890123456789012345.123456789012345678901234567890']],
    ['float', ['0.1', '16777216', '1e20']],
    ['double', ['0.1', '1e300', '-0.0']],
    ['tinyint unsigned', ['255', '0']],
    ['smallint unsigned', ['65535']],
    ['mediumint unsigned', ['16777215']],
    ['int unsigned', ['4294967295']],
    ['bigint unsigned', ['18446744073709551615']],
    ['tinyint(1)', ['1', '0', '2', '-1', 'NULL']],
    ['bit(8)', [`b'10100101'`]],
    ['year', ['2026', '0']],
    ['date', [`'2026-11-21'`, `'0000-00-00'`, `'2026-00-00'`]],
    ['date NOT NULL', [`'0000-00-00'`]],
    ['datetime', [`'2026-11-21 07:30:00'`, `'0000-00-00 00:00:00'`]],
    ['datetime(6)', [`'2026-11-21 07:30:00.123456'`, `'2026-11-21 07:30:00.100000'`]],
    ['timestamp(6) null', [`'2026-11-21 07:30:00.123456'`, `'0000-00-00 00:00:00'`]],
    ['time', [`'838:59:59'`, `'-10:00:00'`, `'24:00:00'`, `'07:30'`]],
    ['time(6)', [`'07:30:00.000001'`]],
    ['json', [`'{"a": 1.50,  "b":[]}'`, `'null'`]],
    ['blob', ["x'00ff0d0a'", `''`]],
    ['varbinary(20)', ["x'00ff'"]],
    [`enum('a','b c','')`, [`'a'`, `''`, `'b c'`]],
    [`set('a','b')`, [`'a,b'`, `''`]],
    ['geometry', [`ST_GeomFromText('POINT(1.5 2)')`]],
    ['char(5)', [`'ab'`, `''`]],
    ['inet6', [`'2001:db8::1'`]],
    ['uuid', [`'1b4e28ba-2fa1-41d2-883f-0016d3cca427'`]],
  ],
}

/** SQLite's columns are what their first values are: so many come before those that differ. */
const USUAL = 60

/** The inputs that texts stand in: several lines, one, and two that the browser tidies up. */
const TEXT_COLUMNS = { note: 'text', short: 'varchar(200)', email: 'varchar(200)', website: 'varchar(200)' }

for (const engine of STORE_ENGINES) {
  describe(engine, () => {
    let world: World
    beforeAll(async () => {
      world = await openWorld(engine)
    }, 120_000)
    afterAll(() => world?.house.close())

    test.each(tablesOf(engine).map(({ name, type }) => [name, type]))(
      'keeps what stands in %s (%s)',
      async (name) => {
        const { storage } = world
        const model = modelOf(world, name)
        const before = await storage.table(model)
        const keys = keysIn(before.rows).filter((key) => Number(key) > USUAL)

        for (const [index, key] of keys.entries()) await save(world, model, key, index)

        const after = await storage.table(model)
        const unlike = [...before.rows].flatMap(([row, columns]) => differing(columns, after.rows.get(row)))
        expect(keys.length).toBeGreaterThan(0)
        expect(unlike).toEqual(keys.map(() => 'other'))
      },
    )
  })
}

interface World {
  readonly house: House
  readonly home: TestDatabase
  readonly client: Client
  readonly storage: Storage
}

interface Table {
  readonly name: string
  readonly type: string
  readonly definition: string
  readonly inserts: readonly string[]
}

function tablesOf(engine: StoreEngine): readonly Table[] {
  const typed = COLUMNS[engine].map(([type, literals, usual], index): Table => {
    const name = `t${index}`
    const others = usual === undefined ? [] : Array.from({ length: USUAL }, () => usual)
    return {
      name,
      type: type === '' ? 'no type' : type.replace(/ --.*/, ''),
      definition: `CREATE TABLE ${name} (id integer PRIMARY KEY, other integer, value ${type}\n)`,
      inserts: [
        ...others.map((literal, at) => `INSERT INTO ${name} VALUES (${at + 1}, 2, ${literal})`),
        ...literals.map((literal, at) => `INSERT INTO ${name} VALUES (${USUAL + at + 1}, 1, ${literal})`),
      ],
    }
  })
  const columns = Object.entries(TEXT_COLUMNS).map(([name, type]) => `${name} ${type}`)
  const texts: Table = {
    name: 'texts',
    type: 'text',
    definition: `CREATE TABLE texts (id integer PRIMARY KEY, other integer, ${columns.join(', ')})`,
    inserts: TEXTS.map((text, at) => {
      const values = columns.map(() => literalOf(engine, text))
      return `INSERT INTO texts VALUES (${USUAL + at + 1}, 1, ${values.join(', ')})`
    }),
  }
  return [...typed, texts]
}

/** Byte by byte, whatever the session thinks of backslashes. */
function literalOf(engine: StoreEngine, text: string): string {
  const hex = Buffer.from(text).toString('hex')
  if (engine === 'sqlite') return `CAST(x'${hex}' AS TEXT)`
  return engine === 'postgres' ? `convert_from('\\x${hex}', 'UTF8')` : `CONVERT(x'${hex}' USING utf8mb4)`
}

const FIRST: Readonly<Record<StoreEngine, string>> = {
  sqlite: 'PRAGMA synchronous = OFF;',
  postgres: `CREATE TYPE mood AS ENUM ('sad', 'so so');`,
  // as a server was set up long ago: zero dates, and what did not fit an enum
  mariadb: `SET sql_mode = '', time_zone = '+00:00';`,
}

async function openWorld(engine: StoreEngine): Promise<World> {
  const home = await openTestDatabase(engine)
  const tables = tablesOf(engine)
  await home.run(
    [
      FIRST[engine],
      ...tables.flatMap(({ definition, inserts }) => [definition, ...inserts].map((one) => `${one};`)),
    ].join('\n'),
  )
  const house = await openHouse({ engine, home })
  const { client } = await house.signIn({ role: 'superadmin' })
  const storage = storageOf(engine, home)
  await storage.watch([...house.admin.models.values()].filter(({ name }) => !name.startsWith('castellan.')))
  return { house, home, client, storage }
}

function modelOf({ house }: World, name: string): Model {
  const model = house.admin.models.get(name)
  if (!model) throw new Error(`No model "${name}".`)
  return model
}

function keysIn(rows: ReadonlyMap<string, unknown>): readonly string[] {
  return [...rows.keys()].map((key) => (JSON.parse(key) as string[])[0] ?? '')
}

/** First as it is, which changes nothing; then with another number in `other`. */
async function save(
  { house, client, storage }: World,
  model: Model,
  key: string,
  index: number,
): Promise<void> {
  const path = `${BASE}/m/${model.name}/${key}/edit`
  const send = async (body: string): Promise<readonly [number, string | null]> => {
    const { status, location } = await client.send('POST', path, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
    return [status, location?.replace(/\?event=.*/, ' with an event') ?? null]
  }
  const form = guardedForm((await client.get(path)).text)
  const { updates } = await storage.table(model)
  const values = unchangedValues(model, await perform<RecordRead>(house, `${model.name}.read`, key, null))
  const at = path.replace(/\/edit$/, '')

  const written = await perform<Written>(house, `${model.name}.update`, key, { values })
  expect([index, written.changed]).toEqual([index, []])
  expect([index, ...(await send(form.body()))]).toEqual([index, 303, at])
  expect((await storage.table(model)).updates).toBe(updates)
  form.set('other', '2')
  expect([index, ...(await send(form.body()))]).toEqual([index, 303, `${at} with an event`])
}

async function perform<Result>(house: House, action: string, key: string, input: unknown): Promise<Result> {
  const outcome = await performAs(house.admin, superadmin('test', house.clock.now), action, input, { key })
  if (outcome.kind !== 'done') throw new Error(`${action}: ${outcome.kind}`)
  return outcome.result as Result
}

function differing(
  before: Readonly<Record<string, string | null>> = {},
  after: Readonly<Record<string, string | null>> = {},
): readonly string[] {
  return Object.keys(before).filter((name) => before[name] !== after[name])
}
