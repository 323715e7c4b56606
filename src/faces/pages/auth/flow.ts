/** What the pages before sign-in share: carrying on to the next step, and saying why one can't. */

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AdminError } from '../../../errors.ts'
import { clearPending, setPending, setSessionCookies } from '../../../http/cookies.ts'
import type { RequestContext } from '../../../http/env.ts'
import { safeNext } from '../../../http/return-address.ts'
import type { SignInStep } from '../../../identity/identity.ts'
import type { House } from '../../house.ts'
import { type FieldSentences, sentencesOf } from '../components/form.tsx'
import { waitText } from '../components/status.tsx'

export const STEP_PATHS = {
  'second-factor': '/sign-in/second-factor',
  enrol: '/sign-in/enrol',
  'enrol-passkey': '/sign-in/enrol',
} as const

/** The return address that came along, as a path of ours; null for the front page. */
export function returnAddress(c: RequestContext, house: House): string | null {
  const given = c.get('form')?.get('next') ?? c.req.query('next')
  const { basePath } = house.settings
  const safe = safeNext(basePath, given)
  return safe === safeNext(basePath, null) ? null : safe
}

/** An address of ours that passes the return address on. */
export function withNext(house: House, path: string, next: string | null): string {
  const address = `${house.settings.basePath}${path}`
  return next === null ? address : `${address}?next=${encodeURIComponent(next)}`
}

/** After a step that went well: to the next one, or in. */
export function carryOn(c: RequestContext, house: House, step: SignInStep): Response {
  const next = returnAddress(c, house)
  if (step.kind !== 'signed-in') {
    setPending(c, step.pending)
    return c.redirect(withNext(house, STEP_PATHS[step.kind], next), 303)
  }
  clearPending(c)
  setSessionCookies(c, step.tokens)
  return c.redirect(next ?? safeNext(house.settings.basePath, null), 303)
}

/**
 * The one value of a field; empty where there is none.
 * @throws AdminError `invalid-input` for several: which of them was meant is nobody's guess.
 */
export function onlyOne(c: RequestContext, name: string): string {
  const values = c.get('form')?.getAll(name) ?? []
  const [value = '', ...others] = values
  if (others.length === 0) return value
  const problem = `${LABELS[name] ?? name} must stand there once.`
  throw new AdminError('invalid-input', problem, { fields: { [name]: ['must stand there once'] } })
}

/** What the fields of these forms are called where a sentence begins with them. */
const LABELS: Readonly<Record<string, string>> = {
  name: 'Name',
  email: 'E-mail',
  password: 'Password',
  current: 'Current password',
  next: 'New password',
  code: 'Code',
}

/** What a form shows of a refusal. */
export interface Refusal {
  readonly status: ContentfulStatusCode
  /** Above the form. */
  readonly message: string
  /** Beside the fields, as whole sentences. */
  readonly fields: FieldSentences
}

/**
 * A refusal that belongs in the form it came from; anything else goes on.
 *
 * Too many attempts carry their wait in the answer's header as well.
 */
export function refusalOf(error: unknown, c: RequestContext): Refusal {
  if (!(error instanceof AdminError)) throw error
  const status = error.status as ContentfulStatusCode
  switch (error.code) {
    case 'limit-exceeded': {
      const seconds = Math.ceil(error.retryAfterSeconds ?? 60)
      c.header('Retry-After', String(seconds))
      const message = `Too many attempts. Try again in ${waitText(seconds)}.`
      return { status, message, fields: {} }
    }
    case 'unauthenticated':
    case 'invalid-input':
      return { status, message: error.message, fields: sentencesOf(error.fields ?? {}, LABELS) }
    default:
      throw error
  }
}
