/**
 * An admin in somebody else's server: a handler for Express, Connect and bare
 * `node:http`. It only translates between Node's requests and the web-standard
 * `fetch` of an admin.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'

/** What is needed of an admin: `createAdmin` answers it. */
export interface Fetcher {
  /** The path that people see it under. */
  readonly configuration?: { readonly basePath: string }
  fetch(
    request: Request,
    connection?: { readonly address: string; readonly isEncrypted?: boolean },
  ): Promise<Response>
}

export type NodeHandler = (request: MountedRequest, response: ServerResponse) => Promise<void>

/** A request as frameworks hand it on: perhaps with its path shortened and its body already read. */
export interface MountedRequest extends IncomingMessage {
  /** Express and Connect keep the whole path here when they shorten `url`. */
  originalUrl?: string
  /** What Express has cut off: where the handler is mounted. */
  baseUrl?: string
  /** What a body parser made of the body. */
  body?: unknown
  /** The bytes of a body that is already read; the adapter prefers them. */
  rawBody?: Buffer
}

/** A handler for `app.use('/admin', mount(admin))` and for `createServer(mount(admin))`. */
export function mount(admin: Fetcher): NodeHandler {
  const listener = listenerOf(admin, false)
  return async (request, response) => {
    const path = pathOf(request, admin.configuration?.basePath)
    if (path === null) return mismatch(request, response, admin.configuration?.basePath ?? '')
    request.url = path
    try {
      const bytes = bodyAlreadyRead(request)
      if (bytes) request.rawBody = bytes
    } catch {
      // A rejection would reach the error page of the framework, or end the process where nobody waits for it.
      return unread(response)
    }
    await listener(request, response)
  }
}

/**
 * The path as people see it, or null when the admin can't be where it is mounted. A proxy may have cut a prefix
 * off: mounted at `/admin` with the base path `/tools/admin`, links keep the prefix.
 */
function pathOf(
  { originalUrl, baseUrl, url = '/' }: MountedRequest,
  basePath: string | undefined,
): string | null {
  const whole = originalUrl ?? url
  if (basePath === undefined || baseUrl === undefined || baseUrl === '' || isUnder(whole, basePath))
    return whole
  return basePath.endsWith(baseUrl) ? `${basePath}${whole.slice(baseUrl.length)}` : null
}

function isUnder(path: string, basePath: string): boolean {
  return path.startsWith(basePath) && /^(?:[/?#]|$)/.test(path.slice(basePath.length))
}

function mismatch({ baseUrl = '' }: MountedRequest, response: ServerResponse, basePath: string): void {
  answer(
    response,
    500,
    `The admin is mounted at "${baseUrl}", and its basePath is "${basePath}". Make them the same.\n`,
  )
}

function unread(response: ServerResponse): void {
  answer(response, 422, 'What a body parser made of this body can not be written as one again.\n')
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(text)
}

export function listenerOf(
  admin: Fetcher,
  ownsProcess: boolean,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return getRequestListener(
    (request, { incoming: { socket } }) =>
      admin.fetch(ownsProcess && hasBody(request) ? request : native(request), {
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
  const rest = { method, headers: [...headers] as [string, string][], signal }
  // `duplex` is asked for by the standard wherever a body is a stream, and missing in Node's types
  return new Request(
    url,
    hasBody(request) ? ({ ...rest, body: request.body, duplex: 'half' } as RequestInit) : rest,
  )
}

/** What HTTP/1.1 says of it (RFC 9112, section 6); the look-alike of any request but a read has a stream for a body. */
function hasBody({ headers }: Request): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length')) > 0
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

/** With names as they came, `a[b]=c`: form parsers make objects of them, and the admin refuses names it does not know. */
function formOf(fields: Readonly<Record<string, unknown>>): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) addTo(form, name, value)
  return form
}

function addTo(form: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) addTo(form, typeof one === 'object' ? `${name}[]` : name, one)
  } else if (typeof value === 'object' && value !== null) {
    // A member may be called `toString`: nothing of the object itself is asked.
    for (const [member, one] of Object.entries(value)) addTo(form, `${name}[${member}]`, one)
  } else {
    form.append(name, String(value))
  }
}
