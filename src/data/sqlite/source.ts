/** A data source over an open SQLite database. */

import { sql } from 'kysely'
import type { Field, Model } from '../../model/model.ts'
import type { Attempt, DataSource, Schema } from '../data-source.ts'
import { schemaOf } from '../describe/describe.ts'
import type { SourceOptions } from '../source-options.ts'
import { noting, type Refusal, transactionOver } from '../sql/change.ts'
import { type Codec, type Dialect, insertReturning, tableOf } from '../sql/dialect.ts'
import { withIndexing } from '../sql/indexing.ts'
import { readerOver } from '../sql/read.ts'
import { readSqliteCatalog, type TableFacts } from './catalog.ts'
import { codecOf } from './codec.ts'
import { affinityOf, type Column } from './column.ts'
import { contains, textMatch } from './condition.ts'
import { estimate, within } from './estimate.ts'
import { jsonTest } from './json-path.ts'
import { isCommitRefused, refusalOf, refusalOfCommit } from './refusal.ts'
import { OWN_FORM, UTC_FORM } from './temporal.ts'

export interface SqliteSource extends DataSource {
  /**
   * Reads the schema once more and keeps it. Until the first time, columns are
   * taken for what their fields declare.
   */
  introspect(): Promise<Schema>
}

export function createSqliteSource({ id, database, tables, prefix = '' }: SourceOptions): SqliteSource {
  let facts: ReadonlyMap<string, TableFacts> = new Map()
  let models: ReadonlyMap<string, Model> = new Map()
  let codecs = new WeakMap<Field, Codec>()
  let hasStatistics = false

  const dialect: Dialect = {
    codec(model, field) {
      const known = codecs.get(field)
      if (known) return known
      const codec = codecOf(field, facts.get(model.table)?.columns.get(field.column) ?? declaredColumn(field))
      codecs.set(field, codec)
      return codec
    },
    tieBreaker: (model) => facts.get(model.table)?.rowId ?? null,
    nullsAre: 'lowest',
    comparesRows: true,
    contains,
    textMatch,
    begins: (model, { column }) => facts.get(model.table)?.columns.get(column)?.collation === 'NOCASE',
    searchIndex: 'an index with COLLATE NOCASE',
    joinsIndexes: true,
    within,
    estimate: async (connection, model, where) =>
      hasStatistics && where === null ? await estimate(connection, model.table) : null,
    json: jsonTest,
    lock: null,
    deleteFrom: (model, alias) => sql`DELETE FROM ${tableOf(model, alias)}`,
    insert: insertReturning,
  }

  return {
    id,
    engine: 'sqlite',
    capabilities: {
      estimates: true,
      concurrentWriters: false,
      concurrentReads: true,
      readsAlong: false,
      cancel: false,
    },
    async introspect() {
      const { isReadOnly } = database
      const catalog = await database.read((connection) => readSqliteCatalog(connection, { tables }))
      const schema = schemaOf(catalog, { source: id, tables, prefix, isReadOnly })
      facts = catalog.facts
      hasStatistics = catalog.hasStatistics
      models = new Map(schema.models.map((model) => [model.name, model]))
      codecs = new WeakMap()
      return withIndexing(schema, dialect)
    },
    read: (work, options) => database.read((connection) => work(readerOver(connection, dialect)), options),
    async transaction(work, options) {
      const attempts: Attempt[] = []
      try {
        return await database.write((connection) => {
          attempts.length = 0
          const refuse: Refusal = (inside, error, attempt) =>
            refusalOf(inside, error, attempt, {
              dialect,
              models,
              checks: facts.get(attempt.model.table)?.ddl.checks ?? [],
            })
          return work(noting(attempts, transactionOver(connection, dialect, refuse)))
        }, options)
      } catch (error) {
        if (!isCommitRefused(error)) throw error
        const surroundings = { dialect, models, checks: [] }
        throw await database.read((connection) => refusalOfCommit(connection, error, attempts, surroundings))
      }
    },
  }
}

/** What a field alone says of its column. */
function declaredColumn(field: Field): Column {
  return {
    affinity: affinityOf(field.dbType),
    isNullable: field.nullable,
    collation: 'BINARY',
    form: field.type === 'timestamptz' ? UTC_FORM : OWN_FORM,
  }
}
