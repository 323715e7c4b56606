import { expect, test } from 'vitest'
import { readDdl } from './ddl.ts'

const COLUMNS = ['id', 'status', 'Rating', 'note', 'strange "name"', 'total']

/** What a table of these definitions says. */
function ddl(...definitions: readonly string[]): ReturnType<typeof readDdl> {
  return readDdl(`CREATE TABLE "my (table)" (\n${definitions.join(',\n')}\n) STRICT`, COLUMNS)
}

test.each([
  `status TEXT CHECK (status IN ('new', 'paid'))`,
  `status TEXT CHECK(status in('new','paid'))`,
  `status TEXT CHECK ("status" IN ('new', 'paid'))`,
  `status TEXT CHECK ([status] IN ('new', 'paid') )`,
  `status TEXT CHECK (((STATUS IN ('new', 'paid'))))`,
  `status TEXT CHECK (status IS NULL OR status IN ('new', 'paid'))`,
  `status TEXT CHECK (status IN ('new', 'paid') OR status IS NULL)`,
  `status TEXT CHECK (status IN ('new', 'paid', NULL))`,
  `status TEXT /* CHECK (status IN ('x')) */ CHECK (status IN ('new', -- first\n 'paid'))`,
  `id INTEGER, status TEXT, CONSTRAINT c CHECK (status IN ('new', 'paid'))`,
])('finds the choices in %s', (definition) => {
  expect(ddl(definition).choices.get('status')).toEqual(['new', 'paid'])
})

test.each([
  `status TEXT CHECK (status IN ('new') AND total > 0)`,
  `status TEXT CHECK (status NOT IN ('new'))`,
  `status TEXT CHECK (status IN (SELECT name FROM states))`,
  `status TEXT CHECK (status IN ('a' || 'b'))`,
  `status TEXT DEFAULT 'CHECK (status IN (''new''))'`,
  `status TEXT CHECK (lower(status) IN ('new'))`,
  `status TEXT`,
])('finds no choices in %s', (definition) => {
  expect(ddl(definition).choices.size).toBe(0)
})

test('reads quotes within quotes, and numbers', () => {
  const { choices } = ddl(
    `note TEXT CHECK (note IN ('it''s', 'a,b', ')'))`,
    `total INT CHECK (total IN (0, 1))`,
  )

  expect(choices.get('note')).toEqual(["it's", 'a,b', ')'])
  expect(choices.get('total')).toEqual([0n, 1n])
})

test('names each check as SQLite does, with the columns it is about', () => {
  const { checks } = ddl(
    `id INTEGER CHECK (id  >  0)`,
    `CONSTRAINT enough CHECK (total >= id AND Rating <> 'x')`,
    `CONSTRAINT "two words" CHECK ("strange ""name""" > 0)`,
  )

  expect(checks).toEqual([
    { label: 'id  >  0', columns: ['id'] },
    { label: 'enough', columns: ['total', 'id', 'Rating'] },
    { label: 'two words', columns: ['strange "name"'] },
  ])
})

test('finds lengths and collations', () => {
  const found = ddl(
    `note TEXT COLLATE NOCASE CHECK (length(note) <= 20)`,
    `status TEXT CHECK (LENGTH(status) < 20)`,
    `id INTEGER`,
  )

  expect([...found.maxLengths]).toEqual([
    ['note', 20],
    ['status', 19],
  ])
  expect([...found.collations]).toEqual([['note', 'NOCASE']])
})

test.each([
  null,
  '',
  'CREATE VIEW v AS SELECT 1',
  'CREATE TABLE t AS SELECT 1',
  'CREATE TABLE t ((((',
  "CREATE TABLE t (a 'b",
])('makes nothing of %s', (text) => {
  expect(readDdl(text, COLUMNS)).toMatchObject({ checks: [], choices: new Map() })
})
