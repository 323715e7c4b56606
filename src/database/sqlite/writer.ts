/**
 * The one writer of a SQLite database.
 *
 * SQLite has one writer at a time, whoever it is. Inside this process writers
 * queue, first come first served; against other processes `BEGIN IMMEDIATE`
 * is tried again with short waits that leave the event loop free. A statement
 * blocks it, so between two writers of a queue whoever else has come is served.
 */

import type { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { connectionOver } from '../connection.ts'
import type { Connection, WriteOptions } from '../database.ts'
import { type TimeLimit, timeLimit } from '../time-limit.ts'
import { isBusy, publicFault } from './fault.ts'
import { type Execute, executeOn } from './statement.ts'

/** Resolves once the event loop has come round. */
const comeRound = promisify(setImmediate)

/** Waits between attempts to take another process's lock; the last one repeats. */
const RETRY_MS = [1, 2, 4, 8, 16, 25] as const

export interface Writer {
  write<T>(work: (connection: Connection) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Resolves when the writers that queue now are done. */
  drain(): Promise<void>
}

export function writerOn(database: DatabaseSync, label: string, defaultTimeoutMs: number): Writer {
  const execute = executeOn(database)
  let last: Promise<void> = Promise.resolve()
  let inLine = 0

  async function write<T>(
    work: (connection: Connection) => Promise<T>,
    { timeoutMs = defaultTimeoutMs, signal }: WriteOptions = {},
  ): Promise<T> {
    const limit = timeLimit(`Writing to ${label}`, timeoutMs, signal)
    const before = last
    const done = Promise.withResolvers<void>()
    const isFirst = inLine === 0
    inLine += 1
    // who gives up waiting must not let the next one in before its predecessor is done
    last = before.then(() => done.promise)
    try {
      await limit.within(before)
      if (!isFirst) await comeRound()
      return await transaction(database, execute, limit, work)
    } catch (error) {
      throw publicFault(error, label)
    } finally {
      limit.end()
      inLine -= 1
      done.resolve()
    }
  }

  return { write, drain: () => last }
}

async function transaction<T>(
  database: DatabaseSync,
  execute: Execute,
  limit: TimeLimit,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  await retried(limit, () => execute('BEGIN IMMEDIATE', []))
  let isOpen = true
  const connection = connectionOver('sqlite', (text, parameters) => {
    if (!isOpen) throw new TypeError('The transaction of this connection has ended.')
    return execute(text, parameters)
  })
  try {
    const result = await limit.within(work(connection))
    isOpen = false
    await retried(limit, () => execute('COMMIT', []))
    return result
  } finally {
    isOpen = false
    // SQLite itself rolls back on some errors, such as a full disk
    if (database.isTransaction) execute('ROLLBACK', [])
  }
}

/** Repeats until no other process holds the lock, or the limit passes. */
async function retried(limit: TimeLimit, attempt: () => void): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      attempt()
      return
    } catch (error) {
      if (!isBusy(error)) throw error
    }
    await limit.pause(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 1)
  }
}
