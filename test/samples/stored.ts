/**
 * What a table really holds, asked by the database's own client and in its own
 * words, and whether the database itself saw an UPDATE: the `xmin` of a row on
 * PostgreSQL, a trigger elsewhere.
 */

import { setImmediate } from 'node:timers/promises'
import type { Model } from '../../src/model/model.ts'
import type { TestDatabase } from '../servers.ts'
import type { Sample } from './databases.ts'

/** The exact text of each column, as the engine's own functions give it; null for NULL. */
export type StoredRow = Readonly<Record<string, string | null>>

export interface StoredTable {
  /** By the texts of the key's columns as JSON; where there is no key, by the place. */
  readonly rows: ReadonlyMap<string, StoredRow>
  /** Another text after every UPDATE, also one that wrote what was there. */
  readonly updates: string
}

export interface Storage {
  /** Begins to count; on PostgreSQL there is nothing to begin. */
  watch(models: readonly Model[]): Promise<void>
  table(model: Model): Promise<StoredTable>
}

const COUNTED = 'seen_update'
const SQLITE_BUSY = 5

export function storageOf(engine: Sample['engine'], home: TestDatabase): Storage {
  return {
    async watch(models) {
      if (engine === 'postgres') return
      const triggers = models
        .filter(({ kind }) => kind === 'table')
        .map(
          ({
            table,
          }) => `CREATE TRIGGER ${quoted(engine, `seen ${table}`)} AFTER UPDATE ON ${quoted(engine, table)}
            FOR EACH ROW BEGIN INSERT INTO ${COUNTED} VALUES (${text(table)}); END;`,
        )
      const all = [`CREATE TABLE ${COUNTED} (model varchar(100));`, ...triggers].join('\n')
      await onceFree(() => home.run(engine === 'sqlite' ? `BEGIN IMMEDIATE; ${all} COMMIT;` : all))
    },
    async table(model) {
      const found = await home.rows(await selection(engine, home, model))
      const versions = found.map(({ '(version)': version }) => String(version))
      return {
        rows: new Map(found.map((row, index) => storedRow(model, row, index))),
        updates: engine === 'postgres' ? versions.sort().join() : await countOf(home, model),
      }
    },
  }
}

/** SQLite's client blocks this process, so an admin in it that is writing can only go on when that has given up. */
async function onceFree(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)) throw error
    await setImmediate()
    await onceFree(work)
  }
}

async function countOf(home: TestDatabase, { table }: Model): Promise<string> {
  const [row] = await home.rows(`SELECT count(*) AS n FROM ${COUNTED} WHERE model = ${text(table)}`)
  return String(row?.['n'])
}

function storedRow(model: Model, row: Readonly<Record<string, unknown>>, index: number): [string, StoredRow] {
  const { '(version)': _, ...rest } = row
  const columns: Record<string, string | null> = {}
  const key: unknown[] = []
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith('(key) ')) key.push(value)
    else columns[name] = value === null ? null : String(value)
  }
  return [JSON.stringify(model.key ? key : [index]), columns]
}

async function selection(engine: Sample['engine'], home: TestDatabase, model: Model): Promise<string> {
  const names = await columnNames(engine, home, model)
  const exact = names.map(({ name, type }) => `${exactly(engine, name, type)} AS ${quoted(engine, name)}`)
  const key = (model.key ?? []).map((name) => {
    const column = model.fields.find((field) => field.name === name)?.column ?? name
    return `${plainly(engine, column)} AS ${quoted(engine, `(key) ${name}`)}`
  })
  const version = engine === 'postgres' ? ['xmin::text AS "(version)"'] : []
  const schema = model.schema === null ? '' : `${quoted(engine, model.schema)}.`
  return `SELECT ${[...exact, ...key, ...version].join(', ')} FROM ${schema}${quoted(engine, model.table)}`
}

/** Of the table, and not of the model: what the admin does not know of must stay as it is too. */
async function columnNames(
  engine: Sample['engine'],
  home: TestDatabase,
  { schema, table }: Model,
): Promise<readonly { readonly name: string; readonly type: string }[]> {
  const rows = await home.rows(
    engine === 'sqlite'
      ? `SELECT name, type FROM pragma_table_xinfo(${text(table)})`
      : `SELECT column_name AS name, data_type AS type FROM information_schema.columns
          WHERE table_name = ${text(table)} AND table_schema = ${ownSchema(engine, schema)}`,
  )
  if (rows.length === 0) throw new Error(`No columns of "${table}" were found.`)
  return rows.map(({ name, type }) => ({ name: String(name), type: String(type) }))
}

function ownSchema(engine: Sample['engine'], schema: string | null): string {
  if (schema !== null) return text(schema)
  return engine === 'postgres' ? 'current_schema()' : 'database()'
}

const BYTES = /blob|binary|char|text|geometry|point|polygon/

function exactly(engine: Sample['engine'], name: string, type: string): string {
  const column = quoted(engine, name)
  if (engine === 'postgres') return `${column}::text`
  // with the storage class: '1', 1 and 1.0 are three values
  if (engine === 'sqlite') return `quote(${column})`
  return BYTES.test(type) ? `HEX(${column})` : `CAST(${column} AS CHAR)`
}

function plainly(engine: Sample['engine'], name: string): string {
  const column = quoted(engine, name)
  if (engine === 'postgres') return `${column}::text`
  return engine === 'sqlite' ? `CAST(${column} AS TEXT)` : `CAST(${column} AS CHAR)`
}

function quoted(engine: Sample['engine'], name: string): string {
  return engine === 'mariadb' ? `\`${name}\`` : `"${name}"`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
