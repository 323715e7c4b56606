/**
 * Reads off the main thread: a small pool of workers, each with a read-only
 * connection. A read holds one worker for its whole snapshot.
 *
 * `node:sqlite` is synchronous and can't be interrupted; a read that takes too
 * long is given up, and its worker is left to end on its own and is replaced.
 */

import { Worker } from 'node:worker_threads'
import { AdminError } from '../../errors.ts'
import type { Answer } from '../connection.ts'
import { connectionOver } from '../connection.ts'
import type { Connection, ReadOptions } from '../database.ts'
import { timeLimit } from '../time-limit.ts'
import { errorOf, type Fault, publicFault } from './fault.ts'
import type { Opening } from './file.ts'
import { bindable } from './statement.ts'

/** What a worker is started with. */
export interface WorkerStart {
  readonly opening: Opening
  readonly label: string
}

export type Request =
  | { readonly kind: 'execute'; readonly text: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'close' }

export type Reply =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'fault'; readonly fault: Fault | null; readonly message: string }

const WORKERS = 2
/** `tsc` rewrites imports but not addresses, so the extension follows this file's own. */
const WORKER_FILE = new URL(import.meta.url.replace(/[^/]*(\.[jt]s)$/, 'worker$1'))

export interface ReaderPool {
  read<T>(work: (connection: Connection) => Promise<T>, options?: ReadOptions): Promise<T>
  /** Waits for the reads under way, then ends the workers. */
  close(): Promise<void>
}

export function readerPool(start: WorkerStart, defaultTimeoutMs: number): ReaderPool {
  const idle: Thread[] = []
  const waiting: ((thread: Thread) => void)[] = []
  const underWay = new Set<Promise<unknown>>()
  let size = 0

  function acquire(): Promise<Thread> | Thread {
    const thread = idle.pop()
    if (thread?.isAlive) return thread
    if (thread) size -= 1
    if (size < WORKERS) {
      size += 1
      return startThread(start)
    }
    return new Promise((resolve) => waiting.push(resolve))
  }

  function release(thread: Thread): void {
    thread.rest()
    const next = waiting.shift()
    if (thread.isAlive) {
      if (next) next(thread)
      else idle.push(thread)
      return
    }
    if (next) next(startThread(start))
    else size -= 1
  }

  async function run<T>(
    work: (connection: Connection) => Promise<T>,
    { timeoutMs = defaultTimeoutMs, signal }: ReadOptions = {},
  ): Promise<T> {
    const limit = timeLimit(`Reading ${start.label}`, timeoutMs, signal)
    const acquired = Promise.resolve(acquire())
    let thread: Thread
    try {
      thread = await limit.within(acquired)
    } catch (error) {
      // the worker comes later and goes straight to the next in line
      void acquired.then(release)
      limit.end()
      throw error
    }
    try {
      return await limit.within(work(thread.connect()))
    } catch (error) {
      if (limit.hasPassed) thread.abandon()
      throw publicFault(error, start.label)
    } finally {
      limit.end()
      release(thread)
    }
  }

  async function read<T>(work: (connection: Connection) => Promise<T>, options?: ReadOptions): Promise<T> {
    const running = run(work, options)
    underWay.add(running)
    try {
      return await running
    } finally {
      underWay.delete(running)
    }
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underWay)
    await Promise.all(idle.splice(0).map((thread) => thread.close()))
  }

  return { read, close }
}

/** One worker, seen from the main thread. */
interface Thread {
  readonly isAlive: boolean
  /** A connection for one snapshot; dead after `rest`. */
  connect(): Connection
  /** Ends the snapshot. An idle worker keeps nothing alive. */
  rest(): void
  /** Gives the worker up while a statement still runs in it. */
  abandon(): void
  close(): Promise<void>
}

function startThread(start: WorkerStart): Thread {
  const worker = new Worker(WORKER_FILE, { workerData: start })
  const pending: PromiseWithResolvers<Answer>[] = []
  const outbox: Request[] = []
  const exited = Promise.withResolvers<void>()
  let isAlive = true
  let snapshot = 0

  worker.on('message', (replies: readonly Reply[]) => {
    for (const reply of replies) {
      const request = pending.shift()
      if (reply.kind === 'answer') request?.resolve(reply.answer)
      else request?.reject(reply.fault ? errorOf(reply.fault) : new Error(reply.message))
    }
  })
  worker.on('error', die)
  worker.on('exit', () => {
    die(new Error('The thread ended.'))
    exited.resolve()
  })

  function die(cause: unknown): void {
    isAlive = false
    const message = `Reading ${start.label} failed: its thread ended. Try again.`
    for (const request of pending.splice(0)) {
      request.reject(new AdminError('data-source-failed', message, { cause }))
    }
  }

  /** Waking the other thread costs more than a quick statement, so what is asked at one time goes as one message. */
  function post(request: Request): void {
    outbox.push(request)
    if (outbox.length === 1) process.nextTick(flush)
  }

  function flush(): void {
    const requests = outbox.splice(0)
    // a dead worker takes messages without a word
    if (isAlive) worker.postMessage(requests)
  }

  function execute(text: string, parameters: readonly unknown[]): Promise<Answer> {
    const request = Promise.withResolvers<Answer>()
    post({ kind: 'execute', text, parameters: parameters.map(bindable) })
    pending.push(request)
    if (!isAlive) die(undefined)
    return request.promise
  }

  return {
    get isAlive() {
      return isAlive
    },
    connect() {
      worker.ref()
      const mine = ++snapshot
      return connectionOver('sqlite', (text, parameters) => {
        if (mine !== snapshot) throw new TypeError('The snapshot of this connection has ended.')
        return execute(text, parameters)
      })
    },
    rest() {
      snapshot += 1
      post({ kind: 'end' })
      worker.unref()
    },
    abandon() {
      die(new Error('The time limit passed.'))
      worker.unref()
      // takes effect when the statement ends; nobody waits for it
      void worker.terminate()
    },
    async close() {
      post({ kind: 'close' })
      worker.ref()
      await exited.promise
    },
  }
}
