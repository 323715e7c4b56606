/**
 * A filter while it is put together on a page: groups of conditions, as a form
 * sends them back and forth. Nothing in it has to make sense yet. Pure.
 *
 * Each part has a name that says where it is: `n` is the whole, `n.0` its first
 * part. A group sends `n.m` (which of its parts must hold), a condition sends
 * `n.0.f`, `.p`, `.o` and `.v`: field, path into JSON, operator, value.
 */

import type { FieldFilter, Filter } from '../../../model/filter.ts'
import { FILTER_LIMITS } from '../../../model/filter-limit.ts'
import type { WrittenCondition, WrittenFilter } from '../../../model/filter-text.ts'
import type { Value } from '../../../model/model.ts'

export const MATCHES = ['all', 'any', 'none'] as const
export type Match = (typeof MATCHES)[number]

export type Draft = DraftGroup | DraftCondition

export interface DraftGroup {
  readonly kind: 'group'
  readonly match: Match
  readonly of: readonly Draft[]
}

export interface DraftCondition {
  readonly kind: 'condition'
  /** As in a filter, without the path; empty: none is chosen yet. */
  readonly field: string
  /** `$.size`; empty where the field is no JSON. */
  readonly path: string
  /** One of the operators, or `notNull`. */
  readonly operator: string
  readonly value: string
}

export const EMPTY_CONDITION: DraftCondition = {
  kind: 'condition',
  field: '',
  path: '',
  operator: '',
  value: '',
}

/** The filters of a list as one group that can be changed. */
export function draftOf(filters: readonly Filter[]): DraftGroup {
  return { kind: 'group', match: 'all', of: filters.map(partOf) }
}

function partOf(filter: Filter): Draft {
  if ('all' in filter) return { kind: 'group', match: 'all', of: filter.all.map(partOf) }
  if ('any' in filter) return { kind: 'group', match: 'any', of: filter.any.map(partOf) }
  if ('not' in filter) {
    const { not } = filter
    return { kind: 'group', match: 'none', of: 'any' in not ? not.any.map(partOf) : [partOf(not)] }
  }
  const { field, operator, value } = filter
  const at = field.indexOf('$')
  const isNotNull = operator === 'isNull' && value === false
  return {
    kind: 'condition',
    field: at > 0 ? field.slice(0, at) : field,
    path: at > 0 ? field.slice(at) : '',
    operator: isNotNull ? 'notNull' : operator,
    value: operator === 'isNull' ? '' : valueText(value),
  }
}

function valueText(value: FieldFilter['value']): string {
  if (!isList(value)) return String(value)
  const texts = value.map(String)
  return texts.some((text) => text === '' || text.includes(',')) ? JSON.stringify(texts) : texts.join(',')
}

function isList(value: FieldFilter['value']): value is readonly Value[] {
  return Array.isArray(value)
}

/** What a form sent; an empty group where it sent nothing. */
export function readDraft(query: URLSearchParams, name = 'n', depth = 1): DraftGroup {
  const match = MATCHES.find((one) => one === query.get(`${name}.m`)) ?? 'all'
  const of: Draft[] = []
  for (let index = 0; index < FILTER_LIMITS.conditions; index++) {
    const part = `${name}.${index}`
    if (query.has(`${part}.m`) && depth < FILTER_LIMITS.depth) of.push(readDraft(query, part, depth + 1))
    else if (query.has(`${part}.f`)) of.push(readCondition(query, part))
    else break
  }
  return { kind: 'group', match, of }
}

function readCondition(query: URLSearchParams, name: string): DraftCondition {
  const text = (part: string): string => query.get(`${name}.${part}`) ?? ''
  return {
    kind: 'condition',
    field: text('f'),
    path: text('p').trim(),
    operator: text('o'),
    value: text('v'),
  }
}

/** The draft after a button of the form: `add:n`, `group:n.1`, `remove:n.1.0`; the same for anything else. */
export function changedBy(draft: DraftGroup, button: string): DraftGroup {
  const [verb = '', name = ''] = button.split(':')
  const [, ...steps] = name.split('.').map(Number)
  if (verb === 'add') return appended(draft, steps, EMPTY_CONDITION)
  if (verb === 'group') {
    return appended(draft, steps, { kind: 'group', match: 'any', of: [EMPTY_CONDITION] })
  }
  return verb === 'remove' && steps.length > 0 ? without(draft, steps) : draft
}

function appended(group: DraftGroup, steps: readonly number[], part: Draft): DraftGroup {
  const [step, ...rest] = steps
  if (step === undefined) return { ...group, of: [...group.of, part] }
  return {
    ...group,
    of: group.of.map((one, index) =>
      index === step && one.kind === 'group' ? appended(one, rest, part) : one,
    ),
  }
}

function without(group: DraftGroup, steps: readonly number[]): DraftGroup {
  const [step, ...rest] = steps
  if (rest.length === 0) return { ...group, of: group.of.filter((_, index) => index !== step) }
  return {
    ...group,
    of: group.of.map((one, index) => (index === step && one.kind === 'group' ? without(one, rest) : one)),
  }
}

/** A condition as it would stand in a filter; null while it says too little. */
export function writtenCondition(draft: DraftCondition): WrittenCondition | null {
  const { operator, value } = draft
  if (draft.field === '' || operator === '') return null
  const field = `${draft.field}${draft.path}`
  if (operator === 'isNull' || operator === 'notNull') {
    return { kind: 'condition', field, operator: 'isNull', value: String(operator === 'isNull') }
  }
  return { kind: 'condition', field, operator, value }
}

/** The filters that the draft makes, one for each that must hold; groups and conditions that say nothing are left out. */
export function writtenFilters(draft: DraftGroup): readonly WrittenFilter[] {
  if (draft.match === 'all') return draft.of.flatMap(writtenPart)
  return writtenPart(draft)
}

function writtenPart(draft: Draft): readonly WrittenFilter[] {
  if (draft.kind === 'condition') {
    const written = writtenCondition(draft)
    return written ? [written] : []
  }
  const of = draft.of.flatMap(writtenPart)
  const [only, ...more] = of
  if (!only) return []
  if (draft.match === 'none') return [{ kind: 'not', of: more.length === 0 ? only : { kind: 'any', of } }]
  return more.length === 0 ? [only] : [{ kind: draft.match, of }]
}
