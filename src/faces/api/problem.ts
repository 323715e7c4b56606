/** How the API says no: problem documents (RFC 9457) with our own code, and never a page. */

import type { AdminError, ErrorCode } from '../../errors.ts'
import type { RequestContext } from '../../http/env.ts'
import type { Json } from './json.ts'

const TITLES: Readonly<Record<ErrorCode, string>> = {
  'invalid-input': 'The request says something that cannot be taken',
  unauthenticated: 'Nobody is signed in',
  denied: 'The policy refuses this',
  'forged-request': 'This request may come from another site',
  'not-found': 'There is nothing here',
  conflict: 'Someone else changed it meanwhile',
  'too-large': 'The request is too large',
  'limit-exceeded': 'Too many requests',
  'data-source-failed': 'The database could not do this',
  misconfigured: 'The installation is misconfigured',
  internal: 'Something went wrong',
}

export interface Problem {
  /** An `ErrorCode`, or the next step that is needed. */
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
}

/** A problem document with further members beside the standard ones. */
export function problem(
  c: RequestContext,
  { code, status, title, detail }: Problem,
  more: Readonly<Record<string, Json>> = {},
): Response {
  const body = { type: 'about:blank', code, status, title, detail, requestId: c.var.origin.id, ...more }
  return c.body(JSON.stringify(body), {
    status: status as 400, // any of the statuses above; the type only lists those with a body
    headers: { 'Content-Type': 'application/problem+json' },
  })
}

export function problemOf(error: AdminError, c: RequestContext): Response {
  return problem(
    c,
    { code: error.code, status: error.status, title: TITLES[error.code], detail: error.message },
    {
      ...(error.rules.length > 0 && { rules: error.rules }),
      ...(error.fields && { fields: { ...error.fields } }),
      ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
    },
  )
}
