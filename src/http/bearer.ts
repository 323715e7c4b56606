/** The token of a service, as `Authorization` carries it. Only faces for programs take one. */

import type { RequestContext } from './env.ts'
import type { Face } from './face.ts'

/** The token, empty when the header has another form; undefined where there is none to speak of. */
export function bearerOf(c: RequestContext, face: Face | null): string | undefined {
  const header = c.req.header('authorization')
  if (header === undefined || face?.bodies !== 'json') return undefined
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1] ?? ''
}
