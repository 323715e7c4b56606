/**
 * Filters and sorts as they stand in addresses: `status:eq:unpaid`, `-placed_at,id`.
 *
 * Pages and API read them here, so that both refuse the same things. Whether a
 * field may be asked about is settled before its value is looked at: a field
 * that doesn't exist and one that may not be read get the same words.
 */

import { AdminError } from '../errors.ts'
import { type Field, type FieldType, fieldOf, type Model, type Sort, type Value } from './model.ts'
import { parseValue } from './parse.ts'
import type { Comparison } from './predicate.ts'

export type FilterOperator = Comparison | 'in' | 'contains' | 'startsWith' | 'isNull'

export interface Filter {
  readonly field: string
  readonly operator: FilterOperator
  /** Of the field's type; for `in` the members; for `isNull` a boolean. */
  readonly value: Value | readonly Value[]
}

/** What is said of a field that is not there, may not be read, or is not meant for filters. */
export const NOT_QUERYABLE = 'is not a field that can be filtered or sorted by'

const MAX_MEMBERS = 200
const MAX_TEXT = 200

const ORDERED: readonly FilterOperator[] = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'isNull']
const NAMED: readonly FilterOperator[] = ['eq', 'ne', 'in', 'contains', 'startsWith', 'isNull']

const OPERATORS: Readonly<Record<FieldType, readonly FilterOperator[]>> = {
  int: ORDERED,
  bigint: ORDERED,
  decimal: ORDERED,
  float: ORDERED,
  date: ORDERED,
  time: ORDERED,
  timestamp: ORDERED,
  timestamptz: ORDERED,
  text: [...ORDERED, 'contains', 'startsWith'],
  enum: NAMED,
  uuid: NAMED,
  bool: ['eq', 'ne', 'isNull'],
  json: ['isNull'],
  bytes: ['isNull'],
  opaque: ['isNull'],
}

/** The operators that make sense for a field, in the order a form offers them. */
export function operatorsOf(field: Pick<Field, 'type' | 'nullable'>): readonly FilterOperator[] {
  const operators = OPERATORS[field.type]
  return field.nullable ? operators : operators.filter((operator) => operator !== 'isNull')
}

/**
 * Reads `field:operator:value`. The members of `in` are separated by commas, or
 * are a JSON array of texts; `isNull` without a value means true.
 *
 * @param queryable What this principal may filter by, as the gate says.
 * @throws AdminError `invalid-input` at the field's name.
 */
export function parseFilter(model: Model, text: string, queryable: ReadonlySet<string>): Filter {
  const [, name = text, operator = '', value] = /^([^:]*):([^:]*)(?::(.*))?$/s.exec(text) ?? []
  const field = fieldOf(model, name)
  if (!field || !queryable.has(name) || !model.list.filters.includes(name)) {
    throw refused(model, name, NOT_QUERYABLE)
  }
  const known = OPERATORS[field.type].find((one) => one === operator)
  if (!known) throw refused(model, name, `can be filtered by ${OPERATORS[field.type].join(', ')}`)
  const read = readOperand(field, known, value)
  if (!read.ok) throw refused(model, name, read.problem)
  return { field: name, operator: known, value: read.value }
}

/** All of them, or one refusal that names every field at fault. @throws AdminError `invalid-input`. */
export function parseFilters(
  model: Model,
  texts: readonly string[],
  queryable: ReadonlySet<string>,
): readonly Filter[] {
  const fields: Record<string, readonly string[]> = Object.create(null)
  const filters = texts.flatMap((text) => {
    try {
      return [parseFilter(model, text, queryable)]
    } catch (error) {
      if (!(error instanceof AdminError)) throw error
      Object.assign(fields, error.fields)
      return []
    }
  })
  const names = Object.keys(fields)
  if (names.length > 0) throw refusedAll(model, fields)
  return filters
}

/** Reads `-placed_at,id`; empty text sorts by nothing. @throws AdminError `invalid-input` at the fields' names. */
export function parseSort(model: Model, text: string, queryable: ReadonlySet<string>): readonly Sort[] {
  const sorts = text
    .split(',')
    .filter((part) => part !== '')
    .map(
      (part): Sort =>
        part.startsWith('-')
          ? { field: part.slice(1), direction: 'desc' }
          : { field: part, direction: 'asc' },
    )
  const unknown = sorts.filter(({ field }) => !queryable.has(field))
  if (unknown.length > 0) {
    throw refusedAll(model, Object.fromEntries(unknown.map(({ field }) => [field, [NOT_QUERYABLE]])))
  }
  return sorts
}

type Operand =
  | { readonly ok: true; readonly value: Filter['value'] }
  | { readonly ok: false; readonly problem: string }

function readOperand(field: Field, operator: FilterOperator, text: string | undefined): Operand {
  if (operator === 'isNull') return readIsNull(text)
  if (text === undefined) return { ok: false, problem: `needs a value after "${operator}:"` }
  if (operator === 'contains' || operator === 'startsWith') {
    return text.length <= MAX_TEXT
      ? { ok: true, value: text }
      : { ok: false, problem: `can be searched for at most ${MAX_TEXT} characters` }
  }
  return operator === 'in' ? readMembers(field, text) : readOne(field, text)
}

function readIsNull(text: string | undefined): Operand {
  if (text === undefined || text === 'true') return { ok: true, value: true }
  return text === 'false' ? { ok: true, value: false } : { ok: false, problem: 'isNull takes true or false' }
}

function readOne(field: Field, text: string): Operand {
  const parsed = parseValue(field, text)
  if (!parsed.ok) return parsed
  return parsed.value === null ? { ok: false, problem: 'needs a value; for none ask isNull' } : parsed
}

function readMembers(field: Field, text: string): Operand {
  const texts = text.startsWith('[') ? textsOf(text) : text.split(',').filter((one) => one !== '')
  if (!texts) return { ok: false, problem: 'in takes values separated by commas, or a JSON array of texts' }
  if (texts.length > MAX_MEMBERS) return { ok: false, problem: `in takes at most ${MAX_MEMBERS} values` }
  const values: Value[] = []
  for (const one of texts) {
    const read = readOne(field, one)
    if (!read.ok) return read
    values.push(read.value as Value) // `readOne` answers a single value
  }
  return { ok: true, value: values }
}

function textsOf(json: string): readonly string[] | null {
  try {
    const parsed: unknown = JSON.parse(json)
    return Array.isArray(parsed) && parsed.every((one) => typeof one === 'string') ? parsed : null
  } catch {
    return null
  }
}

function refused(model: Model, name: string, problem: string): AdminError {
  return refusedAll(model, { [name]: [problem] })
}

function refusedAll(model: Model, fields: Readonly<Record<string, readonly string[]>>): AdminError {
  return new AdminError('invalid-input', `${model.name}.list: check ${Object.keys(fields).join(', ')}.`, {
    fields,
  })
}
