import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompiledQuery, type KyselyPlugin, SqliteQueryCompiler, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connection, Database } from '../../database/database.ts'
import { openSqlite } from '../../database/sqlite/sqlite.ts'
import type { Model, Values } from '../../model/model.ts'
import { EVERYTHING, type Predicate } from '../../model/predicate.ts'
import type { ListQuery, Page, Schema } from '../data-source.ts'
import { createSqliteSource, type SqliteSource } from './source.ts'

let folder: string
let database: Database

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-test-'))
  database = await openSqlite({ file: join(folder, 'shop.db'), ifMissing: 'create' })
})

afterEach(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

interface World {
  readonly source: SqliteSource
  readonly schema: Schema
  model(name: string): Model
  list(name: string, query?: Partial<ListQuery>): Promise<Page>
}

/** The source over the tables that the statements make. */
async function world(...statements: readonly string[]): Promise<World> {
  await database.write(async (connection) => {
    for (const statement of statements) await sql.raw(statement).execute(connection)
  })
  return await worldOver(database)
}

async function worldOver(over: Database): Promise<World> {
  const source = createSqliteSource({ id: 'main', database: over, tables: 'application' })
  const schema = await source.introspect()
  const models = new Map(schema.models.map((one) => [one.name, one]))
  const model = (name: string): Model => {
    const found = models.get(name)
    if (!found) throw new TypeError(`no ${name}`)
    return found
  }
  const list: World['list'] = (name, query = {}) => {
    const fields = model(name).fields.map((field) => field.name)
    const whole = {
      model: model(name),
      models,
      scope: EVERYTHING,
      where: EVERYTHING,
      fields,
      limit: 50,
    } as const
    return source.read((reader) => reader.list({ ...whole, sort: [], from: null, count: 'none', ...query }))
  }
  return { source, schema, model, list }
}

async function recordsOf(
  made: World,
  name: string,
  where: Predicate = EVERYTHING,
): Promise<readonly Values[]> {
  return (await made.list(name, { where })).records
}

test('shows a value that is not of its declared type as text, and compares it as false', async () => {
  const made = await world(
    `CREATE TABLE loose (id INTEGER PRIMARY KEY, n INTEGER, d DECIMAL(5,2), f REAL, b BOOLEAN, t TEXT, at TIMESTAMP, raw BLOB, u)`,
    `INSERT INTO loose VALUES (1, 1, 1.5, 0.5, 1, 'x', '2026-01-01 00:00:00', x'00', 1)`,
    `INSERT INTO loose VALUES (2, 'many', 'free', 'half', 'yes', x'616263', 'soon', 'text', 2)`,
    `INSERT INTO loose VALUES (3, 2.5, x'01', x'02', 7, NULL, 12, 5, 3)`,
  )
  // the first rows decide a type; the rest must still be readable
  await database.write(async (connection) => {
    await sql`DELETE FROM loose WHERE id > 1`.execute(connection)
  })
  const strict = await worldOver(database)
  await database.write(async (connection) => {
    await sql`INSERT INTO loose VALUES (2, 'many', 'free', 'half', 'yes', x'616263', 'soon', 'text', 'u')`.execute(
      connection,
    )
    await sql`INSERT INTO loose VALUES (3, 2.5, x'01', x'02', 7, NULL, 12, 5, 1.5)`.execute(connection)
  })

  expect(await recordsOf(made, 'loose')).toHaveLength(3)
  expect((await recordsOf(strict, 'loose')).slice(1)).toEqual([
    {
      id: 2n,
      n: 'many',
      d: 'free',
      f: 'half',
      b: 'yes',
      t: '<3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad>',
      at: 'soon',
      raw: 'text',
      u: 'u',
    },
    {
      id: 3n,
      n: '2.5',
      d: '<1 byte, SHA-256 4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a>',
      f: '<1 byte, SHA-256 dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d986>',
      b: '7',
      t: null,
      at: '12',
      raw: '5',
      u: '1.5',
    },
  ])
  for (const operator of ['gt', 'ne', 'gte'] as const) {
    const where: Predicate = { kind: 'compare', field: 'n', operator, value: 0n }
    expect((await recordsOf(strict, 'loose', where)).map(({ id }) => id)).toEqual([1n, 3n])
  }
})

test('compares text exactly even where the column ignores case', async () => {
  const made = await world(
    `CREATE TABLE people (name TEXT NOT NULL COLLATE NOCASE PRIMARY KEY)`,
    `INSERT INTO people VALUES ('Ana'), ('bo')`,
  )
  const named = (value: string): Predicate => ({ kind: 'compare', field: 'name', operator: 'eq', value })

  expect(await recordsOf(made, 'people', named('Ana'))).toHaveLength(1)
  expect(await recordsOf(made, 'people', named('ana'))).toHaveLength(0)
  expect(
    await recordsOf(made, 'people', { kind: 'compare', field: 'name', operator: 'ne', value: 'ana' }),
  ).toHaveLength(2)
})

test('writes moments in the form that the column has', async () => {
  const made = await world(
    `CREATE TABLE moments (id INTEGER PRIMARY KEY, a DATETIME, b DATETIME, c DATETIME)`,
    `INSERT INTO moments VALUES (1, '2026-01-01 10:00:00', '2026-01-01T10:00:00.000Z', 1767261600)`,
  )
  const model = made.model('moments')
  const values = { a: '2026-02-03T04:05:06', b: '2026-02-03T04:05:06Z', c: '2026-02-03T04:05:06Z' }
  await made.source.transaction((transaction) => transaction.insert({ model, values }))
  const { rows } = await sql`SELECT a, b, c FROM moments WHERE id = 2`.execute(database.now)

  expect(model.fields.slice(1).map(({ type }) => type)).toEqual(['timestamp', 'timestamptz', 'timestamptz'])
  expect(rows).toEqual([{ a: '2026-02-03 04:05:06', b: '2026-02-03T04:05:06.000Z', c: 1770091506n }])
  for (const [field, value] of Object.entries(values)) {
    const where: Predicate = { kind: 'compare', field, operator: 'gte', value }
    expect(await recordsOf(made, 'moments', where)).toMatchObject([{ id: 2n, ...values }])
  }
})

test('keeps moments in their order where a suffix would put their texts into another', async () => {
  const at = (fraction: string): string => `2026-01-01T10:00:00${fraction}Z`
  const made = await world(
    'CREATE TABLE mixed (id INTEGER PRIMARY KEY, at TIMESTAMP, even TIMESTAMP)',
    `INSERT INTO mixed VALUES (1, '${at('.000001')}', '${at('.001')}'), (2, '${at('')}', '${at('.002')}'),
      (3, '${at('.5')}', '${at('.003')}'), (4, '${at('.25')}', '${at('.004')}'), (5, '${at('.000')}', NULL)`,
  )
  const model = made.model('mixed')
  const idsOf = async (where: Predicate): Promise<readonly unknown[]> =>
    (await recordsOf(made, 'mixed', where)).map(({ id }) => id)
  const sort = [{ field: 'at', direction: 'asc' as const }]
  const first = await made.list('mixed', { sort, limit: 2 })
  const rest = await made.list('mixed', { sort, from: first.next, limit: 9 })

  expect([first, rest].map(({ records }) => records.map(({ id }) => id))).toEqual([
    [2n, 5n],
    [1n, 4n, 3n],
  ])
  expect(await idsOf({ kind: 'compare', field: 'at', operator: 'eq', value: at('') })).toEqual([2n, 5n])
  expect(await idsOf({ kind: 'compare', field: 'at', operator: 'gt', value: at('') })).toEqual([1n, 3n, 4n])
  const change = (values: Values) =>
    made.source.transaction((transaction) => transaction.insert({ model, values }))
  await change({ at: at('.000002'), even: at('.005') })
  await expect(change({ at: at(''), even: at('.005001') })).rejects.toMatchObject({
    fields: { even: ['must have at most 3 digits of a second: this column stores no finer times'] },
  })
})

test('quotes every name, whatever is in it', async () => {
  const made = await world(
    `CREATE TABLE "odd ""table"" .x" ("id; --" INTEGER PRIMARY KEY, "a.b" TEXT, "select" TEXT, "[x]" TEXT, "_csrf" TEXT)`,
    `INSERT INTO "odd ""table"" .x" VALUES (1, 'dot', 'word', 'brackets', 'form')`,
  )
  const name = 'odd "table" .x'

  expect(
    await recordsOf(made, name, { kind: 'compare', field: 'a.b', operator: 'eq', value: 'dot' }),
  ).toEqual([{ 'id; --': 1n, 'a.b': 'dot', select: 'word', '[x]': 'brackets', _csrf_: 'form' }])
})

test('refuses at commit what a deferred foreign key forbids', async () => {
  const made = await world(
    `CREATE TABLE a (id INTEGER PRIMARY KEY)`,
    `CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)`,
  )
  const insert = made.source.transaction((one) =>
    one.insert({ model: made.model('b'), values: { a_id: 9n } }),
  )

  await expect(insert).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { a_id: ['refers to a record that does not exist'] },
  })
  expect(await recordsOf(made, 'b')).toEqual([])
})

test('tells a deferred foreign key of several fields, written in part, at all of them', async () => {
  const made = await world(
    `CREATE TABLE a (x INTEGER, y INTEGER, PRIMARY KEY (x, y))`,
    `CREATE TABLE b (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER,
      FOREIGN KEY (x, y) REFERENCES a (x, y) DEFERRABLE INITIALLY DEFERRED)`,
    `INSERT INTO a VALUES (1, 1)`,
    `INSERT INTO b VALUES (1, 1, 1)`,
  )
  const model = made.model('b')
  const models = new Map([['a', made.model('a')]])
  const update = made.source.transaction((one) =>
    one.update({ model, models, scope: EVERYTHING, key: [1n], values: { y: 2n } }),
  )

  const nowhere = ['refers to a record that does not exist']
  await expect(update).rejects.toMatchObject({ code: 'invalid-input', fields: { x: nowhere, y: nowhere } })
})

test('refuses what a trigger raises, without its words', async () => {
  const made = await world(
    `CREATE TABLE a (id INTEGER PRIMARY KEY, secret TEXT)`,
    `CREATE TRIGGER no BEFORE INSERT ON a BEGIN SELECT RAISE(ABORT, 'the secret is 42'); END`,
  )
  const insert = made.source.transaction((one) =>
    one.insert({ model: made.model('a'), values: { secret: 'x' } }),
  )

  await expect(insert).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(insert).rejects.not.toThrow('42')
})

test('says that nothing can be written when the database can only be read', async () => {
  await world(`CREATE TABLE a (id INTEGER PRIMARY KEY)`)
  const reader = await openSqlite({ file: join(folder, 'shop.db'), readOnly: true })
  const made = await worldOver(reader)

  expect(made.model('a').writable).toMatchObject({ create: false, reason: 'The database can only be read.' })
  await expect(
    made.source.transaction((one) => one.insert({ model: made.model('a'), values: {} })),
  ).rejects.toMatchObject({ code: 'denied' })
  await reader.close()
})

/** The same database, remembering every query that its reads run. */
function watched(queries: CompiledQuery[]): Database {
  const compiler = new SqliteQueryCompiler()
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      queries.push(compiler.compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result,
  }
  return { ...database, read: (work) => database.read((one) => work(one.withPlugin(plugin) as Connection)) }
}

async function planOf({ sql: text, parameters }: CompiledQuery): Promise<string> {
  const plan = CompiledQuery.raw(`EXPLAIN QUERY PLAN ${text}`, [...parameters])
  const { rows } = await database.now.executeQuery<{ readonly detail: string }>(plan)
  return rows.map(({ detail }) => detail).join('\n')
}

const LARGE = [
  `CREATE TABLE customers (id INTEGER PRIMARY KEY, region TEXT)`,
  `CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    placed_at TIMESTAMP NOT NULL, shipped_at TIMESTAMP, number TEXT NOT NULL UNIQUE)`,
  `CREATE INDEX orders_placed ON orders (placed_at)`,
  `CREATE INDEX orders_shipped ON orders (shipped_at)`,
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
    INSERT INTO customers SELECT i, CASE i % 2 WHEN 0 THEN 'emea' END FROM n`,
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO orders SELECT i, 1 + i % 20, datetime(1700000000 + i / 3, 'unixepoch'),
      CASE WHEN i % 3 > 0 THEN datetime(1700000000 + i, 'unixepoch') END, 'A-' || i FROM n`,
  `ANALYZE`,
]

test.each([
  { field: 'placed_at', direction: 'desc', queriesAPage: 1 },
  { field: 'placed_at', direction: 'asc', queriesAPage: 1 },
  { field: 'number', direction: 'asc', queriesAPage: 1 },
  { field: 'shipped_at', direction: 'desc', queriesAPage: 2 },
  { field: 'shipped_at', direction: 'asc', queriesAPage: 2 },
] as const)('never scans or sorts a large table for a page by $field $direction', async (one) => {
  await world(...LARGE)
  const queries: CompiledQuery[] = []
  const made = await worldOver(watched(queries))
  const emea: Predicate = { kind: 'compare', field: 'region', operator: 'eq', value: 'emea' }
  const query = { sort: [one], scope: { kind: 'related', relation: 'customer', where: emea } } as const
  queries.length = 0

  const first = await made.list('orders', query)
  const second = await made.list('orders', { ...query, from: first.next })
  const third = await made.list('orders', { ...query, from: second.next })
  const back = await made.list('orders', { ...query, from: third.previous })

  expect(back).toEqual(second)
  expect(new Set([first, second, third].flatMap(({ records }) => records.map(({ id }) => id))).size).toBe(150)
  expect(queries.length).toBeGreaterThanOrEqual(4)
  expect(queries.length).toBeLessThanOrEqual(4 * one.queriesAPage)
  for (const plan of await Promise.all(queries.map(planOf))) {
    // "SCAN t USING INDEX" begins at one end of the order and stops at the limit
    expect(plan).toMatch(/(?:SCAN|SEARCH) t USING (?:COVERING )?INDEX/)
    expect(plan).not.toMatch(/SCAN t(?! USING (?:COVERING )?INDEX)/)
    expect(plan).not.toContain('TEMP B-TREE FOR ORDER BY')
  }
})

test('asks one query for a page and one for its count', async () => {
  await world(`CREATE TABLE a (id INTEGER PRIMARY KEY)`, `INSERT INTO a VALUES (1), (2), (3)`)
  const queries: CompiledQuery[] = []
  const made = await worldOver(watched(queries))
  queries.length = 0

  await made.list('a', { count: 'capped' })

  expect(queries).toHaveLength(2)
})

test.each(['id INTEGER PRIMARY KEY, note TEXT', 'note TEXT'])(
  'says so when a trigger leaves an insert into (%s) out',
  async (columns) => {
    const made = await world(
      `CREATE TABLE logs (${columns})`,
      `CREATE TRIGGER quiet BEFORE INSERT ON logs WHEN new.note = 'no' BEGIN SELECT RAISE(IGNORE); END`,
    )
    const insert = (note: string) =>
      made.source.transaction((one) => one.insert({ model: made.model('logs'), values: { note } }))

    await expect(insert('no')).rejects.toMatchObject({ code: 'conflict' })
    await expect(insert('yes')).resolves.toBeDefined()
  },
)
