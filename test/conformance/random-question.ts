/** Random questions about a random world, as requests to the API, and the answers that they must get. */

import fc from 'fast-check'
import type { Model } from '../../src/model/model.ts'
import type { StoreEngine } from '../engine.ts'
import type { Kind, Wire } from './random-kinds.ts'
import {
  type Asked,
  columnOf,
  isKnownOrder,
  isLike,
  isVisible,
  ordered,
  passes,
  type Sorted,
} from './random-oracle.ts'
import { allColumns, type Column, type Row, type Table, type World } from './random-world.ts'

export type Question = ListQuestion | RecordQuestion

export interface ListQuestion {
  readonly kind: 'list'
  readonly table: number
  /** By who sees everything; else by who sees a part. */
  readonly isWhole: boolean
  readonly filters: readonly Asked[]
  readonly search: string | null
  readonly sort: readonly Sorted[]
  readonly limit: number
}

export interface RecordQuestion {
  readonly kind: 'record'
  readonly table: number
  readonly isWhole: boolean
  readonly row: number
}

/** A record as it is compared: its key, then what it says of each field and behind each link. */
export type Seen = readonly [key: string, values: readonly (readonly [string, unknown])[]]

export interface Answer {
  readonly status: number
  readonly count?: number
  /** Each page holds so many. */
  readonly sizes?: readonly number[]
  readonly records?: readonly Seen[]
}

const PARTS: readonly string[] = [
  'a',
  'A',
  'ä',
  'Ä',
  '%',
  '_',
  '\\',
  '|',
  "'",
  'ß',
  's',
  '😀',
  'long ONE',
  '1',
  ' ',
]
const WORDS: readonly string[] = [
  'a',
  'Ä',
  'LARGE',
  'b',
  '0',
  '-',
  "o'x",
  '%',
  'one',
  'a b',
  '日',
  '2fa1',
  '😀',
  ' ',
]

export function questionsOf({ tables }: World, count: number): fc.Arbitrary<readonly Question[]> {
  const about = tables.map((table, index) => {
    const columns = allColumns(table)
    const list: fc.Arbitrary<Question> = fc.record({
      kind: fc.constant('list' as const),
      table: fc.constant(index),
      isWhole: fc.boolean(),
      filters: fc.array(filterOn(columns), { maxLength: 2 }),
      search: fc.constantFrom(null, null, ...WORDS),
      sort: sortOn(columns),
      limit: fc.constantFrom(2, 3, 5, 8, 200),
    })
    const record: fc.Arbitrary<Question> = fc.record({
      kind: fc.constant('record' as const),
      table: fc.constant(index),
      isWhole: fc.boolean(),
      row: fc.nat(Math.max(0, table.rows.length - 1)),
    })
    return fc.oneof({ weight: 5, arbitrary: list }, { weight: 1, arbitrary: record })
  })
  return fc.array(fc.oneof(...about), { minLength: count, maxLength: count })
}

function sortOn(columns: readonly Column[]): fc.Arbitrary<readonly Sorted[]> {
  const term = fc.record({
    field: fc.constantFrom(...columns.map(({ name }) => name)),
    isDown: fc.boolean(),
  })
  return fc.uniqueArray(term, { minLength: 1, maxLength: 3, selector: ({ field }) => field })
}

function filterOn(columns: readonly Column[]): fc.Arbitrary<Asked> {
  return fc.constantFrom(...columns).chain(({ name, kind }): fc.Arbitrary<Asked> => {
    const of = (operator: string, value: fc.Arbitrary<Asked['value']>): fc.Arbitrary<Asked> =>
      value.map((one) => ({ field: name, operator, value: one }))
    const isNull = of('isNull', fc.boolean())
    if (!kind.compare) return isNull
    const value = fc.constantFrom(...kind.values)
    const operators = kind.isOrdered ? ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] : ['eq', 'ne']
    const compared = fc.constantFrom(...operators).chain((operator) => of(operator, value))
    if (kind.name === 'boolean') return fc.oneof(compared, isNull)
    const among = of('in', fc.array(value, { maxLength: 4 }))
    if (!kind.search) return fc.oneof(compared, isNull, among)
    const like = fc
      .constantFrom('contains', 'startsWith')
      .chain((operator) => of(operator, fc.constantFrom(...PARTS)))
    return fc.oneof(compared, isNull, among, like)
  })
}

/** The path of a question behind `/api/v1`. */
export function addressOf(question: Question, { tables }: World, key: string): string {
  const model = `/models/${encodeURIComponent(tables[question.table]?.name ?? '')}/records`
  if (question.kind === 'record') return `${model}/${encodeURIComponent(key)}`
  const query = new URLSearchParams()
  for (const { field, operator, value } of question.filters) {
    const text = Array.isArray(value) ? JSON.stringify(value.map(String)) : String(value)
    query.append('filter', `${field}:${operator}:${text}`)
  }
  if (question.search !== null) query.set('search', question.search)
  query.set('sort', question.sort.map(({ field, isDown }) => `${isDown ? '-' : ''}${field}`).join(','))
  query.set('limit', String(question.limit))
  query.set('count', 'exact')
  return `${model}?${query}`
}

/** What the oracle needs to know of the house: names that are guessed, and keys as they stand in addresses. */
export interface Known {
  readonly world: World
  model(table: number): Model
  key(table: number, row: Row): string
}

export function expectedAnswer(engine: StoreEngine, question: Question, known: Known): Answer {
  const { world } = known
  const table = tableAt(world, question.table)
  if (question.kind === 'record') {
    const row = table.rows[question.row]
    const isThere = row && reaches(question, world, question.table, row)
    return isThere ? { status: 200, records: [seenOf(engine, question, known, row)] } : { status: 404 }
  }
  // what is only looked at is not filtered by
  if (question.filters.some(({ field }) => columnOf(table, field).kind.isOnlyShown)) return { status: 422 }
  const asked = [...question.filters, ...question.sort].map(({ field }) => field)
  if (asked.some((name) => isHidden(question, world, question.table, name))) return { status: 422 }
  const found = table.rows.filter(
    (row) =>
      reaches(question, world, question.table, row) &&
      question.filters.every((one) => passes(engine, table, one, row)) &&
      isFound(engine, question, known, row),
  )
  const rows = ordered(engine, table, question.sort, found)
  return {
    status: 200,
    count: rows.length,
    sizes: sizesOf(rows.length, question.limit),
    records: arranged(
      engine,
      question,
      world,
      rows.map((row) => seenOf(engine, question, known, row)),
    ),
  }
}

/** In their order where that is known; else in one that says nothing. */
export function arranged(
  engine: StoreEngine,
  question: ListQuestion,
  world: World,
  records: readonly Seen[],
): readonly Seen[] {
  const isKnown = isKnownOrder(engine, tableAt(world, question.table), question.sort)
  return isKnown ? records : records.toSorted(([left], [right]) => (left < right ? -1 : 1))
}

export function tableAt({ tables }: World, index: number): Table {
  const table = tables[index]
  if (!table) throw new RangeError(`No table ${index}.`)
  return table
}

function sizesOf(count: number, limit: number): readonly number[] {
  const whole = Array.from({ length: Math.floor(count / limit) }, () => limit)
  return count % limit > 0 || count === 0 ? [...whole, count % limit] : whole
}

type Asker = Pick<Question, 'isWhole'>

function reaches({ isWhole }: Asker, { tables, parts }: World, index: number, row: Row): boolean {
  const [table, part] = [tables[index], parts[index]]
  return isWhole || (table !== undefined && part !== undefined && isVisible(table, part, row))
}

function isHidden({ isWhole }: Asker, { parts }: World, index: number, name: string): boolean {
  return !isWhole && parts[index]?.hidden === name
}

/** Each word in some of the fields that the model is searched by, here or behind a link. */
function isFound(engine: StoreEngine, question: ListQuestion, known: Known, row: Row): boolean {
  const { world } = known
  const table = tableAt(world, question.table)
  const words = (question.search ?? '').split(/\s+/).filter((word) => word !== '')
  const has = (at: number, name: string, of: Row | undefined, word: string): boolean => {
    const value = of?.get(name) ?? null
    if (value === null || isHidden(question, world, at, name)) return false
    return isLike(engine, columnOf(tableAt(world, at), name).kind, 'contains', String(value), word)
  }
  return words.every((word) =>
    known.model(question.table).list.search.some((place) => {
      if (row.has(place)) return has(question.table, place, row, word)
      const { reference } = table
      const target = reference ? targetOf(world, table, row) : undefined
      if (!reference || !target || !reaches(question, world, reference.table, target)) return false
      return has(reference.table, place.slice(place.indexOf('.') + 1), target, word)
    }),
  )
}

function targetOf(world: World, { reference }: Table, row: Row): Row | undefined {
  if (!reference) return undefined
  const { key, rows } = tableAt(world, reference.table)
  const wanted = reference.columns.map(({ name }) => row.get(name) ?? null)
  return rows.find((one) => key.every(({ name }, at) => one.get(name) === wanted[at]))
}

function seenOf(engine: StoreEngine, question: Question, known: Known, row: Row): Seen {
  const { world } = known
  const table = tableAt(world, question.table)
  const values = allColumns(table)
    .filter(({ name }) => !isHidden(question, world, question.table, name))
    .map(({ name, kind }): [string, unknown] => [
      name,
      answered(engine, question, kind, row.get(name) ?? null),
    ])
  const { reference } = table
  const target = targetOf(world, table, row)
  const isThere = reference && target && reaches(question, world, reference.table, target)
  const led: [string, unknown][] = reference
    ? [['→', isThere ? known.key(reference.table, target) : null]]
    : []
  return [known.key(question.table, row), [...values, ...led].toSorted(([a], [b]) => (a < b ? -1 : 1))]
}

function answered(engine: StoreEngine, question: Question, kind: Kind, value: Wire | null): unknown {
  return value === null || !kind.answered ? value : kind.answered(value, engine, question.kind)
}
