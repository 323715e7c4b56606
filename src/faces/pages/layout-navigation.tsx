/** The sidebar: pinned where there is room, and the same element as a popover where there is not. */

import { keptDrawing } from '../../jsx/kept.ts'
import type { Html } from './components/html.ts'
import { Icon } from './components/icon.tsx'
import type { PageContext } from './context.ts'
import { type NavigationEntry, navigationOf } from './navigation.ts'

export interface SidebarProps {
  readonly page: PageContext
  readonly current: string | undefined
}

export function Sidebar({ page, current }: SidebarProps): Html {
  const { title, environment, version } = page.house.settings
  return (
    <nav class="sidebar" id="navigation" popover="auto" aria-label="Main">
      <a class="brand" href={page.url('/')}>
        <span class="logo">
          <Icon page={page} name="shield-check" small />
        </span>
        <span class="truncate">{title}</span>
        {environment && <span class="badge plain warn">{environment}</span>}
      </a>
      {navigationOf(page).map((group) => (
        <>
          {group.label && <p class="navigation-heading">{group.label}</p>}
          <ul>
            {group.entries.map((entry) => (
              <li>
                <NavigationLink page={page} entry={entry} isCurrent={entry.path === current} />
              </li>
            ))}
          </ul>
        </>
      ))}
      <p class="sidebar-foot">Castellan {version}</p>
    </nav>
  )
}

interface NavigationLinkProps {
  readonly page: PageContext
  readonly entry: NavigationEntry
  readonly isCurrent: boolean
}

/** Each page draws all of them. */
const NavigationLink: (props: NavigationLinkProps) => Html = keptDrawing(
  ({ page, entry, isCurrent }) => (
    <a
      class="navigation-link"
      href={entry.href ?? page.url(entry.path)}
      rel={entry.href === undefined ? undefined : 'noreferrer'}
      aria-current={isCurrent ? 'page' : undefined}
      data-command={entry.label}
      data-icon={entry.icon}
      data-go={entry.goKey ?? undefined}
    >
      <Icon page={page} name={entry.icon} />
      <span class="truncate">{entry.label}</span>
    </a>
  ),
  ({ page, entry, isCurrent }) =>
    JSON.stringify([page.asset('icons.svg'), page.url(''), isCurrent, ...Object.values(entry)]),
)
