/** What a page is built of: its head, its cards, its two columns, its trail and its tabs. */

import type { PageContext } from '../context.ts'
import { type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'

export interface CardProps {
  /** Becomes an `h2` that names the section; a card without one is a plain box. */
  readonly title?: string | undefined
  /** At the end of the head: a count, a link. */
  readonly aside?: Child
  /** Unique on the page; needed with `title`. */
  readonly id?: string | undefined
  /** Without padding: for tables and lists that bring their own. */
  readonly flush?: boolean | undefined
  readonly class?: string | undefined
  readonly children?: Child
}

export function Card({ title, aside, id, flush, class: name, children }: CardProps): Html {
  const inside = flush ? children : <div class="card-body">{children}</div>
  if (title === undefined) return <div class={classes('card', name)}>{inside}</div>
  const headingId = id ?? `card-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
  return (
    <section class={classes('card', name)} aria-labelledby={headingId}>
      <header class="card-head">
        <h2 id={headingId}>{title}</h2>
        {aside !== undefined && <span class="card-aside">{aside}</span>}
      </header>
      {inside}
    </section>
  )
}

export interface PageHeadProps {
  readonly title: Child
  /** Beside the title: a count or a line of context. */
  readonly note?: Child
  /** Status badges beside the title. */
  readonly badges?: Child
  /** Secondary actions first, then the one primary. */
  readonly actions?: Child
  /** Under the title, smaller. */
  readonly below?: Child
}

export function PageHead({ title, note, badges, actions, below }: PageHeadProps): Html {
  return (
    <div class="page-head">
      <div class="page-title">
        <h1 tabindex={-1}>{title}</h1>
        {badges}
        {note !== undefined && <span class="page-note">{note}</span>}
        {below !== undefined && <p class="page-below">{below}</p>}
      </div>
      {actions !== undefined && <div class="page-actions">{actions}</div>}
    </div>
  )
}

/** The main column and an aside of 312 px, one under the other where there is no room. */
export function Columns({
  aside,
  label = 'About this record',
  children,
}: {
  readonly aside: Child
  /** What the aside is about, heard and not seen. */
  readonly label?: string
  readonly children?: Child
}): Html {
  return (
    <div class="columns">
      <div class="stack">{children}</div>
      <aside class="stack" aria-label={label}>
        {aside}
      </aside>
    </div>
  )
}

export interface Crumb {
  readonly label: string
  /** Absent for where one is, and for a group that has no page. */
  readonly href?: string | undefined
}

export function Breadcrumb({
  page,
  trail,
}: {
  readonly page: PageContext
  readonly trail: readonly Crumb[]
}): Html {
  return (
    <nav class="breadcrumb" aria-label="Breadcrumb">
      <ol>
        {trail.map((crumb, index) => (
          <li>
            {index > 0 && <Icon page={page} name="chevron-right" small directional />}
            {crumb.href !== undefined && <a href={crumb.href}>{crumb.label}</a>}
            {crumb.href === undefined && (
              <span aria-current={index === trail.length - 1 ? 'page' : undefined}>{crumb.label}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

export interface Tab {
  readonly label: string
  readonly href: string
  readonly count?: string | undefined
  readonly isCurrent?: boolean | undefined
}

/** Links, each with an address of its own. `label` says what they switch between. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }): Html {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a href={tab.href} aria-current={tab.isCurrent ? 'page' : undefined}>
          {tab.label}
          {tab.count !== undefined && <span class="count">{tab.count}</span>}
        </a>
      ))}
    </nav>
  )
}
