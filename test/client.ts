/**
 * A browser without a screen: talks to an admin through `fetch`, keeps cookies,
 * follows redirects when asked, and fills in the forms that a page really has.
 */

import { TOTP, URI } from 'otpauth'

/** Anything that answers requests: a whole admin, or a server behind an address. */
export type Fetch = (request: Request) => Promise<Response>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Where a redirect points, as a path; null otherwise. */
  readonly location: string | null
}

export interface Client {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Posts fields with the CSRF token of the page `from` (by default the page at the same path). */
  post(
    path: string,
    fields: Fields,
    options?: { readonly from?: string; readonly csrf?: string },
  ): Promise<Answer>
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  /** The CSRF token in the first form of that page. */
  csrf(path: string): Promise<string>
  readonly cookies: Map<string, string>
}

export type Fields = Readonly<Record<string, string | readonly string[]>>

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** Leaves out what a browser sends by itself: Origin and Sec-Fetch-Site. */
  readonly isBare?: boolean
}

export const ORIGIN = 'http://127.0.0.1:4600'
export const BASE = '/admin'

export function createClient(fetch: Fetch, origin: string = ORIGIN): Client {
  const cookies = new Map<string, string>()

  async function send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
    const headers = new Headers(options.isBare ? {} : browserHeaders(method, origin))
    for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value)
    if (cookies.size > 0)
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(
      new Request(new URL(path, origin), {
        method,
        headers,
        redirect: 'manual',
        ...(options.body !== undefined && { body: options.body }),
      }),
    )
    remember(cookies, response.headers.getSetCookie())
    const location = response.headers.get('location')
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: location === null ? null : withoutOrigin(location, origin),
    }
  }

  const get: Client['get'] = (path, headers) => send('GET', path, headers ? { headers } : {})
  const csrf: Client['csrf'] = async (path) => csrfIn((await get(path)).text)

  return {
    get,
    send,
    csrf,
    cookies,
    async post(path, fields, options = {}) {
      const token = options.csrf ?? (await csrf(options.from ?? path))
      const body = new URLSearchParams({ _csrf: token })
      for (const [name, value] of Object.entries(fields)) {
        for (const one of Array.isArray(value) ? value : [value as string]) body.append(name, one)
      }
      return send('POST', path, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
      })
    },
  }
}

/** The token of the first form on the page; fails when there is none. */
export function csrfIn(html: string): string {
  const token = /name="_csrf" value="([^"]+)"/.exec(html)?.[1]
  if (!token) throw new Error(`No form with a CSRF token in:\n${html.slice(0, 2000)}`)
  return token
}

/** The code that an authenticator made from this `otpauth://` URI shows at `now`. */
export function totpCode(uri: string, now: number): string {
  const totp = URI.parse(uri)
  if (!(totp instanceof TOTP)) throw new Error('Not a TOTP URI.')
  return totp.generate({ timestamp: now })
}

function browserHeaders(method: string, origin: string): Record<string, string> {
  const common = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'user-agent': 'Test/1.0' }
  return method === 'GET' || method === 'HEAD' ? common : { ...common, origin }
}

function remember(cookies: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [pair = '', ...attributes] = line.split(';')
    const at = pair.indexOf('=')
    const isGone = attributes.some((one) => /^\s*max-age=0$/i.test(one))
    if (isGone) cookies.delete(pair.slice(0, at))
    else cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
}

function withoutOrigin(location: string, origin: string): string {
  return location.startsWith(origin) ? location.slice(origin.length) : location
}
