/** Runs the real command in a folder of its own, as a person would type it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const BIN = resolve('bin/castellan.js')

/** A secret that only tests know. */
export const SECRET = 'kB9w2pXr7tLq4VnZ8cMd1fGh5jYs3aEu6oRiTyWx'

export interface Where {
  /** The folder the command is started in. */
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  /** `http://127.0.0.1:4600/admin`. */
  readonly url: string
  readonly setUpUrl: string | null
  readonly process: ChildProcess
  /** What has been printed so far. */
  printed(): Finished
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>
}

/** A folder under the temporary one, and how to be rid of it. */
export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'castellan-process-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** What lies in a folder, at any depth. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort()
}

/** Runs a command to its end. */
export function castellan(line: readonly string[], where: Where): Promise<Finished> {
  const child = begin(line, where)
  child.process.stdin?.end(where.input ?? '')
  return child.finished
}

/** Starts a server on any free port and waits until it says that it is ready. */
export async function start(line: readonly string[], where: Where): Promise<Running> {
  const child = begin([...line, '--port', '0'], where)
  child.process.stdin?.end()
  await Promise.race([child.ready, child.finished])
  const { stdout, stderr, code } = child.printed()
  const [, url] = /^Castellan is ready at (.+)$/m.exec(stdout) ?? []
  if (url === undefined) throw new Error(`It did not start (exit ${code}):\n${stdout}${stderr}`)
  const [, setUpUrl = null] = /^Set up the first administrator at (.+)$/m.exec(stdout) ?? []
  return {
    url,
    setUpUrl,
    process: child.process,
    printed: child.printed,
    stop(signal = 'SIGTERM') {
      child.process.kill(signal)
      return child.finished
    },
  }
}

interface Child {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>
  readonly ready: Promise<void>
  printed(): Finished
}

function begin(line: readonly string[], { folder, environment = {} }: Where): Child {
  const child = spawn(process.execPath, [BIN, ...line], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...environment },
  })
  const text = { stdout: '', stderr: '' }
  const ready = Promise.withResolvers<void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk
    // the set-up line is written right after the ready line, in the same turn or the next chunk
    if (/^Castellan is ready at .+\n/m.test(text.stdout)) setImmediate(ready.resolve)
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk
  })
  const printed = (): Finished => ({ ...text, code: child.exitCode })
  const finished = new Promise<Finished>((settle, reject) => {
    child.once('error', reject)
    child.once('close', () => settle(printed()))
  })
  return { process: child, finished, ready: ready.promise, printed }
}
