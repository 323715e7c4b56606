/**
 * Opening the file of a SQLite database, and saying what is wrong with it.
 *
 * Looks before it opens, so that each mistake gets its own sentence and a
 * refused start leaves nothing behind: no empty database, no `-wal` file.
 */

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { type Mistake, misconfigured } from '../../errors.ts'
import { withDeadlines } from './deadline.ts'
import { isBusy } from './fault.ts'

const HEADER = 'SQLite format 3\0'
/** Byte 18 of the header: 2 when the database is in WAL mode. */
const WRITE_VERSION_AT = 18
const WAL_VERSION = 2
const READ_BITS = 0o444
const WRITE_BITS = 0o222
/** A connection waits at most this long for another program's lock when it opens or reads, blocking its thread. */
const LOCK_WAIT_MS = 5_000

/** Kibibytes of pages that a reading connection keeps: the inner pages of large indexes fit in. */
const READ_CACHE_KIB = 16_384

/** How every connection to a file is opened; plain values, so that a worker can be told. */
export interface Opening {
  readonly path: string
  readonly isReadOnly: boolean
  /** No other program can write the file: SQLite needs no lock and makes no file beside it. */
  readonly isImmutable: boolean
  readonly lockWaitMs: number
}

/**
 * Looks at a file and says how to open it.
 * @throws AdminError `misconfigured` (D101 to D105) when it can't be a database.
 */
export function inspectFile(
  file: string,
  options: { readonly readOnly: boolean; readonly timeoutMs: number },
): Opening {
  const path = resolve(file)
  const stats = statsOf(path)
  if (!stats) {
    throw refusal(file, 'D101', 'The file does not exist.', 'Check the path, or make the database first.')
  }
  if (!stats.isFile()) {
    throw refusal(file, 'D102', 'This is not a file.', 'Name the database file itself.')
  }
  if (!isAllowed(path, stats, constants.R_OK, READ_BITS)) {
    throw refusal(file, 'D103', 'The file can not be read.', 'Give this account the right to read it.')
  }
  const header = headerOf(path)
  if (header.length > 0 && !header.startsWith(HEADER)) {
    throw refusal(file, 'D104', 'The file is no SQLite database.', 'Name a database file.')
  }

  const folder = dirname(path)
  const isReadOnly =
    options.readOnly ||
    !isAllowed(path, stats, constants.W_OK, WRITE_BITS) ||
    !isAllowed(folder, statSync(folder), constants.W_OK, WRITE_BITS)
  const isWal = header.charCodeAt(WRITE_VERSION_AT) === WAL_VERSION
  // a -wal file exists as long as another program has a WAL database open
  const isImmutable = isReadOnly && isWal && !existsSync(`${path}-wal`)
  return { path, isReadOnly, isImmutable, lockWaitMs: Math.min(LOCK_WAIT_MS, options.timeoutMs) }
}

/** A connection that may write, in WAL mode. It never blocks on a lock: the writer waits without blocking. */
export function openWriter(opening: Opening, label: string): DatabaseSync {
  return guarded(label, () => {
    const database = new DatabaseSync(opening.path, { timeout: opening.lockWaitMs })
    secure(database)
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    database.exec('PRAGMA busy_timeout = 0')
    return database
  })
}

/** A connection that can only read. */
export function openReader(opening: Opening, label: string): DatabaseSync {
  return guarded(label, () => {
    const address = pathToFileURL(opening.path)
    if (opening.isImmutable) address.searchParams.set('immutable', '1')
    const database = new DatabaseSync(address, { readOnly: true, timeout: opening.lockWaitMs })
    secure(database)
    database.exec(`PRAGMA cache_size = -${READ_CACHE_KIB}`)
    // the first read of the schema is what finds a damaged file
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return database
  })
}

function secure(database: DatabaseSync): void {
  database.enableDefensive(true)
  database.exec('PRAGMA foreign_keys = ON')
  database.exec('PRAGMA trusted_schema = OFF')
  withDeadlines(database)
}

/** Turns what SQLite says of a file into a mistake with a remedy. */
function guarded(label: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open()
  } catch (cause) {
    if (isBusy(cause)) {
      throw refusal(label, 'D106', 'Another program holds its lock.', 'Close that program, then start again.')
    }
    const problem = 'SQLite can not open the file.'
    const remedy = 'Check the file, its folder and the -wal file beside it, or restore a backup.'
    throw refusal(label, 'D105', problem, remedy)
  }
}

function refusal(file: string, id: string, problem: string, remedy: string): Error {
  const mistake: Mistake = { id, place: `sqlite:${file}`, problem, remedy }
  return misconfigured([mistake])
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    // missing, or behind a folder that this account may not enter: the same to the caller
    return undefined
  }
}

/** Root may do anything, so the permission bits are asked as well: a file without write bits is meant to stay. */
function isAllowed(path: string, stats: Stats, mode: number, bits: number): boolean {
  if ((stats.mode & bits) === 0) return false
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

/** The first bytes as Latin-1; empty for an empty file, which SQLite takes for a new database. */
function headerOf(path: string): string {
  const bytes = Buffer.alloc(20)
  const descriptor = openSync(path, 'r')
  try {
    return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(descriptor)
  }
}
