/** A database server as a private process in a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface Server {
  readonly url: string
  readonly port: number
  /** Ends it as an administrator would, and waits. */
  stop(): Promise<void>
  /** Ends it as a power failure would, and waits. */
  kill(): Promise<void>
  /** Starts it again over the same files, on the same port. */
  start(): Promise<void>
}

/** The account that a server runs under: PostgreSQL refuses root. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

export interface Recipe {
  readonly name: string
  /** Where it works: its data, its log. */
  readonly folder: string
  readonly account: Account | null
  readonly command: string
  arguments(port: number): readonly string[]
  url(port: number): string
  /** Whether it answers questions, for one that accepts connections before it does. */
  isReady?(port: number): Promise<boolean>
  readonly stopSignal: NodeJS.Signals
}

const START_MS = 60_000
const STOP_MS = 10_000

/** Starts it on a free port and waits until it answers there. */
export async function startServer(recipe: Recipe): Promise<Server> {
  const port = await freePort()
  let child = await launch(recipe, port)
  return {
    url: recipe.url(port),
    port,
    stop: () => end(child, recipe.stopSignal),
    kill: () => end(child, 'SIGKILL'),
    async start() {
      child = await launch(recipe, port)
    },
  }
}

/** The account of that name when this process is root, else null: the server then runs as whoever we are. */
export function accountOf(name: string): Account | null {
  if (process.getuid?.() !== 0) return null
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (!uid || !gid) throw new Error(`There is no account "${name}".`)
  return { uid: Number(uid), gid: Number(gid) }
}

export function privateFolder(parent: string, name: string, account: Account | null): string {
  const path = join(parent, name)
  mkdirSync(path, { mode: 0o700 })
  if (account) chownSync(path, account.uid, account.gid)
  return path
}

/** Runs a program to its end. @throws Error with what it said, when it fails. */
export async function run(
  { folder, account }: Pick<Recipe, 'folder' | 'account'>,
  command: string,
  args: readonly string[],
): Promise<void> {
  const log = join(folder, `${command.split('/').at(-1)}.log`)
  const child = spawnLogged(log, folder, account, command, args)
  const code = await new Promise((settle, fail) => child.once('exit', settle).once('error', fail))
  if (code !== 0) throw new Error(`${command} failed:\n${readFileSync(log, 'utf8')}`)
}

function spawnLogged(
  log: string,
  folder: string,
  account: Account | null,
  command: string,
  args: readonly string[],
): ChildProcess {
  const file = openSync(log, 'a')
  const child = spawn(command, args, { stdio: ['ignore', file, file], cwd: folder, ...account })
  closeSync(file)
  return child
}

async function launch(recipe: Recipe, port: number): Promise<ChildProcess> {
  const { name, folder, account, command, isReady = accepts } = recipe
  const log = join(folder, `${name}.log`)
  const child = spawnLogged(log, folder, account, command, recipe.arguments(port))
  // a test run that is killed must not leave servers behind
  const onExit = (): void => void child.kill('SIGKILL')
  process.once('exit', onExit)
  child.once('exit', () => process.removeListener('exit', onExit))
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; ) {
    if (child.exitCode !== null) break
    if (await isReady(port)) return child
    await delay(50)
  }
  throw new Error(`${name} did not start:\n${readFileSync(log, 'utf8').slice(-4000)}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((settle) => child.once('exit', settle))
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  child.kill(signal)
  await exited
  clearTimeout(timer)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      settle(true)
    })
    socket.once('error', () => settle(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo // a TCP server has no other kind of address
      server.close(() => settle(port))
    })
  })
}
