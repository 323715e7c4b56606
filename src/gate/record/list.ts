/** The action `list`: records of a model, filtered, searched, sorted and paged. */

import { z } from 'zod'
import type { EventKind } from '../../audit/catalogue.ts'
import { AdminError } from '../../errors.ts'
import { NOT_QUERYABLE } from '../../model/filter.ts'
import type { Model, Value } from '../../model/model.ts'
import type { Access } from '../../policy/policy.ts'
import { type Action, defineAction, type ParseContext } from '../action.ts'
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

const Input: z.ZodType<ListInput, unknown> = z.strictObject({
  filters: z
    .array(
      z.strictObject({
        field: z.string(),
        operator: z.enum(['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'contains', 'startsWith', 'isNull']),
        value: z.union([Scalar, z.array(Scalar).max(1000)]),
      }),
    )
    .max(30)
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
    sameness: ({ filters, search, trash }) =>
      JSON.stringify([filters.map((one) => [one.field, one.operator, String(one.value)]), search, trash]),
    parse,
    async run(input, { records, report }) {
      const found = await records.list(input)
      report.count({ matched: matchedIn(found) })
      report.detail({
        ...(input.search && { search: input.search }),
        ...(input.filters.length > 0 && {
          filter: input.filters.map((one) => `${one.field}:${one.operator}`).join(' '),
        }),
        ...(input.trash === 'only' && { trash: 'only' }),
      })
      return found
    },
  })
}

/** The log holds what was counted, and no estimate. */
function matchedIn({ count, records }: RecordList): number {
  return count && count.kind !== 'estimate' ? count.value : records.length
}

function parse(raw: unknown, { model, access }: ParseContext): ListInput {
  const parsed = Input.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.join('.') || 'input'
    throw new AdminError('invalid-input', `${model.name}.list: check ${place}.`, {
      fields: { [place]: [issue?.message ?? 'has another form'] },
    })
  }
  const input = {
    ...parsed.data,
    sort: parsed.data.sort.length > 0 ? parsed.data.sort : defaultSort(model, access),
  }
  mustBeQueryable(model, access, input)
  mustHavePlaces(model, input)
  return input
}

function defaultSort(model: Model, access: Access): ListInput['sort'] {
  const queryable = queryableFields(model, access)
  return model.list.sort.filter((sort) => queryable.includes(sort.field))
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

/** An unknown field, an unreadable one and one outside the allow-list get the same words. */
function mustBeQueryable(model: Model, access: Access, input: ListInput): void {
  const queryable = new Set(queryableFields(model, access))
  const asked = [
    ...input.filters.filter((one) => !queryable.has(one.field) || !model.list.filters.includes(one.field)),
    ...input.sort.filter((one) => !queryable.has(one.field)),
  ].map((one) => one.field)
  if (asked.length === 0) return
  const fields = Object.fromEntries(asked.map((name) => [name, [NOT_QUERYABLE]]))
  throw new AdminError('invalid-input', `${model.name}.list: check ${asked.join(', ')}.`, { fields })
}
