/** Refusals and faults as pages: whole for a browser, a note for the part of a page that asked. */

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AdminError } from '../../errors.ts'
import type { RequestContext } from '../../http/env.ts'
import type { House } from '../house.ts'
import { Note } from './components/form.tsx'
import { ErrorPage } from './components/status.tsx'
import { pageContext } from './context.ts'
import { render, renderPart } from './render.ts'

/** Answers an error with its status; the same bytes for what is missing and what is not visible. */
export async function answerError(error: AdminError, c: RequestContext, house: House): Promise<Response> {
  const page = pageContext(c, house)
  const status = error.status as ContentfulStatusCode
  if (error.retryAfterSeconds !== undefined)
    c.header('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  const region = fragmentOf(c)
  if (region === null) return render(page, <ErrorPage page={page} error={error} />, status)
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

/** The id of the element that the client wants replaced; null for a whole page. */
export function fragmentOf(c: RequestContext): string | null {
  if (c.req.header('hx-request') !== 'true') return null
  const target = c.req.header('hx-target') ?? ''
  // htmx may say `div#list` or `list`.
  const id = target.slice(target.lastIndexOf('#') + 1)
  return /^[a-z][\w-]*$/i.test(id) ? id : 'list'
}
