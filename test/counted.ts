/** A database that notes what it is asked: how many statements a page takes, and how many transactions. */

import { CompiledQuery } from 'kysely'
import { connectionOver } from '../src/database/connection.ts'
import type { Connection, Database } from '../src/database/database.ts'

export interface Asked {
  /** `now`: by itself; `read` and `write`: in a transaction. */
  readonly by: 'now' | 'read' | 'write'
  /** Counted from 0, for each transaction. */
  readonly transaction: number | null
  readonly text: string
  readonly parameters: readonly unknown[]
  /** How many bytes of texts and blobs were answered. */
  readonly received: number
}

export interface Counted {
  readonly database: Database
  /** Everything that was asked since the last time, but what keeps the audit log sealed. */
  taken(): readonly Asked[]
}

/** What only the sealing of the log reads and writes between requests; what a session brings along is its own. */
const SEALING =
  /audit_checkpoint|audit_event.*sequence["`]? is null|update.*audit_event.*sequence|select ["`]sequence["`] from|^[^(]*(?:castellan_?"?\."?meta|castellan_meta)/is

export function counted(database: Database): Counted {
  let asked: Asked[] = []
  let transactions = 0

  function noting(connection: Connection, by: Asked['by'], transaction: number | null): Connection {
    return connectionOver(database.engine, async (text, parameters) => {
      const one = { by, transaction, text, parameters, received: 0 }
      asked.push(one)
      const result = await connection.executeQuery<Record<string, unknown>>(
        CompiledQuery.raw(text, [...parameters]),
      )
      one.received = sizeOf(result.rows)
      return {
        rows: result.rows,
        changes: result.numAffectedRows ?? 0n,
        lastRowId: BigInt(result.insertId ?? 0n),
      }
    })
  }

  return {
    database: {
      ...database,
      now: noting(database.now, 'now', null),
      read(work, options) {
        const transaction = transactions++
        return database.read((connection) => work(noting(connection, 'read', transaction)), options)
      },
      write(work, options) {
        const transaction = transactions++
        return database.write((connection) => work(noting(connection, 'write', transaction)), options)
      },
    },
    taken() {
      const all = asked
      asked = []
      const sealing = new Set(
        all
          .filter(({ text, transaction }) => transaction !== null && SEALING.test(text))
          .map((one) => one.transaction),
      )
      return all.filter(
        ({ text, transaction }) => !(transaction === null ? SEALING.test(text) : sealing.has(transaction)),
      )
    },
  }
}

function sizeOf(rows: readonly Readonly<Record<string, unknown>>[]): number {
  const values = rows.flatMap((row) => Object.values(row))
  return values.reduce<number>(
    (sum, value) => sum + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 0),
    0,
  )
}
