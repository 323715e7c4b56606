/**
 * The kinds of columns that random schemas are made of: how each engine declares
 * them, values that lie close together, and what comes before what, said once
 * more in the plainest way and in no words of the product.
 */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { FieldType } from '../../src/model/model.ts'
import type { StoreEngine } from '../engine.ts'
import { KEYS, TEXTS, UUIDS } from './random-names.ts'

/** A value as the API takes it and gives it back. */
export type Wire = string | number | boolean

export interface Kind {
  readonly name: string
  /** What follows the column's name; `column` is that name, quoted. */
  declared(engine: StoreEngine, column: string): string
  /** What the field must be found to be. */
  type(engine: StoreEngine): FieldType
  readonly values: readonly Wire[]
  /** What is answered for a value that was written, where that is another; in a list less than by the record's own read. */
  answered?(value: Wire, engine: StoreEngine, where: 'list' | 'record'): unknown
  /** Nothing is asked of it, not even whether there is something. */
  readonly isOnlyShown?: boolean
  /** Negative, zero or positive; absent: it is not compared. */
  readonly compare?: (left: Wire, right: Wire) => number
  /** Whether lists, filters and rules know `lt` and its like. */
  readonly isOrdered: boolean
  /** Whether a list is sorted by `compare`; else by an order of the engine's own. */
  isSorted(engine: StoreEngine): boolean
  /** How letters of either case are taken for the same where it is searched; absent: it is not searched. */
  readonly search?: 'bytes' | 'letters'
  /** A key or a foreign key can be made of it, and an index. */
  readonly canBeKey: boolean
}

const SHORT = TEXTS.filter((text) => text.length < 20)

const byNumber = (left: Wire, right: Wire): number => Number(left) - Number(right)
const byBytes = (left: Wire, right: Wire): number =>
  Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)))
const byInteger = (left: Wire, right: Wire): number =>
  Number(BigInt(left) > BigInt(right)) - Number(BigInt(left) < BigInt(right))
/** Three digits behind the point each: without it they are whole numbers. */
const byDecimal = (left: Wire, right: Wire): number =>
  byInteger(String(left).replace('.', ''), String(right).replace('.', ''))
const written = (value: Wire): string => {
  const [whole = '', fraction = ''] = String(value).replace(/Z$/, '').split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}
const byMoment = (left: Wire, right: Wire): number => byBytes(written(left), written(right))

const everywhere = (): boolean => true
const BINARY = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin'

function per(
  declared: Readonly<Record<StoreEngine, string>>,
): (engine: StoreEngine, column: string) => string {
  return (engine, column) => declared[engine].replaceAll('COLUMN', column)
}

function of(type: FieldType, sqlite: FieldType = type): (engine: StoreEngine) => FieldType {
  return (engine) => (engine === 'sqlite' ? sqlite : type)
}

/** A failure names the kind rather than printing it. */
function named(kind: Kind): Kind {
  return Object.assign({ ...kind }, { [fc.toStringMethod]: () => kind.name })
}

const LABELS = ['small', 'LARGE', 'medium', 'a b', "o'x"]
const LISTED = LABELS.map((label) => `'${label.replaceAll("'", "''")}'`).join(', ')

const PLAIN: readonly Kind[] = [
  {
    name: 'integer',
    declared: per({ sqlite: 'INTEGER', postgres: 'INTEGER', mariadb: 'INT' }),
    type: of('int', 'bigint'),
    values: [0, 1, -1, 2, 7, 10, 2_147_483_647, -2_147_483_648],
    // SQLite's whole numbers are all of 64 bits
    answered: (value, engine) => (engine === 'sqlite' ? String(value) : value),
    compare: byNumber,
    isOrdered: true,
    isSorted: everywhere,
    canBeKey: true,
  },
  {
    name: 'bigint',
    declared: per({ sqlite: 'BIGINT', postgres: 'BIGINT', mariadb: 'BIGINT' }),
    type: of('bigint'),
    values: [
      '0',
      '1',
      '-1',
      '10',
      '9007199254740992',
      '9007199254740993',
      '9223372036854775807',
      '-9223372036854775808',
    ],
    compare: byInteger,
    isOrdered: true,
    isSorted: everywhere,
    canBeKey: true,
  },
  {
    name: 'decimal',
    declared: per({ sqlite: 'DECIMAL(12,3)', postgres: 'NUMERIC(12,3)', mariadb: 'DECIMAL(12,3)' }),
    type: of('decimal'),
    values: ['0.000', '-0.001', '0.100', '9.990', '10.000', '100.000', '999999999.999', '-999999999.999'],
    compare: byDecimal,
    isOrdered: true,
    isSorted: everywhere,
    canBeKey: false,
  },
  {
    name: 'float',
    declared: per({ sqlite: 'REAL', postgres: 'DOUBLE PRECISION', mariadb: 'DOUBLE' }),
    type: of('float'),
    values: [0, 0.1, 1 / 3, -2.5, 1e300, 2.5e-300, 1, 16_777_217],
    compare: byNumber,
    isOrdered: true,
    isSorted: everywhere,
    canBeKey: false,
  },
  {
    name: 'boolean',
    declared: per({ sqlite: 'BOOLEAN', postgres: 'BOOLEAN', mariadb: 'BOOLEAN' }),
    type: of('bool'),
    values: [true, false],
    compare: byNumber,
    isOrdered: false,
    isSorted: everywhere,
    canBeKey: false,
  },
  {
    name: 'text by its bytes',
    declared: per({ sqlite: 'TEXT', postgres: 'TEXT COLLATE "C"', mariadb: `LONGTEXT ${BINARY}` }),
    type: of('text'),
    values: TEXTS,
    compare: byBytes,
    isOrdered: true,
    isSorted: everywhere,
    search: 'bytes',
    canBeKey: false,
  },
  {
    name: 'short text',
    declared: per({ sqlite: 'VARCHAR(60)', postgres: 'VARCHAR(60)', mariadb: `VARCHAR(60) ${BINARY}` }),
    type: of('text'),
    values: SHORT,
    compare: byBytes,
    isOrdered: true,
    isSorted: everywhere,
    search: 'letters',
    canBeKey: false,
  },
  {
    name: 'text of a collation',
    declared: per({
      sqlite: 'TEXT COLLATE NOCASE',
      postgres: 'TEXT COLLATE "ucs_basic"',
      mariadb: 'VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
    }),
    type: of('text'),
    values: SHORT,
    compare: byBytes,
    isOrdered: true,
    isSorted: () => false,
    search: 'bytes',
    canBeKey: false,
  },
  {
    name: 'one of several',
    declared: (engine, column) =>
      `${{ sqlite: 'TEXT', postgres: 'TEXT COLLATE "C"', mariadb: `VARCHAR(20) ${BINARY}` }[engine]} CHECK (${column} IN (${LISTED}))`,
    type: of('enum'),
    values: LABELS,
    compare: byBytes,
    isOrdered: false,
    isSorted: everywhere,
    canBeKey: false,
  },
  {
    name: 'enum of the engine',
    declared: (engine, column) =>
      ({
        sqlite: `VARCHAR(20) CHECK (${column} IN (${LISTED}))`,
        postgres: 'random_size',
        mariadb: `ENUM (${LISTED}) CHARACTER SET utf8mb4`,
      })[engine],
    type: of('enum'),
    values: LABELS,
    compare: byBytes,
    isOrdered: false,
    isSorted: () => false,
    canBeKey: false,
  },
  {
    name: 'uuid',
    declared: per({ sqlite: 'UUID', postgres: 'UUID', mariadb: 'UUID' }),
    type: of('uuid'),
    values: UUIDS,
    compare: byBytes,
    isOrdered: false,
    isSorted: (engine) => engine !== 'mariadb',
    canBeKey: true,
  },
  {
    name: 'date',
    declared: per({ sqlite: 'DATE', postgres: 'DATE', mariadb: 'DATE' }),
    type: of('date'),
    values: ['0001-01-01', '2026-11-21', '2026-11-30', '2024-02-29', '9999-12-31'],
    compare: byBytes,
    isOrdered: true,
    isSorted: everywhere,
    canBeKey: true,
  },
  {
    name: 'time',
    declared: per({ sqlite: 'TIME', postgres: 'TIME', mariadb: 'TIME(6)' }),
    type: of('time'),
    values: ['00:00:00', '10:00:00', '10:00:00.500000', '10:00:00.000001', '23:59:59.999999'],
    compare: byMoment,
    isOrdered: true,
    isSorted: everywhere,
    canBeKey: false,
  },
  {
    name: 'timestamp',
    declared: per({ sqlite: 'TIMESTAMP', postgres: 'TIMESTAMP', mariadb: 'DATETIME(6)' }),
    type: of('timestamp'),
    values: [
      '2026-11-21T10:00:00',
      '2026-11-21T10:00:00.000001',
      '2026-11-21T10:00:00.500000',
      '0001-01-01T00:00:00',
      '9999-12-31T23:59:59.999999',
    ],
    compare: byMoment,
    isOrdered: true,
    isSorted: everywhere,
    canBeKey: false,
  },
  {
    name: 'timestamp with a zone',
    declared: per({ sqlite: 'TIMESTAMPTZ', postgres: 'TIMESTAMPTZ', mariadb: 'TIMESTAMP(6) NULL' }),
    type: of('timestamptz'),
    values: [
      '2026-11-21T10:00:00Z',
      // SQLite keeps the milliseconds that JavaScript writes
      '2026-11-21T10:00:00.001000Z',
      '2026-11-21T10:00:00.500000Z',
      '1970-01-02T00:00:00Z',
      '2038-01-01T00:00:00Z',
    ],
    compare: byMoment,
    isOrdered: true,
    isSorted: everywhere,
    canBeKey: false,
  },
  {
    name: 'json',
    declared: per({ sqlite: 'JSON', postgres: 'JSON', mariadb: 'JSON' }),
    type: of('json'),
    values: ['{"a": 1.50,  "b":[]}', '[]', '{"n": 12345678901234567890}', 'null', '"text"', '{"ä":"😀"}'],
    isOrdered: false,
    isSorted: () => false,
    canBeKey: false,
  },
  {
    name: 'bytes',
    declared: per({ sqlite: 'BLOB', postgres: 'BYTEA', mariadb: 'LONGBLOB' }),
    type: of('bytes'),
    values: ['AP8NCg==', 'AA==', 'AAA='],
    answered: (value, _, where) => {
      const content = Buffer.from(String(value), 'base64')
      const sha256 = createHash('sha256').update(content).digest('hex')
      return { bytes: content.length, ...(where === 'record' && { sha256 }) }
    },
    isOnlyShown: true,
    isOrdered: false,
    isSorted: () => false,
    canBeKey: false,
  },
]

export const KINDS: readonly Kind[] = PLAIN.map(named)

/** Text that a key is made of: hard to carry in an address. */
export const KEY_TEXT: Kind = named({
  name: 'text of a key',
  declared: per({
    sqlite: 'VARCHAR(40)',
    postgres: 'VARCHAR(40) COLLATE "C"',
    mariadb: `VARCHAR(40) ${BINARY}`,
  }),
  type: of('text'),
  values: KEYS,
  compare: byBytes,
  isOrdered: true,
  isSorted: everywhere,
  search: 'bytes',
  canBeKey: true,
})

/** Whole numbers of a key, one for each record. */
export const KEY_NUMBER: Kind = named({
  name: 'number of a key',
  declared: per({ sqlite: 'INTEGER', postgres: 'BIGINT', mariadb: 'BIGINT' }),
  type: of('bigint'),
  values: Array.from({ length: 24 }, (_, index) => String(index * 17 - 60)),
  compare: byInteger,
  isOrdered: true,
  isSorted: everywhere,
  canBeKey: true,
})

export const KEY_UUID: Kind = KINDS.find(({ name }) => name === 'uuid') ?? KEY_TEXT
