/** Conformance: lists give every record once, in order, however they are paged. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Page } from '../data/data-source.ts'
import type { Sort, Value, Values } from '../model/model.ts'
import { EVERYTHING } from '../model/predicate.ts'
import { inWorld, type OpenSource, type Tables, type Vocabulary, type World } from './conformance-world.ts'

const TABLES: Tables = ({ integer, text, varchar, float, identityKey }) => [
  `CREATE TABLE records (id ${identityKey}, a ${integer}, b ${text}, c ${float} NOT NULL)`,
  `CREATE INDEX records_a ON records (a)`,
  `CREATE TABLE pairs (
    x ${integer} NOT NULL, y ${varchar(20)} NOT NULL, a ${integer}, b ${text}, c ${float} NOT NULL,
    PRIMARY KEY (x, y))`,
  `CREATE TABLE loose (a ${integer}, b ${text}, c ${float} NOT NULL)`,
  `CREATE TABLE notes (id ${identityKey}, record_id ${integer}, FOREIGN KEY (record_id) REFERENCES records (id))`,
]

/** Few values, so that ties and NULLs are common. */
const row = fc.record({
  a: fc.option(fc.integer({ min: -2, max: 2 })),
  b: fc.option(fc.constantFrom('', 'a', 'A', 'b', 'ä', '🙂', '\uffee')),
  c: fc.constantFrom(-1.5, 0, 0.25, 1e300),
})
const sorts = fc.uniqueArray(
  fc.record({
    field: fc.constantFrom('a', 'b', 'c'),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  }),
  { maxLength: 3, selector: ({ field }) => field },
)

type Row = { readonly a: number | null; readonly b: string | null; readonly c: number }

export function listTests(open: OpenSource, runs: number): void {
  test.each(['records', 'pairs', 'loose'])('pages through %s forth and back without loss', async (table) => {
    await inWorld(open, TABLES, async (world) => {
      let pagesSeen = 0
      const check = fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        sorts,
        fc.integer({ min: 1, max: 7 }),
        async (rows, sort, limit) => {
          await fill(world, table, rows)
          pagesSeen += await pagesAgree(world, table, sort, limit)
        },
      )
      await fc.assert(check, { numRuns: runs, seed: 20261121 })

      expect(pagesSeen).toBeGreaterThan(100)
    })
  })

  test.each(['records', 'pairs', 'loose'])('begins %s with the last page, or at a value', async (table) => {
    await inWorld(open, TABLES, async (world) => {
      // records that nothing tells apart are counted off, and have neither
      if (!hasPlaces(world, table)) return
      let jumps = 0
      const check = fc.asyncProperty(
        fc.array(row, { maxLength: 20 }),
        sorts.filter((sort) => sort.length > 0),
        fc.integer({ min: 1, max: 7 }),
        async (rows, sort, limit) => {
          await fill(world, table, rows)
          jumps += await jumpsAgree(world, table, sort, limit)
        },
      )
      await fc.assert(check, { numRuns: Math.ceil(runs / 2), seed: 20261121 })

      expect(jumps).toBeGreaterThan(40)
    })
  })

  test.each(['records', 'pairs'])(
    'shows what stays of %s once and in order while others write',
    async (table) => {
      await inWorld(open, TABLES, async (world) => {
        const check = fc.asyncProperty(
          fc.array(row, { minLength: 4, maxLength: 16 }),
          fc.array(row, { maxLength: 6 }),
          sorts,
          fc.integer({ min: 1, max: 4 }),
          async (rows, added, sort, limit) => {
            await fill(world, table, rows)
            await staysAgree(world, table, added, sort, limit)
          },
        )
        await fc.assert(check, { numRuns: Math.ceil(runs / 4), seed: 20261122 })
      })
    },
  )

  test('orders as a full sort does, NULL where the engine puts it', async () => {
    await inWorld(open, TABLES, async (world) => {
      const check = fc.asyncProperty(fc.array(row, { maxLength: 20 }), sorts, async (rows, sort) => {
        await fill(world, 'records', rows)
        const { records } = await world.list('records', { sort })

        expect(records.map(({ id }) => id)).toEqual(sortedIds(rows, sort, world.vocabulary.nullsAre))
      })
      await fc.assert(check, { numRuns: runs, seed: 20261121 })
    })
  })

  test('answers with the nearest page when the records of one are gone', async () => {
    await inWorld(open, TABLES, async (world) => {
      await fill(
        world,
        'records',
        Array.from({ length: 6 }, () => ({ a: null, b: null, c: 0 })),
      )
      const first = await world.list('records', { limit: 3 })
      const second = await world.list('records', { limit: 3, from: first.next })
      await world.execute(['DELETE FROM records WHERE id > 3'])
      const behind = await world.list('records', { limit: 3, from: first.next })
      await world.execute(['DELETE FROM records', 'INSERT INTO records (id, c) VALUES (9, 1)'])
      const before = await world.list('records', { limit: 3, from: second.previous })

      expect(ids(behind)).toEqual([1n, 2n, 3n])
      expect(behind).toMatchObject({ next: null, previous: null })
      expect(ids(before)).toEqual([9n])
    })
  })

  test('counts up to a cap, and exactly when asked to', async () => {
    await inWorld(open, TABLES, async (world) => {
      await fill(
        world,
        'records',
        Array.from({ length: 12 }, (_, a) => ({ a, b: null, c: 0 })),
      )

      expect(await world.count('records', EVERYTHING, 100)).toEqual({ value: 12, kind: 'exact' })
      expect(await world.count('records', EVERYTHING, 12)).toEqual({ value: 12, kind: 'exact' })
      expect(await world.count('records', EVERYTHING, 11)).toEqual({ value: 11, kind: 'at-least' })
      expect((await world.list('records', { count: 'exact', limit: 2 })).count).toEqual({
        value: 12,
        kind: 'exact',
      })
      expect((await world.list('records', { count: 'none' })).count).toBeNull()
      const where = { kind: 'compare', field: 'a', operator: 'gte', value: 9n } as const
      expect((await world.list('records', { where, count: 'capped' })).count).toEqual({
        value: 3,
        kind: 'exact',
      })
    })
  })

  test('gives only the fields that were asked for', async () => {
    await inWorld(open, TABLES, async (world) => {
      await fill(world, 'records', [{ a: 1, b: 'x', c: 0 }])

      const { records } = await world.list('records', {
        fields: ['b'],
        sort: [{ field: 'a', direction: 'asc' }],
      })

      expect(records).toEqual([{ b: 'x' }])
    })
  })

  test('reads what the records of a page lead to along with them, where it says so', async () => {
    await inWorld(open, TABLES, async (world) => {
      await notesOn(world)
      const relation = world.model('notes').relations.find(({ kind }) => kind === 'one')
      if (!relation) throw new TypeError('A note has no record.')
      const led = { relation, target: world.model('records'), fields: ['id', 'b'] }
      const query = { sort: [{ field: 'id', direction: 'desc' as const }], limit: 3 }

      const all = await world.list('notes', { ...query, led: [{ ...led, scope: EVERYTHING }] })
      const scope = { kind: 'compare', field: 'a', operator: 'lt', value: 2n } as const
      const some = await world.list('notes', { ...query, led: [{ ...led, scope }] })

      const [first, second] = [
        { id: 1n, b: 'x' },
        { id: 2n, b: null },
      ]
      expect([ids(all), ids(some)]).toEqual([
        [4n, 3n, 2n],
        [4n, 3n, 2n],
      ])
      const { readsAlong } = world.source.capabilities
      expect(all.led?.get(relation.name)).toEqual(readsAlong ? [null, second, first] : undefined)
      expect(some.led?.get(relation.name)).toEqual(readsAlong ? [null, null, first] : undefined)
    })
  })
}

/** Each note leads to a record, but for the last. */
async function notesOn(world: World): Promise<void> {
  await fill(world, 'records', [
    { a: 1, b: 'x', c: 0 },
    { a: 2, b: null, c: 0 },
  ])
  await world.execute([`INSERT INTO notes (id, record_id) VALUES (1, 2), (2, 1), (3, 2), (4, NULL)`])
}

function hasPlaces({ model, source }: World, table: string): boolean {
  return model(table).key !== null || !['mariadb', 'mysql'].includes(source.engine)
}

/** From the last page back the same records as from the first; from a value those at or behind it. */
async function jumpsAgree(
  world: World,
  table: string,
  sort: readonly Sort[],
  limit: number,
): Promise<number> {
  const whole = (await world.list(table, { sort })).records
  const last = await world.list(table, { sort, limit, start: 'last' })
  const backward = last.previous
    ? await world.pages(table, { sort, limit, from: last.previous }, 'before')
    : []
  expect(recordsOf([...backward.toReversed(), last])).toEqual(whole)
  expect(last.next).toBeNull()

  const lead = sort[0]?.field ?? ''
  const values = new Set(whole.map((record) => record[lead] ?? null).filter((value) => value !== null))
  for (const at of values) {
    const page = await world.list(table, { sort, limit, start: { at } })
    const first = whole.findIndex((record) => record[lead] === at)
    expect(page.records).toEqual(whole.slice(first, first + limit))
    expect(page.previous === null).toBe(first === 0)
    expect(page.next === null).toBe(first + limit >= whole.length)
  }
  return values.size + 1
}

/** Between any two pages a record is put in and another taken out. */
async function staysAgree(
  world: World,
  table: string,
  added: readonly Row[],
  sort: readonly Sort[],
  limit: number,
): Promise<void> {
  const before = (await world.list(table, { sort })).records
  const seen: Values[] = []
  let from: Page['next'] = null
  let turn = 0
  do {
    const page: Page = await world.list(table, { sort, limit, from })
    seen.push(...page.records)
    from = page.next
    const one = added[turn]
    if (one) await world.execute([insertOf(table, one, 100 + turn), removalOf(table, turn)])
    turn += 1
  } while (from && turn < 50)
  const after = (await world.list(table, { sort })).records.map(written)
  const stayed = before.map(written).filter((record) => after.includes(record))

  expect(seen.map(written).filter((record) => stayed.includes(record))).toEqual(stayed)
  expect(new Set(seen.map(written)).size).toBe(seen.length)
}

function written(values: Values): string {
  return JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

function insertOf(table: string, { a, b, c }: Row, index: number): string {
  const key = { records: `${index + 1},`, pairs: `${index % 3},'${index}',`, loose: '' }[table] ?? ''
  return `INSERT INTO ${table} VALUES (${key}${a ?? 'NULL'},${b === null ? 'NULL' : `'${b}'`},${c})`
}

function removalOf(table: string, turn: number): string {
  return table === 'records'
    ? `DELETE FROM records WHERE id = ${turn * 2 + 1}`
    : `DELETE FROM pairs WHERE y = '${turn * 2}'`
}

/** Forward from the beginning, then back from the last page: the same records, each once. */
async function pagesAgree(
  world: World,
  table: string,
  sort: readonly Sort[],
  limit: number,
): Promise<number> {
  const whole = (await world.list(table, { sort })).records
  const forward = await world.pages(table, { sort, limit }, 'after')
  const last = forward.at(-1)
  const backward = await world.pages(table, { sort, limit, from: last?.previous ?? null }, 'before')
  const back = last?.previous ? [...backward.toReversed(), last] : forward

  expect(recordsOf(forward)).toEqual(whole)
  expect(recordsOf(back)).toEqual(whole)
  expect(forward[0]?.previous).toBeNull()
  expect(backward.at(-1)?.previous).toBeNull()
  return forward.length + backward.length
}

async function fill(world: World, table: string, rows: readonly Row[]): Promise<void> {
  const values = rows.map(({ a, b, c }, index) => {
    const key = { records: `${index + 1},`, pairs: `${index % 3},'${index}',`, loose: '' }[table] ?? ''
    return `(${key}${a ?? 'NULL'},${b === null ? 'NULL' : `'${b}'`},${c})`
  })
  const insert = values.length > 0 ? [`INSERT INTO ${table} VALUES ${values.join(',')}`] : []
  await world.execute([`DELETE FROM ${table}`, ...insert])
}

function recordsOf(pages: readonly Page[]): readonly Values[] {
  return pages.flatMap((page) => page.records)
}

function ids(page: Page): readonly Value[] {
  return page.records.map((record) => record['id'] ?? null)
}

/** What the order must be, by a sort of our own. */
function sortedIds(
  rows: readonly Row[],
  sort: readonly Sort[],
  nullsAre: Vocabulary['nullsAre'],
): readonly bigint[] {
  const direction = sort.at(-1)?.direction ?? 'asc'
  const keyed = rows.map((one, index) => ({ ...one, id: index + 1 }))
  const terms = [...sort, { field: 'id', direction }]
  keyed.sort((left, right) => {
    for (const { field, direction: way } of terms) {
      const order = compare(left[field as keyof typeof left], right[field as keyof typeof right], nullsAre)
      if (order !== 0) return way === 'asc' ? order : -order
    }
    return 0
  })
  return keyed.map(({ id }) => BigInt(id))
}

function compare(
  left: string | number | null,
  right: string | number | null,
  nullsAre: Vocabulary['nullsAre'],
): number {
  if (left === null || right === null) {
    const order = Number(left !== null) - Number(right !== null)
    return nullsAre === 'lowest' ? order : 0 - order
  }
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)))
}
