/**
 * The text that people search for, as a condition: in any of the model's search
 * fields that this principal may query, here or one hop away, there within the
 * scope of the target's own list.
 */

import { fieldOf, type Model } from '../model/model.ts'
import { parseValue } from '../model/parse.ts'
import { and, apart, EVERYTHING, NOTHING, or, type Predicate } from '../model/predicate.ts'
import {
  behind,
  type Lookup,
  planSearch,
  type SearchPlace,
  type SearchPlan,
  takes,
} from '../model/search-plan.ts'
import type { Access } from '../policy/policy.ts'
import { type Grant, queryableFields } from './grant.ts'

export interface SearchOptions {
  readonly models: ReadonlyMap<string, Model>
  readonly model: Model
  readonly access: Access
  readonly grant: Grant
}

/** What a search by this principal looks through. */
export function searchPlan(options: SearchOptions): SearchPlan {
  const { model, models } = options
  return planSearch(
    model,
    models,
    model.list.search.filter((place) => isOpen(options, place)),
  )
}

function isOpen({ model, models, access, grant }: SearchOptions, place: string): boolean {
  const queryable = queryableFields(model, access)
  const { relation, target, name } = behind(model, models, place)
  if (!relation || !target) return queryable.includes(name)
  if (!relation.from.every((field) => queryable.includes(field))) return false
  const there = grant.access(`${target.name}.list`)
  return there.isPossible && queryableFields(target, there).includes(name)
}

/** The search text in the places of the plan. Several words may stand in several fields: "ama okafor", "chair oak". */
export function searched(options: SearchOptions, plan: SearchPlan, search: string | null): Predicate {
  const text = search?.trim() ?? ''
  if (text === '') return EVERYTHING
  return and(...text.split(/\s+/).map((word) => wordIn(options, plan, word)))
}

function wordIn(options: SearchOptions, { places, scans }: SearchPlan, word: string): Predicate {
  const taking = places.filter((place) => takes(place, word))
  const found = taking.map((place) => conditionAt(options, place, word))
  const isFound = found.some((one) => one !== NOTHING)
  if (isFound && scans !== 'always') return apart(...found)
  const others = places.filter((place) => place.by !== 'equal' && !taking.includes(place))
  return or(...found, ...others.map(({ place }) => conditionAt(options, { place, by: 'scan' }, word)))
}

function conditionAt(
  { model, models, grant }: SearchOptions,
  { place, by }: SearchPlace,
  word: string,
): Predicate {
  const { relation, target, name } = behind(model, models, place)
  if (!relation || !target) return matches(model, name, by, word)
  const found = matches(target, name, by, word)
  if (found === NOTHING) return NOTHING
  const where = and(grant.access(`${target.name}.list`).scope, found)
  return { kind: 'related', relation: relation.name, where, ...(by !== 'scan' && { isLookedUp: true }) }
}

function matches(model: Model, name: string, by: Lookup, word: string): Predicate {
  if (by !== 'equal') return { kind: 'text', field: name, operator: OPERATORS[by], value: word }
  const field = fieldOf(model, name)
  const parsed = field && parseValue(field, word)
  if (!parsed?.ok || parsed.value === null) return NOTHING
  return { kind: 'compare', field: name, operator: 'eq', value: parsed.value }
}

const OPERATORS: Readonly<Record<Exclude<Lookup, 'equal'>, 'contains' | 'startsWith' | 'words'>> = {
  scan: 'contains',
  part: 'contains',
  begin: 'startsWith',
  word: 'words',
}
