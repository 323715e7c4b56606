/**
 * How often each of some values stands in a field, in one bounded query.
 *
 * The values are known before: what is counted is what a filter by each of them
 * would find, by the same comparison, and a value that nobody named is not told.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import { and } from '../../model/predicate.ts'
import type { Tally, TallyQuery } from '../data-source.ts'
import { ALIAS, compile, placeOf } from './compile.ts'
import { columnOf, type Dialect, mustField, tableOf } from './dialect.ts'

export async function tally(connection: Connection, dialect: Dialect, query: TallyQuery): Promise<Tally> {
  const { model, values, cap } = query
  const place = placeOf(dialect, query)
  const field = mustField(model, query.field)
  const codec = dialect.codec(model, field)
  const held = sql.id('held', 'v')
  const conditions: readonly RawBuilder<boolean>[] = [
    ...values.map((value) =>
      value === null
        ? sql<boolean>`${held} IS NULL`
        : sql<boolean>`(${held} IS NOT NULL AND ${codec.compare(held, '=', value)})`,
    ),
  ]
  const sums = conditions.map(
    (one, index) => sql`sum(CASE WHEN ${one} THEN 1 ELSE 0 END) AS ${sql.id(`n${index}`)}`,
  )
  const { rows } = await sql<
    Readonly<Record<string, unknown>>
  >`SELECT ${sql.join([sql`count(*) AS n`, ...sums])}
    FROM (SELECT ${columnOf(ALIAS, field)} AS v FROM ${tableOf(model, ALIAS)}
      WHERE ${compile(and(query.scope, query.where), place)} LIMIT ${cap + 1}) AS held`.execute(connection)
  const [row = {}] = rows
  return {
    counts: values.map((_, index) => Number(row[`n${index}`] ?? 0)),
    isWhole: Number(row['n'] ?? 0) <= cap,
  }
}
