/**
 * A condition means the same as a closure (`model/holds.ts`) and as SQL
 * (`data/sql/compile.ts`): on random tables, records and conditions, over a
 * real database file.
 */

import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { DataSource, Reader } from '../../src/data/data-source.ts'
import { createSqliteSource } from '../../src/data/sqlite/source.ts'
import { openSqlite } from '../../src/database/sqlite/sqlite.ts'
import { compileHolds, type Held } from '../../src/model/holds.ts'
import type { Model, Value, Values } from '../../src/model/model.ts'
import {
  and,
  type Comparison,
  EVERYTHING,
  NOTHING,
  not,
  or,
  type Predicate,
} from '../../src/model/predicate.ts'

/** One way to declare a column, and values that lie close together in it. */
interface Kind {
  readonly declared: string
  readonly values: readonly Value[]
  readonly isOrdered: boolean
  /** What SQLite would store there all the same, as an SQL literal. */
  readonly junk?: string
}

/** Random worlds that are tried; more of them in a deep run. */
const RUNS = Number(process.env['CASTELLAN_TEST_RUNS'] ?? 40)

const TEXTS = [
  '',
  'a',
  'A',
  'a ',
  ' a',
  'ä',
  'a\u0308',
  'ß',
  'SS',
  '～',
  '😀',
  '10',
  '9',
  "o'x",
  '%',
  '_',
  '\\',
]
const TIMES = ['2026-11-21T10:00:00', '2026-11-21T10:00:01', '0001-01-01T00:00:00', '9999-12-31T23:59:59']

const KINDS: Readonly<Record<string, Kind>> = {
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
    values: ['["a","b"]', '["A"]', '[1, 2.5]', '[true]', '[]', '{"a":1}', '"a"', '[["a"]]', '[null]'],
    isOrdered: false,
  },
}

/** Members that a JSON array may be asked for. */
const MEMBERS: readonly Value[] = ['a', 'A', '', 1, 2.5, true, false]

interface Shape {
  /** Kind by column. */
  readonly columns: Readonly<Record<string, Kind>>
  readonly rows: readonly Values[]
  readonly predicate: fc.Arbitrary<Predicate>
}

const kind = fc.constantFrom(...Object.values(KINDS))
const kinds = fc.array(kind, { minLength: 1, maxLength: 4 })

/** One table's columns, some records, and conditions over them. Relations are added by `shop`. */
const shape: fc.Arbitrary<Shape> = kinds.chain((chosen) => {
  const columns = Object.fromEntries(chosen.map((one, index) => [`c${index}`, one]))
  const row = fc.record(Object.fromEntries(Object.entries(columns).map(([name, one]) => [name, cell(one)])))
  return fc
    .array(row, { minLength: 1, maxLength: 14 })
    .map((rows) => ({ columns, rows, predicate: tree(leaf(columns)) }))
})

function cell({ values }: Kind): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
}

function leaf(columns: Shape['columns']): fc.Arbitrary<Predicate> {
  return fc.constantFrom(...Object.entries(columns)).chain(([field, one]): fc.Arbitrary<Predicate> => {
    const isNull = fc.constant<Predicate>({ kind: 'isNull', field })
    if (one === KINDS['json']) {
      return fc.oneof(
        isNull,
        fc.constantFrom(...MEMBERS).map((value): Predicate => ({ kind: 'contains', field, value })),
      )
    }
    const operators: readonly Comparison[] = one.isOrdered
      ? ['eq', 'ne', 'lt', 'lte', 'gt', 'gte']
      : ['eq', 'ne']
    const compare = fc
      .tuple(fc.constantFrom(...operators), cell(one))
      .map(([operator, value]): Predicate => ({ kind: 'compare', field, operator, value }))
    const within = fc
      .array(cell(one), { maxLength: 3 })
      .map((values): Predicate => ({ kind: 'in', field, values }))
    return fc.oneof({ weight: 6, arbitrary: compare }, { weight: 2, arbitrary: within }, isNull)
  })
}

function tree(leaves: fc.Arbitrary<Predicate>): fc.Arbitrary<Predicate> {
  const { node } = fc.letrec<{ node: Predicate }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 3, arbitrary: leaves },
      { weight: 2, arbitrary: tie('node').map(not) },
      { weight: 1, arbitrary: fc.array(tie('node'), { maxLength: 3 }).map((of) => and(...of)) },
      { weight: 1, arbitrary: fc.array(tie('node'), { maxLength: 3 }).map((of) => or(...of)) },
      { weight: 1, arbitrary: fc.constantFrom(EVERYTHING, NOTHING) },
    ),
  }))
  return node
}

/** Two tables, one of which leads to the other, and conditions that may take that hop. */
const world = fc.tuple(shape, shape).chain(([things, owners]) => {
  const hop = owners.predicate.map((where): Predicate => ({ kind: 'related', relation: 'owner', where }))
  const owned = fc.array(fc.option(fc.nat(owners.rows.length - 1)), {
    minLength: things.rows.length,
    maxLength: things.rows.length,
  })
  const predicates = fc.array(tree(fc.oneof({ weight: 3, arbitrary: things.predicate }, hop)), {
    minLength: 20,
    maxLength: 20,
  })
  return fc.record({
    things: fc.constant(things),
    owners: fc.constant(owners),
    owned,
    predicates,
    hasJunk: fc.boolean(),
  })
})

type World = typeof world extends fc.Arbitrary<infer W> ? W : never

function create(table: string, { columns }: Shape, more: string): string {
  const declared = Object.entries(columns).map(([name, one]) => `${name} ${one.declared}`)
  return `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, ${declared.join(', ')}${more})`
}

/** Puts the world on disk through the source itself, and hands out what reads it. */
async function withWorld<T>(
  { things, owners, owned, hasJunk }: World,
  work: (source: DataSource, models: ReadonlyMap<string, Model>) => Promise<T>,
): Promise<T> {
  const database = await openSqlite({ file: ':memory:' })
  try {
    const run = (statement: string) => database.write((connection) => sql.raw(statement).execute(connection))
    await run(create('owners', owners, ''))
    await run(create('things', things, ', owner_id INTEGER REFERENCES owners (id)'))
    const source = createSqliteSource({ id: 'main', database, tables: 'application' })
    const empty = modelsOf(await source.introspect())
    await source.transaction(async (transaction) => {
      for (const [index, values] of owners.rows.entries()) {
        await transaction.insert({ model: must(empty, 'owners'), values: { id: BigInt(index), ...values } })
      }
      for (const [index, values] of things.rows.entries()) {
        const owner = owned[index] ?? null
        const owner_id = owner === null ? null : BigInt(owner)
        await transaction.insert({
          model: must(empty, 'things'),
          values: { id: BigInt(index), owner_id, ...values },
        })
      }
    })
    const models = modelsOf(await source.introspect())
    for (const [name, { junk }] of hasJunk ? Object.entries(things.columns) : []) {
      if (junk) await run(`UPDATE things SET ${name} = ${junk} WHERE id % 3 = 0`)
    }
    return await work(source, models)
  } finally {
    await database.close()
  }
}

function modelsOf({ models }: { readonly models: readonly Model[] }): ReadonlyMap<string, Model> {
  return new Map(models.map((model) => [model.name, model]))
}

function must(models: ReadonlyMap<string, Model>, name: string): Model {
  const model = models.get(name)
  if (!model) throw new Error(`The model ${name} was not introspected.`)
  return model
}

async function idsWhere(
  reader: Reader,
  models: ReadonlyMap<string, Model>,
  name: string,
  where: Predicate,
): Promise<readonly Values[]> {
  const model = must(models, name)
  const fields = model.fields.map((field) => field.name)
  const page = await reader.list({
    model,
    models,
    scope: EVERYTHING,
    where,
    fields,
    sort: [{ field: 'id', direction: 'asc' }],
    limit: 100,
    from: null,
    count: 'none',
  })
  return page.records
}

function heldBy(things: readonly Values[], owners: readonly Values[]): readonly Held[] {
  const byId = new Map(owners.map((owner) => [owner['id'], owner]))
  return things.map((values) => {
    const id = values['owner_id'] ?? null
    return { values, related: { owner: id === null ? null : (byId.get(id) ?? null) } }
  })
}

test('a closure and SQL agree on random tables, records and conditions', async () => {
  let asked = 0
  let matched = 0
  await fc.assert(
    fc.asyncProperty(world, async (made) => {
      await withWorld(made, async (source, models) => {
        await source.read(async (reader) => {
          const things = await idsWhere(reader, models, 'things', EVERYTHING)
          const held = heldBy(things, await idsWhere(reader, models, 'owners', EVERYTHING))
          expect(held).toHaveLength(made.things.rows.length)
          for (const predicate of made.predicates) {
            const holds = compileHolds(must(models, 'things'), models, predicate)
            const expected = held.filter(holds).map(({ values }) => values['id'])
            const found = await idsWhere(reader, models, 'things', predicate)
            expect({ predicate, ids: found.map((values) => values['id']) }).toEqual({
              predicate,
              ids: expected,
            })
            // two-valued: what does not satisfy it satisfies its negation
            const others = await idsWhere(reader, models, 'things', { kind: 'not', of: predicate })
            expect(found.length + others.length).toBe(held.length)
            asked += held.length
            matched += found.length
          }
        })
      })
    }),
    { numRuns: RUNS, seed: 20_261_121 },
  )
  // a check that never matches, or always does, has looked at nothing
  expect(asked).toBeGreaterThan(2_000)
  expect(matched).toBeGreaterThan(asked * 0.1)
  expect(matched).toBeLessThan(asked * 0.9)
})

test.each(Object.entries(KINDS))('every pair of values of the kind %s compares alike', async (_, one) => {
  const columns = { c0: one }
  const rows = [...one.values, null].map((value) => ({ c0: value }))
  const made: World = {
    things: { columns, rows, predicate: fc.constant(EVERYTHING) },
    owners: { columns, rows: [], predicate: fc.constant(EVERYTHING) },
    owned: rows.map(() => null),
    predicates: [],
    hasJunk: false,
  }
  const operators: readonly Comparison[] = one.isOrdered
    ? ['eq', 'ne', 'lt', 'lte', 'gt', 'gte']
    : ['eq', 'ne']
  const isSet = one === KINDS['json']
  const predicates = isSet
    ? MEMBERS.map((value): Predicate => ({ kind: 'contains', field: 'c0', value }))
    : operators.flatMap((operator) =>
        one.values.map((value): Predicate => ({ kind: 'compare', field: 'c0', operator, value })),
      )

  await withWorld(made, (source, models) =>
    source.read(async (reader) => {
      const held = heldBy(await idsWhere(reader, models, 'things', EVERYTHING), [])
      for (const predicate of predicates) {
        const holds = compileHolds(must(models, 'things'), models, predicate)
        const found = await idsWhere(reader, models, 'things', predicate)
        expect({ predicate, values: found.map((values) => values['c0']) }).toEqual({
          predicate,
          values: held.filter(holds).map(({ values }) => values['c0']),
        })
      }
    }),
  )
  expect(predicates.length).toBeGreaterThan(3)
})
