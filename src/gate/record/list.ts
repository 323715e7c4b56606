/** The action `list`: records of a model, filtered, searched, sorted and paged. */

import { z } from 'zod'
import type { EventKind } from '../../audit/catalogue.ts'
import { AdminError } from '../../errors.ts'
import { type FieldFilter, type Filter, filterText, NOT_QUERYABLE } from '../../model/filter.ts'
import { FILTER_LIMITS } from '../../model/filter-limit.ts'
import type { Model, Value } from '../../model/model.ts'
import { defaultSort, scanSentence, scansOf } from '../../model/scan.ts'
import { type Action, defineAction, type ParseContext } from '../action.ts'
import { mustBeAskable } from '../filtered.ts'
import { queryableFields } from '../grant.ts'
import type { ListInput, RecordList } from '../records.ts'

/** No page is larger, whoever asks. */
export const MAX_PER_PAGE = 200

const Scalar: z.ZodType<Value> = z.union([
  z.null(),
  z.boolean(),
  z.number(),
  z.bigint(),
  z.string().max(10_000),
  z.instanceof(Uint8Array),
])

const Condition: z.ZodType<FieldFilter, unknown> = z.strictObject({
  field: z.string(),
  operator: z.enum([
    'eq',
    'ne',
    'lt',
    'lte',
    'gt',
    'gte',
    'in',
    'contains',
    'startsWith',
    'isNull',
    'within',
  ]),
  value: z.union([Scalar, z.array(Scalar).max(1000)]),
})

/** Trees deeper than the limit are not walked to their end. */
const FilterInput: z.ZodType<Filter, unknown> = filterInput(FILTER_LIMITS.depth)

function filterInput(depth: number): z.ZodType<Filter, unknown> {
  if (depth === 0) return Condition
  const part = filterInput(depth - 1)
  const group = z.array(part).min(1).max(FILTER_LIMITS.conditions)
  return z.union([
    Condition,
    z.strictObject({ all: group }),
    z.strictObject({ any: group }),
    z.strictObject({ not: part }),
  ])
}

const Input: z.ZodType<ListInput, unknown> = z.strictObject({
  filters: z
    .array(FilterInput)
    .max(FILTER_LIMITS.conditions, `hold more than ${FILTER_LIMITS.conditions} conditions`)
    .default([]),
  search: z.string().max(200).nullable().default(null),
  sort: z
    .array(z.strictObject({ field: z.string(), direction: z.enum(['asc', 'desc']) }))
    .max(5)
    .default([]),
  fields: z.array(z.string()).max(500).nullable().default(null),
  limit: z.number().int().min(1).max(MAX_PER_PAGE).default(50),
  cursor: z.string().max(4000).nullable().default(null),
  start: z
    .union([z.literal('last'), z.strictObject({ at: Scalar })])
    .nullable()
    .default(null),
  count: z.enum(['none', 'estimated', 'capped', 'exact']).default('none'),
  trash: z.enum(['without', 'only']).default('without'),
  bytes: z.enum(['length', 'whole']).default('length'),
  tally: z.string().max(200).nullable().default(null),
  scope: z.string().max(100).exactOptional(),
})

/** `list` of one model, or of every model of the application (`*`). */
export function listAction(model: string, kind: EventKind): Action<ListInput, RecordList> {
  return defineAction<ListInput, RecordList>({
    verb: 'list',
    model,
    label: 'List',
    on: 'model',
    access: 'read',
    kind,
    isFolded: true,
    // what is behind a record and decides about it has to be of the same state as the record
    isLoose: ({ count, tally, scope }, { looksAt }) =>
      looksAt.relations.size === 0 && count !== 'exact' && tally === null && scope === undefined,
    sameness: ({ filters, search, trash, tally }) =>
      JSON.stringify([filters.map(filterText), search, trash, tally ?? null]),
    parse: parseListInput,
    async run(input, { records, report }) {
      const found = await records.list(input)
      report.count({ matched: matchedIn(found) })
      report.detail({
        ...(input.search && { search: input.search }),
        ...(input.filters.length > 0 && {
          filter: input.filters.map(shapeOf).join(' '),
        }),
        ...(input.trash === 'only' && { trash: 'only' }),
        ...(input.tally && { tally: input.tally }),
      })
      return found
    },
  })
}

/** The log holds what was counted, and no estimate. */
function matchedIn({ count, records }: RecordList): number {
  return count && count.kind !== 'estimate' ? count.value : records.length
}

/** What was asked, without what it was compared with: values stay out of the log. */
export function shapeOf(filter: Filter): string {
  if ('all' in filter) return `all(${filter.all.map(shapeOf).join(' ')})`
  if ('any' in filter) return `any(${filter.any.map(shapeOf).join(' ')})`
  return 'not' in filter ? `not(${shapeOf(filter.not)})` : `${filter.field}:${filter.operator}`
}

/** @throws AdminError `invalid-input` for what is no list, or asks by fields that may not be asked by. */
export function parseListInput(raw: unknown, context: ParseContext): ListInput {
  const { model, access } = context
  const parsed = Input.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.join('.') || 'input'
    throw new AdminError('invalid-input', `${model.name}.list: check ${place}.`, {
      fields: { [place]: [issue?.message ?? 'has another form'] },
    })
  }
  const queryable = queryableFields(model, access)
  const isKnown = (name: string): boolean => queryable.includes(name)
  const { filters, sort } = parsed.data
  const input = {
    ...parsed.data,
    sort: sort.length > 0 ? sort : defaultSort(model, filters, isKnown),
  }
  mustBeAskable(context, input.filters)
  // counting by a field is asking about it
  if (input.tally) mustBeAskable(context, [{ field: input.tally, operator: 'isNull', value: true }])
  mustBeSortable(model, queryable, input)
  mustBeServed(model, isKnown, input)
  mustHavePlaces(model, input)
  if (input.scope !== undefined && !model.key) {
    throw new AdminError('invalid-input', `${model.name}.list: check scope.`, {
      fields: { scope: [`is not there: ${model.labelPlural.toLowerCase()} have no key`] },
    })
  }
  return input
}

/** A large table is not walked through for a sort or a filter that no index serves. What the policy asks is never refused. */
function mustBeServed(model: Model, isKnown: (field: string) => boolean, { sort, filters }: ListInput): void {
  const scans = scansOf(model, sort, filters)
  if (scans.length === 0) return
  const fields = Object.fromEntries(scans.map((scan) => [scan.field, [scanSentence(scan, isKnown)]]))
  throw new AdminError('invalid-input', `${model.name}.list: check ${Object.keys(fields).join(', ')}.`, {
    fields,
  })
}

/** Where nothing tells the records apart, there is no last page, and none that begins with a certain one. */
function mustHavePlaces(model: Model, { start, sort, cursor }: ListInput): void {
  if (!start) return
  const problem =
    (model.key === null && 'needs records that have a key') ||
    (cursor !== null && 'can not go together with a cursor') ||
    (start !== 'last' && sort.length === 0 && 'needs a field to sort by')
  if (!problem) return
  throw new AdminError('invalid-input', `${model.name}.list: check start.`, { fields: { start: [problem] } })
}

/** A field that is not there and one that may not be read get the same words. */
function mustBeSortable(model: Model, queryable: readonly string[], input: ListInput): void {
  const asked = input.sort.filter((one) => !queryable.includes(one.field)).map((one) => one.field)
  if (asked.length === 0) return
  const fields = Object.fromEntries(asked.map((name) => [name, [NOT_QUERYABLE]]))
  throw new AdminError('invalid-input', `${model.name}.list: check ${asked.join(', ')}.`, { fields })
}
