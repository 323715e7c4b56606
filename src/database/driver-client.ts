/**
 * The driver's own client behind a write transaction on a pool that the
 * application lent: for its ORM, which then writes in the same transaction.
 *
 * Whoever gets it can run statements and nothing else: beginning, ending and
 * giving back stay with the database.
 */

import { Kysely, PostgresDialect } from 'kysely'
import type { PoolClient } from 'pg'
import type { Connection } from './database.ts'

const clients = new WeakMap<Connection, unknown>()

/** Says whose client it is that `connection` speaks over. */
export function lendClient(connection: Connection, client: unknown): void {
  clients.set(connection, client)
}

/** Null where the connection is none of a write transaction, or its engine lends none. */
export function clientOf(connection: Connection): unknown {
  return clients.get(connection) ?? null
}

/**
 * The same client until the transaction ends. Code that nobody waited for would otherwise go on writing in
 * whatever the session is used for next.
 */
export function guardedClient(client: PoolClient, isOpen: () => boolean): PoolClient {
  return new Proxy(client, {
    get(target, name) {
      if (KEPT.has(name)) return () => undefined
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'query') return value.bind(target)
      return (...line: unknown[]): unknown => {
        if (!isOpen()) throw new TypeError('The transaction of this connection has ended.')
        return Reflect.apply(value, target, line)
      }
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
}

/** What ends the use of a client, which is not its borrower's to end. */
const KEPT: ReadonlySet<string | symbol> = new Set(['release', 'end'])

/** Kysely over one client, for an ORM that is built on it: answers are parsed as the client's owner has it. */
export function kyselyOverClient(client: unknown): Kysely<unknown> {
  const pool = { connect: async () => client as PoolClient, end: async () => {}, options: {} }
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
}
