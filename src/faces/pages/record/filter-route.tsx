/** Answers the page on which a list's filters are put together, and the editor of a single field. */

import { AdminError } from '../../../errors.ts'
import type { FieldTally, RecordList } from '../../../gate/records.ts'
import { type FieldFilter, type Filter, filterText, resolveFilters } from '../../../model/filter.ts'
import { type Askable, placeToAsk } from '../../../model/filter-place.ts'
import { type Field, fieldOf, type Model, relationThrough } from '../../../model/model.ts'
import { readPart } from '../ask.ts'
import { Card, PageHead } from '../components/card.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { render, renderPart } from '../render.ts'
import { type ListAddress, listAddress, readListAddress } from './address.ts'
import { FilterBuilder } from './filter-builder.tsx'
import { filterChips, isSomeIgnored } from './filter-chips.ts'
import {
  changedBy,
  type Draft,
  type DraftGroup,
  draftOf,
  EMPTY_CONDITION,
  readDraft,
  writtenCondition,
  writtenFilters,
} from './filter-draft.ts'
import { FilterEditor } from './filter-editor.tsx'
import { askableIn, modelAt } from './model-at.ts'
import { modelPath } from './paths.ts'

interface Asked {
  readonly page: PageContext
  readonly model: Model
  readonly askable: Askable
  /** Of the list. */
  readonly path: string
  readonly address: ListAddress
  readonly query: URLSearchParams
  readonly isTrash: boolean
}

export async function answerFilter(page: PageContext, isTrash: boolean): Promise<Response> {
  const model = modelAt(page)
  if (isTrash && !model.softDelete) throw new AdminError('not-found', 'This model has no trash.')
  const query = new URL(page.c.req.url).searchParams
  const asked: Asked = {
    page,
    model,
    askable: askableIn(page),
    path: page.url(`${modelPath(model.name)}${isTrash ? '/trash' : ''}`),
    address: readListAddress(query),
    query,
    isTrash,
  }
  const name = query.get('field')
  return name === null ? answerBuilder(asked) : answerEditor(asked, name)
}

/** The editor of one field; the whole builder where that field can't be asked about. */
async function answerEditor(asked: Asked, name: string): Promise<Response> {
  const { page, model, askable, path, address, query } = asked
  const field = fieldOf(model, name)
  const place = field && placeToAsk(model, name, askable)
  if (!field || !place) return answerBuilder(asked)
  const edited = query.get('edit')
  const rest = { ...address, filters: address.filters.filter((text) => text !== edited) }
  const [chip] = filterChips(model, edited === null ? [] : [edited], askable)
  const filter = chip?.filter && 'field' in chip.filter && chip.filter.field === name ? chip.filter : null
  const tally = await tallyFor(asked, field, rest)
  const editor = (
    <FilterEditor
      page={page}
      model={model}
      field={field}
      path={path}
      address={rest}
      filter={filter}
      tally={tally}
    />
  )
  if (isPart(page)) return renderPart(page, editor)
  return shown(asked, <Card>{editor}</Card>)
}

/** Only for fields whose values may be few and known, and within what the other filters leave. */
async function tallyFor(
  { page, model, askable, isTrash }: Asked,
  field: Field,
  address: ListAddress,
): Promise<FieldTally | null> {
  if (field.type !== 'bool' && !field.choices && !relationThrough(model, field.name)) return null
  const others = filterChips(model, address.filters, askable).flatMap(({ filter }) => filter ?? [])
  const list = await readPart<RecordList>(page, {
    action: `${model.name}.list`,
    input: {
      filters: others.filter((one) => !isOf(one, field.name)),
      search: address.search.slice(0, 200) || null,
      tally: field.name,
      trash: isTrash ? 'only' : 'without',
    },
  })
  return list?.tally ?? null
}

function isOf(filter: Filter, name: string): filter is FieldFilter {
  return 'field' in filter && filter.field === name
}

async function answerBuilder(asked: Asked): Promise<Response> {
  const { page, model, askable, path, address, query } = asked
  const chips = filterChips(model, address.filters, askable)
  const isSent = query.has('n.m')
  const sent = isSent ? readDraft(query) : draftOf(chips.flatMap(({ filter }) => filter ?? []))
  const button = query.get('do') ?? ''
  const problems = button === 'apply' ? problemsIn(asked, sent) : {}
  if (isSent && button === 'apply' && Object.keys(problems).length === 0) {
    const filters = resolveFilters(model, writtenFilters(sent), askable).map(filterText)
    return page.c.redirect(listAddress(path, address, { filters }), 303)
  }
  const changed = changedBy(sent, button)
  const draft = changed.of.length === 0 && !isSent ? { ...changed, of: [EMPTY_CONDITION] } : changed
  const ignored = isSomeIgnored(chips) ? chips.filter(({ isIgnored }) => isIgnored).length : 0
  const builder = (
    <FilterBuilder
      page={page}
      model={model}
      askable={askable}
      path={path}
      address={address}
      draft={draft}
      problems={problems}
      ignored={ignored}
    />
  )
  return isPart(page) ? renderPart(page, builder) : shown(asked, <Card>{builder}</Card>)
}

/** What is wrong with each condition, by the name of its part; under `n` what is wrong with all of them. */
function problemsIn({ model, askable }: Asked, draft: DraftGroup): Readonly<Record<string, string>> {
  const problems: Record<string, string> = {}
  const walk = (part: Draft, name: string): void => {
    if (part.kind === 'group') {
      part.of.forEach((one, index) => {
        walk(one, `${name}.${index}`)
      })
      return
    }
    const written = writtenCondition(part)
    // left out without a word it would make the list longer than was meant
    if (!written && part.field !== '') problems[name] = 'Choose how it compares, and with what.'
    const problem = written && problemOf(() => resolveFilters(model, [written], askable))
    if (problem) problems[name] = problem
  }
  walk(draft, 'n')
  if (Object.keys(problems).length > 0) return problems
  const whole = problemOf(() => resolveFilters(model, writtenFilters(draft), askable))
  return whole === null ? {} : { n: `The filters ${whole}.` }
}

function problemOf(read: () => unknown): string | null {
  try {
    read()
    return null
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    return Object.values(error.fields ?? {})[0]?.join(' ') ?? error.message
  }
}

function isPart(page: PageContext): boolean {
  return page.c.req.header('hx-request') === 'true'
}

function shown({ page, model, path }: Asked, content: Html): Promise<Response> {
  const title = `Filter ${model.labelPlural.toLowerCase()}`
  return render(
    page,
    <Shell
      page={page}
      title={title}
      breadcrumb={[{ label: model.labelPlural, href: path }, { label: 'Filter' }]}
      current={modelPath(model.name)}
    >
      <PageHead title={title} />
      {content}
    </Shell>,
  )
}
