/**
 * What the error numbers of MariaDB and MySQL mean to the rest of the house.
 *
 * Told apart by number or by the driver's code, never by message. Violated
 * constraints stay as they are: `data/` knows which field they are about.
 */

import { AdminError } from '../../errors.ts'

/** The server's error number, or null when the error is not a server's. */
export function mysqlErrnoOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errno' in error) || !('sqlState' in error)) return null
  return typeof error.errno === 'number' ? error.errno : null
}

/** Raised by a SIGNAL of somebody's trigger or procedure, whatever number it was given. */
export function isSignalled(error: unknown): boolean {
  return error instanceof Error && 'sqlState' in error && error.sqlState === '45000'
}

const CONFLICTS: ReadonlySet<number> = new Set([
  1020, // changed since it was read (innodb_snapshot_isolation)
  1205, // lock wait timeout: rolls back the statement alone, so that the rest is ours to roll back
  1213, // deadlock, or a conflict between the nodes of a cluster
])

/** Another writer was in the way, and the transaction is over. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(mysqlErrnoOf(error) ?? 0)
}

const LOCK_WAIT = 1205

/** The same where it may be run again from its start at once: who has waited for a lock has waited long enough. */
export function isRunAgain(error: unknown): boolean {
  return isConflict(error) && mysqlErrnoOf(error) !== LOCK_WAIT
}

const FULL: ReadonlySet<number> = new Set([1040, 1203, 1226])

/** The server takes no more connections, from anybody or from this account. */
export function isFull(error: unknown): boolean {
  return FULL.has(mysqlErrnoOf(error) ?? 0)
}

/** The server ends connections with these. */
const ENDINGS: ReadonlySet<number> = new Set([1053, 1077, 1079, 1927, 4031])

/** The connection is gone, and with it whatever was not committed. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('fatal' in error && error.fatal === true) return true
  return LOST_CODES.has(codeOf(error)) || ENDINGS.has(mysqlErrnoOf(error) ?? 0)
}

const LOST_CODES: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** The driver's or the system's code of an error; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The error for the caller: trouble of the database itself becomes `data-source-failed`, the rest stays. */
export function publicFault(error: unknown, name: string): unknown {
  if (error instanceof AdminError) return error
  const sentence =
    SENTENCES.get(mysqlErrnoOf(error) ?? 0) ?? (isLost(error) ? 'can not be reached. Try again.' : undefined)
  if (sentence === undefined) return error
  return new AdminError('data-source-failed', `The database ${name} ${sentence}`, { cause: error })
}

const BUSY = 'is busy: other changes are in the way. Try again.'
const CHANGED = 'has other tables than when they were read. Start Castellan again to read them anew.'
const NO_RIGHT = 'does not give its account the right to do this. Grant it, or leave it out.'
const READ_ONLY = 'can only be read now.'
const DISK_FULL = 'could not store the change: it is full.'
const TOO_SLOW = 'took too long and was stopped. Try again.'

const SENTENCES: ReadonlyMap<number, string> = new Map([
  [1020, BUSY],
  [LOCK_WAIT, 'is busy: another session holds a lock. Try again.'],
  [1213, BUSY],
  [1412, 'changed its tables while it was read. Try again.'],
  [1317, TOO_SLOW],
  [1969, TOO_SLOW],
  [3024, TOO_SLOW],
  [1054, CHANGED],
  [1109, CHANGED],
  [1305, CHANGED],
  [1347, CHANGED],
  [1449, CHANGED],
  [1146, CHANGED],
  [1356, CHANGED],
  [1044, NO_RIGHT],
  [1045, 'refused the account. Check its name and password.'],
  [1142, NO_RIGHT],
  [1143, NO_RIGHT],
  [1370, NO_RIGHT],
  [1227, NO_RIGHT],
  [1049, 'does not exist any more.'],
  [1290, READ_ONLY],
  [1792, READ_ONLY],
  [1836, READ_ONLY],
  [1036, READ_ONLY],
  [1021, DISK_FULL],
  [1041, 'ran out of memory.'],
  [1037, 'ran out of memory.'],
  [1038, 'ran out of memory.'],
  [1114, DISK_FULL],
  [1040, 'takes no more connections. Try again.'],
  [1203, 'takes no more connections. Try again.'],
  [1226, 'takes no more connections. Try again.'],
  [1034, 'has a damaged table: repair it or restore it from a backup.'],
  [1194, 'has a damaged table: repair it or restore it from a backup.'],
  [1180, 'could not save the change. Try again.'],
  [3101, 'could not save the change. Try again.'],
])
