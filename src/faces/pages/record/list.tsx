/** The list of a model's records: head, search and filters, table, pager. */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import type { Filter } from '../../../model/filter.ts'
import { type Field, fieldOf, type Model } from '../../../model/model.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { PageHead, type Tab, Tabs } from '../components/card.tsx'
import { Empty } from '../components/display.tsx'
import { SearchInput, Select } from '../components/field.tsx'
import { Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { hx } from '../components/hx.ts'
import { Menu, Toolbar } from '../components/menu.tsx'
import { type Column, DataTable, Pager, RowLink } from '../components/table.tsx'
import type { PageContext } from '../context.ts'
import { fieldDrawing, isAmount } from '../fields/show.tsx'
import { labelOf } from '../fields/widget.ts'
import { type ListAddress, listAddress, PAGE_SIZES, sortBy, sortInForce, sortProblem } from './address.ts'
import { type BulkAction, BulkForm, SelectPage, SelectRow } from './bulk.tsx'
import type { FilterChip } from './filter-chips.ts'
import { FilterChips, FilterMenu, ListState } from './list-filter.tsx'
import { StartAt } from './list-start.tsx'
import {
  columnsOf,
  countText,
  directionOf,
  isSortable,
  phonePlaces,
  rowTitle,
  searchPlaceholder,
} from './list-view.ts'
import type { OwnButton } from './own-action.ts'
import { OwnActionButton, OwnActionItem, splitButtons } from './own-action-page.tsx'
import { recordPath } from './paths.ts'
import { searchNote } from './search-note.ts'

export interface ListProps {
  readonly page: PageContext
  readonly model: Model
  readonly address: ListAddress
  readonly list: RecordList
  readonly chips: readonly FilterChip[]
  /** Some filter of the address is not in force: nothing may be offered for "all that match". */
  readonly hasIgnoredFilter: boolean
  readonly isTrash: boolean
  /** Absent where this principal can't create any. */
  readonly newHref?: string | undefined
  /** What the application does with the model as a whole. */
  readonly buttons?: readonly OwnButton[] | undefined
  /** What may be done to several records at once; none: no row can be chosen. */
  readonly bulk?: readonly BulkAction[] | undefined
}

export function ListPage(props: ListProps): Html {
  const { page, model, address, list, isTrash, newHref } = props
  const isNarrowed = address.search !== '' || address.filters.length > 0
  const count = isNarrowed ? null : countText(list.count, page.format.number)
  return (
    <>
      <PageHead
        title={isTrash ? `Deleted ${model.labelPlural.toLowerCase()}` : model.labelPlural}
        {...(count !== null && { note: count })}
        {...(model.description && { below: model.description })}
        actions={(newHref !== undefined || (props.buttons ?? []).length > 0) && <ListActions {...props} />}
      />
      {model.softDelete && <Tabs label="Which records" tabs={tabsOf(props)} />}
      <div class="list">
        <ListSearch {...props} />
        <ListRegion {...props} />
      </div>
    </>
  )
}

function ListActions({ page, model, newHref, buttons = [] }: ListProps): Html {
  const { head, menu } = splitButtons(buttons)
  return (
    <>
      {head.map((button) => (
        <OwnActionButton page={page} button={button} />
      ))}
      {newHref && (
        <LinkButton page={page} href={newHref} variant="primary" icon="plus" shortcut="c">
          New {model.label.toLowerCase()}
        </LinkButton>
      )}
      {menu.length > 0 && (
        <Menu page={page} id="list-actions" toStart button={{ icon: 'ellipsis', label: 'More actions' }}>
          {menu.map((button) => (
            <OwnActionItem page={page} button={button} />
          ))}
        </Menu>
      )}
    </>
  )
}

function tabsOf({ page, model, isTrash }: ListProps): readonly Tab[] {
  const path = page.url(`/m/${encodeURIComponent(model.name)}`)
  return [
    { label: 'All', href: path, isCurrent: !isTrash },
    { label: 'Trash', href: `${path}/trash`, isCurrent: isTrash },
  ]
}

function listPath({ page, model, isTrash }: ListProps): string {
  return page.url(`/m/${encodeURIComponent(model.name)}${isTrash ? '/trash' : ''}`)
}

const REGION = '#list'

function enhanced(page: PageContext, href: string): Readonly<Record<string, string>> {
  return hx(page, { get: href, target: REGION, select: REGION, swap: 'outerHTML', push: true })
}

/** Outside of the region that is replaced, so that the focus stays while one types. */
function ListSearch(props: ListProps): Html | null {
  const { page, model, address, list } = props
  const placeholder = searchPlaceholder(model, page.house.gate.models, list.queryable)
  if (placeholder === null) return null
  const path = listPath(props)
  return (
    <form
      class="list-search"
      method="get"
      action={path}
      role="search"
      {...hx(page, {
        get: path,
        target: REGION,
        select: REGION,
        swap: 'outerHTML',
        push: true,
        trigger: 'submit, input delay:250ms',
      })}
    >
      <SearchInput
        page={page}
        label={`Search ${model.labelPlural.toLowerCase()}`}
        name="q"
        value={address.search}
        placeholder={placeholder}
        maxlength={200}
      />
      <ListState address={address} except={['search']} />
      <noscript>
        <Button page={page}>Search</Button>
      </noscript>
    </form>
  )
}

/** What a change of search, filter, sort or page replaces. */
export function ListRegion(props: ListProps): Html {
  const { page, model, address, list, chips, isTrash } = props
  const path = listPath(props)
  const filters = { page, model, path, address, chips, queryable: list.queryable }
  return (
    <div id="list">
      <Toolbar>
        <FilterChips {...filters} />
        <FilterMenu {...filters} />
      </Toolbar>
      <SortNotice {...props} />
      <SearchNotice {...props} />
      <DataTable
        page={page}
        label={isTrash ? `Deleted ${model.labelPlural.toLowerCase()}` : model.labelPlural}
        columns={[...selectColumn(props), ...tableColumns(props)]}
        rows={list.records}
        empty={<EmptyList {...props} />}
        foot={(list.records.length > 0 || address.cursor !== null) && <Foot {...props} />}
        {...((props.bulk ?? []).length > 0 && { form: (table) => <BulkForm {...props}>{table}</BulkForm> })}
      />
    </div>
  )
}

function selectColumn({ bulk = [] }: ListProps): readonly Column<RecordView>[] {
  if (bulk.length === 0) return []
  return [
    {
      label: 'Select',
      phone: 'select',
      head: <SelectPage />,
      cell: ({ key, title }) => key !== null && <SelectRow recordKey={key} title={title} />,
    },
  ]
}

function tableColumns(props: ListProps): readonly Column<RecordView>[] {
  const { page, model, list } = props
  const fields = columnsOf(model, list.readable)
  const places = phonePlaces(model, fields)
  return fields.map(
    (field, index): Column<RecordView> => ({
      label: labelOf(model, field),
      ...(index > 0 && isAmount(model, field) && { align: 'end' as const }),
      ...(isSortable(field, list.queryable) && columnSort(props, field)),
      phone: places[index] ?? 'hidden',
      cell:
        index === 0
          ? (record) => firstCell(page, model, field, record)
          : fieldDrawing({ page, model, field, as: 'cell' }),
    }),
  )
}

/** A link that sorts by the column, or why it can't. */
function columnSort(props: ListProps, field: Field): Pick<Column<RecordView>, 'sort' | 'unsorted'> {
  const { page, model, address, list } = props
  const filters = filtersIn(props)
  const sort = sortInForce(model, address.sort, list.queryable, filters)
  const problem = sortProblem(model, [{ field: field.name, direction: 'asc' }], list.queryable, filters)
  if (problem) return { unsorted: sentence(problem.problem) }
  const href = listAddress(listPath(props), address, { sort: sortBy(sort, field.name) })
  return { sort: { href, direction: directionOf(sort, field), attributes: enhanced(page, href) } }
}

function filtersIn({ chips }: ListProps): readonly Filter[] {
  return chips.flatMap((chip) => chip.filter ?? [])
}

function sentence(problem: string): string {
  return `Can’t be sorted: it ${problem}.`
}

/** What the address asks for and can not be had. */
function SortNotice(props: ListProps): Html | null {
  const { page, model, address, list } = props
  const problem = sortProblem(model, address.sort, list.queryable, filtersIn(props))
  const field = problem && fieldOf(model, problem.field)
  if (!problem || !field) return null
  return (
    <Note page={page} tone="warn" title={`Not sorted by ${labelOf(model, field)}`}>
      <p>It {problem.problem}. The list is sorted as usual instead.</p>
    </Note>
  )
}

/** Which fields a search of a large table looks through. */
function SearchNotice({ page, model, address, list }: ListProps): Html | null {
  if (address.search === '' || !list.searched) return null
  const note = searchNote(model, page.house.gate.models, list.searched)
  return note === null ? null : <p class="list-note muted">{note}</p>
}

function firstCell(page: PageContext, model: Model, field: Field, record: RecordView): Html {
  const title = rowTitle(model, field, record)
  if (record.key === null) return <span class="strong">{title}</span>
  return <RowLink href={page.url(recordPath(model.name, record.key))}>{title}</RowLink>
}

function Foot(props: ListProps): Html {
  const { page, address, list } = props
  const path = listPath(props)
  const at = (cursor: string | null): string | null => cursor && listAddress(path, address, { cursor })
  const isNarrowed = address.search !== '' || address.filters.length > 0
  const count = countText(
    list.count,
    page.format.number,
    isNarrowed ? { one: 'match', other: 'matches' } : undefined,
  )
  return (
    <Pager
      page={page}
      {...(count !== null && { summary: <span data-announce="">{count}</span> })}
      previous={at(list.page.previous)}
      next={at(list.page.next)}
      ends={
        props.model.key === null
          ? undefined
          : {
              first: list.page.previous === null ? null : listAddress(path, address),
              last: list.page.next === null ? null : listAddress(path, address, { start: 'last' }),
            }
      }
      enhance={(href) => enhanced(page, href)}
    >
      <StartAt {...props} path={path} />
      <form method="get" action={path} class="rows-per-page hide-on-phone">
        <ListState address={address} except={['per']} />
        <Select
          name="per"
          aria-label="Rows per page"
          options={PAGE_SIZES.map((size) => ({ value: String(size), label: `${size} rows` }))}
          value={String(address.per ?? props.model.list.perPage)}
        />
        <Button page={page} small>
          Show
        </Button>
      </form>
    </Pager>
  )
}

function EmptyList(props: ListProps): Html {
  const { page, model, address, chips, isTrash, newHref } = props
  const many = model.labelPlural.toLowerCase()
  if (address.search !== '' || chips.length > 0) {
    return (
      <Empty
        page={page}
        icon="search"
        title={`No ${many} match`}
        action={
          <LinkButton page={page} href={listPath(props)}>
            Clear search and filters
          </LinkButton>
        }
      >
        {[address.search && `“${address.search}”`, ...chips.map((chip) => `${chip.label} ${chip.sentence}`)]
          .filter(Boolean)
          .join(' · ')}
      </Empty>
    )
  }
  if (isTrash) return <Empty page={page} icon="trash-2" title="The trash is empty" />
  return (
    <Empty
      page={page}
      title={`No ${many} yet`}
      action={
        newHref && (
          <LinkButton page={page} href={newHref} variant="primary" icon="plus">
            New {model.label.toLowerCase()}
          </LinkButton>
        )
      }
    >
      {newHref
        ? `The first ${model.label.toLowerCase()} that is made appears here.`
        : `None that you may see.`}
    </Empty>
  )
}
