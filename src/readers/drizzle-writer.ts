/** Writes records through Drizzle's tables, in a transaction that it did not begin. */

import { and, type Column, eq, getTableColumns, getTableName, is, type SQL } from 'drizzle-orm'
import { drizzle, type NodePgClient, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { PgTable, getTableConfig as postgresConfig } from 'drizzle-orm/pg-core'
import type { ModelOverlay, OrmSession, OrmValues, OrmWriter } from '../data/overlay.ts'

/** What `drizzle(…, { schema })` got. */
type Schema = Readonly<Record<string, unknown>>

export function drizzleWriter(schema: Schema): OrmWriter {
  return { over: (client) => sessionOver(schema, drizzle(client as NodePgClient)) }
}

function sessionOver(schema: Schema, db: NodePgDatabase): OrmSession {
  return {
    async insert(overlay, values) {
      const table = tableOf(schema, overlay)
      const [made = {}] = await db.insert(table).values(byProperty(table, values)).returning()
      return Object.fromEntries(columnsOf(table).map(([name, { name: column }]) => [column, made[name]]))
    },
    async update(overlay, key, values) {
      const table = tableOf(schema, overlay)
      await db.update(table).set(byProperty(table, values)).where(isRecord(table, key))
    },
    async remove(overlay, key) {
      const table = tableOf(schema, overlay)
      await db.delete(table).where(isRecord(table, key))
    },
  }
}

function tableOf(all: Schema, { schema, table }: ModelOverlay): PgTable {
  const found = Object.values(all).find(
    (one): one is PgTable =>
      is(one, PgTable) && getTableName(one) === table && (postgresConfig(one).schema ?? null) === schema,
  )
  if (!found) throw new TypeError(`Drizzle's schema has no table "${table}".`)
  return found
}

function columnsOf(table: PgTable): readonly (readonly [string, Column])[] {
  return Object.entries(getTableColumns(table))
}

function byProperty(table: PgTable, values: OrmValues): Record<string, unknown> {
  return Object.fromEntries(
    columnsOf(table).flatMap(([name, column]) =>
      column.name in values ? [[name, valueFor(column, values[column.name])]] : [],
    ),
  )
}

/** Drizzle takes a value in the form that its column is declared to give. */
function valueFor({ dataType }: Column, value: unknown): unknown {
  if (value === null) return null
  if (value instanceof Date) return dataType === 'string' ? value.toISOString() : value
  if (dataType === 'number') return Number(value)
  if (dataType === 'bigint' && typeof value === 'string') return BigInt(value)
  return dataType === 'date' && typeof value === 'string' ? new Date(value) : value
}

function isRecord(table: PgTable, key: OrmValues): SQL {
  const parts = columnsOf(table).flatMap(([, column]) =>
    column.name in key ? [eq(column, valueFor(column, key[column.name]))] : [],
  )
  const condition = and(...parts)
  if (parts.length === 0 || !condition) throw new TypeError('A record of Drizzle is found by its key.')
  return condition
}
