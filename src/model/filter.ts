/**
 * Filters and sorts as somebody asks for them: `status:eq:unpaid`, `any(…)`, `-placed_at,id`.
 *
 * Pages and API read them here, so that both refuse the same things. Whether a
 * field may be asked about is settled before its value is looked at: a field
 * that doesn't exist and one that may not be read get the same words.
 */

import { AdminError } from '../errors.ts'
import { FILTER_LIMITS, type FilterCost, overLimit } from './filter-limit.ts'
import { type Askable, type FilterPlace, placeToAsk } from './filter-place.ts'
import { readFilterText, type WrittenCondition, type WrittenFilter, writeFilterText } from './filter-text.ts'
import { elementOf, hasMembers } from './members.ts'
import type { Field, FieldType, Model, Sort, Value } from './model.ts'
import { parseMember, parseValue } from './parse.ts'
import { isOfHours, readPeriod } from './period.ts'
import type { Comparison } from './predicate.ts'

export type FilterOperator = Comparison | 'in' | 'contains' | 'startsWith' | 'isNull' | 'within'

/** One tree, closed: conditions, held together by all, any and not. */
export type Filter =
  | FieldFilter
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }

export interface FieldFilter {
  /** `status`; behind a relation `customer.country`; within JSON `details$.size`. */
  readonly field: string
  readonly operator: FilterOperator
  /** Of the field's type, text within JSON; for `in` the members; for `isNull` a boolean; for `within` a period by name. */
  readonly value: Value | readonly Value[]
}

/** What is said of a field that is not there, may not be read, or is not meant for filters. */
export const NOT_QUERYABLE = 'is not a field that can be filtered or sorted by'

const ORDERED: readonly FilterOperator[] = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'isNull']
const IN_TIME: readonly FilterOperator[] = ['within', ...ORDERED]
const NAMED: readonly FilterOperator[] = ['eq', 'ne', 'in', 'contains', 'startsWith', 'isNull']
/** Of a place within JSON: its scalar as text. */
const WITHIN_JSON: readonly FilterOperator[] = ['eq', 'ne', 'in', 'contains', 'startsWith', 'isNull']

const OPERATORS: Readonly<Record<FieldType, readonly FilterOperator[]>> = {
  int: ORDERED,
  bigint: ORDERED,
  decimal: ORDERED,
  float: ORDERED,
  date: IN_TIME,
  time: ORDERED,
  timestamp: IN_TIME,
  timestamptz: IN_TIME,
  text: [...ORDERED, 'contains', 'startsWith'],
  enum: NAMED,
  uuid: NAMED,
  bool: ['eq', 'ne', 'in', 'isNull'],
  json: ['isNull'],
  bytes: ['isNull'],
  array: ['contains', 'isNull'],
  set: ['contains', 'isNull'],
  native: ['eq', 'ne', 'in', 'isNull'],
  opaque: ['isNull'],
}

/** The operators that make sense for a field, in the order a form offers them. */
export function operatorsOf(field: Pick<Field, 'type' | 'nullable' | 'element'>): readonly FilterOperator[] {
  const operators = knownFor(field)
  return field.nullable ? operators : operators.filter((operator) => operator !== 'isNull')
}

/** The operators for what a filter asks about. */
export function operatorsAt({ field, path }: Pick<FilterPlace, 'field' | 'path'>): readonly FilterOperator[] {
  return path ? WITHIN_JSON : operatorsOf(field)
}

/** Types whose values have no equality that every data source shares: nothing contains one of them for sure. */
const UNFOUND: ReadonlySet<FieldType> = new Set(['json', 'bytes', 'native', 'opaque'])

function knownFor(field: Pick<Field, 'type' | 'element'>): readonly FilterOperator[] {
  return hasMembers(field) && UNFOUND.has(elementOf(field).type) ? ['isNull'] : OPERATORS[field.type]
}

/**
 * Reads a filter of an address: `field:operator:value`, or a group of such. The members of `in` are separated
 * by commas, or are a JSON array of texts; `isNull` without a value means true.
 *
 * @param askable What this principal may filter by, as the gate says.
 * @throws AdminError `invalid-input` at the field's name, or at `filter`.
 */
export function parseFilter(model: Model, text: string, askable: Askable): Filter {
  return parseFilters(model, [text], askable)[0] ?? { all: [] }
}

/** All of them, or one refusal that names every field at fault. @throws AdminError `invalid-input`. */
export function parseFilters(model: Model, texts: readonly string[], askable: Askable): readonly Filter[] {
  const problems: Problems = Object.create(null)
  const filters = texts.flatMap((text) => {
    const read = readFilterText(text)
    if (read.ok) return resolve(model, read.filter, askable, problems)
    add(problems, 'filter', read.problem)
    return []
  })
  return accepted(model, filters, askable, problems)
}

/** The same for a tree that came as JSON. @throws AdminError `invalid-input`. */
export function resolveFilters(
  model: Model,
  written: readonly WrittenFilter[],
  askable: Askable,
): readonly Filter[] {
  const problems: Problems = Object.create(null)
  const filters = written.flatMap((one) => resolve(model, one, askable, problems))
  return accepted(model, filters, askable, problems)
}

/** The text that `parseFilter` reads as the same filter. */
export function filterText(filter: Filter): string {
  return writeFilterText(written(filter))
}

/** Every condition of the filters, whatever holds them together. */
export function conditionsIn(filters: readonly Filter[]): readonly FieldFilter[] {
  return filters.flatMap((filter) => {
    if ('all' in filter) return conditionsIn(filter.all)
    if ('any' in filter) return conditionsIn(filter.any)
    return 'not' in filter ? conditionsIn([filter.not]) : [filter]
  })
}

/** What the filters ask in all. Places that are not there cost nothing: they are refused for that. */
export function costOf(model: Model, filters: readonly Filter[], askable: Askable): FilterCost {
  const conditions = conditionsIn(filters)
  const places = conditions.map(({ field }) => placeToAsk(model, field, askable))
  return {
    conditions: conditions.length,
    depth: Math.max(0, ...filters.map(depthOf)),
    hops: places.filter((place) => place?.relation).length,
    paths: places.filter((place) => place?.path).length,
  }
}

/** Reads `-placed_at,id`; empty text sorts by nothing. @throws AdminError `invalid-input` at the fields' names. */
export function parseSort(model: Model, text: string, queryable: ReadonlySet<string>): readonly Sort[] {
  const sorts = text
    .split(',')
    .filter((part) => part !== '')
    .map(
      (part): Sort =>
        // a field may be called so itself
        part.startsWith('-') && !queryable.has(part)
          ? { field: part.slice(1), direction: 'desc' }
          : { field: part, direction: 'asc' },
    )
  const unknown = sorts.filter(({ field }) => !queryable.has(field))
  if (unknown.length > 0) {
    throw refusedAll(model, Object.fromEntries(unknown.map(({ field }) => [field, [NOT_QUERYABLE]])))
  }
  return sorts
}

type Problems = Record<string, readonly string[]>

function add(problems: Problems, name: string, problem: string): void {
  const before = problems[name] ?? []
  if (!before.includes(problem)) problems[name] = [...before, problem]
}

function accepted(
  model: Model,
  filters: readonly Filter[],
  askable: Askable,
  problems: Problems,
): readonly Filter[] {
  const over = overLimit(costOf(model, filters, askable))
  if (over !== null) add(problems, 'filter', over)
  if (Object.keys(problems).length > 0) throw refusedAll(model, problems)
  return filters
}

/** Nothing for what is refused, with the problem taken down. */
function resolve(
  model: Model,
  filter: WrittenFilter,
  askable: Askable,
  problems: Problems,
): readonly Filter[] {
  switch (filter.kind) {
    case 'condition':
      return resolveCondition(model, filter, askable, problems)
    case 'not':
      return resolve(model, filter.of, askable, problems).map((not) => ({ not }))
    case 'all':
      return [{ all: filter.of.flatMap((part) => resolve(model, part, askable, problems)) }]
    case 'any':
      return [{ any: filter.of.flatMap((part) => resolve(model, part, askable, problems)) }]
  }
}

function resolveCondition(
  model: Model,
  { field: name, operator, value }: WrittenCondition,
  askable: Askable,
  problems: Problems,
): readonly Filter[] {
  const place = placeToAsk(model, name, askable)
  if (!place) {
    add(problems, name, NOT_QUERYABLE)
    return []
  }
  const operators = place.path ? WITHIN_JSON : knownFor(place.field)
  const known = operators.find((one) => one === operator)
  if (!known) {
    add(problems, name, `can be filtered by ${operators.join(', ')}`)
    return []
  }
  const read = readOperand(place, known, value)
  if (read.ok) return [{ field: name, operator: known, value: read.value }]
  add(problems, name, read.problem)
  return []
}

type Operand =
  | { readonly ok: true; readonly value: FieldFilter['value'] }
  | { readonly ok: false; readonly problem: string }

function readOperand(place: FilterPlace, operator: FilterOperator, value: unknown): Operand {
  if (operator === 'isNull') return readIsNull(value)
  if (value === undefined) return { ok: false, problem: `needs a value after "${operator}:"` }
  if (operator === 'within') return readWithin(place.field, value)
  if (hasMembers(place.field)) return parseMember(place.field, value)
  if (operator === 'contains' || operator === 'startsWith') return readSearched(value)
  return operator === 'in' ? readMembers(place, value) : readOne(place, value)
}

function readIsNull(value: unknown): Operand {
  if (value === undefined || value === 'true' || value === true) return { ok: true, value: true }
  if (value === 'false' || value === false) return { ok: true, value: false }
  return { ok: false, problem: 'isNull takes true or false' }
}

function readWithin({ type }: Field, value: unknown): Operand {
  const period = typeof value === 'string' ? readPeriod(value) : null
  if (!period || typeof value !== 'string') {
    return {
      ok: false,
      problem: 'within takes a period such as today, last-7-days, this-month or last-24-hours',
    }
  }
  return type === 'date' && isOfHours(period)
    ? { ok: false, problem: 'has no time of day, so it is within days and not within hours' }
    : { ok: true, value }
}

function readSearched(value: unknown): Operand {
  if (typeof value !== 'string') return { ok: false, problem: 'is searched for a text' }
  return value.length <= FILTER_LIMITS.search
    ? { ok: true, value }
    : { ok: false, problem: `can be searched for at most ${FILTER_LIMITS.search} characters` }
}

function readOne({ field, path }: FilterPlace, value: unknown): Operand {
  if (path) return readWithinJson(value)
  const parsed = parseValue(field, value)
  if (!parsed.ok) return parsed
  return parsed.value === null ? { ok: false, problem: 'needs a value; for none ask isNull' } : parsed
}

function readWithinJson(value: unknown): Operand {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return { ok: false, problem: 'is compared with a text, a number, true or false; for none ask isNull' }
  }
  const text = String(value)
  return text.length <= FILTER_LIMITS.search
    ? { ok: true, value: text }
    : { ok: false, problem: `can be compared with at most ${FILTER_LIMITS.search} characters` }
}

function readMembers(place: FilterPlace, value: unknown): Operand {
  const members = membersIn(value)
  if (!members) return { ok: false, problem: 'in takes values separated by commas, or a JSON array of texts' }
  if (members.length > FILTER_LIMITS.members) {
    return { ok: false, problem: `in takes at most ${FILTER_LIMITS.members} values` }
  }
  const values: Value[] = []
  for (const one of members) {
    const read = readOne(place, one)
    if (!read.ok) return read
    values.push(read.value as Value) // `readOne` answers a single value
  }
  return { ok: true, value: values }
}

function membersIn(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value
  if (typeof value !== 'string') return null
  return value.startsWith('[') ? textsOf(value) : value.split(',').filter((one) => one !== '')
}

function textsOf(json: string): readonly string[] | null {
  try {
    const parsed: unknown = JSON.parse(json)
    return Array.isArray(parsed) && parsed.every((one) => typeof one === 'string') ? parsed : null
  } catch {
    return null
  }
}

function written(filter: Filter): WrittenFilter {
  if ('all' in filter) return { kind: 'all', of: filter.all.map(written) }
  if ('any' in filter) return { kind: 'any', of: filter.any.map(written) }
  if ('not' in filter) return { kind: 'not', of: written(filter.not) }
  const { field, operator, value } = filter
  return { kind: 'condition', field, operator, value: operandText(value) }
}

function operandText(value: FieldFilter['value']): string {
  if (!isList(value)) return valueText(value)
  const texts = value.map(valueText)
  const isPlain = texts.every((text) => text !== '' && !text.includes(',')) && !texts[0]?.startsWith('[')
  return isPlain ? texts.join(',') : JSON.stringify(texts)
}

function isList(value: FieldFilter['value']): value is readonly Value[] {
  return Array.isArray(value)
}

function valueText(value: Value): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function depthOf(filter: Filter): number {
  if ('all' in filter) return 1 + Math.max(0, ...filter.all.map(depthOf))
  if ('any' in filter) return 1 + Math.max(0, ...filter.any.map(depthOf))
  return 'not' in filter ? 1 + depthOf(filter.not) : 0
}

function refusedAll(model: Model, fields: Readonly<Record<string, readonly string[]>>): AdminError {
  return new AdminError('invalid-input', `${model.name}.list: check ${Object.keys(fields).join(', ')}.`, {
    fields,
  })
}
