/**
 * A predicate as a condition in SQL.
 *
 * The twin of `model/holds.ts`. Every leaf is two-valued, so that NOT means the
 * same here as there: under SQL's own three values, NOT (a = 3) would drop the
 * records whose `a` is NULL. Values are always parameters, identifiers always
 * from the model.
 */

import { type RawBuilder, sql } from 'kysely'
import { type Field, type Model, type Relation, relationOf, type Value } from '../../model/model.ts'
import type { Comparison, Predicate } from '../../model/predicate.ts'
import {
  type Codec,
  columnOf,
  conjunction,
  type Dialect,
  disjunction,
  equalToOne,
  FALSE,
  mustField,
  type SqlOperator,
  TRUE,
  tableOf,
} from './dialect.ts'

/** Where a predicate stands: over which model, and under which alias its table is. */
export interface Place {
  readonly dialect: Dialect
  readonly model: Model
  readonly models: ReadonlyMap<string, Model>
  readonly alias: string
}

/** The alias under which the table of a query's own model stands. */
export const ALIAS = 't'

/** The place of a query's own records. */
export function placeOf(dialect: Dialect, { model, models }: Pick<Place, 'model' | 'models'>): Place {
  return { dialect, model, models, alias: ALIAS }
}

const OPERATORS: Readonly<Record<Comparison, SqlOperator>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
}

/**
 * Compiles a predicate over the records at `place`.
 * @throws TypeError for a field or relation that the model doesn't have.
 */
export function compile(predicate: Predicate, place: Place): RawBuilder<boolean> {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value ? TRUE : FALSE
    case 'and':
      return conjunction(predicate.of.map((part) => compile(part, place)))
    case 'or':
      return predicate.apart ? apart(predicate.of, place) : disjoined(predicate.of, place)
    case 'not':
      return sql<boolean>`NOT ${compile(predicate.of, place)}`
    case 'related':
      return related(predicate, place)
    default:
      return leaf(predicate, place)
  }
}

function disjoined(of: readonly Predicate[], place: Place): RawBuilder<boolean> {
  return disjunction(of.map((part) => compile(part, place)))
}

/** As the keys of what each of them finds by itself, where the indexes that serve them can't be used together. */
function apart(of: readonly Predicate[], place: Place): RawBuilder<boolean> {
  const { dialect, model } = place
  const [key, ...more] = model.key ?? []
  if (dialect.joinsIndexes || key === undefined || more.length > 0) return disjoined(of, place)
  const field = mustField(model, key)
  const there: Place = { ...place, alias: `${place.alias}_k` }
  const keys = of.map(
    (part) => sql`SELECT ${columnOf(there.alias, field)} AS k FROM ${tableOf(model, there.alias)}
      WHERE ${compile(part, there)}`,
  )
  const column = columnOf(place.alias, field)
  const found = sql`SELECT k FROM (${sql.join(keys, sql` UNION `)}) AS found`
  return dialect.equalsOneOf?.(column, found) ?? sql<boolean>`${column} IN (${found})`
}

type Leaf = Exclude<Predicate, { readonly kind: 'constant' | 'and' | 'or' | 'not' | 'related' }>

function leaf(predicate: Leaf, { dialect, model, alias }: Place): RawBuilder<boolean> {
  const field = mustField(model, predicate.field)
  const column = columnOf(alias, field)
  const codec = dialect.codec(model, field)
  switch (predicate.kind) {
    case 'isNull':
      // MySQL calls a zero date NULL where the column may not be NULL
      return codec.isNullable ? sql<boolean>`(${presenceOf(codec, column)} IS NULL)` : FALSE
    case 'compare':
      return known(codec, column, comparison(codec, column, OPERATORS[predicate.operator], predicate.value))
    case 'in':
      return known(codec, column, membership(codec, column, predicate.values))
    case 'contains':
      return dialect.contains(field, column, predicate.value)
    case 'text':
      return known(codec, column, textMatch(dialect, field, column, predicate))
    case 'jsonText':
    case 'jsonPresent':
      return dialect.json(field, column, predicate.path, predicate)
  }
}

function textMatch(
  dialect: Dialect,
  field: Field,
  column: RawBuilder<unknown>,
  { operator, value }: Extract<Predicate, { readonly kind: 'text' }>,
): RawBuilder<boolean> {
  if (operator !== 'words') return dialect.textMatch(field, column, operator, value)
  const contains = dialect.textMatch(field, column, 'contains', value)
  return dialect.wordMatch ? conjunction([dialect.wordMatch(column, value), contains]) : contains
}

/** False where the column is NULL, rather than unknown. */
function known(
  codec: Codec,
  column: RawBuilder<unknown>,
  condition: RawBuilder<boolean>,
): RawBuilder<boolean> {
  return codec.isNullable
    ? sql<boolean>`(${presenceOf(codec, column)} IS NOT NULL AND ${condition})`
    : condition
}

function presenceOf(codec: Codec, column: RawBuilder<unknown>): RawBuilder<unknown> {
  return codec.presence?.(column) ?? column
}

function comparison(
  codec: Codec,
  column: RawBuilder<unknown>,
  operator: SqlOperator,
  value: Value,
): RawBuilder<boolean> {
  return value === null ? FALSE : codec.compare(column, operator, value)
}

function membership(
  codec: Codec,
  column: RawBuilder<unknown>,
  values: readonly Value[],
): RawBuilder<boolean> {
  return equalToOne(
    codec,
    column,
    values.filter((value) => value !== null),
  )
}

/**
 * One hop: some record on the other side, under an alias of its own.
 *
 * A search reads the other side once, as a set; anything else looks there
 * record by record, by the key that the relation names.
 */
function related(
  { relation: name, where, isLookedUp }: Extract<Predicate, { readonly kind: 'related' }>,
  place: Place,
): RawBuilder<boolean> {
  const relation = relationOf(place.model, name)
  const target = relation && place.models.get(relation.target)
  if (!target || relation.through) throw new TypeError(`"${place.model.name}" has no relation "${name}".`)
  const there: Place = { ...place, model: target, alias: `${place.alias}_r` }
  const isThere = compile(where, there)
  const pairs = pairsOf(relation, place, there)
  const [pair, ...more] = pairs
  if (pair && !pair.same && more.length === 0 && isSearch(where)) {
    const { from, to } = pair
    const { equalsOneOf } = place.dialect
    if (isLookedUp && equalsOneOf) {
      return conjunction([
        sql`${from} IS NOT NULL`,
        equalsOneOf(
          from,
          sql`SELECT ${to} FROM ${tableOf(target, there.alias)} WHERE ${to} IS NOT NULL AND ${isThere}`,
        ),
      ])
    }
    return sql<boolean>`(${from} IS NOT NULL AND ${from} IN (SELECT ${to}
      FROM ${tableOf(target, there.alias)} WHERE ${to} IS NOT NULL AND ${isThere}))`
  }
  const joined = pairs.map(({ from, to, same }) => same ?? sql`${to} = ${from}`)
  return sql<boolean>`EXISTS (SELECT 1 FROM ${tableOf(target, there.alias)}
    WHERE ${conjunction([...joined, isThere])})`
}

function isSearch(where: Predicate): boolean {
  if (where.kind === 'and' || where.kind === 'or') return where.of.some(isSearch)
  return where.kind === 'text'
}

/** The columns that a relation equals, and what says that they are equal where `=` does not. */
function pairsOf(relation: Relation, here: Place, there: Place): readonly Pair[] {
  return relation.from.map((name, index) => {
    const from = mustField(here.model, name)
    const to = mustField(there.model, relation.to[index] ?? '')
    return {
      from: columnOf(here.alias, from),
      to: columnOf(there.alias, to),
      same: here.dialect.same?.({ ...here, field: from }, { ...there, field: to }) ?? null,
    }
  })
}

interface Pair {
  readonly from: RawBuilder<unknown>
  readonly to: RawBuilder<unknown>
  readonly same: RawBuilder<boolean> | null
}
