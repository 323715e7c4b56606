/** A data source over an open PostgreSQL database, or over a PGlite. */

import { type RawBuilder, sql } from 'kysely'
import type { Field, Model } from '../../model/model.ts'
import type { Attempt, Capabilities, DataSource } from '../data-source.ts'
import { schemaOf } from '../describe/describe.ts'
import type { SourceOptions } from '../source-options.ts'
import { noting, transactionOver } from '../sql/change.ts'
import { bareTableOf, type Codec, type Dialect, insertReturning, tableOf } from '../sql/dialect.ts'
import { withIndexing } from '../sql/indexing.ts'
import { ownInstantCodec } from '../sql/own-instant.ts'
import { readerOver } from '../sql/read.ts'
import { readPostgresCatalog } from './catalog.ts'
import { codecOf } from './codec.ts'
import { type Column, declaredColumn, type Facts, keyOfModel, NO_FACTS, readFacts } from './column.ts'
import { contains, textMatch } from './condition.ts'
import { estimate, within, withinAlone } from './estimate.ts'
import { jsonTest } from './json-path.ts'
import { refusalOf, refusalOfCommit } from './refusal.ts'

const SERVER: Capabilities = {
  estimates: true,
  concurrentWriters: true,
  concurrentReads: true,
  readsAlong: true,
  cancel: true,
}
/** One session, in this very process: nothing runs beside it, and nothing stops it. */
const EMBEDDED: Capabilities = {
  estimates: true,
  concurrentWriters: false,
  concurrentReads: false,
  readsAlong: true,
  cancel: false,
}

/**
 * Until its first `introspect`, columns are taken for what their fields declare.
 * @param options Its database is one of PostgreSQL or PGlite.
 */
export function createPostgresSource({ id, database, tables, prefix = '' }: SourceOptions): DataSource {
  let facts: Facts = NO_FACTS
  let codecs = new WeakMap<Field, Codec>()
  let columns = new WeakMap<Field, Column>()

  function columnOf(model: Model, field: Field): Column {
    return facts.columns.get(keyOfModel(facts, model))?.get(field.column) ?? declaredColumn(field)
  }

  const dialect: Dialect = {
    codec(model, field) {
      const known = codecs.get(field)
      if (known) return known
      const column = columnOf(model, field)
      const codec = (tables === 'own' ? ownInstantCodec(field) : null) ?? codecOf(field, column)
      codecs.set(field, codec)
      columns.set(field, column)
      return codec
    },
    // where a row lies, which is nobody's key, but tells rows apart that are equal in all else
    tieBreaker: (model) => (facts.places.has(keyOfModel(facts, model)) ? 'ctid' : null),
    nullsAre: 'highest',
    ordersByNull: true,
    comparesRows: true,
    joinsLaterally: true,
    fence: sql`OFFSET 0`,
    contains: (field, expression, value) => contains(field, seen(field), expression, value),
    textMatch: (field, expression, operator, text) => textMatch(seen(field), expression, operator, text),
    searchIndex: 'a trigram index',
    equalsOneOf: (column, found) => sql<boolean>`${column} = ANY (ARRAY(${found}))`,
    // a PGlite keeps no limits: it would count to the end all the same
    ...(database.engine === 'postgres' && { within }),
    estimate: (connection, model, where) => estimate(connection, bareTableOf(model), nameOf(model), where),
    json: (field, expression, path, test) => jsonTest(seen(field), expression, path, test),
    lock: sql`FOR UPDATE OF ${sql.id('t')}`,
    deleteFrom: (model, alias): RawBuilder<unknown> => sql`DELETE FROM ${tableOf(model, alias)}`,
    insert: (connection, model, columns) => {
      const isNumbered = columns.some(({ field }) => field.generated)
      return insertReturning(connection, model, columns, isNumbered ? sql` OVERRIDING SYSTEM VALUE` : sql``)
    },
  }

  /** The column of a field whose codec was asked for, as it is for every condition. */
  function seen(field: Field): Column {
    return columns.get(field) ?? declaredColumn(field)
  }

  return {
    id,
    engine: database.engine,
    capabilities: database.engine === 'pglite' ? EMBEDDED : SERVER,
    async introspect() {
      const [catalog, found] = await database.read((connection) =>
        Promise.all([readPostgresCatalog(connection, { tables }), readFacts(connection)]),
      )
      facts = found
      codecs = new WeakMap()
      columns = new WeakMap()
      const { isReadOnly } = database
      return withIndexing(schemaOf(catalog, { source: id, tables, prefix, isReadOnly }), dialect)
    },
    read(work, options) {
      const isAlone = options?.snapshot === 'each' && database.readsAlone
      const reading = isAlone ? { ...dialect, within: withinAlone } : dialect
      return database.read((connection) => work(readerOver(connection, reading)), options)
    },
    async transaction(work, options) {
      const attempts: Attempt[] = []
      try {
        return await database.write((connection) => {
          attempts.length = 0
          const transaction = transactionOver(connection, dialect, async (_, error, attempt) =>
            refusalOf(error, attempt, facts),
          )
          return work(noting(attempts, transaction))
        }, options)
      } catch (error) {
        throw refusalOfCommit(error, attempts, facts)
      }
    },
  }
}

/** As `regclass` reads it. */
function nameOf({ schema, table }: Model): string {
  return [schema, table].flatMap((name) => (name === null ? [] : quoted(name))).join('.')
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
