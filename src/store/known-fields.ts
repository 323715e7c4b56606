/**
 * What is known of the application's databases: their shape when a server last
 * started on it, and every column that was ever seen, with how sensitive it is.
 */

import { createHash } from 'node:crypto'
import type { Insertable, Selectable } from 'kysely'
import type { Connection, Database } from '../database/database.ts'
import { insertOrUpdate } from './insert-or-update.ts'
import { lockStore } from './lock.ts'
import type { SchemaTables } from './schema-tables.ts'
import { inStore } from './tables.ts'

export type KnownField = Selectable<SchemaTables['castellan_field']>

/** One column as it was found now. */
export interface FoundField {
  readonly source: string
  readonly model: string
  readonly field: string
  readonly type: string
  readonly guess: string
}

export interface KnownSchemas {
  /** By the id of the source. */
  readonly sources: ReadonlyMap<string, Selectable<SchemaTables['castellan_source']>>
  /** By `fieldId`. */
  readonly fields: ReadonlyMap<string, KnownField>
}

/** The id of a column's row: the first 128 bits of a SHA-256 (FIPS 180-4) over where it is. */
export function fieldId({ source, model, field }: Pick<FoundField, 'source' | 'model' | 'field'>): string {
  return createHash('sha256')
    .update(JSON.stringify([source, model, field]))
    .digest('hex')
    .slice(0, 32)
}

export async function knownSchemas(connection: Connection): Promise<KnownSchemas> {
  const store = inStore(connection)
  const sources = await store.selectFrom('castellan_source').selectAll().execute()
  const fields = await store.selectFrom('castellan_field').selectAll().execute()
  return {
    sources: new Map(sources.map((source) => [source.id, source])),
    fields: new Map(fields.map((field) => [field.id, field])),
  }
}

/** How many rows one statement inserts. */
const BATCH = 50

/**
 * Takes down the columns that are not known yet: those of a source that nothing was known of as their names
 * and types say, those of any other as waiting. One process after another, and each looks anew.
 */
export async function takeDown(
  database: Database,
  found: readonly FoundField[],
  now: string,
): Promise<KnownSchemas> {
  return await database.write(
    async (connection) => {
      await lockStore(connection)
      const known = await knownSchemas(connection)
      const connected = new Set([...known.fields.values()].map(({ source }) => source))
      const rows = found
        .map((field): Insertable<SchemaTables['castellan_field']> & KnownField => ({
          ...field,
          id: fieldId(field),
          sensitivity: connected.has(field.source) ? null : field.guess,
          decided_by: null,
          found_at: now,
          decided_at: null,
        }))
        .filter(({ id }) => !known.fields.has(id))
      for (let start = 0; start < rows.length; start += BATCH) {
        await inStore(connection)
          .insertInto('castellan_field')
          .values(rows.slice(start, start + BATCH))
          .execute()
      }
      return { ...known, fields: new Map([...known.fields, ...rows.map((row) => [row.id, row] as const)]) }
    },
    // what was committed while this waited for its turn must be seen
    { isolation: 'read-committed' },
  )
}

/** Takes down the shape of a source as a server that starts works with it. */
export async function takeShape(database: Database, source: SchemaTables['castellan_source']): Promise<void> {
  await database.write(
    (connection) =>
      insertOrUpdate(connection, 'castellan_source', [source], {
        key: ['id'],
        update: ['fingerprint', 'seen_at'],
      }),
    { isolation: 'read-committed' },
  )
}

/** Says how sensitive a known column is, and who said so. Answers how many there are of that id: 1 or 0. */
export async function decide(
  connection: Connection,
  id: string,
  decision: { readonly sensitivity: string; readonly by: string; readonly at: string },
): Promise<number> {
  const { numUpdatedRows } = await inStore(connection)
    .updateTable('castellan_field')
    .set({ sensitivity: decision.sensitivity, decided_by: decision.by, decided_at: decision.at })
    .where('id', '=', id)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}
