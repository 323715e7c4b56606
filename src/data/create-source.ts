/** The data source over an open database, by its engine. */

import { applyOverlay, isAt } from './apply-overlay.ts'
import { withCodeValues } from './code-values.ts'
import type { DataSource, Schema } from './data-source.ts'
import type { Overlay } from './overlay.ts'
import type { SourceDefinition } from './source-definition.ts'
import type { SourceOptions } from './source-options.ts'

/** What an application's own models add to what its database says. */
export interface Laid {
  readonly overlay: Overlay
  readonly writes: SourceDefinition['writes']
}

/** @param laid Null: the database alone speaks. */
export async function createSource(options: SourceOptions, laid: Laid | null = null): Promise<DataSource> {
  const source = await bareSource(options)
  if (!laid) return source
  // nothing is written before the schema is known
  let known: Pick<Schema, 'defaultSchema'> = {}
  const writing =
    laid.writes === 'sql'
      ? withCodeValues(source, (model) => laid.overlay.models.find((one) => isAt(known, model, one)))
      : source
  return {
    ...writing,
    async introspect() {
      const schema = await source.introspect()
      known = schema
      return applyOverlay(schema, laid.overlay, laid.writes)
    },
  }
}

/** Loaded on use: an engine that nobody has named costs nothing at the start. */
async function bareSource(options: SourceOptions): Promise<DataSource> {
  switch (options.database.engine) {
    case 'sqlite': {
      const { createSqliteSource } = await import('./sqlite/source.ts')
      return createSqliteSource(options)
    }
    case 'postgres':
    case 'pglite': {
      const { createPostgresSource } = await import('./postgres/source.ts')
      return createPostgresSource(options)
    }
    case 'mariadb':
    case 'mysql': {
      const { createMysqlSource } = await import('./mysql/source.ts')
      return createMysqlSource(options)
    }
  }
}
