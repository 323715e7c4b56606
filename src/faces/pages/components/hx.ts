/**
 * The one way to htmx: the allowed attributes, stamped with the page's nonce.
 *
 * Only for elements that work without it, as real links and forms. Attributes
 * outside of this list (`hx-on`, `hx-vals`, `hx-boost` …) are never written.
 */

import type { PageContext } from '../context.ts'

export interface HxOptions {
  readonly get?: string
  readonly post?: string
  /** The id of the element that is replaced, with `#`. */
  readonly target?: string
  /** Which part of the answer replaces it. */
  readonly select?: string
  readonly swap?: 'outerHTML' | 'innerHTML' | 'beforeend'
  readonly trigger?: string
  /** Whether the address bar follows. */
  readonly push?: boolean
  readonly indicator?: string
}

export function hx(page: PageContext, options: HxOptions): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = { 'hx-nonce': page.nonce }
  for (const [name, value] of Object.entries(options)) {
    attributes[name === 'push' ? 'hx-push-url' : `hx-${name}`] = String(value)
  }
  return attributes
}
