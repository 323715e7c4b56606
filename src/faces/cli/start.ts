/**
 * Starting a server and stopping it again: what `serve` and `demo` share.
 *
 * Mistakes are found before the port is taken, and the port before anything is
 * made, so that a start that fails leaves nothing behind.
 */

import { AdminError } from '../../errors.ts'
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

export const LISTENING: Readonly<Record<string, Option>> = {
  host: { value: 'ADDRESS', help: 'The address to listen on (127.0.0.1).' },
  port: { value: 'PORT', help: 'The port to listen on (4600); 0 takes any free one.' },
  'base-path': { value: 'PATH', help: 'Where the admin is mounted (/admin).' },
  tls: { value: 'adhoc', help: 'Speak TLS.', isNotYet: true },
  'tls-cert': { value: 'FILE', help: 'Speak TLS with this certificate.', isNotYet: true },
  'tls-key': { value: 'FILE', help: 'The key of the certificate.', isNotYet: true },
  'http-port': { value: 'PORT', help: 'Redirect plain HTTP from this port.', isNotYet: true },
}

/** @throws UsageError for a port that is none. */
export function addressOf(given: Given): Address {
  const text = given.text('port') ?? '4600'
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535; it is "${text}".`)
  }
  return { host: given.text('host') ?? '127.0.0.1', port }
}

/** What an installation still lacks on disk. */
export interface Preparation {
  /** Makes it; runs when the port is taken and before the admin opens. */
  make(): Promise<Installation>
  /** Takes back what `make` made, when the admin could not open for a mistake in the configuration. */
  undo(): void
}

/** Listens, prints where, waits for a signal, drains. */
export async function start(
  address: Address,
  preparation: Preparation,
  workshop: Workshop,
  report: (admin: OpenAdmin) => void,
): Promise<number> {
  let handler: Handler = stillStarting
  const listener = await workshop.listen(address, (request, connection) => handler(request, connection))
  const admin = await opened(preparation, workshop).catch(async (error: unknown) => {
    await listener.close()
    throw error
  })
  handler = admin.handler
  report(admin)
  const { terminal } = workshop
  // before the line that says so: whoever reads it may send a signal at once
  const stopped = workshop.untilStopped()
  terminal.print(readyLines(`${listener.origin}${admin.checked.basePath}`, admin.setUpToken))
  await stopped
  terminal.tell('Stopping: requests under way are finished first.')
  await listener.close()
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

async function stillStarting(): Promise<Response> {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' }
  return new Response('Castellan is starting. Try again in a second.\n', { status: 503, headers })
}
