/**
 * Kysely over anything that can run a statement on SQLite: the writer on this
 * thread, or a worker behind messages. Transactions are begun and ended by
 * whoever hands out the connection, never through Kysely.
 */

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Connection } from './database.ts'
import type { Answer } from './statement.ts'

/** A `Connection` whose statements go to `execute`. */
export function connectionOver(
  execute: (text: string, parameters: readonly unknown[]) => Answer | Promise<Answer>,
): Connection {
  const connection: DatabaseConnection = {
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
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driverOf(connection),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}

function driverOf(connection: DatabaseConnection): Driver {
  const refuse = async (): Promise<never> => {
    throw new TypeError('The transaction belongs to the database: use database.write or database.read.')
  }
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => {},
  }
}
