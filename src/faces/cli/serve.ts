/** `castellan serve`: an existing database, with nothing else configured. */

import { newSecret } from '../../keys/secret.ts'
import {
  type Checked,
  type Command,
  type Given,
  type Installation,
  UsageError,
  type Workshop,
} from './command.ts'
import { installationOf, OWN_FOLDER, secretFile, secretFolder, WHERE } from './installation.ts'
import { reportLines } from './report.ts'
import { keepSecret, removeSecret } from './secret-file.ts'
import { addressOf, LISTENING, type Preparation, plainAddressOf, start, tlsAddressOf } from './start.ts'

export const serve: Command = {
  name: 'serve',
  summary: 'Administer an existing database.',
  description: [
    'Reads the tables of the database and serves a complete admin for them; several databases when',
    '--database is repeated. Without a configuration file and without NODE_ENV=production, on a',
    'loopback address, it runs in debug: plain HTTP is accepted and a secret is generated into',
    `./${OWN_FOLDER}/secret. Elsewhere it needs CASTELLAN_SECRET_KEY.`,
  ].join('\n'),
  options: {
    ...WHERE,
    ...LISTENING,
    processes: { value: 'COUNT', help: 'How many processes serve (1); auto: one for each processor.' },
  },
  async run(given, workshop) {
    const count = processesIn(given, workshop)
    const address = await tlsAddressOf(given, workshop)
    const plain = plainAddressOf(given, address)
    const { installation, ...preparation } = await plan(given, workshop)
    const checked = workshop.check(installation)
    if (count > 1) {
      mustBeShared(given, checked)
      if (workshop.processes.place === null) return await workshop.processes.begin(count)
    }
    return await start({ address, plain }, preparation, workshop, (admin) => {
      for (const line of reportLines(admin)) workshop.terminal.tell(line)
    })
  },
}

/** @throws UsageError for what each process would have of its own, where all of them should have one. */
function mustBeShared(given: Given, { heldAlone: [label] }: Checked): void {
  if (label !== undefined) {
    throw new UsageError(`--processes: ${label} can be open in one process alone. Leave --processes out.`)
  }
  if (given.has('tls') || given.text('tls') !== undefined) {
    throw new UsageError(
      '--processes: with --tls adhoc each would make a certificate of its own. Give --tls-cert.',
    )
  }
}

/** @throws UsageError for what is no number of processes. */
function processesIn(given: Given, { processes }: Workshop): number {
  const text = given.text('processes') ?? '1'
  if (text === 'auto') return processes.available
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw new UsageError(`--processes takes a number from 1 to 99, or auto; it is "${text}".`)
}

/** The installation, and the secret that has to be written once the port is taken. */
async function plan(
  given: Given,
  workshop: Workshop,
): Promise<Preparation & { readonly installation: Installation }> {
  const { host, port } = addressOf(given)
  const basePath = given.text('base-path')
  const located = await installationOf(given, workshop)
  const debug = located.file === undefined && isDebugImplied(host, workshop)
  const found: Installation = {
    ...located,
    host,
    ...(basePath !== undefined && { basePath }),
    ...(debug && { debug }),
    ...(isSentOnTo(port, given, located, workshop) && { httpsPort: port }),
    // over TLS nothing of development differs from production but who may come in
    ...(debug && isTls(given) && { secureCookies: true }),
  }
  const hasSecret = found.secretKeys !== undefined || Boolean(workshop.environment['CASTELLAN_SECRET_KEY'])
  if (hasSecret || !debug) return { installation: found, make: async () => found, undo: () => undefined }
  const secret = newSecret(workshop.randomBytes)
  const file = secretFile(secretFolder(found, false, workshop))
  const installation = { ...found, secretKeys: [secret] }
  return {
    installation,
    async make() {
      keepSecret(file, secret)
      return installation
    },
    undo: () => removeSecret(file),
  }
}

/** Whether plain HTTP goes to the very port that TLS is spoken on: nobody has said another, as of a container's outside. */
function isSentOnTo(port: number, given: Given, { file }: Installation, { environment }: Workshop): boolean {
  if (given.text('http-port') === undefined || port === 0) return false
  return !environment['CASTELLAN_HTTPS_PORT'] && file?.options['httpsPort'] === undefined
}

function isTls(given: Given): boolean {
  return given.has('tls') || given.has('tls-cert')
}

/** Without a word on the matter, a server on loopback is a developer's own. */
function isDebugImplied(host: string, { environment, isLoopback }: Workshop): boolean {
  if (environment['CASTELLAN_DEBUG'] || environment['NODE_ENV'] === 'production') return false
  return isLoopback(host)
}
