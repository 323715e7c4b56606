import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { openSqlite } from '../../database/sqlite/sqlite.ts'
import { fieldOf, type Model, relationOf } from '../../model/model.ts'
import type { Schema } from '../data-source.ts'
import type { SourceOptions } from '../source-options.ts'
import { createSqliteSource } from './source.ts'

const open: Database[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()))
})

async function schemaOf(
  statements: readonly string[],
  tables: SourceOptions['tables'] = 'application',
): Promise<Schema> {
  const database = await openSqlite({ file: ':memory:' })
  open.push(database)
  await database.write(async (connection) => {
    for (const statement of statements) await sql.raw(statement).execute(connection)
  })
  return await createSqliteSource({ id: 'main', database, tables }).introspect()
}

async function modelOf(name: string, ...statements: readonly string[]): Promise<Model> {
  const { models } = await schemaOf(statements)
  const found = models.find((model) => model.name === name)
  if (!found) throw new TypeError(`There is no model "${name}".`)
  return found
}

test.each([
  ['INTEGER', { type: 'bigint' }],
  ['INT UNSIGNED', { type: 'bigint' }],
  ['BOOLEAN', { type: 'bool' }],
  ['TINYINT(1)', { type: 'bool' }],
  ['DECIMAL(10, 2)', { type: 'decimal', scale: 2 }],
  ['NUMERIC(5)', { type: 'decimal', scale: 0 }],
  ['NUMERIC', { type: 'decimal', scale: null }],
  ['DOUBLE PRECISION', { type: 'float' }],
  ['REAL', { type: 'float' }],
  ['VARCHAR(40)', { type: 'text', maxLength: 40 }],
  ['NVARCHAR(160)', { type: 'text', maxLength: 160 }],
  ['TEXT', { type: 'text', maxLength: null }],
  ['STRING', { type: 'text' }],
  ['BLOB', { type: 'bytes' }],
  ['BLOB SUB_TYPE TEXT', { type: 'text' }],
  ['JSON', { type: 'json' }],
  ['JSONB', { type: 'json' }],
  ['UUID', { type: 'uuid' }],
  ['DATE', { type: 'date' }],
  ['DATETIME', { type: 'timestamp' }],
  ['TIMESTAMP WITH TIME ZONE', { type: 'timestamptz' }],
  ['TIME', { type: 'time' }],
  ['', { type: 'text' }],
])('reads the type %s', async (declared, expected) => {
  const model = await modelOf('a', `CREATE TABLE a (id INTEGER PRIMARY KEY, x ${declared})`)

  expect(fieldOf(model, 'x')).toMatchObject({
    dbType: declared,
    nullable: true,
    hasDefault: false,
    ...expected,
  })
})

test.each([
  [`x INTEGER CHECK (x IN (0, 1))`, `1`, 'bool'],
  [`is_active INTEGER`, `1`, 'bool'],
  [`is_active INTEGER NOT NULL DEFAULT 1`, null, 'bool'],
  [`is_active INTEGER`, null, 'bigint'],
  [`is_active INTEGER`, `2`, 'bigint'],
  [`x INTEGER`, `1`, 'bigint'],
  [`x BOOLEAN`, `'true'`, 'text'],
  [`x TEXT CHECK (x IN ('a'))`, null, 'enum'],
  [`x DATE`, `'2026-01-01 10:00:00'`, 'timestamp'],
  [`x DATETIME`, `'2026-01-01'`, 'date'],
  [`x DATETIME`, `'soon'`, 'text'],
  [`x`, `x'00'`, 'bytes'],
  [`x`, `1.5`, 'float'],
  [`x POLYGON`, `1`, 'opaque'],
])('sees by checks, names and values what %s with %s is', async (definition, value, type) => {
  const insert = value === null ? [] : [`INSERT INTO a VALUES (${value})`]
  const model = await modelOf('a', `CREATE TABLE a (${definition})`, ...insert)

  expect(model.fields[0]?.type).toBe(type)
})

test('reads keys, defaults and what is computed', async () => {
  const model = await modelOf(
    'a',
    `CREATE TABLE a (
      id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 5, s TEXT DEFAULT 'it''s', f BOOLEAN DEFAULT (0),
      d DECIMAL(4,2) DEFAULT 4.99, gap TEXT DEFAULT NULL, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
      v TEXT AS (s || 'x'), w TEXT AS (s) STORED)`,
  )
  const of = (name: string): object => fieldOf(model, name) ?? {}

  expect(model).toMatchObject({ key: ['id'], uniques: [['id']] })
  expect(of('id')).toMatchObject({ nullable: false, hasDefault: true, defaultValue: null, generated: false })
  expect(of('n')).toMatchObject({ nullable: false, hasDefault: true, defaultValue: 5n })
  expect(of('s')).toMatchObject({ hasDefault: true, defaultValue: "it's" })
  expect(of('f')).toMatchObject({ hasDefault: true, defaultValue: false })
  expect(of('d')).toMatchObject({ hasDefault: true, defaultValue: '4.99' })
  expect(of('gap')).toMatchObject({ hasDefault: false, defaultValue: null })
  expect(of('at')).toMatchObject({ hasDefault: true, defaultValue: null })
  expect(of('v')).toMatchObject({ generated: true, readonly: true })
  expect(of('w')).toMatchObject({ generated: true, readonly: true })
})

test('names no field like what every object has', async () => {
  const model = await modelOf('races', 'CREATE TABLE races (id INTEGER PRIMARY KEY, constructor TEXT)')

  expect(model.fields.map(({ name, column, label }) => [name, column, label])).toEqual([
    ['id', 'id', expect.any(String)],
    ['constructor_', 'constructor', 'Constructor'],
  ])
})

test('leaves the mark of a deletion to the rights to delete and restore', async () => {
  const model = await modelOf('notes', 'CREATE TABLE notes (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP)')

  expect(model.softDelete).toEqual({ field: 'deleted_at', kind: 'instant' })
  expect(fieldOf(model, 'deleted_at')?.readonly).toBe(true)
  expect(fieldOf(model, 'id')?.readonly).toBe(false)
})

test('takes a unique index over required columns for a missing key, and no other', async () => {
  const keyed = `CREATE TABLE a (x TEXT, y TEXT NOT NULL, z TEXT NOT NULL, UNIQUE (x), UNIQUE (y, z))`
  const partial = `CREATE TABLE b (x TEXT NOT NULL)`
  const { models, warnings } = await schemaOf([
    keyed,
    partial,
    `CREATE UNIQUE INDEX b_x ON b (x) WHERE x > ''`,
  ])

  expect(models.map(({ name, key }) => [name, key])).toEqual([
    ['a', ['y', 'z']],
    ['b', null],
  ])
  expect(warnings).toMatchObject([{ code: 'no-key', model: 'b' }, { code: 'no-foreign-keys' }])
})

test('names relations after their columns, and keeps names apart', async () => {
  const { models } = await schemaOf([
    `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)`,
    `CREATE TABLE places (country TEXT, code TEXT, PRIMARY KEY (country, code)) WITHOUT ROWID`,
    `CREATE TABLE orders (
      id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES people ON DELETE SET NULL,
      salesRepId INTEGER REFERENCES People (id) ON DELETE CASCADE, owner INTEGER REFERENCES people (id),
      country TEXT, code TEXT, gone_id INTEGER REFERENCES gone (id),
      FOREIGN KEY (country, code) REFERENCES places)`,
  ])
  const orders = models.find(({ name }) => name === 'orders')
  const people = models.find(({ name }) => name === 'people')

  expect(
    orders?.relations.map(({ name, target, from, to, onDelete }) => [name, target, from, to, onDelete]),
  ).toEqual([
    ['customer', 'people', ['customer_id'], ['id'], 'set-null'],
    ['salesRep', 'people', ['salesRepId'], ['id'], 'cascade'],
    ['person', 'people', ['owner'], ['id'], 'restrict'],
    ['place', 'places', ['country', 'code'], ['country', 'code'], 'restrict'],
  ])
  expect(people?.relations.map(({ name, label }) => [name, label])).toEqual([
    ['orders', 'Orders'],
    ['orders_by_salesRep', 'Orders by sales rep'],
    ['orders_by_person', 'Orders by owner'],
  ])
  expect(orders && relationOf(orders, 'place')?.label).toBe('Place')
})

test('leaves out what is not the application’s, and says what it left out', async () => {
  const statements = [
    `CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT)`,
    `CREATE TABLE castellan_person (id TEXT PRIMARY KEY)`,
    `CREATE VIRTUAL TABLE found USING fts5 (x)`,
    `CREATE TABLE "castellan.people" (id INTEGER PRIMARY KEY)`,
    `CREATE VIEW broken AS SELECT * FROM gone`,
    `CREATE VIEW fine AS SELECT id, id + 1 AS next FROM a`,
  ]
  const { models, warnings } = await schemaOf(statements)
  const own = await schemaOf(statements, 'own')

  expect(models.map(({ name, kind }) => [name, kind])).toEqual([
    ['a', 'table'],
    ['fine', 'view'],
  ])
  expect(warnings.map(({ code, model }) => [code, model])).toEqual([
    ['virtual-table', 'found'],
    ['broken-view', 'broken'],
    ['reserved-name', 'castellan.people'],
  ])
  expect(own.models.map(({ table }) => table)).toEqual(['castellan_person'])
})

test('warns of a database without tables', async () => {
  expect((await schemaOf([])).warnings).toMatchObject([{ code: 'no-tables' }])
})

test('changes its fingerprint with the schema, and only then', async () => {
  const one = await schemaOf([`CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT)`])
  const same = await schemaOf([
    `CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT)`,
    `INSERT INTO a VALUES (1, 'x')`,
    `CREATE TABLE castellan_x (y)`,
  ])
  const other = await schemaOf([`CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT CHECK (x > ''))`])

  expect(same.fingerprint).toBe(one.fingerprint)
  expect(other.fingerprint).not.toBe(one.fingerprint)
})
