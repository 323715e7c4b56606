/**
 * Castellan on Node.js: `serve` listens by itself, `mount` makes a handler for
 * Express, Connect and bare `node:http`. Both only translate between Node's
 * requests and the web-standard `fetch` of an admin.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { AdminError } from './errors.ts'

/** What both need of an admin: `createAdmin` answers it. */
export interface Fetcher {
  fetch(
    request: Request,
    connection?: { readonly address: string; readonly isEncrypted?: boolean },
  ): Promise<Response>
}

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

export type NodeHandler = (request: MountedRequest, response: ServerResponse) => Promise<void>

/** A request as frameworks hand it on: perhaps with its path shortened and its body already read. */
export interface MountedRequest extends IncomingMessage {
  /** Express and Connect keep the whole path here when they shorten `url`. */
  originalUrl?: string
  /** What a body parser made of the body. */
  body?: unknown
  /** The bytes of a body that is already read; the adapter prefers them. */
  rawBody?: Buffer
}

/** A handler for `app.use('/admin', mount(admin))` and for `createServer(mount(admin))`. */
export function mount(admin: Fetcher): NodeHandler {
  const listener = listenerOf(admin, false)
  return async (request, response) => {
    request.url = request.originalUrl ?? request.url ?? '/'
    const bytes = bodyAlreadyRead(request)
    if (bytes) request.rawBody = bytes
    await listener(request, response)
  }
}

function listenerOf(
  admin: Fetcher,
  ownsProcess: boolean,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return getRequestListener(
    (request, { incoming: { socket } }) =>
      admin.fetch(ownsProcess ? request : native(request), {
        address: socket.remoteAddress ?? '',
        isEncrypted: 'encrypted' in socket && socket.encrypted === true,
      }),
    { overrideGlobalObjects: ownsProcess },
  )
}

/**
 * The adapter hands over a light look-alike, of which no other request can be made unless the globals of the whole
 * process are replaced; a guest in somebody's application leaves those alone. Reads have no body and no need of it.
 */
function native(request: Request): Request {
  const { url, method, headers, signal } = request
  // Of TRACE the standard makes no request at all; the admin refuses it.
  if (method === 'GET' || method === 'HEAD' || method === 'TRACE') return request
  const hasBody = headers.has('transfer-encoding') || Number(headers.get('content-length')) > 0
  const rest = { method, headers: [...headers] as [string, string][], signal }
  // `duplex` is asked for by the standard wherever a body is a stream, and missing in Node's types
  return new Request(url, hasBody ? ({ ...rest, body: request.body, duplex: 'half' } as RequestInit) : rest)
}

/** The bytes of a body that a parser has consumed, written again; undefined when the stream still holds them. */
function bodyAlreadyRead(request: MountedRequest): Buffer | undefined {
  const { body } = request
  if (!request.readableDidRead || body === undefined) return undefined
  if (Buffer.isBuffer(body)) return body
  if (typeof body === 'string') return Buffer.from(body)
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return Buffer.from(formOf(body as Record<string, unknown>).toString()) // what every form parser makes
  }
  return Buffer.from(JSON.stringify(body))
}

function formOf(fields: Readonly<Record<string, unknown>>): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) form.append(name, String(one))
  }
  return form
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
