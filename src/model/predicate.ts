/**
 * The closed language of conditions over one record.
 *
 * Policy rules, filters and searches all become this one tree. It is compiled
 * to a closure in `model/holds.ts` and to SQL in `data/sql/compile.ts`; both
 * are two-valued (a leaf over NULL is false, save `isNull`), so that `not`
 * means the same in both. Values are already of the field's type.
 */

import type { JsonPath } from './json-path.ts'
import type { Value } from './model.ts'

export type Comparison = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'

export type Predicate =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and'; readonly of: readonly Predicate[] }
  /** `apart`: each of them is served by an index of its own; it means the same. */
  | { readonly kind: 'or'; readonly of: readonly Predicate[]; readonly apart?: true }
  | { readonly kind: 'not'; readonly of: Predicate }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: Comparison; readonly value: Value }
  /** An empty list is false, never absent. */
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly Value[] }
  | { readonly kind: 'isNull'; readonly field: string }
  /** Member of a set: the field holds a JSON array that contains the value. */
  | { readonly kind: 'contains'; readonly field: string; readonly value: Value }
  /**
   * Substring or prefix, without regard to case; `words`: a substring that begins a word, found by an index of words.
   * Filters and search only, never a policy.
   */
  | {
      readonly kind: 'text'
      readonly field: string
      readonly operator: 'contains' | 'startsWith' | 'words'
      readonly value: string
    }
  /** The scalar at a place within JSON, as text: equal by its bytes, else without regard to case. Filters only, never a policy. */
  | {
      readonly kind: 'jsonText'
      readonly field: string
      readonly path: JsonPath
      readonly operator: 'eq' | 'contains' | 'startsWith'
      readonly value: string
    }
  /** Something other than null stands at that place within JSON. Filters only, never a policy. */
  | { readonly kind: 'jsonPresent'; readonly field: string; readonly path: JsonPath }
  /** One hop: some record on the other side of the relation satisfies `where`. */
  | {
      readonly kind: 'related'
      readonly relation: string
      readonly where: Predicate
      /** The records here are looked up, by an index, from what is found there; it means the same. */
      readonly isLookedUp?: true
    }

export type JsonPredicate = Extract<Predicate, { readonly kind: 'jsonText' | 'jsonPresent' }>

export const EVERYTHING: Predicate = { kind: 'constant', value: true }
export const NOTHING: Predicate = { kind: 'constant', value: false }

/** Conjunction, simplified: `and()` of nothing is everything. */
export function and(...of: readonly Predicate[]): Predicate {
  const parts = of.filter((part) => !(part.kind === 'constant' && part.value))
  if (parts.some((part) => part.kind === 'constant')) return NOTHING
  const [only, ...rest] = parts
  if (!only) return EVERYTHING
  return rest.length === 0 ? only : { kind: 'and', of: parts }
}

/** Disjunction, simplified: `or()` of nothing is nothing. */
export function or(...of: readonly Predicate[]): Predicate {
  const parts = of.filter((part) => !(part.kind === 'constant' && !part.value))
  if (parts.some((part) => part.kind === 'constant')) return EVERYTHING
  const [only, ...rest] = parts
  if (!only) return NOTHING
  return rest.length === 0 ? only : { kind: 'or', of: parts }
}

/** Disjunction of what an index each serves. */
export function apart(...of: readonly Predicate[]): Predicate {
  const found = or(...of)
  if (found.kind === 'constant') return found
  return { kind: 'or', of: found.kind === 'or' ? found.of : [found], apart: true }
}

export function not(of: Predicate): Predicate {
  if (of.kind === 'constant') return of.value ? NOTHING : EVERYTHING
  return { kind: 'not', of }
}

/** `field = value` for each pair. */
export function equals(fields: readonly string[], values: readonly Value[]): Predicate {
  return and(
    ...fields.map((field, index): Predicate => {
      const value = values[index] ?? null
      return value === null ? { kind: 'isNull', field } : { kind: 'compare', field, operator: 'eq', value }
    }),
  )
}

/** Every field of the record itself that the predicate looks at, without those behind a relation. */
export function fieldsIn(predicate: Predicate): ReadonlySet<string> {
  switch (predicate.kind) {
    case 'constant':
    case 'related':
      return new Set()
    case 'and':
    case 'or':
      return new Set(predicate.of.flatMap((part) => [...fieldsIn(part)]))
    case 'not':
      return fieldsIn(predicate.of)
    default:
      return new Set([predicate.field])
  }
}

/** Whether the predicate looks at records behind a relation. */
export function looksBehind(predicate: Predicate): boolean {
  if (predicate.kind === 'and' || predicate.kind === 'or') return predicate.of.some(looksBehind)
  return predicate.kind === 'not' ? looksBehind(predicate.of) : predicate.kind === 'related'
}
