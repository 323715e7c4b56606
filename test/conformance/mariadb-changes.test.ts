/** What MariaDB does with changes: scopes over the same table, keys that it makes, what it says when it refuses. */

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMysqlSource, type MysqlSource } from '../../src/data/mysql/source.ts'
import { openMysql } from '../../src/database/mysql/mysql.ts'
import type { Key, Values } from '../../src/model/model.ts'
import { EVERYTHING, not, type Predicate } from '../../src/model/predicate.ts'
import { eq, type MariadbWorld, openWorld, refusalOf } from './mariadb-world.ts'

const TABLES = `CREATE TABLE tags (name VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY);
CREATE TABLE nodes (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) NOT NULL, parent_id INT,
  FOREIGN KEY (parent_id) REFERENCES nodes (id));
INSERT INTO nodes VALUES (1, 'root', NULL), (2, 'left', 1), (3, 'right', 1), (4, 'leaf', 2);
CREATE TABLE tokens (code VARCHAR(50) PRIMARY KEY DEFAULT (CONCAT('made-', UUID())), note VARCHAR(20));
CREATE TABLE slugs (slug VARCHAR(40) PRIMARY KEY, title VARCHAR(40) NOT NULL);
CREATE TRIGGER slugs_made BEFORE INSERT ON slugs FOR EACH ROW SET NEW.slug = LOWER(REPLACE(NEW.title, ' ', '-'));
CREATE TABLE guarded (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, level INT CHECK (level < 10),
  least INT, most INT, CONSTRAINT \`in order\` CHECK (least <= most));
CREATE TRIGGER guarded_made BEFORE UPDATE ON guarded FOR EACH ROW
  IF NEW.name = 'forbidden' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Not that one'; END IF;
CREATE TABLE old_log (id INT PRIMARY KEY, note VARCHAR(20)) ENGINE=MyISAM;
CREATE TABLE numbered (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, n INT) AUTO_INCREMENT = 9223372036854775813;
CREATE TABLE pairs (a INT, b INT, note VARCHAR(20), PRIMARY KEY (a, b));
CREATE TABLE pair_notes (id INT PRIMARY KEY AUTO_INCREMENT, a INT, b INT, CONSTRAINT to_pair FOREIGN KEY (a, b) REFERENCES pairs (a, b));
CREATE TABLE \`odd name\` (\` key?\` INT PRIMARY KEY, \`it's "x"\` VARCHAR(20), \`back\`\`tick\\\` VARCHAR(20));
`

let world: MariadbWorld

beforeAll(async () => {
  world = await openWorld(TABLES)
})
afterAll(() => world.close())

describe('scopes that look at the table of the record itself', () => {
  const underRoot: Predicate = { kind: 'related', relation: 'parent', where: eq('name', 'root') }

  test('decide updates and removals', async () => {
    expect(await world.update('nodes', [4], { name: 'x' }, underRoot)).toBe(0)
    expect(
      await world.update('nodes', [4], { name: 'x' }, { kind: 'and', of: [EVERYTHING, not(underRoot)] }),
    ).toBe(1)
    expect(await world.remove('nodes', [4], underRoot)).toBe(0)
    expect(await world.update('nodes', [3], { name: 'y' }, underRoot)).toBe(1)
    expect(await world.remove('nodes', [3], underRoot)).toBe(1)
    expect((await world.where('nodes', EVERYTHING)).map(({ name }) => name)).toEqual(['root', 'left', 'x'])
  })

  test('keep deciding while somebody else changes the record', async () => {
    const isLeft: Predicate = { kind: 'and', of: [eq('name', 'left'), underRoot] }
    const other = Promise.withResolvers<void>()
    const changing = world.source.transaction(async (transaction) => {
      await transaction.update({
        model: world.model('nodes'),
        models: world.models,
        scope: EVERYTHING,
        key: [2],
        values: { name: 'moved' },
      })
      other.resolve()
      // until this commits, the other one waits for the record
      await sql`SELECT SLEEP(0.2)`.execute(transaction.connection)
    })
    await other.promise

    expect(await world.update('nodes', [2], { name: 'mine' }, isLeft)).toBe(0)
    await changing
    expect(await world.get('nodes', [2])).toMatchObject({ name: 'moved' })
  })
})

describe('keys that the database makes', () => {
  const asMysql = (): MysqlSource =>
    createMysqlSource({ id: 'main', database: { ...world.database, engine: 'mysql' }, tables: 'application' })

  test('are told by MariaDB, whoever makes them', async () => {
    expect(await world.insert('slugs', { title: 'Hello There' })).toEqual(['hello-there'])
    expect(await world.insert('slugs', { slug: 'given', title: 'Made Up' })).toEqual(['made-up'])
    expect(await world.insert('tokens', { note: 'n' })).toEqual([expect.stringMatching(/^made-/)])
    expect(await world.insert('nodes', { name: 'new' })).toEqual([expect.any(Number)])
    expect(await world.insert('nodes', { id: 0, name: 'zero' })).toEqual([0])
    expect(await world.insert('pairs', { a: 1, b: 2 })).toEqual([1, 2])
  })

  test('are refused where MySQL would not tell them, and nothing is made', async () => {
    const other = asMysql()
    const into = (name: string, values: Values): Promise<Key> =>
      other.transaction((one) => one.insert({ model: world.model(name), values }))
    await other.introspect()

    expect(await into('nodes', { name: 'counted' })).toEqual([expect.any(Number)])
    expect(await into('pairs', { a: 3, b: 4 })).toEqual([3, 4])
    expect(await into('numbered', {})).toEqual([9223372036854775813n])
    expect(await into('tokens', { code: 'mine' })).toEqual(['mine'])
    expect(await refusalOf(into('tokens', { note: 'lost' }))).toMatchObject({
      fields: { code: [expect.any(String)] },
    })
    expect(await refusalOf(into('slugs', { slug: 'Other', title: 'Not The Same' }))).toMatchObject({
      code: 'conflict',
    })
    expect(await world.where('slugs', eq('title', 'Not The Same'))).toEqual([])
    expect(await world.where('tokens', eq('note', 'lost'))).toEqual([])
  })
})

describe('refusals', () => {
  test.each<readonly [string, () => Promise<unknown>, string, readonly string[]]>([
    ['a key that is taken', () => world.insert('guarded', { id: 1, name: 'x' }), 'invalid-input', ['id']],
    [
      'a text that differs by case alone',
      () => world.insert('tags', { name: 'RED' }),
      'invalid-input',
      ['name'],
    ],
    ['no value', () => world.insert('guarded', { id: 2, name: null }), 'invalid-input', ['name']],
    ['a value left out', () => world.insert('guarded', { id: 2 }), 'invalid-input', ['name']],
    [
      'a check of a column',
      () => world.insert('guarded', { id: 2, name: 'x', level: 10 }),
      'invalid-input',
      ['level'],
    ],
    [
      'a check of two columns',
      () => world.update('guarded', [1], { least: 9, most: 1 }),
      'invalid-input',
      ['least', 'most'],
    ],
    [
      'a check that one of them breaks',
      () => world.update('guarded', [1], { least: 9 }),
      'invalid-input',
      ['least'],
    ],
    [
      'a parent that is not there',
      () => world.update('nodes', [2], { parent_id: 99 }),
      'invalid-input',
      ['parent_id'],
    ],
    [
      'a pair that is not there',
      () => world.insert('pair_notes', { a: 1, b: 99 }),
      'invalid-input',
      ['a', 'b'],
    ],
    ['a record that others refer to', () => world.remove('nodes', [1]), 'conflict', []],
    [
      'the key of a record that others refer to',
      () => world.update('nodes', [1], { id: 77 }),
      'conflict',
      [],
    ],
    [
      'a trigger that says no',
      () => world.update('guarded', [1], { name: 'forbidden' }),
      'invalid-input',
      [],
    ],
  ])('say what is wrong: %s', async (_, work, code, fields) => {
    await world.made.run(`INSERT IGNORE INTO guarded (id, name, level, least, most) VALUES (1, 'one', 1, 1, 5);
      INSERT IGNORE INTO tags VALUES ('red'); INSERT IGNORE INTO pairs VALUES (1, 2, NULL)`)
    const refusal = await refusalOf(work())

    expect(refusal).toMatchObject({ code })
    expect(Object.keys('fields' in refusal && refusal.fields ? refusal.fields : {})).toEqual(fields)
    expect(String(refusal)).not.toMatch(/constraint|Not that one|test_|SQL/i)
    expect(await world.get('guarded', [1])).toMatchObject({ name: 'one', level: 1, least: 1, most: 5 })
  })

  test('are about rights where the account has none', async () => {
    const user = `u${world.made.url.split('/').at(-1)?.slice(5)}`
    const name = world.made.url.split('/').at(-1)
    await world.made.run(
      `CREATE USER ${user}; GRANT SELECT ON ${name}.* TO ${user}; GRANT UPDATE (note) ON ${name}.pairs TO ${user}`,
    )
    const url = new URL(world.made.url)
    url.username = user
    const limited = await openMysql({ url: url.href })
    try {
      const other = createMysqlSource({ id: 'main', database: limited, tables: 'application' })
      const { models: found } = await other.introspect()
      const pairs = found.find((one) => one.name === 'pairs')

      expect(pairs?.writable).toMatchObject({ create: false, delete: false })
      const change = { model: world.model('pairs'), models: world.models, scope: EVERYTHING, key: [1, 2] }
      const noted = other.transaction((one) => one.update({ ...change, values: { note: 'seen' } }))
      expect(await noted).toBe(1)
      expect(await refusalOf(other.transaction((one) => one.remove(change)))).toMatchObject({
        code: 'denied',
      })
      expect(
        await refusalOf(
          other.transaction((one) => one.insert({ model: world.model('pairs'), values: { a: 8, b: 8 } })),
        ),
      ).toMatchObject({ code: 'denied' })
    } finally {
      await limited.close()
      await world.made.run(`DROP USER ${user}`)
    }
  })

  test('are made before anything is tried, where a table has no transactions', async () => {
    expect(world.model('old_log').writable).toMatchObject({
      create: false,
      update: false,
      delete: false,
      reason: expect.stringContaining('MyISAM has no transactions'),
    })
    expect(await refusalOf(world.insert('old_log', { id: 1 }))).toMatchObject({ code: 'denied' })
    expect(await world.where('old_log', EVERYTHING)).toEqual([])
  })

  test('say that a value is too large for the server, whose connection is then another', async () => {
    const refusal = await refusalOf(world.insert('slugs', { slug: 'x', title: 'y'.repeat(17_000_000) }))
    expect(refusal).toMatchObject({ code: 'invalid-input', fields: { title: [expect.any(String)] } })
    await world.made.run('ALTER TABLE tags ADD COLUMN note LONGTEXT')
    await world.introspect()
    const large = await refusalOf(world.insert('tags', { name: 'large', note: 'y'.repeat(17_000_000) }))
    expect(large).toMatchObject({ code: 'too-large' })
    expect(await world.where('tags', eq('name', 'large'))).toEqual([])
  })

  test('are trouble of the database where its tables have changed', async () => {
    await world.made.run('CREATE TABLE passing (id INT PRIMARY KEY, note VARCHAR(20))')
    await world.introspect()
    await world.made.run('ALTER TABLE passing DROP COLUMN note')
    const columnGone = refusalOf(world.where('passing', EVERYTHING))
    expect(await columnGone).toMatchObject({ code: 'data-source-failed' })
    await world.made.run('DROP TABLE passing')
    expect(await refusalOf(world.where('passing', EVERYTHING))).toMatchObject({ code: 'data-source-failed' })
    expect(await refusalOf(world.insert('passing', { id: 1 }))).toMatchObject({ code: 'data-source-failed' })
  })
})

test('names with quotes, question marks and backslashes are names', async () => {
  expect(await world.insert('odd name', { ' key?': 1, 'it\'s "x"': '?', 'back`tick\\': 'b' })).toEqual([1])
  expect(await world.where('odd name', eq('back`tick\\', 'b'))).toEqual([
    { ' key?': 1, 'it\'s "x"': '?', 'back`tick\\': 'b' },
  ])
  expect(await world.update('odd name', [1], { 'it\'s "x"': "'" })).toBe(1)
  expect(
    await world.where('odd name', { kind: 'text', field: 'it\'s "x"', operator: 'contains', value: "'" }),
  ).toHaveLength(1)
})
