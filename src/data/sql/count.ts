/**
 * How many records a list has, as far as that may cost anything.
 *
 * A count never holds up the page that it stands on: it ends at a cap, it ends
 * at its time limit, and what a large table has is taken from what the database
 * keeps of it. An estimate is made from all records of a table, so it is only
 * given where the scope hides none of them.
 */

import { sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import type { Model } from '../../model/model.ts'
import { and, looksBehind, type Predicate } from '../../model/predicate.ts'
import type { Count, CountQuery, ListQuery } from '../data-source.ts'
import { ALIAS, compile, placeOf } from './compile.ts'
import { type Dialect, tableOf } from './dialect.ts'

/** Counting for a list stops behind this many. */
const COUNT_CAP = 10_000
/** For so long a list waits for its count. */
const COUNT_MS = 300

/** What a list asked for; null: no count, or none that could be had in time. */
export async function countOf(
  connection: Connection,
  dialect: Dialect,
  query: ListQuery,
): Promise<Count | null> {
  if (query.count === 'none') return null
  if (query.count === 'exact') return await countUpTo(connection, dialect, query, null)
  if (query.count === 'estimated' && query.model.isLarge) {
    const about = await estimateOf(connection, dialect, query)
    // what may be fewer than that is counted
    if (about && about.value > COUNT_CAP) return about
  }
  if (!mayTakeLong(query) || !dialect.within) return await countUpTo(connection, dialect, query, COUNT_CAP)
  return (await countInTime(connection, dialect, query)) ?? (await estimateOf(connection, dialect, query))
}

/** @param cap Counting stops here; null: never. */
export async function countUpTo(
  connection: Connection,
  dialect: Dialect,
  query: Omit<CountQuery, 'cap'>,
  cap: number | null,
): Promise<Count> {
  const condition = compile(and(query.scope, query.where), placeOf(dialect, query))
  const rowsToCount = sql`FROM ${tableOf(query.model, ALIAS)} WHERE ${condition}`
  const counted =
    cap === null
      ? sql<{ n: bigint }>`SELECT count(*) AS n ${rowsToCount}`
      : sql<{ n: bigint }>`SELECT count(*) AS n FROM (SELECT 1 ${rowsToCount} LIMIT ${cap + 1}) AS counted`
  const { rows } = await counted.execute(connection)
  return cappedAt(cap, rows)
}

async function countInTime(
  connection: Connection,
  dialect: Dialect,
  query: ListQuery,
): Promise<Count | null> {
  const condition = compile(and(query.scope, query.where), placeOf(dialect, query))
  const rows = await dialect.within?.<{ n: bigint }>(
    connection,
    COUNT_MS,
    (guard) => sql`SELECT count(*) AS n FROM (SELECT 1 FROM ${tableOf(query.model, ALIAS)}
      WHERE ${guard ? sql`${guard} AND ` : sql``}${condition} LIMIT ${COUNT_CAP + 1}) AS counted`,
  )
  return rows ? cappedAt(COUNT_CAP, rows) : null
}

function cappedAt(cap: number | null, rows: readonly { readonly n: bigint }[]): Count {
  const value = Number(rows[0]?.n ?? 0)
  return cap !== null && value > cap ? { value: cap, kind: 'at-least' } : { value, kind: 'exact' }
}

/** A view may have to be computed whole, and a condition may hold for the last records of a table alone. */
function mayTakeLong({ model, scope, where }: ListQuery): boolean {
  if (model.kind === 'view') return true
  return model.isLarge === true && !(isEverything(scope) && isEverything(where))
}

/**
 * Null where the scope hides anything: an estimate tells of all records, hidden ones among them. So it is where
 * the list asks about related records, some of which another scope may hide.
 */
async function estimateOf(connection: Connection, dialect: Dialect, query: ListQuery): Promise<Count | null> {
  const { model, scope, where } = query
  if (!dialect.estimate || model.kind === 'view' || !isEverything(scope) || looksBehind(where)) {
    return null
  }
  const value = isEverything(where)
    ? await tableEstimate(connection, dialect.estimate, model)
    : await dialect.estimate(connection, model, {
        condition: compile(where, placeOf(dialect, query)),
        alias: ALIAS,
      })
  return value === null ? null : { value, kind: 'estimate' }
}

/** Databases find out by the minute how large a table is: the pages of a few seconds say the same. */
const ESTIMATE_MS = 10_000

const estimates = new WeakMap<Model, { readonly value: number; readonly untilMs: number }>()

async function tableEstimate(
  connection: Connection,
  estimate: NonNullable<Dialect['estimate']>,
  model: Model,
): Promise<number | null> {
  const known = estimates.get(model)
  if (known && performance.now() < known.untilMs) return known.value
  const value = await estimate(connection, model, null)
  if (value !== null) estimates.set(model, { value, untilMs: performance.now() + ESTIMATE_MS })
  return value
}

function isEverything(predicate: Predicate): boolean {
  return predicate.kind === 'constant' && predicate.value
}
