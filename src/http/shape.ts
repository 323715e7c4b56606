/** The shape of a request, whoever sends it: methods, query, size and kind of body. */

import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { AdminError } from '../errors.ts'
import type { Env, RequestContext } from './env.ts'
import type { Face } from './face.ts'
import { TransportError } from './transport-error.ts'

/** Those that a route may have; for each, the router says 405 where it has none. */
export const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const KNOWN: ReadonlySet<string> = new Set([...METHODS, 'HEAD', 'OPTIONS'])
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The only query keys that may stand more than once. */
const REPEATABLE: ReadonlySet<string> = new Set(['filter', 'f', 'fv'])

const MAX_ADDRESS_LENGTH = 16_384

export function isSafe(method: string): boolean {
  return SAFE.has(method)
}

/** The methods of which the standard makes no request with a body (Fetch, section 5.4). */
function isBodiless(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

export function allowMethods(): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (KNOWN.has(c.req.method)) return next()
    throw new TransportError(501, 'invalid-input', 'That method is not one that this admin knows.')
  }
}

/** A key that stands twice means one thing to a check and another to what follows it. */
export function allowQuery(): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.req.url.length > MAX_ADDRESS_LENGTH) {
      throw new AdminError('too-large', `The address is longer than ${MAX_ADDRESS_LENGTH} characters.`)
    }
    const query = new URL(c.req.url).searchParams
    const repeated = [...new Set(query.keys())].filter(
      (name) => !REPEATABLE.has(name) && query.getAll(name).length > 1,
    )
    if (repeated.length === 0) return next()
    throw new AdminError('invalid-input', `The address names ${repeated.join(', ')} more than once.`, {
      fields: Object.fromEntries(repeated.map((name) => [name, ['must stand once']])),
    })
  }
}

/** Refuses before anything is kept in memory, also where the length isn't said beforehand. */
export function limitBody(maxBytes: number): MiddlewareHandler<Env> {
  const tooLarge = (): never => {
    throw new AdminError('too-large', `A request may be at most ${maxBytes} bytes long.`)
  }
  const limit = bodyLimit({ maxSize: maxBytes, onError: tooLarge })
  return (c, next) => {
    // what has no body has nothing to limit, and looking for one makes a whole request of the light one
    if (isBodiless(c.req.method)) return next()
    return limit(c, async () => {
      // a host that calls `fetch` itself may hand on a Content-Length that lies
      if (c.req.raw.body && (await c.req.arrayBuffer()).byteLength > maxBytes) tooLarge()
      await next()
    })
  }
}

/** A body is of the one type that its face takes, so no other site can send one without asking first. */
export function allowBody(faceAt: (path: string) => Face | null): MiddlewareHandler<Env> {
  return async (c, next) => {
    const face = isSafe(c.req.method) ? null : faceAt(c.req.path)
    const type = c.req.header('content-type')
    if (face && (type !== undefined || hasBody(c))) mustBe(face.bodies, type ?? '')
    return next()
  }
}

function hasBody(c: RequestContext): boolean {
  return c.req.raw.body !== null && c.req.header('content-length') !== '0'
}

/** The form of a page's POST, read once. */
export function readFormBody(faceAt: (path: string) => Face | null): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!isSafe(c.req.method) && faceAt(c.req.path)?.bodies === 'form') {
      c.set('form', await formOf(c))
    }
    return next()
  }
}

/** @throws AdminError `invalid-input` for one that is broken off. */
export async function formOf(c: RequestContext): Promise<URLSearchParams> {
  const type = c.req.header('content-type') ?? ''
  if (!MULTIPART.test(type)) return new URLSearchParams(await c.req.text())
  // the body as it was read within its limit, which no second reader has to know of
  const whole = new Response(await c.req.arrayBuffer(), { headers: { 'content-type': type } })
  return withFiles(await partsOf(whole))
}

async function partsOf(whole: Response): Promise<FormData> {
  try {
    return await whole.formData()
  } catch (error) {
    throw new AdminError('invalid-input', 'The form is broken off, or is none.', { cause: error })
  }
}

/**
 * A file becomes its bytes as base64 under its own name, in place of one that was chosen before; an input without
 * a file says nothing. Twice under one name it stays twice, for the form's reader to refuse.
 */
async function withFiles(parts: FormData): Promise<URLSearchParams> {
  const form = new URLSearchParams()
  const files = new Set<string>()
  for (const [name, part] of parts) {
    if (typeof part === 'string') form.append(name, part)
    else if (part.size > 0) {
      const text = Buffer.from(await part.arrayBuffer()).toString('base64')
      if (files.has(name)) form.append(name, text)
      else form.set(name, text)
      files.add(name)
    }
  }
  return form
}

/** API answers are never shown as a document of their own. */
export function refuseDocuments(faceAt: (path: string) => Face | null): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (faceAt(c.req.path)?.bodies !== 'json' || !isDocument(c)) return next()
    throw new TransportError(406, 'invalid-input', 'This address answers programs, not browsers.')
  }
}

function isDocument(c: RequestContext): boolean {
  return ['document', 'iframe', 'frame', 'embed', 'object'].includes(c.req.header('sec-fetch-dest') ?? '')
}

const MULTIPART = /^multipart\/form-data\s*;\s*boundary=[^;]{1,100}$/i

const TYPES = {
  form: {
    pattern:
      /^(?:application\/x-www-form-urlencoded\s*(?:;\s*charset="?utf-8"?\s*)?|multipart\/form-data\s*;\s*boundary=[^;]{1,100})$/i,
    name: 'application/x-www-form-urlencoded or multipart/form-data',
  },
  json: {
    pattern: /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i,
    name: 'application/json',
  },
} as const

function mustBe(bodies: Face['bodies'], type: string): void {
  const { pattern, name } = TYPES[bodies]
  if (pattern.test(type)) return
  throw new TransportError(415, 'invalid-input', `This address takes a body of type ${name} in UTF-8.`, {
    headers: { Accept: name.replace(' or ', ', ') },
  })
}
