/**
 * The settings that a session has while it is ours.
 *
 * A connection of our own gets them once and afterwards only what changes from
 * one use to the next. A borrowed one gets all of them in one statement, which
 * keeps what was there in variables of the session, and gets that back.
 */

import { literal } from './literal.ts'

export type MysqlEngine = 'mariadb' | 'mysql'

/** What differs from use to use. */
export interface Mode {
  readonly isolation: 'REPEATABLE-READ' | 'SERIALIZABLE' | 'READ-COMMITTED'
  readonly isReadOnly: boolean
  /** The server itself stops a statement after that, in case nobody is left who could. */
  readonly timeoutMs: number
}

/**
 * Strict, so that nothing is cut off or made to fit without a word; a 0 in a numbered column is 0.
 * Zero dates are left alone: tables that have them as a default stay writable.
 */
const SQL_MODE =
  'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'

/** How long one statement waits for a lock, in seconds: shorter than anybody waits for a page. */
const LOCK_WAIT_SECONDS = 8n

/** For how much longer than the limit the server lets a transaction idle. */
const IDLE_GRACE_SECONDS = 10n

type Setting = readonly [name: string, value: string | bigint | number]

const LASTING: readonly Setting[] = [
  ['character_set_client', 'utf8mb4'],
  ['character_set_connection', 'utf8mb4'],
  ['character_set_results', 'utf8mb4'],
  // behind the character set, which sets it as well
  ['collation_connection', 'utf8mb4_bin'],
  ['sql_mode', SQL_MODE],
  ['time_zone', '+00:00'],
  ['autocommit', 1n],
  ['sql_auto_is_null', 0n],
  ['foreign_key_checks', 1n],
  ['unique_checks', 1n],
  ['innodb_lock_wait_timeout', LOCK_WAIT_SECONDS],
]

/**
 * MariaDB keeps what a subquery answered by the values that it was asked with, which it tells apart by
 * their collation: what it found for "a" it would give for "A" as well.
 */
const MARIADB: readonly Setting[] = [['optimizer_switch', 'subquery_cache=off']]

/** The settings that our own tables rely on as well; only a session of our own makes any. */
const OWN: readonly Setting[] = [['default_storage_engine', 'InnoDB']]

/** @param previous What the session has; null: it is new. */
export function ownSettings(engine: MysqlEngine, mode: Mode, previous: Mode | null): string | null {
  const wanted = modeSettings(engine, mode)
  if (!previous) return setting([...lasting(engine), ...OWN, ...wanted])
  const had = modeSettings(engine, previous)
  const changed = wanted.filter(([, value], index) => value !== had[index]?.[1])
  return changed.length === 0 ? null : setting(changed)
}

/**
 * Fails as a whole, with the error `ELSEWHERE`, where the session is in another database than `name`: the
 * question rides on a statement that is sent anyway, as a time zone that no server knows.
 */
export function borrowedSettings(engine: MysqlEngine, mode: Mode, name: string): string {
  const all = [...lasting(engine), ...modeSettings(engine, mode)]
  const kept = all.map(([setting]) => `${keptAs(setting)} = @@SESSION.${setting}`)
  // by its bytes, since the character set of the session is not ours yet
  const isHere = `HEX(DATABASE()) = '${Buffer.from(name).toString('hex').toUpperCase()}'`
  const check = `@@SESSION.time_zone = IF(${isHere}, '+00:00', 'elsewhere')`
  return `SET ${kept.join(', ')}, ${check}, ${assignments(all)}`
}

/** What a server says of a time zone that it does not know. */
export const ELSEWHERE = 1298

/** Undoes `borrowedSettings`, and leaves no variable behind. */
export function formerSettings(engine: MysqlEngine, mode: Mode): string {
  const names = [...lasting(engine), ...modeSettings(engine, mode)].map(([name]) => name)
  const back = names.map((name) => `@@SESSION.${name} = ${keptAs(name)}`)
  return `SET ${[...back, ...names.map((name) => `${keptAs(name)} = NULL`)].join(', ')}`
}

function lasting(engine: MysqlEngine): readonly Setting[] {
  return engine === 'mariadb' ? [...LASTING, ...MARIADB] : LASTING
}

function modeSettings(engine: MysqlEngine, { isolation, isReadOnly, timeoutMs }: Mode): readonly Setting[] {
  const access = isReadOnly ? 1n : 0n
  if (engine === 'mysql') {
    return [
      ['transaction_isolation', isolation],
      ['transaction_read_only', access],
      // for queries alone
      ['max_execution_time', BigInt(Math.ceil(timeoutMs))],
    ]
  }
  const seconds = timeoutMs / 1000
  return [
    ['tx_isolation', isolation],
    ['tx_read_only', access],
    ['max_statement_time', seconds],
    // a process that is gone without a word would keep its locks
    ['idle_transaction_timeout', BigInt(Math.ceil(seconds)) + IDLE_GRACE_SECONDS],
  ]
}

function setting(settings: readonly Setting[]): string {
  return `SET ${assignments(settings)}`
}

function assignments(settings: readonly Setting[]): string {
  return settings.map(([name, value]) => `@@SESSION.${name} = ${literal(value)}`).join(', ')
}

function keptAs(name: string): string {
  return `@castellan_${name}`
}
