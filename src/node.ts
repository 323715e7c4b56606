/** Castellan on Node.js: `serve` listens by itself, `mount` makes a handler for somebody else's server. */

import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { AdminError, misconfigured } from './errors.ts'
import { type Fetcher, listenerOf } from './mount.ts'

export { type Fetcher, type MountedRequest, mount, type NodeHandler } from './mount.ts'

/** A certificate with what it was signed by, and its key, in PEM. */
export interface TlsOptions {
  readonly certificate: string
  readonly key: string
}

export interface ServeOptions {
  /** 127.0.0.1 by default: others reach it only when asked for. */
  readonly host?: string
  /** 4600 by default; 0 takes any free port. */
  readonly port?: number
  /** Speaks TLS 1.3 or 1.2, with forward secrecy alone; absent: plain HTTP, behind whatever ends TLS. */
  readonly tls?: TlsOptions
  /**
   * Nobody else's code runs in this process, so its `Request` and `Response` may be replaced by lighter ones:
   * a page then costs about a quarter of a millisecond less. Set by the command line.
   */
  readonly ownsProcess?: boolean
}

export interface Serving {
  /** `http://127.0.0.1:4600`, or `https:`, with the port that was really taken. */
  readonly origin: string
  /** Takes no new requests, finishes those under way (ten seconds at most), then stops. */
  close(): Promise<void>
}

const DRAIN_MS = 10_000
/** For TLS 1.2; every suite of 1.3 has forward secrecy (RFC 8446, RFC 9325 section 4.2). */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/**
 * Listens and hands every request to the admin.
 * @throws AdminError `internal` when the port is taken or may not be used, `misconfigured` for a certificate and a key
 * that TLS does not take; the message says what to do.
 */
export async function serve(admin: Fetcher, options: ServeOptions = {}): Promise<Serving> {
  const { host = '127.0.0.1', port = 4600, ownsProcess = false, tls } = options
  const server = serverFor(listenerOf(admin, ownsProcess), tls)
  await listening(server, host, port)
  const { port: taken } = server.address() as AddressInfo // a TCP server has no other kind of address
  const name = host.includes(':') ? `[${host}]` : host
  const scheme = tls ? 'https' : 'http'
  return { origin: `${scheme}://${name}:${taken}`, close: () => drain(server) }
}

function serverFor(listener: RequestListener, tls: TlsOptions | undefined): Server | TlsServer {
  if (!tls) return createServer(listener)
  try {
    const { certificate: cert, key } = tls
    return createTlsServer({ cert, key, minVersion: 'TLSv1.2', ciphers: CIPHERS }, listener)
  } catch (cause) {
    const mistake = {
      id: 'T101',
      place: '--tls-cert, --tls-key',
      problem: 'the certificate and the key are not a pair in PEM.',
      remedy:
        'Give the file of the certificate, with those it was signed by below it, and the file of its key.',
    }
    throw misconfigured([mistake], { cause })
  }
}

function listening(server: Server | TlsServer, host: string, port: number): Promise<void> {
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
function drain(server: Server | TlsServer): Promise<void> {
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
