/**
 * Where this principal can go: the entries of the sidebar and of the palette.
 *
 * Only what the policy could permit on some record; the pages ask the gate
 * again. One list, so that sidebar, palette and shortcuts agree.
 */

import type { Model } from '../../model/model.ts'
import { type MenuEntry, NO_OWN_PAGES, type OwnPage, pageAction } from '../own-page.ts'
import { type IconName, iconOr } from './components/icon-names.ts'
import { isPossible, type PageContext } from './context.ts'

export interface NavigationEntry {
  readonly label: string
  /** Without the base path: `/m/orders`. */
  readonly path: string
  /** Another place than one of ours, as it stands in the link. */
  readonly href?: string
  readonly icon: IconName
  /** The letter after G that leads there, where one is free. */
  readonly goKey: string | null
}

export interface NavigationGroup {
  /** Null for the first group, which has no heading. */
  readonly label: string | null
  readonly entries: readonly NavigationEntry[]
}

interface Place {
  readonly label: string
  readonly path: string
  readonly icon: IconName
  readonly goKey: string
  /** Shown when this could be permitted; null: to everybody. */
  readonly action: string | null
}

const DASHBOARD: Place = {
  label: 'Dashboard',
  path: '/',
  icon: 'layout-dashboard',
  goKey: 'd',
  action: null,
}

const SECURITY: readonly Place[] = [
  { label: 'Audit log', path: '/audit', icon: 'history', goKey: 'a', action: 'castellan.audit.list' },
  { label: 'People', path: '/people', icon: 'users', goKey: 'p', action: 'castellan.people.list' },
  {
    label: 'Roles & policy',
    path: '/roles',
    icon: 'shield-check',
    goKey: 'r',
    action: 'castellan.policy.read',
  },
  { label: 'Sessions', path: '/sessions', icon: 'monitor', goKey: 's', action: 'castellan.sessions.list' },
  { label: 'Keys', path: '/keys', icon: 'key-round', goKey: 'k', action: 'castellan.keys.list' },
]

/** Models without a group of their own. */
const OTHER_RECORDS = 'Records'

export function navigationOf(page: PageContext): readonly NavigationGroup[] {
  const taken = new Set([DASHBOARD, ...SECURITY].map((place) => place.goKey))
  const security = SECURITY.filter((place) => place.action !== null && isPossible(page, place.action))
  const groups = new Map<string | null, Placed[]>([[null, []]])
  for (const placed of [...modelPlaces(page, taken), ...ownPlaces(page), ...menuPlaces(page)]) {
    groups.set(placed.group, [...(groups.get(placed.group) ?? []), placed])
  }
  const own = [...groups].map(([label, places]) => ({
    label,
    entries: [...(label === null ? [DASHBOARD] : []), ...inOrder(places)],
  }))
  return security.length > 0 ? [...own, { label: 'Security', entries: security }] : own
}

/** An entry with where it belongs. */
interface Placed {
  readonly group: string | null
  readonly order: number
  readonly entry: NavigationEntry
}

/** Those with a number first, smaller ones before larger ones; the rest as they come. */
function inOrder(places: readonly Placed[]): readonly NavigationEntry[] {
  return places.toSorted((one, other) => one.order - other.order || 0).map(({ entry }) => entry)
}

const LAST = Number.MAX_SAFE_INTEGER

/** The application's models that could be listed, in the order they were declared; not those that the menu places. */
function modelPlaces(page: PageContext, taken: Set<string>): readonly Placed[] {
  const { gate, own = NO_OWN_PAGES } = page.house
  return [...gate.models.values()].flatMap((model): Placed[] => {
    const isElsewhere = own.menu.some((entry) => entry.model === model.name)
    if (model.name.startsWith('castellan.') || isElsewhere || !isPossible(page, `${model.name}.list`))
      return []
    return [
      {
        group: model.group ?? OTHER_RECORDS,
        order: model.refined?.order ?? LAST,
        entry: entryOf(model, taken),
      },
    ]
  })
}

/** The application's pages; not those that the menu places. */
function ownPlaces(page: PageContext): readonly Placed[] {
  const { pages, menu } = page.house.own ?? NO_OWN_PAGES
  return pages
    .filter((own) => isOpen(page, own) && !menu.some((entry) => entry.page === own.path))
    .map((own) => ({
      group: own.group ?? null,
      order: LAST,
      entry: { label: own.title, path: own.path, icon: iconOr(own.icon ?? null, 'file-text'), goKey: null },
    }))
}

function isOpen(page: PageContext, own: OwnPage): boolean {
  const isHidden = page.c.get('hiddenPages')?.has(own.path) ?? false
  return !isHidden && isPossible(page, pageAction(own))
}

/** The entries of the application's menu that lead somewhere for this principal. */
function menuPlaces(page: PageContext): readonly Placed[] {
  return (page.house.own ?? NO_OWN_PAGES).menu.flatMap((item): Placed[] => {
    const entry = menuEntry(page, item)
    return entry ? [{ group: item.group ?? null, order: item.order ?? LAST, entry }] : []
  })
}

function menuEntry(page: PageContext, item: MenuEntry): NavigationEntry | null {
  const { gate, own = NO_OWN_PAGES } = page.house
  if (item.href !== undefined) {
    return {
      label: item.label,
      path: '',
      href: item.href,
      icon: iconOr(item.icon ?? null, 'external-link'),
      goKey: null,
    }
  }
  if (item.model !== undefined) {
    const model = gate.models.get(item.model)
    if (!model || !isPossible(page, `${model.name}.list`)) return null
    return named(item, entryOf(model, new Set()))
  }
  const target = own.pages.find(({ path }) => path === item.page)
  if (!target || !isOpen(page, target)) return null
  const icon = iconOr(target.icon ?? null, 'file-text')
  return named(item, { label: target.title, path: target.path, icon, goKey: null })
}

/** Under the name and the drawing that the menu gives. */
function named({ label, icon }: MenuEntry, entry: NavigationEntry): NavigationEntry {
  return { ...entry, label: label ?? entry.label, icon: iconOr(icon ?? null, entry.icon), goKey: null }
}

function entryOf(model: Model, taken: Set<string>): NavigationEntry {
  return {
    label: model.labelPlural,
    path: `/m/${encodeURIComponent(model.name)}`,
    icon: iconOr(model.icon, iconByName(model.name)),
    goKey: freeKey(model.labelPlural, taken),
  }
}

/** The first letter of the label that no other place has; marks it as taken. */
function freeKey(label: string, taken: Set<string>): string | null {
  const letter = Array.from(label.toLowerCase()).find((one) => /[a-z]/.test(one) && !taken.has(one))
  if (letter === undefined) return null
  taken.add(letter)
  return letter
}

/** A drawing for common names, so that a database nobody has configured looks at home. */
const ICONS_BY_NAME: readonly (readonly [RegExp, IconName])[] = [
  [/order_?item|invoice_?line|line/i, 'receipt'],
  [/order|cart|basket/i, 'shopping-cart'],
  [/customer|client|user|member|person|people|actor|employee|staff(?!_note)/i, 'users'],
  [/categor|genre|folder/i, 'folder-tree'],
  [/product|item|inventory|stock/i, 'package'],
  [/tag|label/i, 'tags'],
  [/payment|invoice|transaction/i, 'credit-card'],
  [/address|city|country|location/i, 'map-pin'],
  [/ship|deliver|courier/i, 'truck'],
  [/return|refund/i, 'undo-2'],
  [/note|comment|message|review/i, 'message-square'],
  [/store|shop|warehouse/i, 'store'],
  [/language|locale/i, 'globe'],
  [/mail|email/i, 'mail'],
  [/post|article|page|document|file/i, 'file-text'],
  [/date|event|schedule/i, 'calendar'],
]

function iconByName(name: string): IconName {
  return ICONS_BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? 'table-2'
}
