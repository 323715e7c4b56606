/**
 * A condition means the same as a closure (`model/holds.ts`) and as SQL
 * (`data/sql/compile.ts`): on random tables, records and conditions, over a
 * real database of each engine.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DataSource, Reader } from '../../src/data/data-source.ts'
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
import { runs } from '../runs.ts'

/** One way to declare a column, and values that lie close together in it. */
export interface Kind {
  readonly declared: string
  readonly values: readonly Value[]
  readonly isOrdered: boolean
  /** It holds sets: it is asked for members and is not compared. */
  readonly isSet?: boolean
  /** How a value is written in SQL, where the data source does not write the column. */
  literal?(value: Value): string
  /** What the column holds all the same although it is no value of the field, as an SQL literal. */
  readonly junk?: string
}

/** What an engine brings. */
export interface AgreementEngine {
  readonly kinds: Readonly<Record<string, Kind>>
  /** Declares a key of whole numbers, and a whole number. */
  readonly key: string
  readonly integer: string
  /** An empty database. */
  open(): Promise<OpenedEngine>
}

export interface OpenedEngine {
  readonly source: DataSource
  /** Runs a statement outside the data source. */
  run(statement: string): Promise<unknown>
  close(): Promise<void>
}

/** Random worlds that are tried; more of them in a deep run. */
const RUNS = runs(40)

export const TEXTS: readonly string[] = [
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
export const TIMES: readonly string[] = [
  '2026-11-21T10:00:00',
  '2026-11-21T10:00:01',
  '0001-01-01T00:00:00',
  '9999-12-31T23:59:59',
]

/** Members that a set may be asked for. */
export const MEMBERS: readonly Value[] = ['a', 'A', '', 1, 2.5, true, false]

interface Shape {
  /** Kind by column. */
  readonly columns: Readonly<Record<string, Kind>>
  readonly rows: readonly Values[]
  readonly predicate: fc.Arbitrary<Predicate>
}

/** One table's columns, some records, and conditions over them. Relations are added by `worlds`. */
function shapes(kinds: AgreementEngine['kinds']): fc.Arbitrary<Shape> {
  const chosen = fc.array(fc.constantFrom(...Object.values(kinds)), { minLength: 1, maxLength: 4 })
  return chosen.chain((some) => {
    const columns = Object.fromEntries(some.map((one, index) => [`c${index}`, one]))
    const row = fc.record(Object.fromEntries(Object.entries(columns).map(([name, one]) => [name, cell(one)])))
    return fc
      .array(row, { minLength: 1, maxLength: 14 })
      .map((rows) => ({ columns, rows, predicate: tree(leaf(columns)) }))
  })
}

function cell({ values }: Kind): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
}

function leaf(columns: Shape['columns']): fc.Arbitrary<Predicate> {
  return fc.constantFrom(...Object.entries(columns)).chain(([field, one]): fc.Arbitrary<Predicate> => {
    const isNull = fc.constant<Predicate>({ kind: 'isNull', field })
    if (one.isSet) {
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
function worlds({ kinds }: AgreementEngine): fc.Arbitrary<World> {
  const shape = shapes(kinds)
  return fc.tuple(shape, shape).chain(([things, owners]) => {
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
}

interface World {
  readonly things: Shape
  readonly owners: Shape
  /** For each thing, the place of its owner. */
  readonly owned: readonly (number | null)[]
  readonly predicates: readonly Predicate[]
  readonly hasJunk: boolean
}

function create(engine: AgreementEngine, table: string, { columns }: Shape, more: string): string {
  const declared = Object.entries(columns).map(([name, one]) => `${name} ${one.declared}`)
  return `CREATE TABLE ${table} (id ${engine.key}, ${declared.join(', ')}${more})`
}

/** Puts the world into a database through the source itself, and hands out what reads it. */
async function withWorld<T>(
  engine: AgreementEngine,
  { things, owners, owned, hasJunk }: World,
  work: (source: DataSource, models: ReadonlyMap<string, Model>) => Promise<T>,
): Promise<T> {
  const { source, run, close } = await engine.open()
  try {
    await run(create(engine, 'owners', owners, ''))
    const reference = `, owner_id ${engine.integer}, FOREIGN KEY (owner_id) REFERENCES owners (id)`
    await run(create(engine, 'things', things, reference))
    const empty = modelsOf(await source.introspect())
    await source.transaction(async (transaction) => {
      for (const [index, row] of owners.rows.entries()) {
        const values = { id: BigInt(index), ...written(owners, row) }
        await transaction.insert({ model: must(empty, 'owners'), values })
      }
      for (const [index, row] of things.rows.entries()) {
        const owner = owned[index] ?? null
        const owner_id = owner === null ? null : BigInt(owner)
        const values = { id: BigInt(index), owner_id, ...written(things, row) }
        await transaction.insert({ model: must(empty, 'things'), values })
      }
    })
    for (const statement of [...literals('owners', owners), ...literals('things', things)]) {
      await run(statement)
    }
    const models = modelsOf(await source.introspect())
    for (const [name, { junk }] of hasJunk ? Object.entries(things.columns) : []) {
      if (junk) await run(`UPDATE things SET ${name} = ${junk} WHERE id % 3 = 0`)
    }
    return await work(source, models)
  } finally {
    await close()
  }
}

/** The values that the data source itself writes. */
function written({ columns }: Shape, row: Values): Values {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !columns[name]?.literal))
}

/** Statements that write the others. */
function literals(table: string, { columns, rows }: Shape): readonly string[] {
  return Object.entries(columns).flatMap(([name, { literal }]) =>
    rows.flatMap((row, index) => {
      const value = row[name] ?? null
      return literal && value !== null
        ? [`UPDATE ${table} SET ${name} = ${literal(value)} WHERE id = ${index}`]
        : []
    }),
  )
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

/** Declares the tests for one engine. */
export function describeAgreement(name: string, engine: AgreementEngine): void {
  describe(`${name}: a closure and SQL agree`, () => {
    test('on random tables, records and conditions', async () => {
      let asked = 0
      let matched = 0
      await fc.assert(
        fc.asyncProperty(worlds(engine), async (made) => {
          await withWorld(engine, made, async (source, models) => {
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

    test.each(Object.entries(engine.kinds))('on every pair of values of the kind %s', async (_, one) => {
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
      const predicates = one.isSet
        ? MEMBERS.map((value): Predicate => ({ kind: 'contains', field: 'c0', value }))
        : operators.flatMap((operator) =>
            one.values.map((value): Predicate => ({ kind: 'compare', field: 'c0', operator, value })),
          )

      await withWorld(engine, made, (source, models) =>
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
  })
}
