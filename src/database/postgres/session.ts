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
  `TimeZone = 'UTC'`,
  `DateStyle = 'ISO'`,
  `IntervalStyle = 'iso_8601'`,
  `bytea_output = 'hex'`,
  `extra_float_digits = 1`,
  `standard_conforming_strings = on`,
]

/** For so long a statement waits for what another session has locked: shorter than a read may take, so that the lock is told. */
const LOCK_WAIT_MS = 8_000

/** For how much longer than the limit the server lets a transaction idle: ours ends it, unless this process is gone. */
const IDLE_GRACE_MS = 10_000

/**
 * @param remainingMs What is left of the time limit.
 * @param settledMs The limit of a session that is settled already; null: nothing is.
 * @param path Where bare names lead, in a session that somebody else may have led elsewhere.
 */
export function beginOf(
  kind: Kind,
  remainingMs: number,
  settledMs: number | null,
  path: string | null = null,
): string {
  const begin = `BEGIN ${MODES[kind]}`
  if (settledMs === null) {
    return [begin, ...local([...limits(remainingMs), ...PRINTING]), ...leading(path)].join('; ')
  }
  // ours passes first anyway: the server's is for when this process is gone
  const isUsual = remainingMs > settledMs - USUAL_WITHIN_MS
  return isUsual ? begin : [begin, ...local(limits(remainingMs))].join('; ')
}

const USUAL_WITHIN_MS = 1_000

/** The same inside a transaction that has just begun, where the engine keeps no limits. */
export function settingsOf(kind: Kind, path: string | null = null): string {
  return [`SET TRANSACTION ${MODES[kind]}`, ...local(PRINTING), ...leading(path)].join('; ')
}

/**
 * The application may look for its tables elsewhere in each request, and leave a session so, or with a temporary
 * table that has the name of one of ours: those come last.
 * @param path As the server says it.
 */
function leading(path: string | null): readonly string[] {
  if (path === null) return []
  const all = [path, 'pg_temp'].filter((part) => part.trim() !== '').join(', ')
  // means the same whatever the session thinks of backslashes
  const text = all.replaceAll('\\', '\\\\').replaceAll("'", "''")
  return [`SELECT pg_catalog.set_config('search_path', E'${text}', true)`]
}

/** For a session that nobody else will ever have: everything for good, and single statements that only read. */
export function settledSession(limitMs: number): string {
  const settings = [...limits(limitMs), ...PRINTING, 'default_transaction_read_only = on']
  return settings.map((setting) => `SET ${setting}`).join('; ')
}

function limits(milliseconds: number): readonly string[] {
  // 0 would mean no limit at all
  const limit = Math.max(1, Math.ceil(milliseconds))
  return [
    `statement_timeout = ${limit}`,
    `lock_timeout = ${Math.min(limit, LOCK_WAIT_MS)}`,
    `idle_in_transaction_session_timeout = ${limit + IDLE_GRACE_MS}`,
  ]
}

function local(settings: readonly string[]): readonly string[] {
  return settings.map((setting) => `SET LOCAL ${setting}`)
}
