/**
 * The statements that begin and end a transaction.
 *
 * Every setting is the transaction's own (`SET LOCAL`): a pool that is borrowed,
 * or a pooler between us and the server, gets its sessions back as they were.
 * They go with BEGIN in one message.
 */

export type Kind = 'read' | 'now' | 'read-committed' | 'serializable'

const MODES: Readonly<Record<Kind, string>> = {
  read: 'ISOLATION LEVEL REPEATABLE READ READ ONLY',
  now: 'ISOLATION LEVEL READ COMMITTED READ ONLY',
  'read-committed': 'ISOLATION LEVEL READ COMMITTED READ WRITE',
  serializable: 'ISOLATION LEVEL SERIALIZABLE READ WRITE',
}

/** What `Answer` promises of texts depends on these. */
const PRINTING = [
  `SET LOCAL TimeZone = 'UTC'`,
  `SET LOCAL DateStyle = 'ISO'`,
  `SET LOCAL IntervalStyle = 'iso_8601'`,
  `SET LOCAL bytea_output = 'hex'`,
  `SET LOCAL extra_float_digits = 1`,
  `SET LOCAL standard_conforming_strings = on`,
].join('; ')

/** For how much longer than the limit the server lets a transaction idle: ours ends it, unless this process is gone. */
const IDLE_GRACE_MS = 10_000

/** @param remainingMs What is left of the time limit. */
export function beginOf(kind: Kind, remainingMs: number): string {
  // 0 would mean no limit at all
  const limit = Math.max(1, Math.ceil(remainingMs))
  return [
    `BEGIN ${MODES[kind]}`,
    `SET LOCAL statement_timeout = ${limit}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${limit + IDLE_GRACE_MS}`,
    PRINTING,
  ].join('; ')
}

/** The same inside a transaction that has just begun, where the engine keeps no limits. */
export function settingsOf(kind: Kind): string {
  return `SET TRANSACTION ${MODES[kind]}; ${PRINTING}`
}
