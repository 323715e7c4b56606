/**
 * What every page and component is handed: who asks, where things are, how to
 * say numbers and times. Passed as the `page` prop, never ambient.
 */

import { AdminError } from '../../errors.ts'
import { cookieOf } from '../../http/cookies.ts'
import type { RequestContext } from '../../http/env.ts'
import type { Principal } from '../../identity/principal.ts'
import type { House } from '../house.ts'
import type { OwnSlots } from '../own-component.ts'
import { builtAssets } from './assets.ts'
import { type Format, formatFor } from './format.ts'

export type Theme = 'light' | 'dark' | 'system'

/** The cookie that carries the theme; a preference of the browser, so not tied to a session. */
export const THEME_COOKIE = 'cst-theme'

export interface PageContext {
  readonly house: House
  readonly c: RequestContext
  /** Null before sign-in. */
  readonly principal: Principal | null
  /** A path of ours (`/m/orders`) as an address of this installation: `/admin/m/orders`. */
  url(path: string): string
  /** The address of a built asset by its plain name: `icons.svg`. */
  asset(name: string): string
  readonly nonce: string
  readonly csrf: string
  readonly theme: Theme
  readonly format: Format
  /** What a component of the application puts around what our page holds; absent: nothing. */
  readonly slots?: OwnSlots
}

export function pageContext(c: RequestContext, house: House): PageContext {
  const principal = c.get('principal')
  const { basePath } = house.settings
  return {
    house,
    c,
    principal,
    url: (path) => (path === '/' ? basePath || '/' : `${basePath}${path}`),
    asset: (name) => `${basePath}/assets/${builtAssets().nameOf(name)}`,
    nonce: c.get('nonce'),
    csrf: c.get('csrf'),
    theme: themeOf(cookieOf(c, THEME_COOKIE)),
    format: formatFor(principal?.locale ?? 'en', principal?.timeZone ?? 'UTC', house.clock),
  }
}

/** Whatever is not a theme means: as the system says. */
export function themeOf(text: string | null | undefined): Theme {
  return text === 'light' || text === 'dark' ? text : 'system'
}

/** Who is signed in. @throws AdminError `unauthenticated`: the page is not for visitors. */
export function principalOf(page: PageContext): Principal {
  if (page.principal) return page.principal
  throw new AdminError('unauthenticated', 'This page is for people who are signed in. Sign in first.')
}

/** Whether a menu or a button should be shown at all; the gate decides again when it is used. */
export function isPossible(page: PageContext, action: string): boolean {
  if (!page.principal) return false
  return page.house.gate.isPossible(page.principal, action, page.c.get('origin').address)
}
