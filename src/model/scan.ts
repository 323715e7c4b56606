/**
 * What a list of a large table may ask without walking through all of it.
 *
 * A sort needs an index that holds its order, a filter one that begins with its
 * field, and both together one index for the two of them, except where so few
 * records are left that they are sorted as they are. What none serves is
 * refused, with the index that would help, unless the owner of the model allows
 * it. Pure: everything is read off the model.
 */

import type { FieldFilter, Filter } from './filter.ts'
import { type Field, fieldOf, type Index, type Model, type Sort } from './model.ts'

/** So many records of the same value are sorted by their key in no time. */
const FEW = 10_000

/** Something that would walk through the table. */
export interface Scan {
  readonly field: string
  /** Continues the field's name. */
  readonly problem: string
  /** The fields that an index would have to be over to help, in order; empty: none would. */
  readonly remedy: readonly string[]
}

/** The problem with its remedy, as one sentence without its end; a remedy with fields that one may not know is left out. */
export function scanSentence({ problem, remedy }: Scan, isKnown: (field: string) => boolean): string {
  if (remedy.length === 0 || !remedy.every(isKnown)) return problem
  return `${problem}; an index over ${remedy.join(', ')} would serve`
}

/** What a list sorted and filtered like that would walk through the table for; empty: nothing. */
export function scansOf(model: Model, sort: readonly Sort[], filters: readonly Filter[]): readonly Scan[] {
  if (!model.isLarge) return []
  const unserved = filters.flatMap((filter) => scanOfFilter(model, filter) ?? [])
  // records without a key stand in the order of their places: there is nothing else to sort by
  if (unserved.length > 0 || (sort.length === 0 && model.key === null)) return unserved
  if (isSortServed(model, sort, filters)) return []
  const narrowed = filters.flatMap(conditionsIn).map(({ field }) => field)
  return [sortScan(model, sort, narrowed)]
}

/** A choice between conditions, and their contrary, are served by no index, and so is what is behind a relation. */
function scanOfFilter(model: Model, filter: Filter): Scan | null {
  if ('all' in filter)
    return filter.all.map((part) => scanOfFilter(model, part)).find((scan) => scan !== null) ?? null
  if ('field' in filter) return isFilterServed(model, filter) ? null : filterScan(model, filter)
  const unallowed = conditionsIn(filter).find(({ field }) => !isAllowed(model, field))
  return unallowed ? { field: unallowed.field, problem: manyProblem(model, 'a choice'), remedy: [] } : null
}

/** Every condition on a field, wherever it stands. */
function conditionsIn(filter: Filter): readonly FieldFilter[] {
  if ('all' in filter) return filter.all.flatMap(conditionsIn)
  if ('any' in filter) return filter.any.flatMap(conditionsIn)
  return 'not' in filter ? conditionsIn(filter.not) : [filter]
}

/** The filters that can be asked together, in their order, each with what is wrong with it; null: nothing. */
export function servedFilters(
  model: Model,
  filters: readonly Filter[],
  isKnown: (field: string) => boolean,
): ReadonlyMap<Filter, Scan | null> {
  const served: Filter[] = []
  const found = new Map<Filter, Scan | null>()
  for (const filter of filters) {
    const together = [...served, filter]
    const [scan = null] = scansOf(model, defaultSort(model, together, isKnown), together)
    found.set(filter, scan)
    if (!scan) served.push(filter)
  }
  return found
}

/** Whether any filter by the field could be served. */
export function isFilterOffered(model: Model, field: string): boolean {
  const value = null
  return (['eq', 'gte', 'isNull', 'contains'] as const).some((operator) =>
    isFilterServed(model, { field, operator, value: operator === 'isNull' ? true : value }),
  )
}

/** Whether a list may be sorted like that under these filters, each of which is served by itself. */
export function isSortServed(model: Model, sort: readonly Sort[], filters: readonly Filter[] = []): boolean {
  if (!model.isLarge || (sort.length > 0 && sort.every(({ field }) => isAllowed(model, field)))) return true
  if (filters.length === 0) return isPlainlyOrdered(model, sort)
  const counted = filters.flatMap(conditionsIn).filter(({ field }) => !isAllowed(model, field))
  // a few records are sorted as they are, whatever the order is held by
  if (counted.some((filter) => leavesFew(model, filter))) return true
  return isOrdered(model, sort, counted)
}

/**
 * Whether the records that the filters leave are so few that they are found first and sorted then, no index holding
 * the order: a database that weighs the two might walk along an index of the order for longer.
 */
export function isFoundFirst(model: Model, sort: readonly Sort[], filters: readonly Filter[]): boolean {
  if (!model.isLarge || !model.plansByStatistics) return false
  const counted = filters.flatMap((filter) => ('field' in filter ? [filter] : []))
  return counted.some((filter) => leavesFew(model, filter)) && !isOrdered(model, sort, counted)
}

export function isFilterServed(model: Model, { field: name, operator, value }: FieldFilter): boolean {
  if (!model.isLarge || isAllowed(model, name)) return true
  const field = fieldOf(model, name)
  if (!field) return false
  const { compares } = field.indexing ?? INDEXED
  const isKey = model.key?.[0] === name
  const isLeading = isKey || isLed(model, name, ['order'])
  switch (operator) {
    case 'isNull':
      return isLeading && (value === true || field.indexing?.sorts !== false)
    case 'eq':
    case 'in':
      return (isLeading || isLed(model, name, ['equal'])) && compares !== 'none'
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
    case 'within':
      return isLeading && compares === 'range'
    case 'contains':
    case 'startsWith':
      return model.indexes.some(
        ({ method, partial, fields }) => method === 'parts' && !partial && fields.includes(name),
      )
    case 'ne':
      return false
  }
}

/**
 * The sort of a list that asks for none: the model's own, where an index serves it; else by the fields of the
 * filters, or by the key.
 * @param isKnown Whether its reader may sort by a field.
 */
export function defaultSort(
  model: Model,
  filters: readonly Filter[],
  isKnown: (field: string) => boolean,
): readonly Sort[] {
  const own = model.list.sort.filter(({ field }) => isKnown(field))
  if (!model.isLarge || isSortServed(model, own, filters)) return own
  const direction = own[0]?.direction ?? 'asc'
  const byKey = (model.key ?? []).filter(isKnown).map((field): Sort => ({ field, direction }))
  const byFilter = filters
    .flatMap(conditionsIn)
    .filter(({ field }) => fieldOf(model, field) !== undefined)
    .map(({ field }): readonly Sort[] => [{ field, direction }])
  return [byKey, ...byFilter].find((sort) => sort.length > 0 && isSortServed(model, sort, filters)) ?? byKey
}

/** An index of such a kind begins with the field. */
export function isLed(model: Model, field: string, methods: readonly Index['method'][]): boolean {
  return model.indexes.some(
    ({ method = 'order', partial, fields }) => methods.includes(method) && !partial && fields[0] === field,
  )
}

const INDEXED: NonNullable<Field['indexing']> = { sorts: true, compares: 'range' }

/** The owner has said that a list may walk through the table for it. */
export function isAllowed({ list }: Model, field: string): boolean {
  const { allowScans = false } = list
  return typeof allowScans === 'boolean' ? allowScans : allowScans.includes(field.split('.')[0] ?? field)
}

function isOrder({ method = 'order' }: Index): boolean {
  return method === 'order'
}

/**
 * One value of a unique field is one record, and several are a few. Of other fields only a database tells that chooses
 * its index by how many records a value has.
 */
function leavesFew(model: Model, { field, operator, value }: FieldFilter): boolean {
  if (operator !== 'eq' && operator !== 'in') return false
  const isUnique = [model.key ?? [], ...model.uniques].some(
    ([name, ...more]) => name === field && more.length === 0,
  )
  if (isUnique) return true
  const [index] = model.indexes.filter((one) => isOrder(one) && !one.partial && one.fields[0] === field)
  if (!model.plansByStatistics || !index) return false
  return (index.largestTie ?? 0) * (Array.isArray(value) ? new Set(value).size : 1) <= FEW
}

/** Each head of each list asks for its own, and a model stays as it is. */
function isPlainlyOrdered(model: Model, sort: readonly Sort[]): boolean {
  const known = ordered.get(model) ?? new Map<string, boolean>()
  ordered.set(model, known)
  const key = JSON.stringify(sort)
  const before = known.get(key)
  if (before !== undefined) return before
  const isHeld = isOrdered(model, sort, [])
  if (known.size < MOST_SORTS) known.set(key, isHeld)
  return isHeld
}

const MOST_SORTS = 1000
const ordered = new WeakMap<Model, Map<string, boolean>>()

/** Some index holds the records that the filters leave in that order. */
function isOrdered(model: Model, sort: readonly Sort[], filters: readonly FieldFilter[]): boolean {
  const direction = sort.at(-1)?.direction ?? 'asc'
  const named = new Set(sort.map(({ field }) => field))
  const rest = (model.key ?? [])
    .filter((name) => !named.has(name))
    .map((field): Sort => ({ field, direction }))
  const terms = [...sort, ...rest]
  const isSorted = terms.every(({ field }) => fieldOf(model, field)?.indexing?.sorts !== false)
  if (!isSorted) return false
  const indexes = [...model.indexes.filter((index) => isOrder(index) && !index.partial), ...keyIndex(model)]
  return indexes.some((index) => holdsOrder(model, index, terms, filters))
}

function keyIndex({ key }: Model): readonly Index[] {
  return key ? [{ name: 'key', fields: key, unique: true, partial: false }] : []
}

function holdsOrder(
  model: Model,
  index: Index,
  terms: readonly Sort[],
  filters: readonly FieldFilter[],
): boolean {
  const fixed = new Set(filters.filter(isFixed).map(({ field }) => field))
  const ranges = filters.filter((filter) => !isFixed(filter)).map(({ field }) => field)
  const carried = index.carriesKey ? (model.key ?? []).filter((name) => !index.fields.includes(name)) : []
  const fields = [...index.fields, ...carried]
  const left = terms.filter(({ field }) => !fixed.has(field))
  const start = fields.findIndex((name) => name === null || !fixed.has(name))
  // every filter with one value stands before the order, and what spans values begins it
  if ((start === -1 ? fields.length : start) < fixed.size) return false
  if (ranges.some((name) => name !== left[0]?.field)) return false
  const ordered = fields.slice(fixed.size)
  const first = left[0] && directionIn(index, fixed.size, left[0])
  const held = left.findIndex(
    (term, place) => ordered[place] !== term.field || directionIn(index, fixed.size + place, term) !== first,
  )
  if (held === -1 || (index.unique && held >= ordered.length)) return true
  // records of one value in the leading field are sorted by the rest as they are met
  return model.plansByStatistics === true && held > 0 && (index.largestTie ?? 0) <= FEW
}

function isFixed({ operator, value }: FieldFilter): boolean {
  if (operator === 'eq' || (operator === 'isNull' && value === true)) return true
  return operator === 'in' && Array.isArray(value) && value.length === 1
}

/** Whether the index is read from its beginning or from its end for that term. */
function directionIn({ descending }: Index, place: number, { direction }: Sort): 'forth' | 'back' {
  return (direction === 'desc') === (descending?.[place] ?? false) ? 'forth' : 'back'
}

const OPERATOR_WORDS: Readonly<Partial<Record<FieldFilter['operator'], string>>> = {
  ne: '“is not”',
  contains: '“contains”',
  startsWith: '“starts with”',
}

function filterScan(model: Model, { field, operator }: FieldFilter): Scan {
  const isPart = operator === 'contains' || operator === 'startsWith'
  const column = fieldOf(model, field)
  const isHelped =
    column !== undefined && operator !== 'ne' && !isPart && column.indexing?.compares !== 'none'
  return {
    field,
    problem: manyProblem(model, OPERATOR_WORDS[operator] ?? 'the filter'),
    remedy: isHelped ? [...new Set([field, ...(model.key ?? [])])] : [],
  }
}

function manyProblem({ labelPlural }: Model, what: string): string {
  return `has no index that serves ${what}, and ${labelPlural.toLowerCase()} are too many to look through`
}

function sortScan(model: Model, sort: readonly Sort[], narrowed: readonly string[]): Scan {
  const names = sort.map(({ field }) => field)
  const lead = names[0] ?? narrowed[0] ?? model.key?.[0] ?? ''
  const together = narrowed.length > 0 ? ' together with the filter' : ''
  const fields = [...new Set([...narrowed, ...names, ...(model.key ?? [])])]
  const isHelped = names.every((name) => fieldOf(model, name)?.indexing?.sorts !== false)
  return {
    field: lead,
    problem: `has no index that sorts by it${together}, and ${model.labelPlural.toLowerCase()} are too many to sort without`,
    remedy: isHelped ? fields : [],
  }
}
