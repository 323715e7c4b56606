/** Closures and SQL agree on MariaDB: see `agreement.ts`. What is written for MySQL compares in the same words. */

import { afterAll, beforeAll } from 'vitest'
import { createMysqlSource } from '../../src/data/mysql/source.ts'
import type { Database } from '../../src/database/database.ts'
import { openMysql } from '../../src/database/mysql/mysql.ts'
import type { Value } from '../../src/model/model.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'
import { describeAgreement, type Kind, TEXTS, TIMES } from './agreement.ts'

const INSTANTS = [
  '1970-01-01T00:00:01Z',
  '2026-11-21T10:00:00Z',
  '2026-11-21T10:00:00.000001Z',
  '2038-01-19T03:14:07Z',
]
const JSONS = ['["a","b"]', '["A"]', '[1, 2.5]', '[true]', '[]', '{"a":1}', '"a"', '[["a"]]', '[null]']
const MANY_DIGITS = '12345678901234567890123456.78'

function text(declared: string, values: readonly Value[] = TEXTS): Kind {
  return { declared, values, isOrdered: true }
}

/** Everything that MariaDB compares in a way of its own. */
const KINDS: Readonly<Record<string, Kind>> = {
  bigint: {
    declared: 'BIGINT',
    values: [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
    isOrdered: true,
  },
  'bigint without sign': {
    declared: 'BIGINT UNSIGNED',
    values: [0n, 2n ** 63n, 2n ** 64n - 1n],
    isOrdered: true,
  },
  int: { declared: 'INT', values: [0, 1, -1, 2 ** 31 - 1], isOrdered: true },
  bits: { declared: 'BIT(10)', values: [0n, 1n, 1023n], isOrdered: true },
  year: { declared: 'YEAR', values: [0, 1901, 1970, 2000, 2155], isOrdered: true },
  decimal: {
    declared: 'DECIMAL(15,2)',
    values: ['0.00', '-0.01', '9.99', '10.00', '10.10', '100.00', '1234567890123.45', '-1234567890123.45'],
    isOrdered: true,
  },
  'decimal of many digits': {
    declared: 'DECIMAL(40,2)',
    values: ['0.00', MANY_DIGITS, '12345678901234567890123456.79', `-${MANY_DIGITS}`],
    isOrdered: true,
  },
  float: { declared: 'DOUBLE', values: [0, 0.1, 1 / 3, -2.5, 1e300, 5e-324], isOrdered: true },
  single: { declared: 'FLOAT', values: [0, 0.1, 0.3, -2.5, 16777216, 1e-30], isOrdered: true },
  bool: { declared: 'BOOLEAN', values: [true, false], isOrdered: false, junk: '7' },
  bit: { declared: 'BIT(1)', values: [true, false], isOrdered: false },
  text: text('LONGTEXT COLLATE utf8mb4_nopad_bin'),
  padded: text('VARCHAR(20) COLLATE utf8mb4_bin'),
  folded: text('VARCHAR(20) COLLATE utf8mb4_general_ci'),
  unicode: text('VARCHAR(20) COLLATE utf8mb4_unicode_ci'),
  'of a language': text('TEXT COLLATE utf8mb4_german2_ci'),
  latin: text('VARCHAR(20) CHARACTER SET latin1', ['', 'a', 'A', 'a ', 'ä', 'ß', "o'x", '\\', '10', '9']),
  'two bytes': text('VARCHAR(20) CHARACTER SET ucs2', ['', 'a', 'A', 'ä', '～', '10', '9']),
  fixed: text(
    'CHAR(5) COLLATE utf8mb4_general_ci',
    TEXTS.filter((one) => !one.endsWith(' ')),
  ),
  enum: {
    declared: "ENUM('b', 'a', 'A ', 'ä') COLLATE utf8mb4_nopad_bin",
    values: ['b', 'a', 'ä'],
    isOrdered: true,
  },
  bytes: {
    declared: 'VARBINARY(5)',
    values: [new Uint8Array([]), new Uint8Array([0]), new Uint8Array([0, 0]), new Uint8Array([255])],
    isOrdered: true,
  },
  uuid: {
    declared: 'UUID',
    values: [
      '1b4e28ba-2fa1-11d2-883f-0016d3cca427',
      '0b4e28ba-2fa2-11d2-883f-0016d3cca427',
      'ffffffff-ffff-4fff-bfff-ffffffffffff',
    ],
    isOrdered: true,
  },
  date: {
    declared: 'DATE',
    values: ['2026-11-21', '2026-11-22', '0001-01-01', '9999-12-31'],
    isOrdered: true,
    junk: "'0000-00-00'",
  },
  time: {
    declared: 'TIME(6)',
    values: ['00:00:00', '10:00:00', '10:00:00.500000', '23:59:59.999999'],
    isOrdered: true,
    junk: "'100:00:00'",
  },
  'time before zero': {
    declared: 'TIME',
    values: ['00:00:00', '09:00:00', '23:59:59'],
    isOrdered: true,
    junk: "'-01:30:00'",
  },
  timestamp: { declared: 'DATETIME(6)', values: TIMES, isOrdered: true, junk: "'0000-00-00 00:00:00'" },
  'timestamp of seconds': {
    declared: 'DATETIME',
    values: TIMES,
    isOrdered: true,
    junk: "'2026-00-00 00:00:00'",
  },
  timestamptz: {
    declared: 'TIMESTAMP(6) NULL',
    values: INSTANTS,
    isOrdered: true,
    junk: "'0000-00-00 00:00:00'",
  },
  json: { declared: 'JSON', values: JSONS, isOrdered: false, isSet: true },
  'set in text': {
    declared: 'LONGTEXT COLLATE utf8mb4_general_ci',
    values: JSONS,
    isOrdered: false,
    isSet: true,
    junk: "'no json'",
  },
}

let made: TestDatabase
let database: Database

beforeAll(async () => {
  made = await createTestDatabase('mariadb')
  database = await openMysql({ url: made.url })
})
afterAll(async () => {
  await database.close()
  await made.drop()
})

describeAgreement('MariaDB', {
  kinds: KINDS,
  key: 'BIGINT PRIMARY KEY',
  integer: 'BIGINT',
  // one database for all worlds, emptied for each
  async open() {
    await made.run('DROP TABLE IF EXISTS things, owners')
    return {
      source: createMysqlSource({ id: 'main', database, tables: 'application' }),
      run: (statement) => made.run(statement),
      close: async () => {},
    }
  },
})
