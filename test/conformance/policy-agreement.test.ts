/** Closures and SQL agree on every engine: see `agreement.ts`. */

import { PGlite } from '@electric-sql/pglite'
import { sql } from 'kysely'
import { afterAll } from 'vitest'
import { createPostgresSource } from '../../src/data/postgres/source.ts'
import { createSqliteSource } from '../../src/data/sqlite/source.ts'
import type { Database } from '../../src/database/database.ts'
import { openPglite } from '../../src/database/pglite/pglite.ts'
import { openPostgres } from '../../src/database/postgres/postgres.ts'
import { openSqlite } from '../../src/database/sqlite/sqlite.ts'
import type { Value } from '../../src/model/model.ts'
import { createTestDatabase } from '../servers.ts'
import { describeAgreement, type Kind, type OpenedEngine, TEXTS, TIMES } from './agreement.ts'

const JSONS = ['["a","b"]', '["A"]', '[1, 2.5]', '[true]', '[]', '{"a":1}', '"a"', '[["a"]]', '[null]']

const SQLITE: Readonly<Record<string, Kind>> = {
  bigint: {
    declared: 'BIGINT',
    values: [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
    isOrdered: true,
    junk: "'abc'",
  },
  decimal: {
    declared: 'DECIMAL(15,2)',
    values: ['0.00', '-0.01', '9.99', '10.00', '10.10', '100.00', '1234567890123.45', '-1234567890123.45'],
    isOrdered: true,
    junk: "'free'",
  },
  exact: {
    declared: 'DECIMALTEXT(15,2)',
    values: ['0.00', '-0.01', '9.99', '10.00', '100.00'],
    isOrdered: true,
  },
  float: { declared: 'REAL', values: [0, -0, 0.1, 1 / 3, -2.5, 1e300, 5e-324], isOrdered: true, junk: "'x'" },
  bool: { declared: 'BOOLEAN', values: [true, false], isOrdered: false, junk: '7' },
  text: { declared: 'TEXT', values: TEXTS, isOrdered: true },
  nocase: { declared: 'TEXT COLLATE NOCASE', values: TEXTS, isOrdered: true },
  rtrim: { declared: 'VARCHAR(20) COLLATE RTRIM', values: TEXTS, isOrdered: true },
  uuid: {
    declared: 'UUID',
    values: ['1b4e28ba-2fa1-41d2-883f-0016d3cca427', 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
    isOrdered: false,
  },
  date: {
    declared: 'DATE',
    values: ['2026-11-21', '2026-11-22', '0001-01-01', '9999-12-31'],
    isOrdered: true,
  },
  time: { declared: 'TIME', values: ['00:00:00', '10:00:00', '10:00:01', '23:59:59'], isOrdered: true },
  timestamp: { declared: 'TIMESTAMP', values: TIMES, isOrdered: true },
  timestamptz: { declared: 'TIMESTAMPTZ', values: TIMES.map((text) => `${text}Z`), isOrdered: true },
  json: {
    declared: 'JSON',
    values: JSONS,
    isOrdered: false,
    isSet: true,
  },
}

const NEAR_NUMBERS: readonly number[] = [0, -0, 0.1, 1 / 3, -2.5, 1e300, 5e-324, Number.POSITIVE_INFINITY]

function must(kinds: Readonly<Record<string, Kind>>, name: string): Kind {
  const kind = kinds[name]
  if (!kind) throw new TypeError(`There is no kind ${name}.`)
  return kind
}

function text(declared: string, values: readonly Value[] = TEXTS): Kind {
  return { declared, values, isOrdered: true }
}

/** Everything that PostgreSQL compares in a way of its own. */
const POSTGRES: Readonly<Record<string, Kind>> = {
  bigint: { declared: 'BIGINT', values: must(SQLITE, 'bigint').values, isOrdered: true },
  integer: { declared: 'INTEGER', values: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)], isOrdered: true },
  decimal: {
    declared: 'NUMERIC(15, 2)',
    values: must(SQLITE, 'decimal').values,
    isOrdered: true,
    junk: "'NaN'",
  },
  'decimal of any scale': {
    declared: 'NUMERIC',
    values: ['0', '-0.01', '9.99', '10', '10.1', '100', '0.000000000000000000001'],
    isOrdered: true,
    junk: "'-Infinity'",
  },
  float: { declared: 'DOUBLE PRECISION', values: NEAR_NUMBERS, isOrdered: true, junk: "'NaN'" },
  single: {
    declared: 'REAL',
    values: [0, -0, 0.1, 0.2, -2.5, 16777216, 1e38, Number.NEGATIVE_INFINITY],
    isOrdered: true,
    junk: "'NaN'",
  },
  bool: { declared: 'BOOLEAN', values: [true, false], isOrdered: true },
  text: text('TEXT'),
  'text by its bytes': text('TEXT COLLATE "C"'),
  'text of a language': text('TEXT COLLATE german'),
  'text without case': text('TEXT COLLATE no_case'),
  citext: text('CITEXT'),
  varchar: text('VARCHAR(20)'),
  'varchar without case': text('VARCHAR(20) COLLATE no_case'),
  char: text(
    'CHAR(10)',
    TEXTS.filter((one) => !one.endsWith(' ')),
  ),
  domain: text('nick'),
  enum: { declared: 'size', values: ['small', 'medium', 'LARGE', 'a b', "o'x"], isOrdered: true },
  uuid: { ...must(SQLITE, 'uuid'), isOrdered: true },
  date: { ...must(SQLITE, 'date'), junk: "'0044-03-15 BC'" },
  'date without end': { ...must(SQLITE, 'date'), junk: "'infinity'" },
  'date far off': { ...must(SQLITE, 'date'), junk: "'12000-01-01'" },
  time: must(SQLITE, 'time'),
  timestamp: { ...must(SQLITE, 'timestamp'), junk: "'-infinity'" },
  timestamptz: { ...must(SQLITE, 'timestamptz'), junk: "'0044-03-15 10:00:00+00 BC'" },
  json: { ...must(SQLITE, 'json'), junk: `'["\\u0000", "a"]'` },
  jsonb: {
    ...must(SQLITE, 'json'),
    declared: 'JSONB',
    values: ['["a", "b"]', '["A"]', '[1, 2.5]', '[true]', '[]', '{"a": 1}', '"a"', '[["a"]]', '[null]'],
  },
  'json as text': { declared: 'JSONB', values: ['[1]', '{"a": 1}', '"a"', '"A"', 'null'], isOrdered: true },
  bytes: {
    declared: 'BYTEA',
    values: [new Uint8Array(), new Uint8Array([0]), new Uint8Array([1, 255]), new Uint8Array([2])],
    isOrdered: true,
  },
  'array of texts': array('TEXT[]', ['["a","b"]', '["A"]', '[]', '[null]', '[["a"]]']),
  'array of numbers': array('NUMERIC[]', ['[1,2.5]', '[1.0]', '[]']),
  'array of truths': array('BOOLEAN[]', ['[true]', '[true,false]', '[]']),
}

/** Arrays are read as JSON and not written. */
function array(declared: string, values: readonly string[]): Kind {
  return {
    declared,
    values,
    isOrdered: false,
    isSet: true,
    literal: (value) => `'${String(value).replaceAll('[', '{').replaceAll(']', '}')}'`,
  }
}

const PRELUDE = [
  `CREATE EXTENSION IF NOT EXISTS citext SCHEMA public`,
  `CREATE COLLATION german (provider = icu, locale = 'de')`,
  `CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  `CREATE TYPE size AS ENUM ('small', 'medium', 'LARGE', 'a b', 'o''x')`,
  `CREATE DOMAIN nick AS varchar(20) COLLATE no_case CHECK (value <> 'nobody')`,
]

describeAgreement('SQLite', {
  kinds: SQLITE,
  key: 'INTEGER PRIMARY KEY',
  integer: 'INTEGER',
  async open() {
    const database = await openSqlite({ file: ':memory:' })
    return {
      source: createSqliteSource({ id: 'main', database, tables: 'application' }),
      run: (statement) => database.write((connection) => sql.raw(statement).execute(connection)),
      close: () => database.close(),
    }
  },
})

/** One database for all worlds, emptied for each. */
function reused(start: () => Promise<{ readonly database: Database; run(text: string): Promise<unknown> }>) {
  let started: ReturnType<typeof start> | null = null
  return async (prelude: readonly string[]): Promise<OpenedEngine> => {
    started ??= start()
    const { database, run } = await started
    await run(['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public', ...prelude].join(';'))
    return {
      source: createPostgresSource({ id: 'main', database, tables: 'application' }),
      run,
      close: async () => {},
    }
  }
}

const closers: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

const onServer = reused(async () => {
  const own = await createTestDatabase('postgres')
  const database = await openPostgres({ url: own.url })
  closers.push(database.close, own.drop)
  return { database, run: own.run }
})

describeAgreement('PostgreSQL', {
  kinds: POSTGRES,
  key: 'BIGINT PRIMARY KEY',
  integer: 'BIGINT',
  open: () => onServer(PRELUDE),
})

const embedded = reused(async () => {
  const instance = await PGlite.create()
  const database = await openPglite({ instance })
  closers.push(database.close, () => instance.close())
  return { database, run: (text) => instance.exec(text) }
})

/** What needs an extension, or the collations of ICU, is not there. */
const EMBEDDED = Object.entries(POSTGRES).filter(
  ([, { declared }]) => !/CITEXT|german|no_case|nick/.test(declared),
)

describeAgreement('PGlite', {
  kinds: Object.fromEntries(EMBEDDED),
  key: 'BIGINT PRIMARY KEY',
  integer: 'BIGINT',
  open: () => embedded(PRELUDE.filter((one) => one.startsWith('CREATE TYPE'))),
})
