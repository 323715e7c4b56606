/** What only PostgreSQL has: its types, its collations, its constraints, and what it says when it refuses. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DataSource, Reader } from '../../src/data/data-source.ts'
import { createPostgresSource } from '../../src/data/postgres/source.ts'
import type { Database } from '../../src/database/database.ts'
import { openPostgres } from '../../src/database/postgres/postgres.ts'
import type { Key, Model, Value, Values } from '../../src/model/model.ts'
import { EVERYTHING, type Predicate } from '../../src/model/predicate.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

let own: TestDatabase
let database: Database
let source: DataSource
let models: ReadonlyMap<string, Model>

const TABLES = `
  CREATE EXTENSION citext;
  CREATE EXTENSION btree_gist;
  CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  CREATE TYPE size AS ENUM ('small', 'large');
  CREATE TYPE point_of_sale AS (town text, number int);
  CREATE DOMAIN positive AS int CHECK (value > 0);
  CREATE DOMAIN named AS positive NOT NULL;
  CREATE TABLE kinds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    small int2, whole int4, hundreds numeric(5, -2), tiny numeric(3, 5), free numeric, single real,
    exact varchar(3), padded char(5), address citext, folded text COLLATE no_case, size size, amount positive,
    day date, second timestamp(0), millis timestamptz(3), late time(2), document jsonb, loose json,
    texts text[], numbers int8[], grid int4[][], sizes size[],
    price money, host inet, span interval, page xml, place point, whole_range int4range, sale point_of_sale,
    bits bit(3), search tsvector, later timetz);
  CREATE TABLE bookings (
    id bigint PRIMARY KEY, email text NOT NULL, room int, during int4range,
    parent bigint REFERENCES bookings DEFERRABLE INITIALLY DEFERRED,
    rank named DEFAULT 1,
    EXCLUDE USING gist (room WITH =, during WITH &&));
  CREATE UNIQUE INDEX bookings_email ON bookings (lower(email));
  CREATE TABLE parts (id bigint, region text NOT NULL, name text NOT NULL, n int CHECK (n > 0), PRIMARY KEY (id, region), UNIQUE (name, region))
    PARTITION BY LIST (region);
  CREATE TABLE parts_north PARTITION OF parts FOR VALUES IN ('north');
  CREATE TABLE parts_south PARTITION OF parts FOR VALUES IN ('south');
  CREATE TABLE guarded (id bigint PRIMARY KEY, word text);
  CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF new.word = 'secret word' THEN RAISE EXCEPTION 'the secret word is %', new.word USING COLUMN = 'word'; END IF;
    IF new.word = 'skip' THEN RETURN NULL; END IF;
    IF new.word = 'loud' THEN new.word := 'LOUD'; new.id := new.id + 1000; END IF;
    IF new.word = 'wrong' THEN RAISE EXCEPTION 'no such word'; END IF;
    RETURN new;
  END $$;
  CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION guard();
  CREATE TABLE "odd "" name; --" (id bigint PRIMARY KEY, "a""b" text, "c d" int);
  CREATE SCHEMA crm;
  CREATE TABLE crm.accounts (id bigint PRIMARY KEY, name text UNIQUE);
  CREATE MATERIALIZED VIEW totals AS SELECT 1 AS a, 'x'::text AS b UNION ALL SELECT 1, 'y';
  CREATE TABLE loose (document json, place point);
  INSERT INTO loose VALUES ('{"b": 1}', '(1,2)'), ('{"a": 1}', '(0,0)'), (NULL, NULL)`

beforeAll(async () => {
  own = await createTestDatabase('postgres')
  await own.run(TABLES)
  database = await openPostgres({ url: own.url })
  source = createPostgresSource({ id: 'main', database, tables: 'application' })
  models = new Map((await source.introspect()).models.map((one) => [one.name, one]))
})

afterAll(async () => {
  await database.close()
  await own.drop()
})

function model(name: string): Model {
  const found = models.get(name)
  if (!found) throw new TypeError(`There is no model ${name} among ${[...models.keys()]}.`)
  return found
}

const insert = (name: string, values: Values): Promise<Key> =>
  source.transaction((one) => one.insert({ model: model(name), values }))

const update = (name: string, key: Key, values: Values): Promise<number> =>
  source.transaction((one) => one.update({ model: model(name), models, scope: EVERYTHING, key, values }))

const remove = (name: string, key: Key): Promise<number> =>
  source.transaction((one) => one.remove({ model: model(name), models, scope: EVERYTHING, key }))

async function get(name: string, key: Key): Promise<Values | null> {
  const fields = model(name).fields.map((field) => field.name)
  return await source.read((one) => one.get({ model: model(name), models, scope: EVERYTHING, key, fields }))
}

async function list(
  name: string,
  query: Partial<Parameters<Reader['list']>[0]> = {},
): Promise<readonly Values[]> {
  const fields = model(name).fields.map((field) => field.name)
  const page = await source.read((one) =>
    one.list({
      model: model(name),
      models,
      scope: EVERYTHING,
      where: EVERYTHING,
      fields,
      sort: [],
      limit: 100,
      from: null,
      count: 'none',
      ...query,
    }),
  )
  return page.records
}

test.each<readonly [string, readonly Value[]]>([
  ['small', [-32768, 32767]],
  ['whole', [2 ** 31 - 1]],
  ['hundreds', ['1200', '9999900', '-100', '0']],
  ['tiny', ['0.00999', '-0.00001']],
  ['free', ['0', '0.1', `1${'0'.repeat(200)}`, `0.${'0'.repeat(200)}1`, 'NaN']],
  ['single', [0.1, 16777216, -1.5e-10, Number.POSITIVE_INFINITY, Number.NaN]],
  ['exact', ['äß€', '🙂🙂🙂', 'a  ']],
  ['padded', ['a', '', ' a']],
  ['address', ['Ana@Example.com']],
  ['folded', ['Äpfel']],
  ['size', ['small', 'large']],
  ['amount', [1]],
  ['day', ['0001-01-01', '9999-12-31', '-0043-03-15', 'Y12000-01-01', 'infinity', '-infinity']],
  ['second', ['2026-11-21T10:00:00', '-0043-03-15T10:00:00', 'infinity']],
  ['millis', ['2026-11-21T10:00:00.123000Z', 'Y10000-01-01T00:00:00Z']],
  ['late', ['24:00:00', '10:00:00.120000']],
  ['document', ['{"a": 9007199254740993}', '"\\\\u0000"', '1.50']],
  ['loose', ['{"a":1,"a":2 }', '"\\u0000"']],
])('keeps %s exactly', async (field, values) => {
  for (const value of values) {
    const key = await insert('kinds', { [field]: value })
    const eq: Predicate = { kind: 'compare', field, operator: 'eq', value }

    expect((await get('kinds', key))?.[field]).toEqual(value)
    // what is no number equals nothing, itself neither
    expect(await list('kinds', { where: eq })).toHaveLength(Number.isNaN(value) || value === 'NaN' ? 0 : 1)
    await remove('kinds', key)
  }
  expect(values.length).toBeGreaterThan(0)
})

test.each<readonly [string, readonly Value[]]>([
  ['small', [32768, -32769, 1.5]],
  ['whole', [2 ** 31]],
  ['hundreds', ['1250', '10000000', '0.1']],
  ['tiny', ['0.01', '0.000001']],
  ['free', ['abc', '1.2.3']],
  ['single', [0.123456789, 1e39, 2 ** 24 + 1]],
  ['exact', ['abcd', 'abc ', '\0', '\ud800']],
  ['padded', ['abcdef', 'a ']],
  ['size', ['huge']],
  ['day', ['2026-02-30x', '21.11.2026']],
  ['second', ['2026-11-21T10:00:00.5']],
  ['millis', ['2026-11-21T10:00:00.123400Z', '2026-11-21T10:00:00']],
  ['late', ['10:00:00.123000']],
  ['document', ['{', '"\\u0000"', '"\\ud800"', '{"\\u0000": 1}']],
  ['loose', ['{a: 1}']],
  ['texts', ['["a"', '"a"', '{"a":1}']],
  ['price', ['1']],
])('refuses at %s what the column can not hold, or would change', async (field, values) => {
  for (const value of values) {
    await expect(insert('kinds', { [field]: value })).rejects.toMatchObject({
      code: 'invalid-input',
      fields: { [field]: [expect.any(String)] },
    })
  }
  expect(await list('kinds')).toEqual([])
})

test('shows what has no type of ours as text, arrays as the JSON of their members', async () => {
  await own.run(`INSERT INTO kinds (texts, numbers, grid, sizes, price, host, span, page, place, whole_range, sale,
    bits, search, later) VALUES ('{a,"b c",NULL}', '{9007199254740993}', '{{1,2},{3,4}}', '{small}', 12.5,
    '10.0.0.1/8', '1 mon 2 days', '<a>b</a>', '(1,2)', '[1,5)', '("Bonn",7)', '101', 'cat:1', '10:00+02')`)
  const [record] = await list('kinds')
  await own.run('DELETE FROM kinds')

  expect(record).toMatchObject({
    texts: '["a","b c",null]',
    numbers: '["9007199254740993"]',
    grid: '[[1,2],[3,4]]',
    sizes: '["small"]',
    host: '10.0.0.1/8',
    span: 'P1M2D',
    page: '<a>b</a>',
    place: '(1,2)',
    whole_range: '[1,5)',
    sale: '(Bonn,7)',
    bits: '101',
    search: "'cat':1",
    later: '10:00:00+02',
  })
  expect(record?.['price']).toContain('12.50')
})

test('finds members of arrays, and of the arrays in them', async () => {
  await own.run(
    `INSERT INTO kinds (whole, texts, numbers, grid) VALUES (1, '{a,b}', '{1,2}', '{{1},{2}}'), (2, '{}', NULL, '{}')`,
  )
  const found = async (field: string, value: Value): Promise<readonly Value[]> =>
    (await list('kinds', { where: { kind: 'contains', field, value } })).map(({ whole }) => whole ?? null)

  expect(await found('texts', 'a')).toEqual([1])
  expect(await found('texts', 'A')).toEqual([])
  expect(await found('numbers', 2n)).toEqual([1])
  // a member stands there as its text, as it does for whoever reads the array
  expect(await found('numbers', '2')).toEqual([1])
  expect(await found('grid', 2)).toEqual([1])
  expect(await found('grid', 3)).toEqual([])
  expect(await found('price', 1n)).toEqual([])
  await own.run('DELETE FROM kinds')
})

test('searches every kind of column, whatever its collation', async () => {
  await own.run(`INSERT INTO kinds (whole, address, folded, padded, size, day, texts, document, single)
    VALUES (1, 'Ana@Example.com', 'ÄPFEL', 'Ab', 'small', '2026-11-21', '{Birne}', '{"k": "Wert"}', 1.25)`)
  const found = async (field: string, value: string): Promise<number> =>
    (await list('kinds', { where: { kind: 'text', field, operator: 'contains', value } })).length

  for (const [field, value] of Object.entries({
    address: 'ana@EX',
    folded: 'äpf',
    padded: 'aB',
    size: 'MALL',
    day: '11-21',
    texts: 'birne',
    document: 'wert',
    single: '1.2',
  })) {
    expect([field, await found(field, value)]).toEqual([field, 1])
    expect([field, await found(field, '%')]).toEqual([field, 0])
  }
  await own.run('DELETE FROM kinds')
})

test('sorts and pages by every column, those without an order too', async () => {
  await own.run(`INSERT INTO kinds (whole, document, loose, texts, page, place, sale, sizes, folded, address)
    SELECT i, to_jsonb(i % 3), to_json(i % 3), array[(i % 3)::text], ('<a>' || i % 3 || '</a>')::xml,
      point(i % 3, 0), row('Bonn', i % 3)::point_of_sale, '{small}', chr(65 + i % 3 + 32 * (i % 2)), chr(97 + i % 3)
    FROM generate_series(1, 7) i`)
  for (const { name } of model('kinds').fields) {
    const sort = [{ field: name, direction: 'desc' as const }]
    const whole = await list('kinds', { sort, fields: ['id'] })
    const seen: Values[] = []
    let from: Parameters<Reader['list']>[0]['from'] = null
    do {
      const page = await source.read((one) =>
        one.list({
          ...{
            model: model('kinds'),
            models,
            scope: EVERYTHING,
            where: EVERYTHING,
            fields: ['id'],
            count: 'none',
          },
          ...{ sort, limit: 3, from },
        }),
      )
      seen.push(...page.records)
      from = page.next
    } while (from)

    expect([name, seen]).toEqual([name, whole])
    expect(new Set(seen.map(({ id }) => id)).size).toBe(7)
  }
  await own.run('DELETE FROM kinds')
})

test('lists tables without a key, and materialised views, page by page', async () => {
  const seen: readonly Values[] = await list('loose', { sort: [{ field: 'document', direction: 'asc' }] })

  expect(seen.map(({ document }) => document)).toEqual(['{"a": 1}', '{"b": 1}', null])
  expect(await list('totals', { sort: [{ field: 'a', direction: 'asc' }] })).toHaveLength(2)
})

test('asks for a key of another form without an error', async () => {
  for (const [name, key] of [
    ['kinds', [2n ** 80n]],
    ['guarded', ['abc']],
    ['parts', [1n, 'a\0b']],
  ] as const) {
    expect(await get(name, key)).toBeNull()
  }
})

const OTHER = { id: 1n, email: 'Ana@example.com', room: 1 }

test.each<readonly [string, Values, readonly string[]]>([
  ['an expression that is taken', { id: 2n, email: 'ANA@example.com' }, ['email']],
  ['a key that is taken', { id: 1n, email: 'b' }, ['id']],
  ['a domain that takes no such value', { id: 2n, email: 'b', rank: 0 }, ['rank']],
  ['a domain that takes no NULL', { id: 2n, email: 'b', rank: null }, ['rank']],
  ['a missing value', { id: 2n }, ['email']],
])('says which fields it is about: %s', async (_, values, fields) => {
  await own.run('TRUNCATE bookings')
  await insert('bookings', OTHER)

  const refusal: unknown = await insert('bookings', values).catch((error: unknown) => error)

  expect(refusal).toMatchObject({ code: 'invalid-input' })
  expect(Object.keys((refusal as { readonly fields: object }).fields ?? {})).toEqual(fields)
})

test('says which fields overlap another record', async () => {
  await own.run(
    "TRUNCATE bookings; INSERT INTO bookings (id, email, room, during) VALUES (1, 'a', 1, '[1,5)'), (2, 'b', 2, '[1,5)')",
  )

  await expect(update('bookings', [2n], { room: 1 })).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { room: [expect.any(String)] },
  })
})

test('says at the commit which field a deferred constraint is about', async () => {
  await own.run('TRUNCATE bookings')

  await expect(insert('bookings', { id: 5n, email: 'e', parent: 99n })).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { parent: ['refers to a record that does not exist'] },
  })
  await insert('bookings', { id: 6n, email: 'f', parent: 6n })
  await insert('bookings', { id: 7n, email: 'g', parent: 6n })
  await expect(remove('bookings', [6n])).rejects.toMatchObject({ code: 'conflict' })
  expect(await remove('bookings', [7n])).toBe(1)
})

test('maps what a partition refuses to the fields of the whole', async () => {
  await insert('parts', { id: 1n, region: 'north', name: 'a', n: 1 })

  for (const [values, fields] of [
    [{ id: 2n, region: 'north', name: 'a' }, ['name', 'region']],
    [{ id: 2n, region: 'north', name: 'b', n: 0 }, ['n']],
    [{ id: 2n, region: 'north' }, ['name']],
    [{ id: 1n, region: 'north', name: 'c' }, ['id', 'region']],
  ] as const) {
    const refusal: unknown = await insert('parts', values).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'invalid-input' })
    expect(Object.keys((refusal as { readonly fields: object }).fields ?? {}).toSorted()).toEqual(fields)
  }
  // no partition takes it
  await expect(insert('parts', { id: 3n, region: 'west', name: 'w' })).rejects.toMatchObject({
    code: 'invalid-input',
  })
  expect(await update('parts', [1n, 'north'], { region: 'south' })).toBe(1)
  expect(await get('parts', [1n, 'south'])).toMatchObject({ name: 'a' })
})

test('a trigger may refuse, at a field too, leave out and change', async () => {
  const refusal: unknown = await insert('guarded', { id: 1n, word: 'secret word' }).catch(
    (error: unknown) => error,
  )

  expect(refusal).toMatchObject({
    code: 'invalid-input',
    fields: { word: ['breaks a rule of the database'] },
  })
  expect(String(refusal)).not.toContain('secret')
  await expect(insert('guarded', { id: 1n, word: 'wrong' })).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(insert('guarded', { id: 1n, word: 'skip' })).rejects.toMatchObject({ code: 'conflict' })
  expect(await insert('guarded', { id: 1n, word: 'loud' })).toEqual([1001n])
  expect(await update('guarded', [1001n], { word: 'skip' })).toBe(0)
})

test('takes names of tables and columns as they are', async () => {
  const name = [...models.keys()].find((one) => one.startsWith('odd')) ?? ''
  const [first = '', second = ''] = model(name)
    .fields.slice(1)
    .map((field) => field.name)

  const key = await insert(name, { id: 1n, [first]: 'x"; --', [second]: 4 })
  expect(await get(name, key)).toMatchObject({ [first]: 'x"; --', [second]: 4 })
  expect(await update(name, key, { [second]: 5 })).toBe(1)
  expect(await remove(name, key)).toBe(1)
})

test('reaches tables of other schemas by their own names', async () => {
  await insert('crm.accounts', { id: 1n, name: 'a' })

  await expect(insert('crm.accounts', { id: 2n, name: 'a' })).rejects.toMatchObject({
    fields: { name: [expect.any(String)] },
  })
  expect(await list('crm.accounts', { sort: [{ field: 'name', direction: 'asc' }] })).toHaveLength(1)
})

test('says what the account may not do', async () => {
  const role = `reader_${own.url.split('_').at(-1)}`
  await own.run(
    `CREATE ROLE ${role} LOGIN; GRANT SELECT ON guarded TO ${role}; GRANT SELECT, INSERT, UPDATE ON crm.accounts TO ${role}; GRANT USAGE ON SCHEMA crm TO ${role}`,
  )
  const url = new URL(own.url)
  url.username = role
  const narrow = await openPostgres({ url: url.href })
  try {
    const restricted = createPostgresSource({ id: 'main', database: narrow, tables: 'application' })
    await restricted.introspect()

    await expect(
      restricted.transaction((one) => one.insert({ model: model('guarded'), values: { id: 9n } })),
    ).rejects.toMatchObject({ code: 'denied' })
    await expect(
      restricted.transaction((one) =>
        one.remove({ model: model('crm.accounts'), models, scope: EVERYTHING, key: [1n] }),
      ),
    ).rejects.toMatchObject({ code: 'denied' })
    await restricted.transaction((one) => one.insert({ model: model('crm.accounts'), values: { id: 3n } }))
    await expect(
      restricted.read((one) =>
        one.get({ model: model('bookings'), models, scope: EVERYTHING, key: [1n], fields: ['id'] }),
      ),
    ).rejects.toMatchObject({
      code: 'data-source-failed',
      message: expect.stringContaining('lacks the right'),
    })
  } finally {
    await narrow.close()
    await own.run(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
})

test('a table or column that is gone while it runs is a sentence, not a crash', async () => {
  await own.run('CREATE TABLE passing (id bigint PRIMARY KEY, word text)')
  const before = createPostgresSource({ id: 'main', database, tables: 'application' })
  const passing = (await before.introspect()).models.find(({ name }) => name === 'passing')
  if (!passing) throw new TypeError('The table was not found.')
  const read = (fields: readonly string[]): Promise<unknown> =>
    before.read((one) => one.get({ model: passing, models, scope: EVERYTHING, key: [1n], fields }))

  await own.run(
    "INSERT INTO passing VALUES (1, '42'); ALTER TABLE passing ALTER word TYPE int USING word::int",
  )
  expect(await read(['word'])).toEqual({ word: '42' })
  await own.run('ALTER TABLE passing DROP word')
  await expect(read(['word'])).rejects.toMatchObject({ code: 'data-source-failed' })
  await own.run('DROP TABLE passing')
  const gone = before.transaction((one) => one.insert({ model: passing, values: { id: 2n } }))
  await expect(gone).rejects.toMatchObject({
    code: 'data-source-failed',
    message: expect.stringContaining('has other tables than when they were read'),
  })
})
