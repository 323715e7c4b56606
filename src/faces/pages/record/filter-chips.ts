/** The filters of a list address as chips: a sentence each, or "ignored" for what can't be asked. */

import { AdminError } from '../../../errors.ts'
import { type Filter, type FilterOperator, parseFilter } from '../../../model/filter.ts'
import type { Field, Model, Value } from '../../../model/model.ts'
import { fieldOf } from '../../../model/model.ts'
import { textOf } from '../../../model/text.ts'
import { labelOf } from '../fields/widget.ts'

export interface FilterChip {
  /** As it stands in the address. */
  readonly text: string
  /** The field's label, or "Filter ignored". */
  readonly label: string
  /** "is unpaid"; for an ignored one what is wrong with it. */
  readonly sentence: string
  readonly isIgnored: boolean
  readonly filter: Filter | null
}

/** Reads each filter by itself, so that a bad one never hides the others. */
export function filterChips(
  model: Model,
  texts: readonly string[],
  queryable: ReadonlySet<string>,
): readonly FilterChip[] {
  return texts.map((text) => {
    try {
      const filter = parseFilter(model, text, queryable)
      const field = fieldOf(model, filter.field)
      if (!field) throw new TypeError(`The filter ${filter.field} was parsed without its field.`)
      return {
        text,
        label: labelOf(model, field),
        sentence: filterSentence(field, filter),
        isIgnored: false,
        filter,
      }
    } catch (error) {
      if (!(error instanceof AdminError)) throw error
      return {
        text,
        label: 'Filter ignored',
        sentence: problemOf(text, error),
        isIgnored: true,
        filter: null,
      }
    }
  })
}

/** "is unpaid", "is after 2026-11-01", "is any of a, b". */
export function filterSentence(field: Field, { operator, value }: Filter): string {
  if (operator === 'isNull') return value === false ? 'is not empty' : 'is empty'
  const texts = (Array.isArray(value) ? value : [value]).map((one) => valueText(field, one as Value))
  return `${operatorWords(field, operator)} ${texts.join(', ')}`
}

const PLAIN: Readonly<Record<FilterOperator, string>> = {
  eq: 'is',
  ne: 'is not',
  lt: 'is less than',
  lte: 'is at most',
  gt: 'is more than',
  gte: 'is at least',
  in: 'is any of',
  contains: 'contains',
  startsWith: 'starts with',
  isNull: 'is empty',
}

const IN_TIME: Partial<Record<FilterOperator, string>> = {
  lt: 'is before',
  lte: 'is up to',
  gt: 'is after',
  gte: 'is from',
}

/** How a form and a chip call the operator for that field. */
export function operatorWords(field: Pick<Field, 'type'>, operator: FilterOperator): string {
  const isTime = ['date', 'time', 'timestamp', 'timestamptz'].includes(field.type)
  return (isTime && IN_TIME[operator]) || PLAIN[operator]
}

function valueText(field: Field, value: Value): string {
  if (field.type === 'bool') return value === true ? 'yes' : 'no'
  const text = textOf(field, value) ?? ''
  return field.choices?.find((choice) => choice.value === text)?.label ?? text
}

function problemOf(text: string, error: AdminError): string {
  const [name, problems] = Object.entries(error.fields ?? {})[0] ?? []
  return name && problems ? `${name} ${problems.join(' ')}` : text
}

/** The filter that the editor's three inputs make: `status:eq:unpaid`. Null while it says too little. */
export function filterFromEditor(query: URLSearchParams): string | null {
  const field = query.get('ff')
  const operator = query.get('fo')
  const value = query.get('fv') ?? ''
  if (!field || !operator) return null
  if (operator === 'isNull' || operator === 'notNull') return `${field}:isNull:${operator === 'isNull'}`
  return value === '' ? null : `${field}:${operator}:${value}`
}
