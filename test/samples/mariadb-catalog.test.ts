/** What is read of a MariaDB database, by the owner and by a user with few rights. */

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Catalog, CatalogColumn, CatalogTable } from '../../src/data/catalog.ts'
import { schemaOf } from '../../src/data/describe/describe.ts'
import { readMysqlCatalog } from '../../src/data/mysql/catalog.ts'
import type { Database } from '../../src/database/database.ts'
import { openMysql } from '../../src/database/mysql/mysql.ts'
import type { Model } from '../../src/model/model.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

const SCHEMA = String.raw`
  CREATE TABLE people (
    id int unsigned AUTO_INCREMENT PRIMARY KEY,
    name varchar(40) NOT NULL COMMENT 'As they say it',
    quoted varchar(20) DEFAULT 'it''s \\ \'so\'',
    word varchar(10) DEFAULT 'NULL',
    gap varchar(10) DEFAULT NULL,
    empty varchar(10) NOT NULL DEFAULT '',
    mood enum('sad', 'it''s ok', 'a,b') DEFAULT 'sad',
    tags set('x', 'y'),
    total decimal(8, 3) DEFAULT 4.5,
    big bigint unsigned DEFAULT 18446744073709551615,
    small tinyint DEFAULT -1,
    ratio double DEFAULT -1.5,
    is_active boolean NOT NULL DEFAULT true,
    flag bit(1) DEFAULT b'1',
    bits bit(8) DEFAULT b'101',
    year year DEFAULT 2020,
    ref uuid,
    born date DEFAULT '2020-02-29',
    at time DEFAULT '10:30',
    seen datetime DEFAULT '2020-02-29 10:30:00',
    made timestamp DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    data json,
    checked longtext CHECK (json_valid(checked)),
    raw varbinary(20),
    address inet6,
    size varchar(5) CHECK (size IN ('s', 'm', 'l')),
    note text CHECK (char_length(note) <= 500),
    computed int DEFAULT (1 + 1),
    twice int AS (small * 2) STORED,
    boss_id int unsigned,
    FOREIGN KEY (boss_id) REFERENCES people (id) ON DELETE SET NULL,
    UNIQUE KEY people_note (note(20)),
    UNIQUE KEY people_ref (ref),
    FULLTEXT KEY people_words (name)
  ) COMMENT 'Who we know';

  CREATE TABLE places (country char(2), code varchar(10), PRIMARY KEY (country, code));
  CREATE TABLE visits (
    b_code varchar(10) NOT NULL, a_country char(2) NOT NULL, person_id int unsigned NOT NULL,
    UNIQUE KEY visits_place (a_country, b_code, person_id),
    CONSTRAINT z FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE,
    CONSTRAINT a FOREIGN KEY (a_country, b_code) REFERENCES places (country, code)
  );
  CREATE TABLE unkeyed (a varchar(200) NOT NULL, UNIQUE KEY (a(10)));
  CREATE VIEW happy AS SELECT id, name FROM people;
  CREATE TABLE gone (id int PRIMARY KEY);
  CREATE VIEW broken AS SELECT * FROM gone;
  DROP TABLE gone;
  CREATE SEQUENCE numbers;
  CREATE TABLE kept (id int PRIMARY KEY) WITH SYSTEM VERSIONING;
  CREATE TABLE spots (id int PRIMARY KEY, place point NOT NULL);
  CREATE TABLE placed (id int PRIMARY KEY, place point NOT NULL);
  CREATE TRIGGER placing BEFORE INSERT ON placed FOR EACH ROW SET NEW.place = POINT(0, 0);
  CREATE TABLE castellan_person (
    id varchar(32) PRIMARY KEY, created_at varchar(27) NOT NULL, is_active boolean NOT NULL,
    attributes longtext NOT NULL, name text
  );
`

let server: TestDatabase
let database: Database
let catalog: Catalog

const describing = { source: 'main', tables: 'application', isReadOnly: false } as const

beforeAll(async () => {
  server = await createTestDatabase('mariadb')
  await server.run(SCHEMA)
  database = await openMysql({ url: server.url })
  catalog = await read(database)
})

afterAll(async () => {
  await database.close()
  await server.drop()
})

function read(from: Database, tables: 'application' | 'own' = 'application'): Promise<Catalog> {
  return from.read((connection) => readMysqlCatalog(connection, { tables }))
}

function tableOf(name: string, from: Catalog = catalog): CatalogTable {
  const found = from.tables.find((table) => table.name === name)
  if (!found) throw new TypeError(`There is no table "${name}".`)
  return found
}

function columnOf(name: string): CatalogColumn {
  const found = tableOf('people').columns.find((column) => column.name === name)
  if (!found) throw new TypeError(`There is no column "${name}".`)
  return found
}

function modelOf(name: string): Model {
  const found = schemaOf(catalog, describing).models.find((model) => model.name === name)
  if (!found) throw new TypeError(`There is no model "${name}".`)
  return found
}

test.each<[string, Partial<CatalogColumn>]>([
  ['id', { type: 'int', isNullable: false, hasDefault: true, isGenerated: false, defaultValue: null }],
  ['name', { type: 'text', maxLength: 40, isNullable: false, hasDefault: false, comment: 'As they say it' }],
  ['quoted', { hasDefault: true, defaultValue: `it's \\ 'so'` }],
  ['word', { hasDefault: true, defaultValue: 'NULL' }],
  ['gap', { hasDefault: false, defaultValue: null }],
  ['empty', { hasDefault: true, defaultValue: '' }],
  ['mood', { type: 'enum', choices: ['sad', "it's ok", 'a,b'], defaultValue: 'sad' }],
  ['tags', { type: 'set', dbType: `set('x','y')`, choices: ['x', 'y'] }],
  ['total', { type: 'decimal', scale: 3, defaultValue: '4.500' }],
  ['big', { type: 'bigint', dbType: 'bigint(20) unsigned', defaultValue: 18446744073709551615n }],
  ['small', { type: 'int', defaultValue: -1 }],
  ['ratio', { type: 'float', defaultValue: -1.5 }],
  ['is_active', { type: 'bool', defaultValue: true }],
  ['flag', { type: 'bool', defaultValue: true }],
  ['bits', { type: 'bigint', defaultValue: 5n }],
  ['year', { type: 'int', defaultValue: 2020 }],
  ['ref', { type: 'uuid' }],
  ['born', { type: 'date', defaultValue: '2020-02-29' }],
  ['at', { type: 'time', defaultValue: '10:30:00' }],
  ['seen', { type: 'timestamp', defaultValue: '2020-02-29T10:30:00' }],
  ['made', { type: 'timestamptz', hasDefault: true, defaultValue: null }],
  ['data', { type: 'json', dbType: 'longtext', maxLength: null }],
  ['checked', { type: 'json' }],
  ['raw', { type: 'bytes' }],
  ['address', { type: 'native', dbType: 'inet6' }],
  ['size', { type: 'enum', choices: ['s', 'm', 'l'] }],
  ['note', { type: 'text', maxLength: 500 }],
  ['computed', { type: 'int', hasDefault: true, defaultValue: null }],
  ['twice', { type: 'int', isGenerated: true, hasDefault: true, defaultValue: null }],
])('reads the column %s', (name, expected) => {
  expect(columnOf(name)).toMatchObject(expected)
})

test('reads keys, and no unique index over the beginning of a text', () => {
  expect(tableOf('people')).toMatchObject({ comment: 'Who we know', primaryKey: ['id'] })
  expect(tableOf('people').indexes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'people_note', columns: [null], isUnique: true, isPartial: false }),
      expect.objectContaining({ name: 'people_ref', columns: ['ref'], isUnique: true, isPartial: false }),
      expect.objectContaining({ name: 'people_words', method: 'words' }),
    ]),
  )
  expect(modelOf('people').uniques).toEqual([['id'], ['ref']])
  expect(modelOf('visits').key).toEqual(['a_country', 'b_code', 'person_id'])
  expect(modelOf('unkeyed')).toMatchObject({ key: null, writable: { create: true, update: false } })
})

test('reads foreign keys of several columns, in the order of their columns', () => {
  expect(tableOf('visits').foreignKeys).toEqual([
    {
      columns: ['a_country', 'b_code'],
      targetSchema: null,
      targetTable: 'places',
      targetColumns: ['country', 'code'],
      onDelete: 'restrict',
    },
    {
      columns: ['person_id'],
      targetSchema: null,
      targetTable: 'people',
      targetColumns: ['id'],
      onDelete: 'cascade',
    },
  ])
  expect(tableOf('people').foreignKeys).toMatchObject([{ columns: ['boss_id'], onDelete: 'set-null' }])
})

test('reads views and never writes them, leaves out what can not be read', () => {
  expect(modelOf('happy')).toMatchObject({ kind: 'view', writable: { create: false, update: false } })
  expect(catalog.leftOut.map(({ name, code }) => [name, code])).toEqual([['broken', 'broken-view']])
  expect(catalog.tables.map(({ name }) => name).filter((name) => /numbers|castellan/.test(name))).toEqual([])
  expect(modelOf('kept').key).toEqual(['id'])
})

test('makes no record that needs what can not be written, unless a trigger gives it', () => {
  expect(modelOf('spots').writable).toMatchObject({ create: false, update: true, delete: true })
  expect(modelOf('placed').writable).toEqual({ create: true, update: true, delete: true, reason: null })
})

test('reads the own tables by what their columns are for', async () => {
  const own = await read(database, 'own')

  expect(own.tables.map(({ name }) => name)).toEqual(['castellan_person'])
  expect(own.tables[0]?.columns.map(({ name, type }) => [name, type])).toEqual([
    ['id', 'text'],
    ['created_at', 'timestamptz'],
    ['is_active', 'bool'],
    ['attributes', 'json'],
    ['name', 'text'],
  ])
})

test('tells what the connected user may not see or do', async () => {
  const user = `user_${randomBytes(6).toString('hex')}`
  const url = new URL(server.url)
  const name = url.pathname.slice(1)
  await server.run(`
    CREATE USER '${user}'@'%' IDENTIFIED BY 'some-password';
    GRANT SELECT (id, name, is_active), UPDATE (name) ON ${name}.people TO '${user}'@'%';
    GRANT SELECT, INSERT ON ${name}.places TO '${user}'@'%';
    GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.visits TO '${user}'@'%';
    GRANT INSERT ON ${name}.kept TO '${user}'@'%'`)
  url.username = user
  url.password = 'some-password'
  const limited = await openMysql({ url: url.href })
  try {
    const seen = await read(limited)
    const rightsOf = (table: string): object => {
      const { rights, rightsReason } = tableOf(table, seen)
      return { ...rights, reason: rightsReason }
    }

    expect(
      tableOf('people', seen).columns.map(({ name: column, isWritable }) => [column, isWritable]),
    ).toEqual([
      ['id', false],
      ['name', true],
      ['is_active', false],
    ])
    expect(rightsOf('people')).toEqual({
      insert: false,
      update: true,
      delete: false,
      reason: 'The connected user may not create or delete records here.',
    })
    expect(rightsOf('places')).toMatchObject({ insert: true, update: false, delete: false })
    expect(rightsOf('visits')).toEqual({ insert: true, update: true, delete: true, reason: null })
    expect(seen.leftOut.map(({ name: table, code }) => [table, code])).toEqual([['kept', 'no-right']])
  } finally {
    await limited.close()
    await server.run(`DROP USER '${user}'@'%'`)
  }
})

test.each([
  ['a whole database', (name: string) => `GRANT ALL ON ${name}.*`],
  [
    'databases by their beginning',
    (name: string) => `GRANT ALL ON \`${name.slice(0, 8).replace('_', '\\_')}%\`.*`,
  ],
  ['everything', () => 'GRANT ALL ON *.*'],
])('sees the right to delete that was given for %s', async (_, grant) => {
  const user = `user_${randomBytes(6).toString('hex')}`
  const url = new URL(server.url)
  await server.run(
    `CREATE USER '${user}'@'%' IDENTIFIED BY 'some-password'; ${grant(url.pathname.slice(1))} TO '${user}'@'%'`,
  )
  url.username = user
  url.password = 'some-password'
  const granted = await openMysql({ url: url.href })
  try {
    expect(tableOf('people', await read(granted)).rights).toEqual({
      insert: true,
      update: true,
      delete: true,
    })
  } finally {
    await granted.close()
    await server.run(`DROP USER '${user}'@'%'`)
  }
})

test.each([
  ['a column', 'ALTER TABLE visits ADD d int'],
  ['a default', 'ALTER TABLE visits ALTER d SET DEFAULT 3'],
  ['a check', 'ALTER TABLE visits ADD CHECK (d > 0)'],
  ['an index', 'CREATE INDEX visits_d ON visits (d)'],
  ['a label', `ALTER TABLE people MODIFY mood enum('sad', 'it''s ok', 'a,b', 'glad')`],
])('changes the fingerprint with %s', async (_, statement) => {
  const before = schemaOf(await read(database), describing).fingerprint
  expect(schemaOf(await read(database), describing).fingerprint).toBe(before)

  await server.run(statement)

  expect(schemaOf(await read(database), describing).fingerprint).not.toBe(before)
})
