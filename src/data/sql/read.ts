/** Lists, single records, related records and counts, each in as few queries as it takes. */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import type { Key, Value, Values } from '../../model/model.ts'
import type { Predicate } from '../../model/predicate.ts'
import type { GetManyQuery, GetQuery, ListQuery, Page, Position, Reader } from '../data-source.ts'
import { ALIAS, compile, type Place, placeOf } from './compile.ts'
import { countOf, countUpTo } from './count.ts'
import {
  type Codec,
  columnOf,
  conjunction,
  type Dialect,
  disjunction,
  equalToOne,
  mustField,
  tableOf,
} from './dialect.ts'
import { type Joined, joinedReader, joinedTo, joinOf, waysFrom } from './joined.ts'
import { orderBy, reversed, type Segment, segments, segmentsFrom, type Term } from './keyset.ts'
import { tally } from './tally.ts'

type Row = Readonly<Record<string, unknown>>

/** Reads over one connection, inside whatever transaction or snapshot it is in. */
export function readerOver(connection: Connection, dialect: Dialect): Reader {
  return {
    list: (query) => list(connection, dialect, query),
    get: (query) => get(connection, dialect, query),
    getMany: (query) => getMany(connection, dialect, query),
    count: (query) => countUpTo(connection, dialect, query, query.cap),
    tally: (query) => tally(connection, dialect, query),
    connection,
  }
}

/** The condition for the one record of that key, or null when no record can have it. */
function keyCondition(place: Place, key: Key): RawBuilder<boolean> | null {
  const names = place.model.key
  if (!names) throw new TypeError(`The records of "${place.model.name}" have no key.`)
  return key.length === names.length ? matching(place, names, key) : null
}

/** `field = value` for each pair, NULL equal to NULL. */
function matching(place: Place, names: readonly string[], values: Key): RawBuilder<boolean> {
  return conjunction(
    names.map((name, index) => {
      const field = mustField(place.model, name)
      const column = columnOf(place.alias, field)
      const value = values[index] ?? null
      if (value === null) return sql`${column} IS NULL`
      return place.dialect.codec(place.model, field).compare(column, '=', value)
    }),
  )
}

/** The fields have the values of one of the keys, none of which holds NULL. */
export function matchingOne(
  place: Place,
  names: readonly string[],
  keys: readonly Key[],
): RawBuilder<boolean> {
  const [only, ...more] = names
  if (only === undefined || more.length > 0) {
    return disjunction(keys.map((key) => matching(place, names, key)))
  }
  const field = mustField(place.model, only)
  const values = keys.map(([value = null]) => value)
  return equalToOne(place.dialect.codec(place.model, field), columnOf(place.alias, field), values)
}

async function get(connection: Connection, dialect: Dialect, query: GetQuery): Promise<Values | null> {
  const place = placeOf(dialect, query)
  const isRecord = keyCondition(place, query.key)
  if (!isRecord) return null
  const lock = query.isLocked && dialect.lock ? sql` ${dialect.lock}` : sql``
  const { rows } = await sql<Row>`SELECT ${selected(place, query.fields)} FROM ${tableOf(query.model, ALIAS)}
    WHERE ${conjunction([isRecord, compile(query.scope, place)])} LIMIT 1${lock}`.execute(connection)
  const [row] = rows
  return row ? decoderOf(place, query.fields)(row) : null
}

async function getMany(
  connection: Connection,
  dialect: Dialect,
  query: GetManyQuery,
): Promise<readonly Values[]> {
  const place = placeOf(dialect, query)
  const keys = query.keys.filter((key) => key.length === query.match.length && !key.includes(null))
  if (keys.length === 0) return []
  const isOneOf = matchingOne(place, query.match, keys)
  const order = query.isLocked
    ? sql` ORDER BY ${sql.join(query.match.map((name) => columnOf(ALIAS, mustField(query.model, name))))}`
    : sql``
  const lock = query.isLocked && dialect.lock ? sql` ${dialect.lock}` : sql``
  const { rows } = await sql<Row>`SELECT ${selected(place, query.fields)} FROM ${tableOf(query.model, ALIAS)}
    WHERE ${conjunction([isOneOf, compile(query.scope, place)])}${order} LIMIT ${query.limit}${lock}`.execute(
    connection,
  )
  return rows.map(decoderOf(place, query.fields))
}

/** A list with what is read along with its page. */
interface Listing extends ListQuery {
  readonly joined: readonly Joined[]
}

async function list(connection: Connection, dialect: Dialect, query: ListQuery): Promise<Page> {
  const place = placeOf(dialect, query)
  const terms = termsOf(place, query)
  // asked for together, so that they reach the reader's thread in one message
  const [page, total] = await Promise.all([
    terms.isTotal
      ? keysetPage(connection, place, { ...query, joined: joinedTo(place, query) }, terms.all)
      : offsetPage(connection, place, query, terms.all),
    countOf(connection, dialect, query),
  ])
  return { ...page, count: total }
}

/** The sort and its tie-breakers; total when no two records have the same place in it. */
function termsOf(
  place: Place,
  query: ListQuery,
): { readonly all: readonly Term[]; readonly isTotal: boolean } {
  const { dialect, model } = place
  const nulls = nullsIn(query.where)
  const sorted = query.sort.filter(
    ({ field }, index) => query.sort.findIndex((one) => one.field === field) === index,
  )
  // the tie-breaker goes the way of the sort, so that an index can be read in one direction
  const direction = sorted.at(-1)?.direction ?? 'asc'
  const names = new Set(sorted.map(({ field }) => field))
  const missing = (model.key ?? []).filter((name) => !names.has(name))
  const all = [...sorted, ...missing.map((field) => ({ field, direction }))].map((sort): Term => {
    const field = mustField(model, sort.field)
    const codec = dialect.codec(model, field)
    return {
      column: codec.order(columnOf(ALIAS, field)),
      direction: sort.direction,
      isNullable: codec.isNullable && nulls.get(sort.field) !== 'never',
      isAlwaysNull: codec.isNullable && nulls.get(sort.field) === 'always',
      nullsAre: dialect.nullsAre,
      ordersByNull: dialect.ordersByNull === true,
      comparesRows: dialect.comparesRows === true,
      operand: codec.operand ?? parameter,
    }
  })
  if (model.key) return { all, isTotal: true }
  const tieBreaker = dialect.tieBreaker(model)
  if (tieBreaker === null) return { all, isTotal: false }
  const last: Term = {
    column: sql.id(ALIAS, tieBreaker),
    direction,
    isNullable: false,
    nullsAre: dialect.nullsAre,
    ordersByNull: dialect.ordersByNull === true,
    comparesRows: dialect.comparesRows === true,
    operand: parameter,
  }
  return { all: [...all, last], isTotal: true }
}

/** Fields of which the condition leaves no NULL, or nothing else: no part of the list is read in vain for them. */
function nullsIn(where: Predicate): ReadonlyMap<string, 'never' | 'always'> {
  const parts = where.kind === 'and' ? where.of : [where]
  return new Map(
    parts.flatMap((part): (readonly [string, 'never' | 'always'])[] => {
      if (part.kind === 'and') return [...nullsIn(part)]
      if (part.kind === 'isNull') return [[part.field, 'always']]
      if (part.kind === 'not' && part.of.kind === 'isNull') return [[part.of.field, 'never']]
      const isLeaf = part.kind === 'compare' || part.kind === 'in' || part.kind === 'text'
      return isLeaf ? [[part.field, 'never']] : []
    }),
  )
}

function parameter(value: unknown): RawBuilder<unknown> {
  return sql`${value}`
}

async function keysetPage(
  connection: Connection,
  place: Place,
  query: Listing,
  terms: readonly Term[],
): Promise<Page> {
  const { limit, from, start } = query
  if (!from && start === 'last') return await lastPage(connection, place, query, terms)
  if (!from && typeof start === 'object') return await pageFrom(connection, place, query, terms, start.at)
  const isBackward = from?.direction === 'before'
  const order = isBackward ? reversed(terms) : terms
  const rows = await rowsBehind(connection, place, query, order, from?.values ?? null)
  // everything on this side is gone by now: the nearest page is the first or the last
  if (rows.length === 0 && from) {
    return isBackward
      ? keysetPage(connection, place, { ...query, from: null }, terms)
      : lastPage(connection, place, query, terms)
  }
  return pageOf(place, query, terms, rows.slice(0, limit), {
    isBackward,
    hasMore: rows.length > limit,
    cameFrom: from !== null,
  })
}

async function lastPage(
  connection: Connection,
  place: Place,
  query: Listing,
  terms: readonly Term[],
): Promise<Page> {
  const rows = await rowsBehind(connection, place, query, reversed(terms), null)
  const flow = { isBackward: true, hasMore: rows.length > query.limit, cameFrom: false }
  return pageOf(place, query, terms, rows.slice(0, query.limit), flow)
}

/** The page that begins with the first record at or behind a value; where there is none, the last page. */
async function pageFrom(
  connection: Connection,
  place: Place,
  query: Listing,
  terms: readonly Term[],
  at: Value,
): Promise<Page> {
  const [lead] = query.sort
  const field = lead && mustField(place.model, lead.field)
  const raw = field ? place.dialect.codec(place.model, field).encode(at) : null
  if (raw === null) return await keysetPage(connection, place, { ...query, start: undefined }, terms)
  const rows = await rowsOf(connection, place, query, terms, segmentsFrom(terms, raw))
  const [first] = rows
  if (!first) return await lastPage(connection, place, query, terms)
  const edge = terms.map((_, index) => first[`s${index}`] ?? null)
  const before = await rowsBehind(
    connection,
    place,
    { ...query, fields: [], joined: [], limit: 0 },
    reversed(terms),
    edge,
  )
  return pageOf(place, query, terms, rows.slice(0, query.limit), {
    isBackward: false,
    hasMore: rows.length > query.limit,
    cameFrom: before.length > 0,
  })
}

function rowsBehind(
  connection: Connection,
  place: Place,
  query: Listing,
  order: readonly Term[],
  after: readonly unknown[] | null,
): Promise<readonly Row[]> {
  return rowsOf(connection, place, query, order, segments(order, after))
}

/** One record more than the page holds tells whether there is another page. */
async function rowsOf(
  connection: Connection,
  place: Place,
  query: Listing,
  order: readonly Term[],
  parts: readonly Segment[],
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const segment of parts) {
    const missing = query.limit + 1 - rows.length
    if (missing <= 0) break
    rows.push(...(await rowsIn(connection, place, query, order, segment, missing)))
  }
  return rows
}

async function rowsIn(
  connection: Connection,
  place: Place,
  query: Listing,
  order: readonly Term[],
  segment: Segment,
  limit: number,
): Promise<readonly Row[]> {
  const table = tableOf(query.model, ALIAS)
  const asked = [compile(query.scope, place), compile(query.where, place)]
  const behind = segment.where ? [segment.where] : []
  const { fence } = place.dialect
  const edges = order.map(({ column }, index) => sql`${column} AS ${sql.id(`s${index}`)}`)
  const columns = sql.join([
    selected(place, query.fields, query.measured),
    ...edges,
    ...waysFrom(place, query.joined),
  ])
  const found =
    query.isFoundFirst && fence
      ? sql`(SELECT * FROM ${table} WHERE ${conjunction(asked)} ${fence}) AS ${sql.id(ALIAS)} WHERE ${conjunction(behind)}`
      : sql`${table} WHERE ${conjunction([...asked, ...behind])}`
  const page = sql<Row>`SELECT ${columns} FROM ${found} ORDER BY ${segment.orderBy} LIMIT ${limit}`
  const { rows } = await withJoined(page, query.joined, order).execute(connection)
  return rows
}

/** The page with what its records lead to, still in its order. */
function withJoined(
  page: RawBuilder<Row>,
  joined: readonly Joined[],
  order: readonly Term[],
): RawBuilder<Row> {
  if (joined.length === 0) return page
  const placed = order.map((term, index) => ({ ...term, column: sql.id(PAGE, `s${index}`) }))
  return sql<Row>`SELECT * FROM (${page}) AS ${sql.id(PAGE)}
    ${sql.join(
      joined.map((one) => joinOf(PAGE, one)),
      sql` `,
    )} ORDER BY ${orderBy(placed)}`
}

const PAGE = 'page'

interface Flow {
  readonly isBackward: boolean
  /** There are records beyond the last of the rows, in the direction they were read. */
  readonly hasMore: boolean
  /** There are records on the side that the reading came from. */
  readonly cameFrom: boolean
}

function pageOf(
  place: Place,
  query: Listing,
  terms: readonly Term[],
  read: readonly Row[],
  { isBackward, hasMore, cameFrom }: Flow,
): Page {
  const rows = isBackward ? read.toReversed() : read
  const hasNext = isBackward ? cameFrom : hasMore
  const hasPrevious = isBackward ? hasMore : cameFrom
  return {
    records: rows.map(decoderOf(place, query.fields, query.measured)),
    led: new Map(query.joined.map((one) => [one.led.relation.name, rows.map(joinedReader(one))])),
    next: hasNext ? positionAt('after', terms, rows.at(-1)) : null,
    previous: hasPrevious ? positionAt('before', terms, rows[0]) : null,
    count: null,
  }
}

function positionAt(
  direction: Position['direction'],
  terms: readonly Term[],
  row: Row | undefined,
): Position | null {
  if (!row) return null
  // drivers give columns as the very types of Value
  return { direction, values: terms.map((_, index) => (row[`s${index}`] ?? null) as Value) }
}

/** A view without a key has nothing to tell its records apart by: there the page is counted off. */
async function offsetPage(
  connection: Connection,
  place: Place,
  query: ListQuery,
  terms: readonly Term[],
): Promise<Page> {
  const { limit, from } = query
  const start = Math.max(0, Number(from?.values[0] ?? 0))
  const order = [
    ...terms.map(({ column, direction }) => sql`${column} ${direction === 'asc' ? sql`ASC` : sql`DESC`}`),
  ]
  const { rows } =
    await sql<Row>`SELECT ${selected(place, query.fields, query.measured)} FROM ${tableOf(query.model, ALIAS)}
    WHERE ${conjunction([compile(query.scope, place), compile(query.where, place)])}
    ORDER BY ${order.length > 0 ? sql.join(order) : sql`1`} LIMIT ${limit + 1} OFFSET ${start}`.execute(
      connection,
    )
  const at = (offset: number, direction: Position['direction']): Position => ({ direction, values: [offset] })
  return {
    records: rows.slice(0, limit).map(decoderOf(place, query.fields, query.measured)),
    next: rows.length > limit ? at(start + limit, 'after') : null,
    previous: start > 0 ? at(Math.max(0, start - limit), 'before') : null,
    count: null,
  }
}

const NONE: ReadonlySet<string> = new Set()

/** The columns of the fields as `f0`, `f1` …, so that no two names meet. */
function selected(place: Place, fields: readonly string[], measured = NONE): RawBuilder<unknown> {
  if (fields.length === 0) return sql`1 AS present`
  return sql.join(
    fields.map((name, index) => {
      const field = mustField(place.model, name)
      const codec = place.dialect.codec(place.model, field)
      const column = columnOf(place.alias, field)
      const length = measured.has(name) ? codec.measure?.(column) : undefined
      return sql`${length ?? codec.select(column)} AS ${sql.id(`f${index}`)}`
    }),
  )
}

/** How rows of `selected` are read: what is the same for each of them is looked up once. */
function decoderOf(place: Place, fields: readonly string[], measured = NONE): (row: Row) => Values {
  const columns = fields.map((name, index) => {
    const codec = place.dialect.codec(place.model, mustField(place.model, name))
    const isMeasured = measured.has(name) && codec.measure !== undefined
    return { name, column: `f${index}`, decode: isMeasured ? lengthOr(codec) : codec.decode }
  })
  return (row) => {
    const values: Record<string, Value> = {}
    for (const { name, column, decode } of columns) {
      const value = decode(row[column] ?? null)
      // an assignment to this one name would change the object instead
      if (name === '__proto__') Object.defineProperty(values, name, { value, enumerable: true })
      else values[name] = value
    }
    return values
  }
}

/** Lengths are whole numbers; what else comes is no bytes and is read as ever. */
function lengthOr({ decode }: Codec): Codec['decode'] {
  return (raw) => (typeof raw === 'bigint' || typeof raw === 'number' ? Number(raw) : decode(raw))
}
