/** A table that is large, the same on every engine, made within a second or two. */

import type { StoreEngine } from './engine.ts'
import type { TestDatabase } from './servers.ts'

/** From so many records on a list walks through none of them; in a deep run as many as a real one may have. */
export const LARGE: number = process.env['CASTELLAN_TEST_RUNS'] === undefined ? 120_000 : 3_000_000

export const KINDS = ['call', 'letter', 'order', 'visit'] as const
export const CUSTOMERS = 2000

/** The numbers from 1 on, as rows with the column `i`. */
const NUMBERS: Readonly<Record<StoreEngine, (count: number) => string>> = {
  sqlite: (count) =>
    `(WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT i FROM n)`,
  postgres: (count) => `generate_series(1::bigint, ${count}) AS n (i)`,
  mariadb: (count) => `(SELECT seq AS i FROM seq_1_to_${count}) AS n`,
}

const WORDS: Readonly<
  Record<StoreEngine, readonly [text: string, moment: string, join: (n: string) => string]>
> = {
  sqlite: ['TEXT', 'TIMESTAMP', (n) => `'R' || (${n})`],
  postgres: ['TEXT', 'TIMESTAMP', (n) => `'R' || (${n})`],
  mariadb: ['VARCHAR(60)', 'DATETIME', (n) => `concat('R', ${n})`],
}

const MOMENTS: Readonly<Record<StoreEngine, string>> = {
  sqlite: `strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i * 60, 'unixepoch')`,
  postgres: `timestamp '2023-11-14 22:13:20' + i * interval '1 minute'`,
  mariadb: `timestamp '2023-11-14 22:13:20' + interval i minute`,
}

const ANALYZE: Readonly<Record<StoreEngine, string>> = {
  sqlite: 'ANALYZE',
  postgres: 'ANALYZE',
  mariadb: 'ANALYZE TABLE customers, events',
}

/**
 * `events`, of which `ref`, `happened_at`, `kind` with `happened_at`, `customer_id` and `closed_at` (mostly NULL) are
 * indexed, and `amount` and `note` are not; each is of one of the `customers`.
 */
export async function fillLarge(
  home: TestDatabase,
  engine: StoreEngine,
  {
    count = LARGE,
    isAnalysed = true,
    isSearchable = false,
  }: {
    readonly count?: number
    readonly isAnalysed?: boolean
    /** With an index that a search of `ref` goes by, of the kind that the engine has for it. */
    readonly isSearchable?: boolean
  } = {},
): Promise<void> {
  const [text, moment, joined] = WORDS[engine]
  const kind = KINDS.map((name, index) => `WHEN ${index} THEN '${name}'`).join(' ')
  const number = NUMBERS[engine]
  await home.run(`
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name ${text} NOT NULL, region ${text} NOT NULL);
    CREATE TABLE events (
      id INTEGER PRIMARY KEY,
      customer_id INTEGER NOT NULL,
      kind ${text} NOT NULL,
      ref ${text} NOT NULL,
      happened_at ${moment} NOT NULL,
      closed_at ${moment} NULL,
      amount DECIMAL(10, 2) NOT NULL,
      note ${text},
      region ${text} NOT NULL,
      FOREIGN KEY (customer_id) REFERENCES customers (id)
    )`)
  await home.run(`INSERT INTO customers
    SELECT i, ${joined('i')}, CASE i % 2 WHEN 0 THEN 'north' ELSE 'south' END FROM ${number(CUSTOMERS)}`)
  await home.run(`INSERT INTO events
    SELECT i, 1 + i % ${CUSTOMERS}, CASE (i * 7919) % 4 ${kind} END, ${joined('(i * 7919) % 10000019')},
      ${MOMENTS[engine]}, CASE i % 50 WHEN 0 THEN ${MOMENTS[engine]} END, (i * 31) % 9973, NULL,
      CASE i % 10 WHEN 0 THEN 'north' ELSE 'south' END
    FROM ${number(count)}`)
  for (const index of [...INDEXES, ...(isSearchable ? SEARCH_INDEXES[engine] : [])]) await home.run(index)
  if (isAnalysed) await home.run(ANALYZE[engine])
}

const INDEXES: readonly string[] = [
  'CREATE INDEX events_by_ref ON events (ref)',
  'CREATE INDEX events_by_time ON events (happened_at)',
  'CREATE INDEX events_by_kind ON events (kind, happened_at, id)',
  'CREATE INDEX events_by_customer ON events (customer_id, id)',
  'CREATE INDEX events_by_end ON events (closed_at, id)',
]

const SEARCH_INDEXES: Readonly<Record<StoreEngine, readonly string[]>> = {
  sqlite: ['CREATE INDEX events_by_beginning ON events (ref COLLATE NOCASE)'],
  postgres: [
    'CREATE EXTENSION pg_trgm',
    'CREATE INDEX events_by_part ON events USING gin (ref gin_trgm_ops)',
  ],
  mariadb: ['CREATE FULLTEXT INDEX events_by_word ON events (ref)'],
}
