/**
 * What a request may reach before any record is known: the row scope that goes
 * into every WHERE, and the fields granted on all of it or on some of it.
 */

import { and, EVERYTHING, NOTHING, not, or } from '../model/predicate.ts'
import type { BoundRule } from './bind.ts'
import type { Live } from './live.ts'
import type { Access, Resource } from './policy.ts'

const NONE: ReadonlySet<string> = new Set()

/** Nothing of any record. */
export const NO_ACCESS: Access = {
  isPossible: false,
  scope: NOTHING,
  fieldsEverywhere: NONE,
  fieldsSomewhere: NONE,
  fieldsOf: () => NONE,
  looksAt: { fields: NONE, relations: new Map() },
  mayAskToConfirm: false,
  rules: [],
}

export function accessOf(live: Live): Access {
  const { permits, forbids, takings } = live
  const scope = and(or(...permits.map(({ where }) => where)), not(or(...forbids.map(({ where }) => where))))
  if (live.refusal !== null || (scope.kind === 'constant' && !scope.value)) return NO_ACCESS
  const always = permits.filter(({ where }) => where === EVERYTHING)
  const fieldsEverywhere = without(
    // A record may be in the scope by any one permit alone.
    union([intersection(permits), ...always.map(({ fields }) => fields)]),
    takings,
  )
  const fieldsSomewhere = without(
    union(permits.map(({ fields }) => fields)),
    takings.filter(({ where }) => where === EVERYTHING),
  )
  // Everywhere is part of somewhere, so that equal sizes mean equal sets.
  const isUniform = fieldsEverywhere.size === fieldsSomewhere.size
  return {
    isPossible: true,
    scope,
    fieldsEverywhere,
    fieldsSomewhere,
    fieldsOf: isUniform ? () => fieldsEverywhere : (resource) => fieldsOn(live, resource),
    looksAt: looksAt(live),
    mayAskToConfirm: permits.some(({ rule }) => rule.obligations.confirm),
    rules: permits.map(({ rule }) => rule.id),
  }
}

function looksAt(live: Live): Access['looksAt'] {
  const conditions = live.conditions()
  const relations = new Map<string, ReadonlySet<string>>()
  for (const [relation, fields] of conditions.flatMap((condition) => [...condition.relations])) {
    relations.set(relation, new Set([...(relations.get(relation) ?? []), ...fields]))
  }
  return { fields: new Set(conditions.flatMap(({ fields }) => [...fields])), relations }
}

/** The fields that the matching permits grant on a record and no matching forbid takes away. */
export function fieldsOn({ permits, takings }: Live, resource: Resource): ReadonlySet<string> {
  const granted = union(permits.filter(({ holds }) => holds(resource)).map(({ fields }) => fields))
  return without(
    granted,
    takings.filter(({ holds }) => holds(resource)),
  )
}

export function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const different = new Set(sets)
  const [only] = different
  if (different.size <= 1) return only ?? NONE
  return new Set([...different].flatMap((set) => [...set]))
}

export function without(fields: ReadonlySet<string>, takings: readonly BoundRule[]): ReadonlySet<string> {
  if (takings.length === 0) return fields
  const left = new Set(fields)
  for (const taking of takings) for (const name of taking.fields) left.delete(name)
  return left
}

function intersection(rules: readonly BoundRule[]): ReadonlySet<string> {
  const [first, ...others] = new Set(rules.map(({ fields }) => fields))
  if (!first || others.length === 0) return first ?? NONE
  return new Set([...first].filter((name) => others.every((set) => set.has(name))))
}
