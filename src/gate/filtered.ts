/**
 * Filters as a predicate: what a list is asked becomes what its records must satisfy.
 *
 * Behind a relation the policy of the model that it leads to holds as well: only
 * records that the principal could list there count, and only fields that it
 * could filter that list by may be asked about. Periods get their two ends here,
 * by the clock of the call and the zone of the principal.
 */

import { AdminError } from '../errors.ts'
import { conditionsIn, costOf, type FieldFilter, type Filter, NOT_QUERYABLE } from '../model/filter.ts'
import { overLimit } from '../model/filter-limit.ts'
import { type Askable, type FilterPlace, placeToAsk } from '../model/filter-place.ts'
import type { JsonPath } from '../model/json-path.ts'
import { hasMembers } from '../model/members.ts'
import type { Field, Model, SoftDelete, Value } from '../model/model.ts'
import { boundsOf, readPeriod } from '../model/period.ts'
import { and, EVERYTHING, not, or, type Predicate } from '../model/predicate.ts'
import type { Access } from '../policy/policy.ts'
import { type Grant, queryableFields } from './grant.ts'

/** Who filters which list. */
export interface Filtering {
  readonly model: Model
  readonly models: ReadonlyMap<string, Model>
  /** What the principal is granted of the list itself. */
  readonly access: Access
  readonly grant: Grant
}

/** What the principal may filter by, here and behind relations. */
export function askableIn({ model, models, access, grant }: Filtering): Askable {
  const known = new Map<string, ReadonlySet<string>>()
  return {
    models,
    queryable(name) {
      const before = known.get(name)
      if (before) return before
      const there = models.get(name)
      const granted = name === model.name ? access : grant.access(`${name}.list`)
      const fields = new Set(there && granted.isPossible ? queryableFields(there, granted) : [])
      known.set(name, fields)
      return fields
    },
  }
}

/**
 * Refuses what may not be asked, and more than a list may be asked. An unknown field, an unreadable one and
 * one outside the allow-list get the same words.
 * @throws AdminError `invalid-input`.
 */
export function mustBeAskable(filtering: Filtering, filters: readonly Filter[]): void {
  const { model } = filtering
  const askable = askableIn(filtering)
  const problems: Record<string, readonly string[]> = Object.create(null)
  for (const { field } of conditionsIn(filters)) {
    if (!placeToAsk(model, field, askable)) problems[field] = [NOT_QUERYABLE]
  }
  const over = overLimit(costOf(model, filters, askable))
  if (over !== null) problems['filter'] = [over]
  const names = Object.keys(problems)
  if (names.length === 0) return
  throw new AdminError('invalid-input', `${model.name}.list: check ${names.join(', ')}.`, {
    fields: problems,
  })
}

/**
 * What the records must satisfy to be in the list.
 * @throws TypeError for what `mustBeAskable` refuses, and for a value that the operator does not take.
 */
export function filtered(filtering: Filtering, filters: readonly Filter[]): Predicate {
  const askable = askableIn(filtering)
  const one = (filter: Filter): Predicate => {
    if ('all' in filter) return and(...filter.all.map(one))
    if ('any' in filter) return or(...filter.any.map(one))
    return 'not' in filter ? not(one(filter.not)) : condition(filtering, askable, filter)
  }
  return and(...filters.map(one))
}

/** The records that are in the trash, or those that are not. */
export function trashed(softDelete: SoftDelete | null, trash: 'without' | 'only'): Predicate {
  if (!softDelete) return EVERYTHING
  const { field } = softDelete
  const alive: Predicate =
    softDelete.kind === 'instant'
      ? { kind: 'isNull', field }
      : not({ kind: 'compare', field, operator: 'eq', value: true })
  return trash === 'only' ? not(alive) : alive
}

function condition(filtering: Filtering, askable: Askable, filter: FieldFilter): Predicate {
  const { model, grant } = filtering
  const place = placeToAsk(model, filter.field, askable)
  if (!place) throw new TypeError(`The filter by ${filter.field} was not checked.`)
  const asked = leaf(place, filter, grant)
  const { relation } = place
  if (!relation) return asked
  const there = place.model.name === model.name ? filtering.access : grant.access(`${place.model.name}.list`)
  // one record that is gone still says what it was; of many, only those that are there count
  const present = relation.kind === 'many' ? trashed(place.model.softDelete, 'without') : EVERYTHING
  return { kind: 'related', relation: relation.name, where: and(there.scope, present, asked) }
}

function leaf({ field, path }: FilterPlace, filter: FieldFilter, grant: Grant): Predicate {
  return path ? jsonLeaf(field, path, filter) : fieldLeaf(field, filter, grant)
}

function fieldLeaf(described: Field, { operator, value }: FieldFilter, grant: Grant): Predicate {
  const { name: field, type } = described
  switch (operator) {
    case 'isNull':
      return value === true ? { kind: 'isNull', field } : not({ kind: 'isNull', field })
    case 'in':
      return { kind: 'in', field, values: membersOf(value) }
    case 'within':
      return within(field, type, textOf(value), grant)
    case 'contains':
      if (hasMembers(described)) return { kind: 'contains', field, value: singleOf(value) }
      return { kind: 'text', field, operator, value: textOf(value) }
    case 'startsWith':
      return { kind: 'text', field, operator, value: textOf(value) }
    default:
      return { kind: 'compare', field, operator, value: singleOf(value) }
  }
}

function within(field: string, type: Field['type'], text: string, grant: Grant): Predicate {
  const period = readPeriod(text)
  if (!period || (type !== 'date' && type !== 'timestamp' && type !== 'timestamptz')) {
    throw new TypeError(`${field} is not within "${text}".`)
  }
  const { circumstances, principal } = grant
  const { from, before } = boundsOf(period, type, circumstances.now, principal.timeZone)
  return and(
    { kind: 'compare', field, operator: 'gte', value: from },
    { kind: 'compare', field, operator: 'lt', value: before },
  )
}

/** A place without a scalar is equal to nothing and differs from nothing. */
function jsonLeaf({ name: field }: Field, path: JsonPath, { operator, value }: FieldFilter): Predicate {
  const text = (operator: 'eq' | 'contains' | 'startsWith', wanted: string): Predicate => ({
    kind: 'jsonText',
    field,
    path,
    operator,
    value: wanted,
  })
  const present: Predicate = { kind: 'jsonPresent', field, path }
  switch (operator) {
    case 'isNull':
      return value === true ? not(present) : present
    case 'in':
      return or(...membersOf(value).map((one) => text('eq', textOf(one))))
    case 'eq':
    case 'contains':
    case 'startsWith':
      return text(operator, textOf(value))
    case 'ne':
      return and(
        { kind: 'jsonText', field, path, operator: 'startsWith', value: '' },
        not(text('eq', textOf(value))),
      )
    default:
      throw new TypeError(`A place within JSON has no ${operator}.`)
  }
}

function membersOf(value: FieldFilter['value']): readonly Value[] {
  return isList(value) ? value : []
}

function singleOf(value: FieldFilter['value']): Value {
  if (isList(value)) throw new TypeError('The operator takes one value.')
  return value
}

function textOf(value: FieldFilter['value']): string {
  return String(singleOf(value))
}

function isList(value: FieldFilter['value']): value is readonly Value[] {
  return Array.isArray(value)
}
