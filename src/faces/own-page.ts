/**
 * Pages and menu entries that an application declares: the types its developers
 * write against, and what is wrong with a declaration.
 */

import { didYouMean, type Mistake } from '../errors.ts'
import type { OwnReader } from '../gate/own-action.ts'
import type { Child } from '../jsx/html.ts'
import type { HookContext, Hooks } from '../model/hook.ts'
import type { Model } from '../model/model.ts'
import { ICON_NAMES } from './pages/components/icon-names.ts'
import type { PageContext } from './pages/context.ts'

/** A page of the application inside the admin's shell. Nobody sees it before a rule permits `castellan.pages.NAME`. */
export interface OwnPage extends Pick<Hooks, 'isAccessible' | 'inaccessible'> {
  /** Under the base path: `/reports`. Its name in policies is this without the first slash, other slashes as `-`. */
  readonly path: string
  readonly title: string
  /** A Lucide name of those that the admin ships. */
  readonly icon?: string
  /** The heading it stands under in the menu; absent: beside the dashboard. */
  readonly group?: string
  /** What stands under the title, made with `castellan/jsx`; a text is shown as text. */
  render(context: OwnPageContext): Child | Promise<Child>
}

export interface OwnPageContext extends HookContext {
  /** What stands behind the `?` of the address. */
  readonly query: URLSearchParams
  /** Records as far as whoever looks may list and read them; each is recorded as theirs. */
  readonly records: OwnReader
  /** Whether a rule could permit `orders.refund` on some record: for links and buttons. */
  can(action: string): boolean
  /** A path of the admin, `/m/orders`, as an address of this installation. */
  url(path: string): string
  /** For the components of `castellan/jsx`. */
  readonly page: PageContext
}

/** One more entry of the menu: an address, a page of the application, or a model. Shown to whoever may open it. */
export type MenuEntry = MenuLook &
  (
    | { readonly label: string; readonly href: string; readonly page?: never; readonly model?: never }
    /** The path of one of `pages`. */
    | { readonly page: string; readonly href?: never; readonly model?: never }
    | { readonly model: string; readonly href?: never; readonly page?: never }
  )

interface MenuLook {
  /** Absent: as the page or the model is called. */
  readonly label?: string
  readonly icon?: string
  /** The heading it stands under; absent: beside the dashboard. */
  readonly group?: string
  /** The place within its group: smaller numbers first, entries without one after them. */
  readonly order?: number
}

/** What the pages of an installation hold beside our own. */
export interface OwnPages {
  readonly pages: readonly OwnPage[]
  readonly menu: readonly MenuEntry[]
}

export const NO_OWN_PAGES: OwnPages = { pages: [], menu: [] }

/** What policies call a page: `castellan.pages.reports` for `/reports`. */
export function pageAction(page: Pick<OwnPage, 'path'>): string {
  return `castellan.pages.${pageName(page)}`
}

export function pageName({ path }: Pick<OwnPage, 'path'>): string {
  return path.replace(/^\//, '').replaceAll('/', '-')
}

/** First parts of paths that are the admin's own, or are going to be. */
const TAKEN: ReadonlySet<string> = new Set(
  (
    'api mcp m p assets healthz readyz metrics sign-in sign-out set-up register forgot-password reset-password ' +
    'invitation theme profile dashboard audit people roles policy sessions tokens approvals elevations reviews ' +
    'alerts incidents drills posture jobs health settings list read'
  ).split(' '),
)

const PATH = /^(\/[a-z0-9]+(-[a-z0-9]+)*)+$/

/** Everything that is wrong with the pages and the menu of an application. */
export function ownPageMistakes(
  { pages, menu }: OwnPages,
  models: ReadonlyMap<string, Model>,
): readonly Mistake[] {
  return [
    ...pages.flatMap((page, index) => pageMistakes(page, pages.slice(0, index))),
    ...menu.flatMap((entry, index) => menuMistakes(entry, `menu[${index}]`, pages, models)),
  ]
}

function pageMistakes(page: OwnPage, before: readonly OwnPage[]): readonly Mistake[] {
  const place = `pages.${page.path}`
  const mistakes: Mistake[] = []
  const report = (id: string, problem: string, remedy: string): void => {
    mistakes.push({ id, place, problem, remedy })
  }
  if (!PATH.test(page.path)) {
    report('A201', 'its path is none.', 'Write for example "/reports", in lower case and without parameters.')
  }
  if (TAKEN.has(page.path.split('/')[1] ?? '')) {
    report('A202', 'the admin has pages of its own there.', 'Choose another path.')
  }
  if (before.some((one) => pageName(one) === pageName(page))) {
    report('A203', `two pages are called "${pageName(page)}".`, 'Choose another path for one of them.')
  }
  if (page.title.trim() === '') report('A204', 'it has no title.', 'Say what it is called.')
  return [...mistakes, ...iconMistakes(page.icon, place)]
}

function menuMistakes(
  entry: MenuEntry,
  place: string,
  pages: readonly OwnPage[],
  models: ReadonlyMap<string, Model>,
): readonly Mistake[] {
  const mistakes: Mistake[] = []
  const report = (id: string, problem: string, remedy: string): void => {
    mistakes.push({ id, place, problem, remedy })
  }
  const { href, page, model } = entry
  if ([href, page, model].filter((one) => one !== undefined).length !== 1) {
    report('A211', 'it leads to nothing, or to several things.', 'Give one of href, page and model.')
  }
  if (page !== undefined && !pages.some(({ path }) => path === page)) {
    const near = didYouMean(
      page,
      pages.map(({ path }) => path),
    )
    report('A212', `"${page}" is the path of no page of yours.`, near || 'Name one of "pages".')
  }
  if (model !== undefined && (!models.has(model) || model.startsWith('castellan.'))) {
    report('A213', `there is no model "${model}".`, didYouMean(model, [...models.keys()]) || 'Name another.')
  }
  if (href !== undefined && !isAddress(href)) {
    report('A214', 'its href is no address.', 'Write "https://…", or a path of this host such as "/shop".')
  }
  if (href !== undefined && !entry.label?.trim()) report('A215', 'it has no label.', 'Say what it is called.')
  return [...mistakes, ...iconMistakes(entry.icon, place)]
}

/** Of the web or of this host: never `javascript:` or `data:`. */
function isAddress(href: string): boolean {
  if (/^\/(?![/\\])/.test(href)) return true
  return URL.canParse(href) && /^https?:$/.test(new URL(href).protocol)
}

/** @param icon As an action, a page or a menu entry names it. */
export function iconMistakes(icon: string | undefined, place: string): readonly Mistake[] {
  if (icon === undefined || ICON_NAMES.some((name) => name === icon)) return []
  const near = didYouMean(icon, ICON_NAMES)
  return [
    {
      id: 'A109',
      place,
      problem: `there is no icon "${icon}".`,
      remedy: near || `There are ${ICON_NAMES.join(', ')}.`,
    },
  ]
}

/** Whether the application itself offers the page to whoever asks; what it throws counts as no. */
export async function isPageAccessible(page: OwnPage, context: HookContext): Promise<boolean> {
  try {
    return page.isAccessible ? (await page.isAccessible(context)) === true : true
  } catch {
    return false
  }
}
