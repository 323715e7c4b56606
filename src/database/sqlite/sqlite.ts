/** A SQLite database that is open: one writer on this thread, readers in workers. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { AdminError } from '../../errors.ts'
import { connectionOver } from '../connection.ts'
import type { Connection, Database, ReadOptions, WriteOptions } from '../database.ts'
import { publicFault } from './fault.ts'
import { inspectFile, openReader, openWriter } from './file.ts'
import { readerPool } from './reader.ts'
import { executeOn } from './statement.ts'
import { type Writer, writerOn } from './writer.ts'

const DEFAULT_TIMEOUT_MS = 30_000

export interface OpenSqliteOptions {
  /** A path, or `:memory:` for a private temporary file that is gone after `close`. */
  readonly file: string
  readonly readOnly?: boolean
  /** `create` makes an empty database where the file is missing; by default that is a mistake. */
  readonly ifMissing?: 'refuse' | 'create'
  /** Milliseconds for one write or one read, waiting included; 30,000 by default. */
  readonly timeoutMs?: number
}

/**
 * Opens a SQLite file. Turns it to WAL mode, unless it can only be read: then
 * nothing is written, neither to it nor beside it, and `isReadOnly` is true.
 * @throws AdminError `misconfigured` with the mistakes D101 to D106.
 */
export async function openSqlite(options: OpenSqliteOptions): Promise<Database> {
  const isPrivate = options.file === ':memory:'
  const folder = isPrivate ? mkdtempSync(join(tmpdir(), 'castellan-')) : null
  const file = folder === null ? options.file : join(folder, 'memory.db')
  if (isPrivate || options.ifMissing === 'create') createEmpty(file)
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const opening = inspectFile(file, { readOnly: options.readOnly === true, timeoutMs })
  const label = options.file
  // What fails later is told to whoever asked: they may know of the file, not of where it lies.
  const name = basename(label)

  const writing = opening.isReadOnly ? null : openWriter(opening, label)
  const reading = openReader(opening, label)
  const writer = writing && writerOn(writing, name, timeoutMs)
  const pool = readerPool({ opening, label: name }, timeoutMs)
  let closing: Promise<void> | null = null

  function refuseWhenClosed(): void {
    if (closing !== null) throw new AdminError('data-source-failed', `The database ${name} is closed.`)
  }

  async function close(): Promise<void> {
    await Promise.all([pool.close(), writer?.drain()])
    reading.close()
    closeWriter(writing)
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }

  return {
    engine: 'sqlite',
    label,
    isReadOnly: opening.isReadOnly,
    now: nowOver(reading, name),
    async read<T>(work: (connection: Connection) => Promise<T>, limits?: ReadOptions): Promise<T> {
      refuseWhenClosed()
      return await pool.read(work, limits)
    },
    async write<T>(work: (connection: Connection) => Promise<T>, limits?: WriteOptions): Promise<T> {
      refuseWhenClosed()
      return await writable(writer, name).write(work, limits)
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

function writable(writer: Writer | null, name: string): Writer {
  if (writer) return writer
  throw new AdminError('denied', `Nothing can be written to ${name}: the database can only be read.`)
}

function nowOver(database: DatabaseSync, name: string): Connection {
  const execute = executeOn(database)
  return connectionOver('sqlite', (text, parameters) => {
    try {
      return execute(text, parameters)
    } catch (error) {
      throw publicFault(error, name)
    }
  })
}

/** An empty file is an empty database; one that exists is left alone. */
function createEmpty(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 })
  } catch {
    // it exists, or can't be made: the inspection says which
  }
}

function closeWriter(database: DatabaseSync | null): void {
  if (!database) return
  try {
    database.exec('PRAGMA optimize')
  } catch {
    // whatever keeps it from gathering statistics, such as another program that writes, the next close will
  }
  database.close()
}
