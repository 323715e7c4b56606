/** Processes under measurement: started, waited for, stopped. */

import { execFileSync, spawn } from 'node:child_process'
import { resolve } from 'node:path'

export interface Started {
  readonly url: string
  readonly pid: number
  /** Milliseconds from the start of the process to its ready line. */
  readonly readyMs: number
  stop(): Promise<void>
}

export const SECRET = 'kB9w2pXr7tLq4VnZ8cMd1fGh5jYs3aEu6oRiTyWx'
const BIN = resolve('bin/castellan.js')

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], CASTELLAN_SECRET_KEY: SECRET, CASTELLAN_LOG: 'error' }
}

/** Starts Node.js with these arguments and waits for a line that matches, with the address as its first group. */
export async function start(args: readonly string[], ready: RegExp): Promise<Started> {
  const begun = performance.now()
  const child = spawn(process.execPath, [...args], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const url = await new Promise<string>((settle, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const [, found] = ready.exec(text) ?? []
      if (found) settle(found)
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}:\n${text}`)))
  })
  const readyMs = performance.now() - begun
  return {
    url,
    pid: child.pid ?? 0,
    readyMs,
    stop: () =>
      new Promise((settle) => {
        child.once('exit', () => settle())
        child.kill('SIGTERM')
      }),
  }
}

export function serve(database: string, processes = 1): Promise<Started> {
  const args = [BIN, 'serve', '--database', database, '--port', '0', '--processes', String(processes)]
  return start(args, /^Castellan is ready at (\S+)$/m)
}

/** @param where A SQLite file, or the address of a PostgreSQL. */
export function bare(where: string, processes = 1): Promise<Started> {
  const several = [resolve('scripts/bench/bare-processes.ts'), where, '0', String(processes)]
  const one = [resolve('scripts/bench/bare.ts'), where, '0']
  return start(processes > 1 ? several : one, /^ready (\S+)$/m)
}

/** Runs one command of Castellan to its end and answers what it printed. */
export function castellan(args: readonly string[], input = ''): string {
  return execFileSync(process.execPath, [BIN, ...args], {
    env: environment(),
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  }).trim()
}
