/**
 * What SQLite's result codes mean to the rest of the house.
 *
 * Told apart by code, never by message (https://www.sqlite.org/rescode.html).
 * Constraint violations stay as they are: `data/` knows which field they are about.
 */

import { AdminError } from '../../errors.ts'

const ERROR_CODE = 'ERR_SQLITE_ERROR'

/** The low byte of an extended code is its primary code. */
const PRIMARY = {
  error: 1,
  perm: 3,
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  interrupt: 9,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  protocol: 15,
  notADatabase: 26,
} as const

/** An error of SQLite as it travels between threads, where an `Error` would lose its code. */
export interface Fault {
  readonly message: string
  readonly errcode: number
}

/** SQLite's extended result code, or null when the error is not SQLite's. */
export function sqliteCodeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== ERROR_CODE) return null
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null
}

/** The same error again on this side of a thread. */
export function errorOf(fault: Fault): Error {
  return Object.assign(new Error(fault.message), { code: ERROR_CODE, errcode: fault.errcode })
}

/** Another connection holds the lock, and waiting can help. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCodeOf(error)
  return code !== null && (code & 0xff) === PRIMARY.busy
}

/**
 * The statement names what is not there any more. The one kind that has no code of its own, so that the message has
 * to tell: all statements are made of what was read of the database, and were right then.
 */
function isOutdated(error: unknown): boolean {
  return sqliteCodeOf(error) === PRIMARY.error && error instanceof Error && OUTDATED.test(error.message)
}

const OUTDATED = /\bno such (?:table|column|module|function)\b|^table .+ has no column named |^cannot modify /

/** The error for the caller: trouble of the database itself becomes `data-source-failed`, the rest stays. */
export function publicFault(error: unknown, label: string): unknown {
  const code = sqliteCodeOf(error)
  if (code === null) return error
  const sentence = isOutdated(error) ? CHANGED : SENTENCES.get(code & 0xff)
  if (sentence === undefined) return error
  return new AdminError('data-source-failed', `The database ${label} ${sentence}`, { cause: error })
}

const CHANGED = 'has other tables than when they were read. Start Castellan again to read them anew.'

const SENTENCES: ReadonlyMap<number, string> = new Map([
  [PRIMARY.perm, 'refused access: check the permissions of its file.'],
  [PRIMARY.busy, 'is busy: another program holds its lock. Try again.'],
  [PRIMARY.locked, 'is busy: another program holds its lock. Try again.'],
  [PRIMARY.noMemory, 'ran out of memory.'],
  [PRIMARY.readOnly, 'can only be read: check the permissions of its file and folder.'],
  [PRIMARY.interrupt, 'was interrupted. Try again.'],
  [PRIMARY.ioError, 'could not be read or written: check its disk.'],
  [PRIMARY.corrupt, 'is damaged: restore it from a backup.'],
  [PRIMARY.full, 'could not grow: its disk is full.'],
  [PRIMARY.cantOpen, 'could not be opened: check its file and folder.'],
  [PRIMARY.protocol, 'is busy: another program holds its lock. Try again.'],
  [PRIMARY.notADatabase, 'is no SQLite database any more: restore it from a backup.'],
])
