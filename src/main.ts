/**
 * The command `castellan`: puts the command line together with the machine it
 * runs on. `bin/castellan.js` calls it when the Node.js is new enough.
 */

import { randomBytes } from 'node:crypto'
import { availableParallelism, userInfo } from 'node:os'
import type { Admin } from './admin.ts'
import { systemClock } from './clock.ts'
import {
  type AdminOptions,
  type Configuration,
  configure,
  configureAudit,
  configureStore,
  type Environment,
  isLoopback,
  readEnvironment,
  shareEnvironment,
} from './config.ts'
import { namedByUrl } from './config-sources.ts'
import type { Database } from './database/database.ts'
import { isEncrypted, isOnThisMachine } from './database/encrypted.ts'
import { type DatabaseUrl, labelOf } from './database/url.ts'
import type {
  Checked,
  CheckedStore,
  Installation,
  MailFacts,
  OpenAdmin,
  Terminal,
  Workshop,
} from './faces/cli/command.ts'
import { run } from './faces/cli/run.ts'
import { serve } from './node.ts'
import { inProcesses, letGo, placeAmongProcesses, sayReady, whenToldToStop } from './processes.ts'
import { VERSION } from './version.ts'

/** The streams of a process, as far as the command uses them. */
export interface Streams {
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** Runs one command line and answers its exit code. */
export async function main(args: readonly string[], streams: Streams = process): Promise<number> {
  try {
    return await run(args, workshopFor(terminalOver(streams), readEnvironment()))
  } finally {
    letGo()
  }
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
    async readConfig(path) {
      // loaded on use: most commands are given a database
      const { loadConfigFile } = await import('./config-file.ts')
      shareEnvironment()
      return { path, options: await loadConfigFile(path) }
    },
    check: (installation) => checkedOf(resolved(installation, environment)),
    open: (installation) => open(installation, environment),
    openStore: (installation) => openStore(installation, environment),
    async anchorsOf(installation) {
      const { anchors = [] } = configureAudit(optionsOf(installation), environment)
      if (anchors.length === 0) return []
      const { openAnchors } = await import('./audit/anchor/open-anchors.ts')
      return openAnchors(anchors, systemClock)
    },
    sinksOf: (installation) =>
      (configureAudit(optionsOf(installation), environment).sinks ?? []).map(({ name }) => name),
    mailOf: (installation) => mailOf(resolved(installation, environment)),
    listen: (address, handler) =>
      serve(
        { fetch: (request, connection) => handler(request, connection ?? { address: '' }) },
        { ...address, ownsProcess: true },
      ),
    async adhocCertificate(host) {
      const { adhocCertificate } = await import('./adhoc-certificate.ts')
      return await adhocCertificate(host, systemClock())
    },
    createDemoShop: makeShop,
    untilStopped,
    processes: {
      available: availableParallelism(),
      place: placeAmongProcesses(),
      begin: (count) => inProcesses({ count, tell: terminal.tell, stopped: untilStopped() }),
      ready: sayReady,
    },
  }
}

function resolved(installation: Installation, environment: Environment): Configuration {
  const { host } = installation
  return configure(optionsOf(installation), environment, host === undefined ? {} : { host })
}

/** The file's options under what the command line says. */
function optionsOf({ host: _host, file, databases = [], ...typed }: Installation): AdminOptions {
  // a file may hold anything: `configure` checks it, and says what is wrong in the words of its options
  const fromFile = (file?.options ?? {}) as AdminOptions
  if (databases.length === 0) return { ...fromFile, ...typed }
  const { database: _database, sources: _sources, ...rest } = fromFile
  return { ...rest, ...typed, ...namedByUrl(databases) }
}

function checkedOf(configuration: Configuration): Checked {
  return {
    ...configuration,
    store: checkedStore(configuration),
    inTheClear: inTheClear(configuration),
    heldAlone: urlsOf(configuration).filter(isHeldAlone).map(labelOf),
  }
}

function urlsOf({ store, sources }: Configuration): readonly DatabaseUrl[] {
  return [...(store ? [store] : []), ...sources.flatMap((one) => (one.kind === 'url' ? [one.url] : []))]
}

/** What one process has in its memory, or holds against every other. */
function isHeldAlone(url: DatabaseUrl): boolean {
  return url.engine === 'pglite' || (url.engine === 'sqlite' && url.file === ':memory:')
}

/** What is on another machine, and reached without TLS: by its label alone. */
function inTheClear(configuration: Configuration): readonly string[] {
  const { redis } = configuration
  const databases = urlsOf(configuration)
    .filter((url) => !isEncrypted(url))
    .map(labelOf)
  const address = redis && new URL(redis.reveal())
  const counters =
    address?.protocol === 'redis:' && !isOnThisMachine(address) ? [`redis://${address.host}`] : []
  return [...new Set([...databases, ...counters])]
}

function checkedStore({ store, sources: [first] }: Configuration): CheckedStore {
  if (store === null && first?.kind === 'definition') {
    return { label: `the database of ${first.place}`, file: null, isTemporary: false }
  }
  const url = store ?? (first?.kind === 'url' ? first.url : null)
  if (url?.engine !== 'sqlite') return { label: url ? labelOf(url) : '', file: null, isTemporary: false }
  const isTemporary = url.file === ':memory:'
  return {
    label: isTemporary ? 'a temporary file' : url.file,
    file: isTemporary ? null : url.file,
    isTemporary,
  }
}

async function open(installation: Installation, environment: Environment): Promise<OpenAdmin> {
  const serves = installation.host !== undefined
  const checked = checkedOf(resolved(installation, environment))
  // loaded on use: most of the code, which `secret`, `--help` and a typing error have no need of
  const { createAdmin } = await import('./admin.ts')
  const place = placeAmongProcesses()
  // only the one that prints the link makes it: another would be good in its place
  const setsUp = serves && (place === null || place === 1)
  const admin: Admin = createAdmin(optionsOf(installation), { serves, setsUp })
  const { setUpToken } = await admin.initialize()
  return {
    setUpToken,
    sources: admin.sources,
    checked,
    handler: (request, connection) => admin.fetch(request, connection),
    perform: (call) => admin.perform(call),
    close: () => admin.close(),
  }
}

async function openStore(installation: Installation, environment: Environment): Promise<Database> {
  const found = configureStore(optionsOf(installation), environment)
  if ('kind' in found && found.kind === 'definition') return (await found.definition.open()).database
  const { openDatabase } = await import('./database/url.ts')
  return await openDatabase('kind' in found ? found.url : found, { place: 'store', readOnly: true })
}

async function mailOf({ mail }: Configuration): Promise<MailFacts> {
  if (!mail) return { by: 'off' }
  if (!mail.smtp) return { by: 'application' }
  const { codeOf, smtpTransport } = await import('./mail/smtp.ts')
  const { host } = new URL(mail.smtp.reveal())
  const smtp = smtpTransport(mail.smtp.reveal())
  try {
    await smtp.verify()
    return { by: 'smtp', host, code: null }
  } catch (error) {
    return { by: 'smtp', host, code: codeOf(error) }
  } finally {
    smtp.close()
  }
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
    void whenToldToStop().then(stop)
  })
}
