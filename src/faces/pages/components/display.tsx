/** What is read on a record: definitions, times, masked values, what can be copied, emptiness. */

import { repeatedWith } from '../../../jsx/repeated.ts'
import type { PageContext } from '../context.ts'
import type { Instant } from '../format.ts'
import { Button } from './button.tsx'
import { type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon-names.ts'

export interface Definition {
  readonly term: Child
  readonly value: Child
  /** For ids and hashes. */
  readonly isCode?: boolean | undefined
  /** Across both columns of a wide list. */
  readonly full?: boolean | undefined
}

export interface DefinitionListProps {
  readonly entries: readonly Definition[]
  /** `aside`: term and value on one line; `sheet`: values under their terms, in two columns. */
  readonly layout?: 'aside' | 'sheet' | undefined
}

export function DefinitionList({ entries, layout = 'aside' }: DefinitionListProps): Html {
  return (
    <dl class={classes('definitions', layout)}>
      {entries.map((entry) => (
        <div class={classes(entry.full && 'full')}>
          <dt>{entry.term}</dt>
          <dd class={classes(entry.isCode && 'code')}>{entry.value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Stands where there is no value. */
export function None({ children = 'none' }: { readonly children?: Child }): Html {
  return <span class="none">{children}</span>
}

export interface DateTimeProps {
  readonly page: PageContext
  readonly at: Instant
  /** `relative` within seven days, with the exact time on focus; `exact` for evidence. */
  readonly as?: 'relative' | 'dateTime' | 'date' | 'exact' | 'time' | undefined
}

const exactTime = repeatedWith('time', {}, ['datetime'])
const titledTime = repeatedWith('time', {}, ['datetime', 'title'])

export function DateTime({ page, at, as = 'relative' }: DateTimeProps): Html {
  const { format } = page
  // read once: each of the two would read the text again
  const instant = typeof at === 'number' ? at : Date.parse(at)
  const [machine, text] = [format.machine(at), format[as](instant)]
  return as === 'exact' ? exactTime(text, machine) : titledTime(text, machine, format.exact(instant))
}

export interface CopyProps {
  readonly page: PageContext
  /** What is copied. */
  readonly text: string
  /** What it is: "request id". */
  readonly what: string
  /** Shown in code; absent: only the button. */
  readonly children?: Child
}

/** A text with a button beside it that copies it, where scripts run. */
export function Copy({ page, text, what, children }: CopyProps): Html {
  return (
    <span class="copy">
      {children !== undefined && <code>{children}</code>}
      <button
        type="button"
        class="button ghost small square"
        aria-label={`Copy ${what}`}
        title={`Copy ${what}`}
        data-copy={text}
        data-copied={`Copied ${what}`}
        hidden
      >
        <Icon page={page} name="copy" small />
      </button>
    </span>
  )
}

/** The same with words: where copying is a step of its own. */
export function CopyButton({ page, text, what }: Omit<CopyProps, 'children'>): Html {
  return (
    <Button page={page} type="button" icon="copy" data-copy={text} data-copied={`Copied ${what}`} hidden>
      Copy {what}
    </Button>
  )
}

export interface MaskedValueProps {
  readonly page: PageContext
  /** The field's label. */
  readonly label: string
  /** Reveals it: a form's address, or absent where this may not be done. */
  readonly revealHref?: string | undefined
}

/** A personal value that is there but not shown. */
export function MaskedValue({ page, label, revealHref }: MaskedValueProps): Html {
  return (
    <span class="masked">
      <span aria-hidden="true">••••••••</span>
      <span class="visually-hidden">{label} is hidden.</span>
      {revealHref && (
        <a class="button small" href={revealHref} aria-label={`Reveal ${label}`}>
          <Icon page={page} name="eye" small />
          Reveal
        </a>
      )}
    </span>
  )
}

export interface EmptyProps {
  readonly page: PageContext
  readonly icon?: IconName | undefined
  readonly title: string
  /** One sentence. */
  readonly children?: Child
  /** What to do about it. */
  readonly action?: Child
}

export function Empty({ page, icon = 'inbox', title, children, action }: EmptyProps): Html {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon page={page} name={icon} />
      </span>
      <p class="strong">{title}</p>
      {children !== undefined && <p class="muted">{children}</p>}
      {action}
    </div>
  )
}

export interface KpiProps {
  readonly label: string
  readonly value: Child
  /** What it is compared with, or where it comes from. */
  readonly note?: Child
  readonly href?: string | undefined
}

export function Kpi({ label, value, note, href }: KpiProps): Html {
  return (
    <div class="card kpi">
      <p class="kpi-label">{href ? <a href={href}>{label}</a> : label}</p>
      <p class="kpi-value">{value}</p>
      {note !== undefined && <p class="kpi-note">{note}</p>}
    </div>
  )
}

export function Kpis({ children }: { readonly children?: Child }): Html {
  return <div class="kpis">{children}</div>
}

export interface MeterRow {
  readonly label: string
  readonly value: number
  /** The number as people read it. */
  readonly text: string
}

/** Bars of one breakdown, each measured against the largest. */
export function Meters({ rows }: { readonly rows: readonly MeterRow[] }): Html {
  const max = Math.max(1, ...rows.map((row) => row.value))
  return (
    <ul class="meters">
      {rows.map((row) => (
        <li>
          <span>{row.label}</span>
          <span class="number strong">{row.text}</span>
          <meter min={0} max={max} value={row.value} aria-label={`${row.label}: ${row.text}`} />
        </li>
      ))}
    </ul>
  )
}

/** A line that says a thing was done, with a way on. Success only: errors belong to the page. */
export function Toast({ page, children }: { readonly page: PageContext; readonly children?: Child }): Html {
  return (
    <div class="toast" role="status" data-toast="">
      <Icon page={page} name="circle-check" class="ok" />
      <span>{children}</span>
      <Button
        page={page}
        type="button"
        variant="ghost"
        small
        icon="x"
        label="Close message"
        data-close-toast=""
        hidden
      />
    </div>
  )
}

/** Text that is code, an address or an id: always left to right. */
export function Code({ children }: { readonly children?: Child }): Html {
  return (
    <code>
      <bdi dir="ltr">{children}</bdi>
    </code>
  )
}

/** An address, and where it is if the operator has written that down. */
export function Where({
  page,
  address,
}: {
  readonly page: PageContext
  readonly address: string | null
}): Html {
  const place = page.house.settings.placeOf(address)
  return (
    <>
      <Code>{address ?? 'unknown'}</Code>
      {place !== null && <span class="muted"> {place}</span>}
    </>
  )
}
