/** What only MariaDB and MySQL have: their types, their collations and what they change in silence. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareValues } from '../../src/model/holds.ts'
import type { Field, Key, Value, Values } from '../../src/model/model.ts'
import { type Comparison, EVERYTHING, not, type Predicate } from '../../src/model/predicate.ts'
import { eq, type MariadbWorld, openWorld, refusalOf } from './mariadb-world.ts'

const TABLES = `
CREATE TABLE kinds (
  id INT PRIMARY KEY AUTO_INCREMENT,
  tiny TINYINT, tiny_unsigned TINYINT UNSIGNED, small SMALLINT, medium MEDIUMINT, whole INT UNSIGNED,
  large BIGINT UNSIGNED, flag TINYINT(1), bit1 BIT(1), bits BIT(10), yr YEAR,
  price DECIMAL(10, 2) UNSIGNED, longest DECIMAL(65, 30), single FLOAT, rounded DOUBLE(10, 2),
  day DATE, moment DATETIME, exact_moment DATETIME(3), instant TIMESTAMP NULL, hours TIME,
  label ENUM('small', 'Large', 'it''s', 'x,y'), several SET('a', 'b'),
  fixed CHAR(5), fixed_bytes BINARY(4), some_bytes VARBINARY(4), latin VARCHAR(20) CHARACTER SET latin1,
  folded VARCHAR(50) COLLATE utf8mb4_general_ci, accented VARCHAR(50) COLLATE utf8mb4_unicode_ci,
  document JSON, place POINT, address INET6, ident UUID
) CHARACTER SET utf8mb4;
CREATE TABLE days (id INT PRIMARY KEY, day DATE NOT NULL DEFAULT '0000-00-00', hours TIME NOT NULL DEFAULT '00:00:00');
INSERT INTO days VALUES (1, '0000-00-00', '00:00:00'), (2, '2026-11-21', '100:00:00'), (3, '2026-11-20', '-01:30:00'),
  (4, '2026-11-22', '23:59:59'), (5, '2026-11-23', '09:00:00');
CREATE TABLE regions (code VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY, name VARCHAR(20));
INSERT INTO regions VALUES ('emea', 'Europe'), ('apac', 'Asia');
CREATE TABLE offices (id INT PRIMARY KEY, region VARCHAR(10) COLLATE utf8mb4_general_ci, twin VARCHAR(10) CHARACTER SET latin1,
  FOREIGN KEY (region) REFERENCES regions (code));
INSERT INTO offices VALUES (1, 'emea', 'emea'), (2, 'EMEA', 'Emea'), (3, 'apac', 'apac'), (4, NULL, NULL);
CREATE TABLE people (
  id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) COLLATE utf8mb4_general_ci, code CHAR(3), score DECIMAL(30, 10),
  KEY (name), UNIQUE KEY score_code (score, code));
`

let world: MariadbWorld

beforeAll(async () => {
  world = await openWorld(TABLES)
})
afterAll(() => world.close())

describe('types', () => {
  test.each<readonly [string, string, readonly Value[]]>([
    ['tiny', 'int', [-128, 127]],
    ['tiny_unsigned', 'int', [0, 255]],
    ['small', 'int', [-32768, 32767]],
    ['medium', 'int', [-8388608, 8388607]],
    ['whole', 'int', [0, 4294967295]],
    ['large', 'bigint', [0n, 2n ** 64n - 1n]],
    ['flag', 'bool', [true, false]],
    ['bit1', 'bool', [true, false]],
    ['bits', 'bigint', [0n, 1023n]],
    ['yr', 'int', [0, 1901, 2155]],
    ['price', 'decimal', ['0.00', '99999999.99']],
    ['longest', 'decimal', [`${'9'.repeat(35)}.${'9'.repeat(30)}`, `-0.${'0'.repeat(29)}1`]],
    ['single', 'float', [0, 0.1, 3.4028235e38, -1.5e-30, 16777216]],
    ['rounded', 'float', [0.1, -99999999.99]],
    ['day', 'date', ['0001-01-01', '9999-12-31']],
    ['moment', 'timestamp', ['0001-01-01T00:00:00', '9999-12-31T23:59:59']],
    ['exact_moment', 'timestamp', ['2026-11-21T10:00:00.123000', '2026-11-21T10:00:00']],
    ['instant', 'timestamptz', ['1970-01-01T00:00:01Z', '2038-01-19T03:14:07Z', '2026-10-25T01:30:00Z']],
    ['hours', 'time', ['00:00:00', '23:59:59']],
    ['label', 'enum', ['small', 'Large', "it's", 'x,y']],
    ['fixed', 'text', ['', 'ä€🙂']],
    ['fixed_bytes', 'bytes', [new Uint8Array([0, 1, 0, 0])]],
    ['some_bytes', 'bytes', [new Uint8Array([]), new Uint8Array([0, 0])]],
    ['latin', 'text', ['é', "o'x\\"]],
    ['folded', 'text', ['a', 'A', 'á', 'a ', ' a', '🙂', '']],
    ['accented', 'text', ['ss', 'ß', 'a\u200d', 'a', '\u0000']],
    ['document', 'json', ['{"b": 1.50,  "a": [true]}', 'null']],
    ['ident', 'uuid', ['1b4e28ba-2fa1-41d2-883f-0016d3cca427']],
  ])('%s is read and written as %s, every value to itself alone', async (name, type, values) => {
    expect(world.field('kinds', name).type).toBe(type)
    const keys: Key[] = []
    for (const value of values) keys.push(await world.insert('kinds', { [name]: value }))
    for (const [index, value] of values.entries()) {
      const key = keys[index] ?? []

      expect((await world.get('kinds', key))?.[name]).toEqual(value)
      expect((await world.where('kinds', eq(name, value))).map(({ id }) => id)).toEqual(key)
      expect(await world.update('kinds', key, { [name]: value })).toBe(1)
      expect((await world.get('kinds', key))?.[name]).toEqual(value)
    }
    for (const key of keys) expect(await world.remove('kinds', key)).toBe(1)
  })

  test('that are not known are shown as text and never written, and all can be sorted by', async () => {
    await world.made.run(
      `INSERT INTO kinds (id, several, place, address) VALUES (500, 'a,b', POINT(1, 2), '::1')`,
    )

    expect(await world.get('kinds', [500])).toMatchObject({
      several: '["a","b"]',
      place: 'POINT(1 2)',
      address: '::1',
    })
    for (const name of ['several', 'place', 'address']) {
      const isKnown = name !== 'place'
      expect(world.field('kinds', name).type === 'opaque').toBe(!isKnown)
      expect(await refusalOf(world.update('kinds', [500], { [name]: 'a' }))).toMatchObject({
        fields: { [name]: [expect.any(String)] },
      })
      expect(await world.where('kinds', { kind: 'isNull', field: name })).toEqual([])
      for (const direction of ['asc', 'desc'] as const) {
        const page = await world.source.read((reader) =>
          reader.list({
            model: world.model('kinds'),
            models: world.models,
            scope: EVERYTHING,
            where: EVERYTHING,
            fields: ['id'],
            sort: [{ field: name, direction }],
            limit: 5,
            from: null,
            count: 'none',
          }),
        )
        expect(page.records).toEqual([{ id: 500 }])
      }
    }
    expect(await world.where('kinds', eq('several', '["a","b"]'))).toHaveLength(1)
    await world.remove('kinds', [500])
  })

  test.each<readonly [string, Value]>([
    ['tiny', 128],
    ['tiny_unsigned', -1],
    ['whole', 2 ** 32],
    ['large', -1n],
    ['large', 2n ** 64n],
    ['bits', 1024n],
    ['yr', 26],
    ['yr', 1900],
    ['price', '0.001'],
    ['price', '-0.01'],
    ['price', '123456789.00'],
    ['single', 0.123456789],
    ['single', 1e39],
    ['single', 16777217],
    ['rounded', 0.125],
    ['day', '0000-00-00'],
    ['moment', '2026-11-21T10:00:00.500000'],
    ['exact_moment', '2026-11-21T10:00:00.123400'],
    ['instant', '2040-01-01T00:00:00Z'],
    ['instant', '1969-12-31T23:59:59Z'],
    ['hours', '10:00:00.500000'],
    ['label', 'SMALL'],
    ['label', 'none'],
    ['label', ''],
    ['fixed', 'a '],
    ['fixed', 'abcdef'],
    ['fixed_bytes', new Uint8Array([1])],
    ['some_bytes', new Uint8Array(5)],
    ['latin', '€🙂'],
    ['folded', 'x'.repeat(51)],
    ['folded', 'half \ud83d'],
    ['document', '{no json'],
  ])('%s refuses %s, which it would store as something else', async (name, value) => {
    expect(await refusalOf(world.insert('kinds', { [name]: value }))).toMatchObject({
      code: 'invalid-input',
      fields: { [name]: [expect.any(String)] },
    })
    const key = await world.insert('kinds', {})
    expect(await refusalOf(world.update('kinds', key, { [name]: value }))).toMatchObject({
      fields: { [name]: [expect.any(String)] },
    })
    expect(await world.remove('kinds', key)).toBe(1)
  })
})

describe('what fits no type of ours', () => {
  test('is shown as the server prints it', async () => {
    expect(await world.get('days', [1])).toEqual({ id: 1, day: '0000-00-00', hours: '00:00:00' })
    expect(await world.get('days', [2])).toMatchObject({ hours: '100:00:00' })
    expect(await world.get('days', [3])).toMatchObject({ hours: '-01:30:00' })
    await world.made.run('INSERT INTO kinds (id, flag) VALUES (600, 7)')
    expect(await world.get('kinds', [600])).toMatchObject({ flag: '7' })
    for (const value of [true, false]) {
      expect(await world.where('kinds', eq('flag', value))).toEqual([])
      expect(await world.where('kinds', { kind: 'compare', field: 'flag', operator: 'ne', value })).toEqual(
        [],
      )
    }
    await world.remove('kinds', [600])
  })

  test('is no NULL, and compares as its text does', async () => {
    expect(await world.where('days', { kind: 'isNull', field: 'day' })).toEqual([])
    expect(await world.where('days', not({ kind: 'isNull', field: 'day' }))).toHaveLength(5)
    const all = await world.where('days', EVERYTHING)
    let matched = 0
    for (const [name, values] of [
      ['hours', ['00:00:00', '09:00:00', '10:00:00.500000', '23:59:59']],
      ['day', ['0001-01-01', '2026-11-21', '9999-12-31']],
    ] as const) {
      for (const operator of ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const) {
        for (const value of values) {
          const found = await world.where('days', { kind: 'compare', field: name, operator, value })
          const expected = all.filter((one) =>
            holds(world.field('days', name), operator, one[name] ?? null, value),
          )
          matched += found.length
          expect({ name, operator, value, found }).toEqual({ name, operator, value, found: expected })
        }
      }
    }
    expect(matched).toBeGreaterThan(30)
  })
})

function holds({ type }: Field, operator: Comparison, left: Value, right: Value): boolean {
  const order = compareValues(type, left, right)
  if (order === null) return false
  return { eq: order === 0, ne: order !== 0, lt: order < 0, lte: order <= 0, gt: order > 0, gte: order >= 0 }[
    operator
  ]
}

describe('lists', () => {
  const NAMES = ['a', 'A', 'á', 'a ', 'b', 'B', 'ß', 's', null, '', ' ', '🙂', '🙃', 'a', 'A']

  test.each([
    ['name', 'asc'],
    ['name', 'desc'],
    ['score', 'asc'],
    ['score', 'desc'],
    ['code', 'asc'],
  ] as const)(
    'go by %s %s through every record once, whatever the collation calls equal',
    async (by, direction) => {
      await world.made.run('DELETE FROM people')
      for (const [index, name] of NAMES.entries()) {
        // apart only behind the digits that a floating-point number keeps
        const score = index % 4 === 0 ? null : `12345678901234567890.${String(index % 3).padStart(10, '0')}`
        await world.insert('people', { name, code: `c${index}`, score })
      }
      const query = {
        model: world.model('people'),
        models: world.models,
        scope: EVERYTHING,
        where: EVERYTHING,
        fields: ['id', 'score'],
        sort: [{ field: by, direction }],
        count: 'none',
      } as const
      const whole = await world.source.read((reader) => reader.list({ ...query, limit: 100, from: null }))
      for (const limit of [1, 2, 4]) {
        const forward: Values[] = []
        let page = await world.source.read((reader) => reader.list({ ...query, limit, from: null }))
        forward.push(...page.records)
        while (page.next) {
          const { next } = page
          page = await world.source.read((reader) => reader.list({ ...query, limit, from: next }))
          forward.push(...page.records)
        }
        const backward: Values[] = [...page.records]
        while (page.previous) {
          const { previous } = page
          page = await world.source.read((reader) => reader.list({ ...query, limit, from: previous }))
          backward.unshift(...page.records)
        }

        expect(forward).toEqual(whole.records)
        expect(backward).toEqual(whole.records)
      }
      expect(whole.records).toHaveLength(NAMES.length)
    },
  )

  test('go by the labels of an enum in their declared order', async () => {
    for (const label of ['x,y', 'Large', null, 'small', "it's", 'small'])
      await world.insert('kinds', { label })
    const query = {
      model: world.model('kinds'),
      models: world.models,
      scope: EVERYTHING,
      where: EVERYTHING,
      fields: ['label'],
      sort: [{ field: 'label', direction: 'asc' }],
      limit: 2,
      count: 'none',
    } as const
    const seen: Value[] = []
    let page = await world.source.read((reader) => reader.list({ ...query, from: null }))
    seen.push(...page.records.map(({ label }) => label ?? null))
    while (page.next) {
      const { next } = page
      page = await world.source.read((reader) => reader.list({ ...query, from: next }))
      seen.push(...page.records.map(({ label }) => label ?? null))
    }

    expect(seen).toEqual([null, 'small', 'small', 'Large', "it's", 'x,y'])
    await world.made.run('DELETE FROM kinds')
  })
})

describe('indexes', () => {
  test('serve equality under any collation, and exact decimals', async () => {
    await world.made.run(
      `INSERT INTO people (name, score, code) SELECT CONCAT('n', seq), seq, seq MOD 7 FROM seq_1_to_2000`,
    )
    const explained = async (condition: string): Promise<unknown> => {
      const [row] = await world.made.rows(`EXPLAIN SELECT * FROM people AS t WHERE ${condition}`)
      return row?.['key']
    }

    expect(await explained("(t.name = 'n5' AND CAST(t.name AS BINARY) = X'6e35')")).toBe('name')
    expect(await explained("CAST(t.name AS BINARY) = X'6e35'")).toBeNull()
    expect(await explained("t.score = CAST('5.5' AS DECIMAL(65, 1))")).toBe('score_code')
    expect(await world.where('people', eq('name', 'n5'))).toHaveLength(1)
    expect(await world.where('people', eq('name', 'N5'))).toEqual([])
    expect(await world.where('people', eq('score', '5.0000000000'))).toHaveLength(1)
    await world.made.run('DELETE FROM people')
  })
})

test('a search disregards case, and takes wildcards and backslashes for characters', async () => {
  for (const name of ['Ärger', 'a%b', 'a_b', 'a|b', 'a\\b', 'axb']) await world.insert('people', { name })
  const named = async (
    value: string,
    operator: 'contains' | 'startsWith' = 'contains',
  ): Promise<readonly Value[]> =>
    (await world.where('people', { kind: 'text', field: 'name', operator, value })).map(
      ({ name }) => name ?? null,
    )

  expect(await named('ärg')).toEqual(['Ärger'])
  expect(await named('A%')).toEqual(['a%b'])
  expect(await named('a_')).toEqual(['a_b'])
  expect(await named('|')).toEqual(['a|b'])
  expect(await named('\\')).toEqual(['a\\b'])
  expect(await named('B', 'startsWith')).toEqual([])
  expect(await named('AX', 'startsWith')).toEqual(['axb'])
})

test('sets that differ by case alone have members of their own', async () => {
  const sets = ['["a"]', '["A"]', '["a"]', '["A"]']
  for (const [id, folded] of sets.entries()) await world.insert('kinds', { id: id + 700, folded })
  const has = (value: Value): Predicate => ({ kind: 'contains', field: 'folded', value })

  expect((await world.where('kinds', has('a'))).map(({ id }) => id)).toEqual([700, 702])
  expect((await world.where('kinds', not(has('a')))).map(({ id }) => id)).toEqual([701, 703])
  await world.made.run('DELETE FROM kinds')
})

describe('relations between texts', () => {
  const related = (relation: string): Predicate => ({
    kind: 'related',
    relation,
    where: eq('name', 'Europe'),
  })
  const searched = (relation: string): Predicate => ({
    kind: 'related',
    relation,
    where: { kind: 'text', field: 'name', operator: 'contains', value: 'EUR' },
  })

  test('lead where the very same text is, as everywhere else', async () => {
    const [relation = ''] = world.model('offices').relations.map(({ name }) => name)
    const inEurope = await world.where('offices', related(relation))

    expect(inEurope.map(({ id }) => id)).toEqual([1])
    expect((await world.where('offices', not(related(relation)))).map(({ id }) => id)).toEqual([2, 3, 4])
    expect((await world.where('offices', searched(relation))).map(({ id }) => id)).toEqual([1])
  })

  test('lead from one character set to another', async () => {
    const offices = world.model('offices')
    const [declared] = offices.relations
    if (!declared) throw new TypeError('There is no relation.')
    const twin = { ...declared, name: 'twin_region', from: ['twin'] }
    const model = { ...offices, relations: [...offices.relations, twin] }
    for (const where of [related('twin_region'), searched('twin_region')]) {
      const page = await world.source.read((reader) =>
        reader.list({
          model,
          models: world.models,
          scope: EVERYTHING,
          where,
          fields: ['id'],
          sort: [],
          limit: 9,
          from: null,
          count: 'none',
        }),
      )
      expect(page.records).toEqual([{ id: 1 }])
    }
  })
})
