/** Answers one record: its page, its history, and what a masked field holds. */

import type { RecordList, RecordRead } from '../../../gate/records.ts'
import type { Filter } from '../../../model/filter.ts'
import { fieldOf, type Model, type Relation } from '../../../model/model.ts'
import { defaultSort, scanSentence, scansOf } from '../../../model/scan.ts'
import { contentOf } from '../../content.ts'
import { read, readPart } from '../ask.ts'
import type { Child } from '../components/html.ts'
import { isPossible, type PageContext } from '../context.ts'
import { labelOf } from '../fields/widget.ts'
import { Shell } from '../layout.tsx'
import { eventInAddress } from '../perform.tsx'
import { render } from '../render.ts'
import { type EventView, phraseOf } from '../security/event.ts'
import { readLinkList } from './along-read.ts'
import type { ShownLinks } from './links.tsx'
import { canCreate, keyAt, modelAt, queryableIn } from './model-at.ts'
import { modelPath, recordPath } from './paths.ts'
import { readHistory } from './read-history.ts'
import { RecordPage, recordHeading, recordTrail } from './record.tsx'
import { relatedFilters } from './record-view.ts'
import type { RelatedRecords } from './related.tsx'
import { filterQuery, readableFilters } from './related-filter.ts'
import { DONE_WITHOUT_PROOF, doneWithProof } from './saved.tsx'

/** More relations than this are left to the lists of their models. */
const MAX_RELATIONS = 6
const RELATED = 5
const SHOWN_LINKS = 40
const ACTIVITY = 5

export async function answerRecord(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const key = keyAt(page)
  const found = await readRecord(page, model, key)
  const [links, related, activity] = await Promise.all([
    shownLinks(page, model, found),
    relatedRecords(page, model, found),
    found.verbs.includes('history') ? readHistory(page, model, key, { limit: ACTIVITY, cursor: null }) : null,
  ])
  const events = activity?.events ?? null
  return render(
    page,
    <Shell
      page={page}
      title={recordHeading(model, found.record)}
      breadcrumb={recordTrail(page, model, key, found.record.title)}
      current={modelPath(model.name)}
      toast={savedToast(page, model, key, events)}
    >
      <RecordPage
        page={page}
        model={model}
        encodedKey={key}
        read={found}
        links={links}
        related={related}
        activity={events}
      />
    </Shell>,
  )
}

/** What a field of bytes holds, as a file. */
export async function answerContent(page: PageContext): Promise<Response> {
  const { record } = await readRecord(page, modelAt(page), keyAt(page))
  return contentOf(record, page.c.req.param('field') ?? '')
}

export function readRecord(page: PageContext, model: Model, key: string): Promise<RecordRead> {
  return read<RecordRead>(page, { action: `${model.name}.read`, key })
}

/**
 * What the event of the address says was done, with the way to its proof; the
 * plain fact where that event can't be read.
 */
function savedToast(
  page: PageContext,
  model: Model,
  key: string,
  events: readonly EventView[] | null,
): Child {
  const id = eventInAddress(page)
  if (id === null) return null
  const event = events?.find((one) => one.id === id)
  if (!event) return DONE_WITHOUT_PROOF
  return doneWithProof(page, model, key, event.kind === 'record.update' ? 'saved' : phraseOf(event))
}

/** The other sides of its links. */
async function shownLinks(
  page: PageContext,
  model: Model,
  { record }: RecordRead,
): Promise<readonly ShownLinks[]> {
  const relations = model.relations.filter(({ kind }) => kind === 'many-to-many').slice(0, MAX_RELATIONS)
  const lists = await Promise.all(
    relations.map(async (relation): Promise<readonly ShownLinks[]> => {
      const list = await readLinkList(page, model, record, relation, SHOWN_LINKS)
      return list ? [{ relation, list }] : []
    }),
  )
  return lists.flat()
}

/** Whether the records of the relation are links, whose other sides are shown in their place. */
function isShownAsLinks(page: PageContext, { relations }: Model, { target, to }: Relation): boolean {
  return relations.some(
    ({ through, target: beyond }) =>
      through?.model === target &&
      through.from.every((name) => to.includes(name)) &&
      isPossible(page, `${beyond}.read`),
  )
}

async function relatedRecords(
  page: PageContext,
  model: Model,
  { record }: RecordRead,
): Promise<readonly RelatedRecords[]> {
  const shown = model.relations.flatMap((relation) => {
    const target = page.house.gate.models.get(relation.target)
    if (relation.kind !== 'many' || !target || !isPossible(page, `${target.name}.list`)) return []
    if (isShownAsLinks(page, model, relation)) return []
    const filters = relatedFilters(model, record, relation)
    const parsed = filters && readableFilters(page, target, filters)
    return filters && parsed ? [{ relation, target, filters, parsed }] : []
  })
  return Promise.all(
    shown.slice(0, MAX_RELATIONS).map(async ({ relation, target, filters, parsed }) => {
      const problem = relatedProblem(page, target, parsed)
      const list =
        problem === null
          ? await readPart<RecordList>(page, {
              action: `${target.name}.list`,
              input: { filters: parsed, limit: RELATED, count: 'capped', fields: columnsOrAll(target) },
            })
          : null
      return {
        relation,
        target,
        list,
        problem,
        allHref: page.url(`${modelPath(target.name)}?${filterQuery(filters)}`),
        newHref: canCreate(page, target)
          ? page.url(`${modelPath(target.name)}/new?${prefillQuery(relation, filters)}`)
          : null,
      }
    }),
  )
}

/** Why no index finds the related records among too many. */
function relatedProblem(page: PageContext, target: Model, filters: readonly Filter[]): string | null {
  const queryable = queryableIn(page, target)
  const isKnown = (field: string): boolean => queryable.includes(field)
  const [scan] = scansOf(target, defaultSort(target, filters, isKnown), filters)
  const field = scan && fieldOf(target, scan.field)
  return field ? `Not shown: ${labelOf(target, field)} ${scanSentence(scan, isKnown)}.` : null
}

function columnsOrAll(target: Model): readonly string[] | null {
  return target.list.columns.length > 0 ? target.list.columns : null
}

/** The fields that join a new record on the other side to this one. */
function prefillQuery(relation: Relation, filters: readonly string[]): string {
  return new URLSearchParams(
    filters.map((filter, index): [string, string] => [
      relation.to[index] ?? '',
      filter.split(':').slice(2).join(':'),
    ]),
  ).toString()
}

/** Where a page about a record leads back to. */
export function recordHref(page: PageContext, model: Model, key: string): string {
  return page.url(recordPath(model.name, key))
}
