/**
 * Kysely over anything that can run a statement: a driver's connection, the
 * writer on this thread, a worker behind messages. Transactions are begun and
 * ended by whoever hands out the connection, never through Kysely.
 */

import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type Driver,
  Kysely,
  MysqlAdapter,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresQueryCompiler,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Connection, Engine } from './database.ts'

/**
 * What one statement answered, the same on every engine: integers are `bigint`,
 * booleans 0n or 1n, bytes `Uint8Array`, floating-point numbers `number`, NULL
 * null, and everything else is the text that the engine prints.
 */
export interface Answer {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Rows inserted, updated or deleted; 0 for a statement that only has rows to give. */
  readonly changes: bigint
  /** The number that the engine gave to the last row inserted; 0 where there is none or the engine does not tell. */
  readonly lastRowId: bigint
}

const engines = new WeakMap<Connection, Engine>()

/** A `Connection` whose statements go to `execute`. */
export function connectionOver(
  engine: Engine,
  execute: (text: string, parameters: readonly unknown[]) => Answer | Promise<Answer>,
): Connection {
  const driverConnection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const answer = await execute(query.sql, query.parameters)
      return {
        // Kysely's callers state the shape of their rows; the driver can't know it
        rows: answer.rows as unknown as Row[],
        numAffectedRows: answer.changes,
        insertId: answer.lastRowId,
      }
    },
    streamQuery() {
      throw new TypeError('Rows are not streamed over this connection: read them page by page.')
    },
  }
  const { dialect, adapter, compiler } = PARTS[engine]
  const connection = new Kysely<unknown>({
    config: { dialect },
    dialect,
    // the connection itself: nothing is acquired and released around a statement
    executor: new DefaultQueryExecutor(compiler, adapter, {
      provideConnection: (consumer) => consumer(driverConnection),
    }),
    driver: UNUSED,
  })
  engines.set(connection, engine)
  return connection
}

/** Which engine is behind a connection that `connectionOver` made. */
export function engineOf(connection: Connection): Engine {
  const engine = engines.get(connection)
  if (!engine) throw new TypeError('The connection was not made by a database of ours.')
  return engine
}

/** What is the same for every connection of an engine; a compiler keeps nothing between two statements. */
interface EngineParts {
  readonly dialect: Dialect
  readonly adapter: DialectAdapter
  readonly compiler: QueryCompiler
}

const SQLITE = partsOf(new SqliteAdapter(), new SqliteQueryCompiler())
const POSTGRES = partsOf(new PostgresAdapter(), new PostgresQueryCompiler())
const MYSQL = partsOf(new MysqlAdapter(), new MysqlQueryCompiler())
const PARTS: Readonly<Record<Engine, EngineParts>> = {
  sqlite: SQLITE,
  postgres: POSTGRES,
  pglite: POSTGRES,
  mariadb: MYSQL,
  mysql: MYSQL,
}

function partsOf(adapter: DialectAdapter, compiler: QueryCompiler): EngineParts {
  const dialect: Dialect = {
    createAdapter: () => adapter,
    createDriver: () => UNUSED,
    // never used: the catalogs are read by `data/`
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => compiler,
  }
  return { dialect, adapter, compiler }
}

async function refuse(): Promise<never> {
  throw new TypeError('The transaction belongs to the database: use database.write or database.read.')
}

const UNUSED: Driver = {
  init: async () => {},
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: refuse,
  destroy: async () => {},
}
