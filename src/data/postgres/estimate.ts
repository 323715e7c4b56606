/** What PostgreSQL knows of a table without counting, and counting that ends in time. */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'
import { reportOf } from '../../database/postgres/fault.ts'
import type { EstimatedWhere } from '../sql/dialect.ts'

const CANCELED = '57014'

/**
 * Runs a statement under a limit of its own. The savepoint takes the limit back with it, and what the server ended
 * does no harm to the transaction. All of it is sent at one time.
 */
export function within<Row>(
  connection: Connection,
  milliseconds: number,
  build: (guard: null) => RawBuilder<Row>,
): Promise<readonly Row[] | null> {
  const begin = sql`SAVEPOINT castellan_limit`
  return limited(connection, milliseconds, { begin, end: sql`ROLLBACK TO SAVEPOINT castellan_limit` }, build)
}

/** The same where there is no transaction around it. */
export function withinAlone<Row>(
  connection: Connection,
  milliseconds: number,
  build: (guard: null) => RawBuilder<Row>,
): Promise<readonly Row[] | null> {
  return limited(connection, milliseconds, { begin: sql`BEGIN READ ONLY`, end: sql`ROLLBACK` }, build)
}

async function limited<Row>(
  connection: Connection,
  milliseconds: number,
  { begin, end }: { readonly begin: RawBuilder<unknown>; readonly end: RawBuilder<unknown> },
  build: (guard: null) => RawBuilder<Row>,
): Promise<readonly Row[] | null> {
  const limit = String(Math.max(1, Math.ceil(milliseconds)))
  const begun = Promise.all([
    begin.execute(connection),
    sql`SELECT set_config('statement_timeout', ${limit}, true)`.execute(connection),
  ])
  const asked = build(null).execute(connection)
  const over = end.execute(connection)
  const [, found] = await Promise.allSettled([begun, asked, over])
  await begun
  await over
  if (found.status === 'fulfilled') return found.value.rows
  if (reportOf(found.reason)?.code === CANCELED) return null
  throw found.reason
}

/**
 * What was counted when the table was analysed last, by what it has grown since. Null: it never was, or row level
 * security keeps rows of it from the connected role, which an estimate would tell of.
 * @param table Quoted, with its schema where it has one.
 */
export async function estimate(
  connection: Connection,
  table: RawBuilder<unknown>,
  tableName: string,
  where: EstimatedWhere | null,
): Promise<number | null> {
  const { rows } = await counted(tableName).execute(connection)
  const [known] = rows
  if (!known || known.n === null) return null
  if (!where) return Number(known.n)
  const plan = await sql<Readonly<Record<string, unknown>>>`EXPLAIN (FORMAT JSON)
    SELECT 1 FROM ${table} AS ${sql.id(where.alias)} WHERE ${where.condition}`.execute(connection)
  return plannedRows(Object.values(plan.rows[0] ?? {})[0])
}

function counted(tableName: string): RawBuilder<{ readonly n: bigint | null }> {
  const grown = (alias: string): RawBuilder<unknown> => {
    const column = (name: string): RawBuilder<unknown> => sql.ref(`${alias}.${name}`)
    const [pages, tuples] = [column('relpages'), column('reltuples')]
    const now = sql`pg_relation_size(${column('oid')}) / current_setting('block_size')::int8`
    return sql`CASE WHEN ${tuples} >= 0 AND ${pages} > 0 THEN ${tuples} * (${now}) / ${pages} END`
  }
  return sql`
    SELECT round(CASE
      WHEN row_security_active(c.oid) THEN NULL
      WHEN c.relkind = 'p' THEN (
        SELECT CASE WHEN bool_and(leaf.reltuples >= 0) THEN sum(coalesce(${grown('leaf')}, 0)) END
        FROM pg_partition_tree(c.oid) tree
        JOIN pg_class leaf ON leaf.oid = tree.relid
        WHERE tree.isleaf
      )
      ELSE ${grown('c')}
    END)::int8 AS n
    FROM pg_class c WHERE c.oid = ${tableName}::regclass`
}

/** From the plan as the server prints it; null where it is no such plan. */
function plannedRows(printed: unknown): number | null {
  const [first]: unknown[] = typeof printed === 'string' ? JSON.parse(printed) : []
  const plan: unknown = typeof first === 'object' && first !== null && 'Plan' in first ? first.Plan : null
  const rows: unknown = typeof plan === 'object' && plan !== null ? Reflect.get(plan, 'Plan Rows') : null
  return typeof rows === 'number' ? rows : null
}
