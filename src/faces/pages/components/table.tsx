/**
 * A table of records: sorting by links, phone cards by CSS on the same markup.
 *
 * The roles are written out because a table that CSS lays out as cards would
 * otherwise lose them.
 */

import { repeated, repeatedWith } from '../../../jsx/repeated.ts'
import type { PageContext } from '../context.ts'
import { Button, LinkButton } from './button.tsx'
import { type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'

export interface Column<Row> {
  readonly label: string
  /** Heard, not seen: for a column of buttons. */
  readonly isLabelHidden?: boolean | undefined
  /** Numbers stand at the end, in figures of one width. */
  readonly align?: 'end' | undefined
  readonly sort?: ColumnSort | undefined
  /** Why it can't be sorted by, as a sentence, where others can. */
  readonly unsorted?: string | undefined
  /** Where the cell goes in the card that a row becomes on a phone; absent: a line with its label. */
  readonly phone?: 'title' | 'value' | 'subtitle' | 'status' | 'select' | 'action' | 'hidden' | undefined
  /** In the head instead of the label: what chooses all rows of the page. */
  readonly head?: Child
  readonly cell: (row: Row) => Child
}

export interface ColumnSort {
  /** Where the list is sorted by this column, or the other way round. */
  readonly href: string
  readonly direction: 'asc' | 'desc' | null
  /** `hx()` attributes, when the list is enhanced. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
}

export interface DataTableProps<Row> {
  readonly page: PageContext
  /** What the table is: "Orders". */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly id?: string | undefined
  /** Instead of rows, when there are none. */
  readonly empty?: Child
  /** Below the rows, in the same frame: the pager. */
  readonly foot?: Child
  /** Puts the rows into a form of their own, without the foot. */
  form?(table: Html): Html
}

export function DataTable<Row>(props: DataTableProps<Row>): Html {
  const { page, label, columns, rows, id, empty, foot, form = (table: Html): Html => table } = props
  const cells = columns.map((column) => ({
    write: repeated('td', {
      role: 'cell',
      class: cellClass(column),
      'data-label': column.phone ? undefined : column.label,
    }),
    draw: column.cell,
  }))
  const row = repeated('tr', { role: 'row' })
  return (
    <div class="table-frame" id={id}>
      {rows.length === 0 && empty !== undefined
        ? empty
        : form(
            <div class="table-scroll" tabindex={0} role="region" aria-label={label}>
              <table
                class={classes('table', 'cards', ...phonePlaces(columns))}
                role="table"
                aria-label={label}
              >
                <thead role="rowgroup">
                  <tr role="row">
                    {columns.map((column) => (
                      <HeaderCell page={page} column={column} />
                    ))}
                  </tr>
                </thead>
                <tbody role="rowgroup">
                  {rows.map((record) => row(cells.map(({ write, draw }) => write(draw(record)))))}
                </tbody>
              </table>
            </div>,
          )}
      {foot}
    </div>
  )
}

function HeaderCell<Row>({ page, column }: { page: PageContext; column: Column<Row> }): Html {
  const { sort } = column
  const label = column.isLabelHidden ? <span class="visually-hidden">{column.label}</span> : column.label
  return (
    <th
      scope="col"
      role="columnheader"
      class={classes(column.align === 'end' && 'number', column.phone === 'action' && 'action')}
      aria-sort={ariaSort(sort)}
      title={column.unsorted}
    >
      {column.head ?? (sort ? <SortLink page={page} sort={sort} label={label} /> : label)}
      {column.unsorted && <span class="visually-hidden">{column.unsorted}</span>}
    </th>
  )
}

function SortLink({ page, sort, label }: { page: PageContext; sort: ColumnSort; label: Child }): Html {
  const icons = { asc: 'arrow-up', desc: 'arrow-down' } as const
  return (
    <a href={sort.href} {...sort.attributes}>
      {label}
      <Icon page={page} name={sort.direction ? icons[sort.direction] : 'chevrons-up-down'} small />
    </a>
  )
}

function ariaSort(sort: ColumnSort | undefined): 'ascending' | 'descending' | undefined {
  if (!sort?.direction) return undefined
  return sort.direction === 'asc' ? 'ascending' : 'descending'
}

function cellClass<Row>(column: Column<Row>): string | undefined {
  return classes(column.align === 'end' && 'number', column.phone === 'action' && 'phone-action')
}

/** `phone-title-1`: said once for a column, and not in each of its cells; without a place it is not on the card. */
function phonePlaces<Row>(columns: readonly Column<Row>[]): readonly (string | false)[] {
  return columns.map(
    ({ phone = 'hidden' }, index) =>
      phone !== 'hidden' && phone !== 'action' && `phone-${phone}-${index + 1}`,
  )
}

const rowLink = repeatedWith('a', { class: 'row-link' }, ['href'])

/** The link that a row is: the first column of a list. J, K and Enter go there. */
export function RowLink({ href, children }: { readonly href: string; readonly children?: Child }): Html {
  return rowLink(children, href)
}

export interface PagerProps {
  readonly page: PageContext
  /** "1–50 of 1,284", "about 1.2 million". */
  readonly summary?: Child
  readonly previous: string | null
  readonly next: string | null
  /** To the ends of the list; absent: they can't be gone to at once. */
  readonly ends?: { readonly first: string | null; readonly last: string | null } | undefined
  /** More to choose: rows per page. */
  readonly children?: Child
  /** `hx()` attributes for an address, when the list is enhanced. */
  enhance?(href: string): Readonly<Record<string, string>>
}

/** First, previous, next and last by keyset: no page numbers, so it costs the same on any page. */
export function Pager({ page, summary, previous, next, ends, children, enhance }: PagerProps): Html {
  return (
    <div class="table-foot">
      {summary !== undefined && <span>{summary}</span>}
      <nav class="end" aria-label="Pagination">
        {children}
        {ends && <PagerLink page={page} href={ends.first} direction="first" enhance={enhance} />}
        <PagerLink page={page} href={previous} direction="previous" enhance={enhance} />
        <PagerLink page={page} href={next} direction="next" enhance={enhance} />
        {ends && <PagerLink page={page} href={ends.last} direction="last" enhance={enhance} />}
      </nav>
    </div>
  )
}

const DIRECTIONS = {
  first: { label: 'First page', icon: 'chevrons-left', shortcut: '{' },
  last: { label: 'Last page', icon: 'chevrons-right', shortcut: '}' },
  previous: { label: 'Previous page', icon: 'chevron-left', shortcut: '[' },
  next: { label: 'Next page', icon: 'chevron-right', shortcut: ']' },
} as const

interface PagerLinkProps {
  readonly page: PageContext
  readonly href: string | null
  readonly direction: keyof typeof DIRECTIONS
  readonly enhance: PagerProps['enhance']
}

function PagerLink({ page, href, direction, enhance }: PagerLinkProps): Html {
  const { label, icon, shortcut } = DIRECTIONS[direction]
  if (href === null) {
    return (
      <Button page={page} type="button" disabled small class="square" label={label}>
        <Icon page={page} name={icon} small directional />
      </Button>
    )
  }
  return (
    <LinkButton
      page={page}
      href={href}
      small
      class="square"
      label={label}
      shortcut={shortcut}
      {...enhance?.(href)}
    >
      <Icon page={page} name={icon} small directional />
    </LinkButton>
  )
}
