/** Castellan on Node.js: `serve` listens by itself, `mount` makes a handler for somebody else's server. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AdminError } from './errors.ts'
import { type Fetcher, listenerOf } from './mount.ts'

export { type Fetcher, type MountedRequest, mount, type NodeHandler } from './mount.ts'

export interface ServeOptions {
  /** 127.0.0.1 by default: others reach it only when asked for. */
  readonly host?: string
  /** 4600 by default; 0 takes any free port. */
  readonly port?: number
  /**
   * Nobody else's code runs in this process, so its `Request` and `Response` may be replaced by lighter ones:
   * a page then costs about a quarter of a millisecond less. Set by the command line.
   */
  readonly ownsProcess?: boolean
}

export interface Serving {
  /** `http://127.0.0.1:4600`, with the port that was really taken. */
  readonly origin: string
  /** Takes no new requests, finishes those under way (ten seconds at most), then stops. */
  close(): Promise<void>
}

const DRAIN_MS = 10_000

/**
 * Listens and hands every request to the admin.
 * @throws AdminError `internal` when the port is taken or may not be used; the message says what to do.
 */
export async function serve(admin: Fetcher, options: ServeOptions = {}): Promise<Serving> {
  const { host = '127.0.0.1', port = 4600, ownsProcess = false } = options
  const server = createServer(listenerOf(admin, ownsProcess))
  await listening(server, host, port)
  const { port: taken } = server.address() as AddressInfo // a TCP server has no other kind of address
  const name = host.includes(':') ? `[${host}]` : host
  return { origin: `http://${name}:${taken}`, close: () => drain(server) }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(unableToListen(cause, host, port)))
    server.listen(port, host, resolve)
  })
}

function unableToListen(cause: NodeJS.ErrnoException, host: string, port: number): AdminError {
  const because = {
    EADDRINUSE: `Port ${port} of ${host} is in use. Stop the program that uses it, or choose another with --port.`,
    EACCES: `Port ${port} may not be used by this account. Choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Choose another with --host.`,
    ENOTFOUND: `${host} is no address of this machine. Choose another with --host.`,
  }
  const known = Object.entries(because).find(([code]) => code === cause.code)
  return new AdminError('internal', known?.[1] ?? `Could not listen on ${host}:${port} (${cause.code}).`, {
    cause,
  })
}

/** A connection that falls idle while the server drains is closed at once rather than kept alive. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), 50)
    const limit = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(limit)
      resolve()
    })
    server.closeIdleConnections()
  })
}
