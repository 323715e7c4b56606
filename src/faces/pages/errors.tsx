/** Refusals and faults as pages: whole for a browser, a note for the part of a page that asked. */

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AdminError } from '../../errors.ts'
import { ModelInaccessible } from '../../gate/hooks.ts'
import { isOutcomeUnknown } from '../../gate/outcome.ts'
import type { RequestContext } from '../../http/env.ts'
import type { House } from '../house.ts'
import { Note } from './components/form.tsx'
import { ErrorPage } from './components/status.tsx'
import { pageContext } from './context.ts'
import { render, renderPart } from './render.ts'

/** Answers an error with its status; the same bytes for what is missing and what is not visible. */
export async function answerError(error: AdminError, c: RequestContext, house: House): Promise<Response> {
  const answer = await inaccessibleTo(error, c, house)
  if (answer) return answer
  const page = pageContext(c, house)
  const status = error.status as ContentfulStatusCode
  if (error.retryAfterSeconds !== undefined)
    c.header('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  const region = fragmentOf(c)
  if (region === null)
    return render(
      page,
      <ErrorPage page={page} error={error} again={sendableAgain(c, house, error)} />,
      status,
    )
  return renderPart(
    page,
    <div id={region}>
      <Note page={page} tone="bad" title={error.message} alert>
        Request <code>{c.get('origin').id}</code>
      </Note>
    </div>,
    status,
  )
}

/** What was sent there may be kept on a page: it is about records, and holds no password. */
export function isOfRecords({ settings }: House, path: string): boolean {
  return path.startsWith(`${settings.basePath}/m/`)
}

/** The database could not take it, or the session had ended before it came. */
const SENDABLE: ReadonlySet<AdminError['code']> = new Set([
  'data-source-failed',
  'unauthenticated',
  'forged-request',
])

/**
 * The form of a change of a record that was not made: it is sent again by a button. Null where nothing was sent, where
 * it is not known whether it was done, and where it may hold a password.
 */
function sendableAgain(c: RequestContext, house: House, error: AdminError): URLSearchParams | null {
  const form = c.get('form')
  if (!form || !isOfRecords(house, c.req.path) || !SENDABLE.has(error.code) || isOutcomeUnknown(error)) {
    return null
  }
  const fields = new URLSearchParams(form)
  fields.delete('_code')
  return fields
}

/** What the application sends a visitor whom it does not let near a model; null: it does not say. */
async function inaccessibleTo(
  error: AdminError,
  c: RequestContext,
  { gate }: House,
): Promise<Response | null> {
  const principal = c.get('principal')
  if (!(error instanceof ModelInaccessible) || !principal) return null
  const answer = await gate.inaccessible(principal, error.model, c.get('origin'))
  if (answer === null) return null
  // A copy: the headers of a response that was made elsewhere may not be added to.
  if (answer instanceof Response) {
    const { status, headers } = answer
    return new Response(answer.body, { status, headers: new Headers(headers) })
  }
  if (c.req.header('hx-request') !== 'true') return c.redirect(answer.redirect, 303)
  c.header('HX-Redirect', answer.redirect)
  return c.text(`${error.message}\n`, 403)
}

/** The id of the element that the client wants replaced; null for a whole page. */
export function fragmentOf(c: RequestContext): string | null {
  if (c.req.header('hx-request') !== 'true') return null
  const target = c.req.header('hx-target') ?? ''
  // htmx may say `div#list` or `list`.
  const id = target.slice(target.lastIndexOf('#') + 1)
  return /^[a-z][\w-]*$/i.test(id) ? id : 'list'
}
