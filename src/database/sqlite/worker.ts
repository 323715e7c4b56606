/**
 * The far side of a read: one thread with one read-only connection, which runs
 * what `reader.ts` posts, one request after the other.
 */

import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { Answer } from '../connection.ts'
import { sqliteCodeOf } from './fault.ts'
import { openReader } from './file.ts'
import type { Reply, Request, WorkerStart } from './reader.ts'
import { type Execute, executeOn } from './statement.ts'

const port = parentPort
if (!port) throw new TypeError('worker.ts runs in a worker thread only.')

// the only writer of workerData is sqlite-reader.ts, in this build
const { opening, label }: WorkerStart = workerData
const database: DatabaseSync = openReader(opening, label)
const execute: Execute = executeOn(database)

port.on('message', (requests: readonly Request[]) => {
  const replies = requests.flatMap((request) => replyTo(request) ?? [])
  if (replies.length > 0) port.postMessage(replies)
  if (!database.isOpen) port.close()
})

/** Null where nobody waits for a reply. */
function replyTo(request: Request): Reply | null {
  if (request.kind === 'close') {
    database.close()
    return null
  }
  if (request.kind === 'end') {
    if (database.isTransaction) execute('COMMIT', [])
    return null
  }
  try {
    return { kind: 'answer', answer: run(request.text, request.parameters) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const errcode = sqliteCodeOf(error)
    return { kind: 'fault', fault: errcode === null ? null : { message, errcode }, message }
  }
}

/** The first statement begins the snapshot. */
function run(text: string, parameters: readonly unknown[]): Answer {
  if (!database.isTransaction) execute('BEGIN', [])
  return execute(text, parameters)
}
