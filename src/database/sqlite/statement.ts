/**
 * Running SQL text on one `node:sqlite` connection.
 *
 * The only place where parameters reach the driver: what SQLite would bind to
 * something else than was meant (undefined as NULL, a whole number as REAL, an
 * object as named parameters) is refused or made exact here. Prepared
 * statements are kept, the latest used ones.
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Answer } from '../connection.ts'

/** Runs one statement; synchronous on the main thread, through a message in a worker's client. */
export type Execute = (text: string, parameters: readonly unknown[]) => Answer

const KEPT_STATEMENTS = 200

interface Prepared {
  readonly statement: StatementSync
  readonly hasRows: boolean
}

/** Binds `Execute` to a connection. */
export function executeOn(database: DatabaseSync): Execute {
  const kept = new Map<string, Prepared>()

  return (text, parameters) => {
    const values = parameters.map(bindable)
    const { statement, hasRows } = take(kept, text) ?? prepare(database, text)
    keep(kept, text, { statement, hasRows })
    if (hasRows) {
      return { rows: statement.all(...values), changes: 0n, lastRowId: 0n }
    }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], changes: BigInt(changes), lastRowId: BigInt(lastInsertRowid) }
  }
}

/**
 * The value as SQLite shall bind it.
 * @throws TypeError for undefined, NaN and objects: a caller's bug. RangeError for a bigint over 64 bits.
 */
export function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError('A bigint parameter is over 64 bits.')
    return value
  }
  // a whole number binds as INTEGER, or it would be stored as REAL where the column has no type
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'number' && !Number.isNaN(value)) return value
  if (value instanceof Uint8Array) return value
  throw new TypeError(`A parameter is ${describe(value)}, which no column can hold.`)
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined'
  return Number.isNaN(value) ? 'NaN' : `of type ${typeof value}`
}

/** Takes the statement out, so that putting it back makes it the latest used. */
function take(kept: Map<string, Prepared>, text: string): Prepared | undefined {
  const prepared = kept.get(text)
  kept.delete(text)
  return prepared
}

function keep(kept: Map<string, Prepared>, text: string, prepared: Prepared): void {
  kept.set(text, prepared)
  if (kept.size <= KEPT_STATEMENTS) return
  const [oldest] = kept.keys()
  if (oldest !== undefined) kept.delete(oldest)
}

function prepare(database: DatabaseSync, text: string): Prepared {
  const statement = database.prepare(text)
  // SQLite compiles the first statement and ignores the rest without a word
  if (text.slice(statement.sourceSQL.length).trim() !== '') {
    throw new TypeError('One statement at a time: the text holds a second one, which would be ignored.')
  }
  statement.setReadBigInts(true)
  return { statement, hasRows: statement.columns().length > 0 }
}
