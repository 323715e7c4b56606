/** A data source over an open MariaDB or MySQL database. */

import { sql } from 'kysely'
import type { Field, Model } from '../../model/model.ts'
import type { DataSource, Schema } from '../data-source.ts'
import { schemaOf } from '../describe/describe.ts'
import type { SourceOptions } from '../source-options.ts'
import { type Refusal, transactionOver } from '../sql/change.ts'
import { type Codec, columnOf as columnIn, type Dialect, tableOf } from '../sql/dialect.ts'
import { withIndexing } from '../sql/indexing.ts'
import { ownInstantCodec } from '../sql/own-instant.ts'
import { readerOver } from '../sql/read.ts'
import { readMysqlCatalog } from './catalog.ts'
import { codecOf } from './codec.ts'
import { type Column, declaredColumn, readFacts, type TableFacts } from './column.ts'
import { sameColumns } from './compare.ts'
import { contains, isCaseless, textMatch, wordMatch } from './condition.ts'
import { estimate, within } from './estimate.ts'
import { insertAndLookUp, insertReturning, keyColumns } from './insert.ts'
import { jsonTest } from './json-path.ts'
import { refusalOf } from './refusal.ts'

export interface MysqlSource extends DataSource {
  /**
   * Reads the schema once more and keeps it. Until the first time, columns are
   * taken for what their fields declare.
   */
  introspect(): Promise<Schema>
}

export function createMysqlSource({ id, database, tables, prefix = '' }: SourceOptions): MysqlSource {
  let facts: ReadonlyMap<string, TableFacts> = new Map()
  let codecs = new WeakMap<Field, Codec>()
  const kind = database.engine === 'mariadb' ? 'mariadb' : 'mysql'
  const insert = kind === 'mariadb' ? insertReturning : insertAndLookUp

  function columnOf(model: Model, field: Field): Column {
    return facts.get(model.table)?.columns.get(field.column) ?? declaredColumn(field)
  }

  function codec(model: Model, field: Field): Codec {
    const known = codecs.get(field)
    if (known) return known
    const made = (tables === 'own' ? ownInstantCodec(field) : null) ?? codecOf(field, columnOf(model, field))
    codecs.set(field, made)
    return made
  }

  const dialect: Dialect = {
    codec,
    tieBreaker: () => null,
    nullsAre: 'lowest',
    contains,
    textMatch,
    wordMatch,
    begins: (model, field) => isCaseless(columnOf(model, field)),
    searchIndex: 'a FULLTEXT index',
    json: jsonTest,
    same: (one, other) =>
      sameColumns(
        columnOf(one.model, one.field),
        columnIn(one.alias, one.field),
        columnOf(other.model, other.field),
        columnIn(other.alias, other.field),
      ),
    within: (connection, milliseconds, build) => within(kind, connection, milliseconds, build),
    estimate: async (connection, model, where) =>
      where === null ? await estimate(connection, model.table) : null,
    lock: sql`FOR UPDATE`,
    isBlindToItself: true,
    deleteFrom: (model, alias) => sql`DELETE ${sql.id(alias)} FROM ${tableOf(model, alias)}`,
    insert: (connection, model, columns) => {
      const key = keyColumns(model, (field) => ({
        column: columnOf(model, field),
        select: codec(model, field).select,
      }))
      return insert(connection, model, columns, key)
    },
  }

  const refuse: Refusal = async (_, error, attempt) =>
    refusalOf(error, attempt, facts.get(attempt.model.table)?.checks ?? [])

  return {
    id,
    engine: database.engine,
    capabilities: {
      estimates: true,
      concurrentWriters: true,
      concurrentReads: true,
      readsAlong: false,
      cancel: true,
    },
    async introspect() {
      const { isReadOnly } = database
      const found = await database.read(async (connection) => ({
        catalog: await readMysqlCatalog(connection, { tables }),
        facts: await readFacts(connection),
      }))
      facts = found.facts
      codecs = new WeakMap()
      return withIndexing(schemaOf(found.catalog, { source: id, tables, prefix, isReadOnly }), dialect)
    },
    read: (work, options) => database.read((connection) => work(readerOver(connection, dialect)), options),
    transaction: (work, options) =>
      database.write((connection) => work(transactionOver(connection, dialect, refuse)), options),
  }
}
