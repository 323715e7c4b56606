/**
 * Starting a server and stopping it again: what `serve` and `demo` share.
 *
 * Mistakes are found before the port is taken, and the port before anything is
 * made, so that a start that fails leaves nothing behind.
 */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { AdminError, misconfigured } from '../../errors.ts'
import {
  type Address,
  EXIT,
  type Given,
  type Handler,
  type Installation,
  type OpenAdmin,
  type Option,
  UsageError,
  type Workshop,
} from './command.ts'

/** Where anything listens. */
export const LISTENING_AT: Readonly<Record<'host' | 'port' | 'tls' | 'tls-cert' | 'tls-key', Option>> = {
  host: { value: 'ADDRESS', help: 'The address to listen on (127.0.0.1).' },
  port: { value: 'PORT', help: 'The port to listen on (4600); 0 takes any free one.' },
  tls: { value: 'adhoc', help: 'Speak TLS by a throw-away certificate, for development.' },
  'tls-cert': { value: 'FILE', help: 'Speak TLS by this certificate, in PEM with those it was signed by.' },
  'tls-key': { value: 'FILE', help: 'The key of the certificate, in PEM.' },
}

export const LISTENING: Readonly<Record<string, Option>> = {
  ...LISTENING_AT,
  'base-path': { value: 'PATH', help: 'Where the admin is mounted (/admin).' },
  'http-port': { value: 'PORT', help: 'Beside TLS, send plain HTTP on from this port.' },
}

/** @throws UsageError for a port that is none. */
export function addressOf(given: Given): Address {
  return { host: given.text('host') ?? '127.0.0.1', port: portOf('port', given.text('port') ?? '4600') }
}

function portOf(option: string, text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(`--${option} must be a whole number from 0 to 65535; it is "${text}".`)
}

/**
 * Where plain HTTP is sent on from; null: nowhere.
 * @throws UsageError for a port that is none, and where nothing speaks TLS.
 */
export function plainAddressOf(given: Given, { host, tls }: Address): Address | null {
  const text = given.text('http-port')
  if (text === undefined) return null
  if (tls) return { host, port: portOf('http-port', text) }
  throw new UsageError('--http-port sends on to TLS. Give --tls-cert and --tls-key as well.')
}

/**
 * The same, with what it speaks TLS by.
 * @throws UsageError for options that do not go together, AdminError `misconfigured` for a file that cannot be read.
 */
export async function tlsAddressOf(given: Given, workshop: Workshop): Promise<Address> {
  const address = addressOf(given)
  const [kind, certificate, key] = [given.text('tls'), given.text('tls-cert'), given.text('tls-key')]
  if (kind !== undefined && kind !== 'adhoc') {
    throw new UsageError(
      `--tls takes the word adhoc; it is "${kind}". For a certificate write --tls-cert FILE.`,
    )
  }
  if ((certificate === undefined) !== (key === undefined)) {
    throw new UsageError('--tls-cert and --tls-key belong together. Give both.')
  }
  if (certificate === undefined || key === undefined) {
    return kind === undefined ? address : { ...address, tls: await workshop.adhocCertificate(address.host) }
  }
  if (kind !== undefined)
    throw new UsageError('--tls adhoc makes a certificate of its own. Leave --tls-cert out.')
  const { folder } = workshop
  return {
    ...address,
    tls: {
      certificate: readPem('--tls-cert', resolve(folder, certificate)),
      key: readPem('--tls-key', resolve(folder, key)),
    },
  }
}

function readPem(place: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const mistake = {
      id: 'T102',
      place,
      problem: `the file ${file} cannot be read.`,
      remedy: 'Give a file in PEM that this account may read.',
    }
    throw misconfigured([mistake], { cause })
  }
}

/** What an installation still lacks on disk. */
export interface Preparation {
  /** Makes it; runs when the port is taken and before the admin opens. */
  make(): Promise<Installation>
  /** Takes back what `make` made, when the admin could not open for a mistake in the configuration. */
  undo(): void
}

/** Where a server listens. */
export interface Listening {
  readonly address: Address
  /** Where plain HTTP is sent on from; null: nowhere. */
  readonly plain: Address | null
}

/** Listens, prints where, waits for a signal, drains. */
export async function start(
  { address, plain }: Listening,
  preparation: Preparation,
  workshop: Workshop,
  report: (admin: OpenAdmin) => void,
): Promise<number> {
  let handler: Handler = stillStarting
  let plainHandler: Handler = stillStarting
  const listener = await workshop.listen(address, (request, connection) => handler(request, connection))
  const listeners = [listener]
  const closeAll = async (): Promise<void> => {
    await Promise.all(listeners.map((one) => one.close()))
  }
  const admin = await (async () => {
    if (plain) listeners.push(await workshop.listen(plain, (...asked) => plainHandler(...asked)))
    return await opened(preparation, workshop)
  })().catch(async (error: unknown) => {
    await closeAll()
    throw error
  })
  handler = admin.handler
  // in debug the admin itself would take plain HTTP; else it redirects, refuses and records as its options say
  plainHandler = admin.checked.debug ? sentOn(listener.origin) : admin.handler
  const { terminal, processes } = workshop
  const { place } = processes
  // what all of them would say is said by the first
  if (place === null || place === 1) report(admin)
  const [, plainListener] = listeners
  if (plainListener) terminal.tell(`Plain HTTP at ${plainListener.origin} is sent on to HTTPS.`)
  // before the line that says so: whoever reads it may send a signal at once
  const stopped = workshop.untilStopped()
  terminal.print(readyLines(`${listener.origin}${admin.checked.basePath}`, admin.setUpToken))
  processes.ready()
  await stopped
  if (place === null) terminal.tell('Stopping: requests under way are finished first.')
  await closeAll()
  await admin.close()
  return EXIT.done
}

async function opened(preparation: Preparation, workshop: Workshop): Promise<OpenAdmin> {
  const installation = await preparation.make()
  try {
    return await workshop.open(installation)
  } catch (error) {
    // a configuration that cannot work has wrapped no key with a new secret yet
    if (error instanceof AdminError && error.code === 'misconfigured') preparation.undo()
    throw error
  }
}

function readyLines(url: string, setUpToken: string | null): string {
  const ready = `Castellan is ready at ${url}`
  if (setUpToken === null) return ready
  return `${ready}\nSet up the first administrator at ${url}/set-up?token=${setUpToken}`
}

/** The same address under `origin`, for whoever only looks. */
function sentOn(origin: string): Handler {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const headers = { 'content-type': 'text/plain; charset=utf-8' }
      return new Response('This admin is reached over HTTPS only.\n', { status: 403, headers })
    }
    const { pathname, search } = new URL(request.url)
    return new Response(null, {
      status: 308,
      headers: { location: new URL(`${pathname}${search}`, origin).href },
    })
  }
}

async function stillStarting(): Promise<Response> {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' }
  return new Response('Castellan is starting. Try again in a second.\n', { status: 503, headers })
}
