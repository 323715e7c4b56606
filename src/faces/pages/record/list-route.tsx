/** Answers the list of a model, its trash, and the search of a relation's picker. */

import { AdminError } from '../../../errors.ts'
import type { ListInput, RecordList, RecordView } from '../../../gate/records.ts'
import type { Model } from '../../../model/model.ts'
import { fieldOf } from '../../../model/model.ts'
import { textOf } from '../../../model/text.ts'
import { read } from '../ask.ts'
import type { PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { eventInAddress } from '../perform.tsx'
import { render, renderPart } from '../render.ts'
import { type ListAddress, listAddress, readListAddress, sortInForce, startInForce } from './address.ts'
import { bulkActions } from './bulk-action.ts'
import { WHOLE_KEY } from './composite.ts'
import { type FilterChip, filterChips, filterFromEditor, isSomeIgnored } from './filter-chips.ts'
import { ListPage, type ListProps, ListRegion } from './list.tsx'
import { askableIn, canCreate, modelAt, queryableIn } from './model-at.ts'
import { modelButtons } from './own-action.ts'
import { modelPath } from './paths.ts'

const MAX_SEARCH = 200

export async function answerList(page: PageContext, isTrash: boolean): Promise<Response> {
  const model = modelAt(page)
  if (isTrash && !model.softDelete) throw new AdminError('not-found', 'This model has no trash.')
  const query = new URL(page.c.req.url).searchParams
  const address = readListAddress(query)
  const path = page.url(`${modelPath(model.name)}${isTrash ? '/trash' : ''}`)
  if (query.has('ff')) return page.c.redirect(withAddedFilter(path, address, query), 303)

  const queryable = queryableIn(page, model)
  const chips = filterChips(model, address.filters, askableIn(page))
  const list = await listOrFirstPage(page, model, address, chips, queryable, isTrash)
  if (!list) return page.c.redirect(listAddress(path, address), 303)

  const props: ListProps = {
    page,
    model,
    address,
    list,
    chips,
    hasIgnoredFilter: isSomeIgnored(chips),
    isTrash,
    newHref: canCreate(page, model) && !isTrash ? page.url(`${modelPath(model.name)}/new`) : undefined,
    buttons: isTrash ? [] : await modelButtons(page, model),
    // nothing is done to what is more than was asked for
    bulk: isSomeIgnored(chips) ? [] : await bulkActions(page, model, isTrash),
  }
  if (page.c.req.header('hx-request') === 'true') return renderPart(page, <ListRegion {...props} />)
  return render(
    page,
    <Shell
      page={page}
      title={isTrash ? `Deleted ${model.labelPlural.toLowerCase()}` : model.labelPlural}
      breadcrumb={trailOf(page, model, isTrash)}
      current={modelPath(model.name)}
      toast={eventInAddress(page) ? `${model.label} deleted. It is in the audit log.` : null}
    >
      <ListPage {...props} />
    </Shell>,
  )
}

function trailOf(
  page: PageContext,
  model: Model,
  isTrash: boolean,
): readonly { readonly label: string; readonly href?: string }[] {
  const group = model.group ? [{ label: model.group }] : []
  if (!isTrash) return [...group, { label: model.labelPlural }]
  return [...group, { label: model.labelPlural, href: page.url(modelPath(model.name)) }, { label: 'Trash' }]
}

function withAddedFilter(path: string, address: ListAddress, query: URLSearchParams): string {
  const added = filterFromEditor(query)
  if (added === null || address.filters.includes(added)) return listAddress(path, address)
  return listAddress(path, address, { filters: [...address.filters, added] })
}

/** Null: the cursor is of another list or of another time, and the first page should be shown. */
async function listOrFirstPage(
  page: PageContext,
  model: Model,
  address: ListAddress,
  chips: readonly FilterChip[],
  queryable: readonly string[],
  isTrash: boolean,
): Promise<RecordList | null> {
  const columns = model.list.columns.filter((name) => fieldOf(model, name))
  const filters = chips.flatMap((chip) => chip.filter ?? [])
  const sort = sortInForce(model, address.sort, queryable, filters)
  const isNarrowed = address.search !== '' || chips.length > 0
  const input: ListInput = {
    filters,
    search: address.search.slice(0, MAX_SEARCH) || null,
    sort,
    fields: columns.length > 0 ? columns : null,
    limit: address.per ?? model.list.perPage,
    cursor: address.cursor,
    start: address.cursor === null ? startInForce(model, address, sort) : null,
    count: isNarrowed ? 'capped' : 'estimated',
    trash: isTrash ? 'only' : 'without',
  }
  try {
    return await read<RecordList>(page, { action: `${model.name}.list`, input })
  } catch (error) {
    if (address.cursor !== null && error instanceof AdminError && error.code === 'invalid-input') return null
    throw error
  }
}

const OPTIONS = 8

/** `?q=`: the records that a picker offers, as `[{ value, label, secondary }]`; `?by=`: the field that is the value. */
export async function answerOptions(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  if (page.c.req.query('by') === WHOLE_KEY) return answerWholeKeys(page, model)
  const by = page.c.req.query('by') ?? (model.key?.length === 1 ? model.key[0] : undefined)
  const field = by === undefined ? undefined : fieldOf(model, by)
  if (!field) throw new AdminError('invalid-input', `${model.name} has no single field to pick by.`)
  const secondary = secondaryField(model, field.name)
  const list = await read<RecordList>(page, {
    action: `${model.name}.list`,
    input: {
      search: (page.c.req.query('q') ?? '').trim().slice(0, MAX_SEARCH) || null,
      fields: [field.name, ...(secondary ? [secondary] : [])],
      limit: OPTIONS,
    },
  })
  return page.c.json(
    list.records.flatMap((record) => {
      const value = textIn(model, record, field.name)
      if (value === null) return []
      return [{ value, label: record.title, secondary: secondary ? textIn(model, record, secondary) : null }]
    }),
  )
}

/** For a foreign key of several fields: the value is the whole key, as an address has it. */
async function answerWholeKeys(page: PageContext, model: Model): Promise<Response> {
  const list = await read<RecordList>(page, {
    action: `${model.name}.list`,
    input: {
      search: (page.c.req.query('q') ?? '').trim().slice(0, MAX_SEARCH) || null,
      fields: [...(model.key ?? [])],
      limit: OPTIONS,
    },
  })
  return page.c.json(
    list.records.flatMap(({ key, title }) =>
      key === null ? [] : [{ value: key, label: title, secondary: null }],
    ),
  )
}

/** What tells two of the same name apart: the first searched field that is neither title nor value. */
function secondaryField(model: Model, value: string): string | null {
  const known = model.list.search.filter((name) => fieldOf(model, name))
  return known.find((name) => name !== value && !model.title.includes(name)) ?? null
}

function textIn(model: Model, record: RecordView, name: string): string | null {
  const field = fieldOf(model, name)
  const value = record.values[name] ?? null
  return field && value !== null ? textOf(field, value) : null
}
