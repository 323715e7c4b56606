/**
 * Where this principal can go: the entries of the sidebar and of the palette.
 *
 * Only what the policy could permit on some record; the pages ask the gate
 * again. One list, so that sidebar, palette and shortcuts agree.
 */

import type { Model } from '../../model/model.ts'
import { type IconName, iconOr } from './components/icon-names.ts'
import { isPossible, type PageContext } from './context.ts'

export interface NavigationEntry {
  readonly label: string
  /** Without the base path: `/m/orders`. */
  readonly path: string
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
  { label: 'Sessions', path: '/sessions', icon: 'key-round', goKey: 's', action: 'castellan.sessions.list' },
]

/** Models without a group of their own. */
const OTHER_RECORDS = 'Records'

export function navigationOf(page: PageContext): readonly NavigationGroup[] {
  const taken = new Set([DASHBOARD, ...SECURITY].map((place) => place.goKey))
  const security = SECURITY.filter((place) => place.action !== null && isPossible(page, place.action))
  const groups: NavigationGroup[] = [{ label: null, entries: [DASHBOARD] }]
  for (const [label, models] of modelGroups(page)) {
    groups.push({ label, entries: models.map((model) => entryOf(model, taken)) })
  }
  if (security.length > 0) groups.push({ label: 'Security', entries: security })
  return groups
}

/** The application's models that could be listed, by group, in the order they were declared. */
function modelGroups(page: PageContext): ReadonlyMap<string, readonly Model[]> {
  const groups = new Map<string, Model[]>()
  for (const model of page.house.gate.models.values()) {
    if (model.name.startsWith('castellan.') || !isPossible(page, `${model.name}.list`)) continue
    const label = model.group ?? OTHER_RECORDS
    groups.set(label, [...(groups.get(label) ?? []), model])
  }
  return groups
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
