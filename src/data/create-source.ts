/** The data source over an open database, by its engine. */

import { misconfigured } from '../errors.ts'
import type { Model } from '../model/model.ts'
import { applyOverlay, isAt } from './apply-overlay.ts'
import { withCodeValues } from './code-values.ts'
import type { DataSource, Schema } from './data-source.ts'
import { withOrmWrites } from './orm-writes.ts'
import type { ModelOverlay, Overlay } from './overlay.ts'
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
  const overlayOf = (model: Model): ModelOverlay | undefined =>
    laid.overlay.models.find((one) => isAt(known, model, one))
  return {
    ...writingAs(source, laid, overlayOf),
    async introspect() {
      const schema = await source.introspect()
      known = schema
      return applyOverlay(schema, laid.overlay, laid.writes)
    },
  }
}

function writingAs(
  source: DataSource,
  { overlay, writes }: Laid,
  overlayOf: (model: Model) => ModelOverlay | undefined,
): DataSource {
  if (writes === 'sql') return withCodeValues(source, overlayOf)
  if (writes === 'refuse') return source
  // one engine of those that have a driver whose clients ORMs share
  if (overlay.writer && source.engine === 'postgres') return withOrmWrites(source, overlayOf, overlay.writer)
  throw misconfigured([
    {
      id: 'D163',
      place: `${overlay.from}: writes`,
      problem: `"orm" can not be honoured here: ${overlay.from} can't write in Castellan's transaction on ${source.engine}.`,
      remedy: 'Leave it out to keep models with code of their own read-only, or choose "sql".',
    },
  ])
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
