/**
 * What an action of the application says when it is done, carried over a
 * redirect to the page that shows it.
 *
 * Sealed for the session: no link from elsewhere can put words into a page.
 */

import type { OwnPlace, OwnResult } from '../../gate/own-action.ts'
import type { Child } from './components/html.ts'
import type { PageContext } from './context.ts'
import { modelPath, recordPath } from './record/paths.ts'

interface Said {
  readonly message: string
  readonly link: { readonly label: string; readonly path: string } | null
}

const MARK = 'said'
/** Browsers and proxies take addresses of some two thousand characters. */
const MAX_MESSAGE = 500
const MAX_LABEL = 80

/** The path with what is to be said there. */
export function saying(page: PageContext, path: string, { message, link }: OwnResult, label: string): string {
  const said: Said = {
    message: (message ?? `${label}: done.`).slice(0, MAX_MESSAGE),
    link: link ? { label: link.label.slice(0, MAX_LABEL), path: pathOf(link) } : null,
  }
  const sealed = page.house.identity.seal('said', JSON.stringify(said), page.c.get('binding'))
  return `${path}${path.includes('?') ? '&' : '?'}${MARK}=${encodeURIComponent(sealed)}`
}

/** What the address of this page says was done; null for anything that was not sealed for this session. */
export function saidHere(page: PageContext): Child {
  const sealed = page.c.req.query(MARK)
  const text = sealed === undefined ? null : page.house.identity.open('said', sealed, page.c.get('binding'))
  if (text === null) return null
  // sealed by `saying` alone
  const { message, link } = JSON.parse(text) as Said
  if (!link) return message
  return (
    <>
      {`${message} `}
      <a class="link" href={page.url(link.path)}>
        {link.label}
      </a>
    </>
  )
}

/**
 * A place of the admin as a path of ours.
 * @throws TypeError for what leads out of the admin: a mistake of the action's developer.
 */
export function pathOf(place: OwnPlace): string {
  if (place.model !== undefined) {
    return place.key === undefined ? modelPath(place.model) : recordPath(place.model, place.key)
  }
  const { path } = place
  const isOurs = /^\/(?![/\\])[^\s\\]*$/.test(path) && !/[\p{Cc}]/u.test(path)
  if (isOurs) return path
  throw new TypeError('An action may lead to a path of the admin alone, such as "/reports".')
}
