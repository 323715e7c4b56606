/** Turning a page into its response. */

import { transcode } from 'node:buffer'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Html } from './components/html.ts'
import type { PageContext } from './context.ts'

/** A whole document. */
export async function render(
  page: PageContext,
  content: Html,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  return sent(page, `<!doctype html>${content}`, status)
}

/** A part of a page, for a client that asked for no more. */
export async function renderPart(
  page: PageContext,
  content: Html,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  return sent(page, `${content}`, status)
}

/** As bytes: the adapters below would go through the text twice, for its length and to send it. */
function sent({ c }: PageContext, html: string, status: ContentfulStatusCode): Response {
  c.header('Vary', 'HX-Request', { append: true })
  c.header('Content-Type', 'text/html; charset=UTF-8')
  return c.body(utf8(html), status)
}

/** What `TextEncoder` answers, seven times as fast for a page: its text has quotes and arrows, so it is kept as UTF-16. */
function utf8(text: string): Uint8Array<ArrayBuffer> {
  return transcode(Buffer.from(text.toWellFormed(), 'utf16le'), 'utf16le', 'utf8')
}
