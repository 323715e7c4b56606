/**
 * The command `castellan`: puts the command line together with the machine it
 * runs on. `bin/castellan.js` calls it when the Node.js is new enough.
 */

import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import type { Admin } from './admin.ts'
import { systemClock } from './clock.ts'
import {
  type AdminOptions,
  type Configuration,
  configure,
  type Environment,
  isLoopback,
  readEnvironment,
} from './config.ts'
import type { Warning } from './data/data-source.ts'
import type { Checked, Installation, OpenAdmin, Terminal, Workshop } from './faces/cli/command.ts'
import { run } from './faces/cli/run.ts'
import { serve } from './node.ts'
import { VERSION } from './version.ts'

/** The streams of a process, as far as the command uses them. */
export interface Streams {
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** Runs one command line and answers its exit code. */
export async function main(args: readonly string[], streams: Streams = process): Promise<number> {
  return await run(args, workshopFor(terminalOver(streams), readEnvironment()))
}

function terminalOver({ stdin, stdout, stderr }: Streams): Terminal {
  return {
    async read() {
      const chunks: Uint8Array[] = []
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
      return Buffer.concat(chunks).toString('utf8')
    },
    print: (line) => stdout.write(`${line}\n`),
    tell: (line) => stderr.write(`${line}\n`),
  }
}

function workshopFor(terminal: Terminal, environment: Environment): Workshop {
  return {
    terminal,
    environment,
    isLoopback,
    clock: systemClock,
    randomBytes,
    userName: userInfo().username,
    version: VERSION,
    nodeVersion: process.versions.node,
    folder: process.cwd(),
    check: (installation) => checkedOf(resolved(installation, environment)),
    open: (installation) => open(installation, environment),
    listen: (address, handler) =>
      serve({ fetch: (request, connection) => handler(request, connection ?? { address: '' }) }, address),
    createDemoShop: makeShop,
    untilStopped,
  }
}

function resolved({ host, ...options }: Installation, environment: Environment): Configuration {
  return configure(options, environment, host === undefined ? {} : { host })
}

function checkedOf(configuration: Configuration): Checked {
  const { database, store } = configuration
  const fileOf = (file: string): string | null => (file === ':memory:' ? null : file)
  return {
    ...configuration,
    storeFile: fileOf((store ?? database).file),
    databaseFile: fileOf(database.file),
  }
}

async function open({ host, ...options }: Installation, environment: Environment): Promise<OpenAdmin> {
  const checked = checkedOf(resolved({ ...options, ...(host !== undefined && { host }) }, environment))
  // loaded on use: most of the code, which `secret`, `--help` and a typing error have no need of
  const { createAdmin } = await import('./admin.ts')
  const admin: Admin = createAdmin(options satisfies AdminOptions)
  const { setUpToken } = await admin.initialize()
  return {
    setUpToken,
    models: admin.models,
    warnings: admin.warnings.map(warningText),
    checked,
    handler: (request, connection) => admin.fetch(request, connection),
    perform: (call) => admin.perform(call),
    close: () => admin.close(),
  }
}

function warningText({ model, field, detail }: Warning): string {
  const place = [model, field].filter((part) => part !== null).join('.')
  return place === '' ? detail : `${place}: ${detail}`
}

async function makeShop(file: string): Promise<void> {
  const { openDatabase } = await import('./database/url.ts')
  const { createDemoShop } = await import('./demo/generate.ts')
  const database = await openDatabase(`sqlite:${file}`, { place: '--data-dir', ifMissing: 'create' })
  try {
    await createDemoShop(database)
  } finally {
    await database.close()
  }
}

/** A second signal ends the process at once, as if nobody listened. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop)
      process.off('SIGINT', stop)
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
