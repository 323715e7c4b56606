/** Turning a page into its response. */

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Html } from './components/html.ts'
import type { PageContext } from './context.ts'

/**
 * `style` and `on…` attributes inside a tag. The Content-Security-Policy
 * blocks them in the browser, so in debug they are a bug here already.
 */
const FORBIDDEN_ATTRIBUTE = /<[a-z][\w-]*(?:\s+[^\s"'<>=]+(?:="[^"]*")?)*?\s+(style|on\w+)=/i
/** What every such attribute looks like, wherever it stands: found or ruled out in a fraction of the time. */
const SUSPECT = /\s(?:style|on\w+)=/i

export async function render(
  page: PageContext,
  content: Html,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  const html = `<!doctype html>${await content}`
  if (page.house.settings.isDebug) refuseForbiddenAttributes(html)
  page.c.header('Vary', 'HX-Request', { append: true })
  return page.c.html(html, status)
}

function refuseForbiddenAttributes(html: string): void {
  const found = SUSPECT.test(html) ? FORBIDDEN_ATTRIBUTE.exec(html)?.[1] : undefined
  if (found === undefined) return
  throw new TypeError(`A page holds the attribute "${found}", which the Content-Security-Policy forbids.`)
}
