/** Filters in words: how a chip, a form and an empty list call what is asked. Pure. */

import type { FieldFilter, Filter, FilterOperator } from '../../../model/filter.ts'
import { type Askable, type FilterPlace, placeToAsk } from '../../../model/filter-place.ts'
import { writeJsonPath } from '../../../model/json-path.ts'
import { hasMembers, memberField } from '../../../model/members.ts'
import type { Field, Model, Value } from '../../../model/model.ts'
import { periodWords, readPeriod } from '../../../model/period.ts'
import { textOf } from '../../../model/text.ts'
import { labelOf } from '../fields/widget.ts'

/** A filter as a sentence in two parts: "Status", "is unpaid"; "Any of", "Status is unpaid or Total is at least 100". */
export interface FilterSentence {
  readonly label: string
  readonly sentence: string
}

/** @throws TypeError for a filter that was not read with the same `askable`. */
export function filterWords(model: Model, filter: Filter, askable: Askable): FilterSentence {
  if ('all' in filter) return { label: 'All of', sentence: listed(model, filter.all, askable, ' and ') }
  if ('any' in filter) return { label: 'Any of', sentence: listed(model, filter.any, askable, ' or ') }
  if ('not' in filter) {
    const { not } = filter
    if ('any' in not) return { label: 'None of', sentence: listed(model, not.any, askable, ', ') }
    return { label: 'Not', sentence: whole(filterWords(model, not, askable)) }
  }
  const place = placeToAsk(model, filter.field, askable)
  if (!place) throw new TypeError(`The filter ${filter.field} was parsed without its field.`)
  return { label: placeLabel(place), sentence: conditionWords(place, filter) }
}

function listed(model: Model, filters: readonly Filter[], askable: Askable, between: string): string {
  return filters
    .map((filter) => {
      const words = whole(filterWords(model, filter, askable))
      return 'field' in filter ? words : `(${words})`
    })
    .join(between)
}

function whole({ label, sentence }: FilterSentence): string {
  return `${label} ${sentence}`
}

/** "Status", "Customer · Country", "Some order · Status", "Details $.size". */
export function placeLabel({ relation, model, field, path }: FilterPlace): string {
  const name = path ? `${labelOf(model, field)} ${writeJsonPath(path)}` : labelOf(model, field)
  if (!relation) return name
  return `${relation.kind === 'many' ? `Some ${model.label.toLowerCase()}` : relation.label} · ${name}`
}

/** "is unpaid", "is after 2026-11-01", "is any of a, b", "is in the last 7 days". */
function conditionWords({ field, path }: FilterPlace, { operator, value }: FieldFilter): string {
  if (operator === 'isNull') return value === false ? 'is not empty' : 'is empty'
  if (operator === 'within') return periodSentence(String(value))
  const texts = (isList(value) ? value : [value]).map((one) => (path ? String(one) : valueText(field, one)))
  return `${operatorWords(path ? { type: 'text' } : field, operator)} ${texts.join(', ')}`
}

/** "is today", "is in the last 7 days". */
export function periodSentence(text: string): string {
  return `${readPeriod(text)?.kind === 'rolling' ? 'is in' : 'is'} ${periodWords(text)}`
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
  within: 'is in the period',
}

const IN_TIME: Partial<Record<FilterOperator, string>> = {
  lt: 'is before',
  lte: 'is up to',
  gt: 'is after',
  gte: 'is from',
}

/** How a form and a chip call the operator for that field. */
export function operatorWords(field: Pick<Field, 'type'>, operator: FilterOperator): string {
  if (operator === 'contains' && hasMembers(field)) return 'has'
  const isTime = ['date', 'time', 'timestamp', 'timestamptz'].includes(field.type)
  return (isTime && IN_TIME[operator]) || PLAIN[operator]
}

function valueText(described: Field, value: Value): string {
  const field = hasMembers(described) ? memberField(described) : described
  if (field.type === 'bool') return value === true ? 'yes' : 'no'
  const text = textOf(field, value) ?? ''
  return field.choices?.find((choice) => choice.value === text)?.label ?? text
}

function isList(value: FieldFilter['value']): value is readonly Value[] {
  return Array.isArray(value)
}
