/**
 * Paging by the values of the record at the edge, never by counting records.
 *
 * The condition after `(x, y)` is `a <= x AND (a < x OR (a = x AND b < y))`:
 * the leading bound gives the planner a place to start, where an OR alone, or
 * a row value on some engines, would scan; where rows can be compared they are, since the bound alone leaves all
 * records of one leading value to be walked through. Where the leading value may be NULL
 * the list is read in two segments, so that a plain index serves each of them.
 * NULL stands where the engine puts it by itself, or no index would serve.
 */

import { type RawBuilder, sql } from 'kysely'
import { conjunction, type Dialect, disjunction } from './dialect.ts'

/** One term of an ORDER BY. */
export interface Term {
  readonly column: RawBuilder<unknown>
  readonly direction: 'asc' | 'desc'
  readonly isNullable: boolean
  /** It is NULL in every record of the list. */
  readonly isAlwaysNull?: boolean
  readonly nullsAre: Dialect['nullsAre']
  /** As in `Dialect`. */
  readonly ordersByNull: boolean
  /** An index serves the comparison of several columns at once, as one row with another. */
  readonly comparesRows: boolean
  /** A stored value as what the column is compared with. */
  operand(value: unknown): RawBuilder<unknown>
}

/** Part of a list: its records come before those of the next segment. */
export interface Segment {
  readonly where: RawBuilder<boolean> | null
  readonly orderBy: RawBuilder<unknown>
}

/**
 * The records whose leading value is NULL. To name it in the ORDER BY changes nothing: but PostgreSQL does not see that
 * it is the same for all of them, and MariaDB sorts them where it is named, instead of reading them as an index has them.
 */
function emptySegment(terms: readonly Term[], from: readonly unknown[] | null): Segment {
  const [lead, ...rest] = terms
  const isNull = lead ? [sql`${lead.column} IS NULL`] : []
  return {
    where: conjunction([...isNull, ...(from ? [seek(rest, from.slice(1))] : [])]),
    orderBy: orderBy(lead?.ordersByNull ? terms : rest),
  }
}

/** The same order backwards. NULL moves with the direction by itself. */
export function reversed(terms: readonly Term[]): readonly Term[] {
  return terms.map((term) => ({ ...term, direction: term.direction === 'asc' ? 'desc' : 'asc' }))
}

/**
 * The segments of the list, from its beginning or from behind a record.
 * @param after The stored values of that record, one for each term; null: from the beginning.
 */
export function segments(terms: readonly Term[], after: readonly unknown[] | null): readonly Segment[] {
  const [lead, ...rest] = terms
  if (lead?.isAlwaysNull) return [emptySegment(terms, after)]
  if (!lead?.isNullable) return [{ where: after && seek(terms, after), orderBy: orderBy(terms) }]

  const wholeTerms = [{ ...lead, isNullable: false }, ...rest]
  const filled = (from: readonly unknown[] | null): Segment => ({
    where: conjunction([sql`${lead.column} IS NOT NULL`, ...(from ? [seek(wholeTerms, from)] : [])]),
    orderBy: orderBy(wholeTerms),
  })
  const empty = (from: readonly unknown[] | null): Segment => emptySegment(terms, from)
  const isBehindNull = after?.[0] === null
  if (!isNullFirst(lead)) return isBehindNull ? [empty(after)] : [filled(after), empty(null)]
  if (!after) return [empty(null), filled(null)]
  return isBehindNull ? [empty(after), filled(null)] : [filled(after)]
}

/**
 * The segments from the first record whose leading value is at or behind a stored one, which is not NULL.
 * Those of `segments` with the tie-breakers left out of the condition.
 */
export function segmentsFrom(terms: readonly Term[], value: unknown): readonly Segment[] {
  const [lead, ...rest] = terms
  if (!lead) return segments(terms, null)
  const filledLead = { ...lead, isNullable: false }
  const from = atOrBehind(filledLead, value)
  const filled: Segment = { where: from, orderBy: orderBy([filledLead, ...rest]) }
  return lead.isNullable && !isNullFirst(lead) ? [filled, emptySegment(terms, null)] : [filled]
}

function isNullFirst({ direction, nullsAre }: Term): boolean {
  return (direction === 'asc') === (nullsAre === 'lowest')
}

/** In the order of the terms. */
export function orderBy(terms: readonly Term[]): RawBuilder<unknown> {
  if (terms.length === 0) return sql`1`
  return sql.join(
    terms.map(({ column, direction }) => sql`${column} ${direction === 'asc' ? sql`ASC` : sql`DESC`}`),
  )
}

/** Strictly behind the record with these values. */
function seek(terms: readonly Term[], values: readonly unknown[]): RawBuilder<boolean> {
  const row = rowBehind(terms, values)
  if (row) return row
  const behind = behindFrom(terms, values, 0)
  const [lead] = terms
  const bound = lead && terms.length > 1 ? atOrBehind(lead, values[0] ?? null) : null
  return conjunction(bound ? [bound, behind] : [behind])
}

/** As a comparison of rows, where that says the same: then a group of equal leading values is not walked through. */
function rowBehind(terms: readonly Term[], values: readonly unknown[]): RawBuilder<boolean> | null {
  const [lead] = terms
  const isAlike = terms.every(
    ({ direction, isNullable, comparesRows }) => comparesRows && !isNullable && direction === lead?.direction,
  )
  if (!lead || terms.length < 2 || !isAlike || values.includes(null)) return null
  const columns = sql.join(terms.map(({ column }) => column))
  const operands = sql.join(terms.map(({ operand }, index) => operand(values[index] ?? null)))
  return lead.direction === 'asc'
    ? sql<boolean>`(${columns}) > (${operands})`
    : sql<boolean>`(${columns}) < (${operands})`
}

function behindFrom(terms: readonly Term[], values: readonly unknown[], index: number): RawBuilder<boolean> {
  const term = terms[index]
  if (!term) return disjunction([])
  const value = values[index] ?? null
  const isLast = index === terms.length - 1
  const first = strictlyBehind(term, value)
  const tied = isLast ? null : conjunction([equal(term, value), behindFrom(terms, values, index + 1)])
  return disjunction([first, tied].filter((part) => part !== null))
}

function strictlyBehind(term: Term, value: unknown): RawBuilder<boolean> | null {
  const { column, direction } = term
  if (value === null) return isNullFirst(term) ? sql<boolean>`${column} IS NOT NULL` : null
  const operand = term.operand(value)
  return orNull(
    term,
    direction === 'asc' ? sql<boolean>`${column} > ${operand}` : sql`${column} < ${operand}`,
  )
}

function atOrBehind(term: Term, value: unknown): RawBuilder<boolean> | null {
  const { column, direction } = term
  if (value === null) return isNullFirst(term) ? null : sql<boolean>`${column} IS NULL`
  const operand = term.operand(value)
  return orNull(
    term,
    direction === 'asc' ? sql<boolean>`${column} >= ${operand}` : sql`${column} <= ${operand}`,
  )
}

/** Behind a value stands NULL as well, where NULL comes last. */
function orNull(term: Term, condition: RawBuilder<boolean>): RawBuilder<boolean> {
  if (!term.isNullable || isNullFirst(term)) return condition
  return sql<boolean>`(${condition} OR ${term.column} IS NULL)`
}

function equal({ column, operand }: Term, value: unknown): RawBuilder<boolean> {
  return value === null ? sql<boolean>`${column} IS NULL` : sql<boolean>`${column} = ${operand(value)}`
}
