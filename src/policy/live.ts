/**
 * The rules that count for one request, bound to whoever asks.
 *
 * The answer is the same for the next request of the same principal under the
 * same circumstances, so it is kept: by action, roles, the attributes that the
 * rules name, and which of the rules with a `when` count.
 */

import type { Model } from '../model/model.ts'
import { NOTHING } from '../model/predicate.ts'
import { covers, isCovered, splitAction } from './action-pattern.ts'
import {
  type Asked,
  type BindRule,
  type BoundRule,
  conditionOf,
  createBinder,
  readAttributes,
} from './bind.ts'
import { createKeep, type Keep } from './kept.ts'
import type { AccessRequest, Circumstances, Subject } from './policy.ts'
import type { CompiledRule, ModelCondition } from './rule.ts'

export interface Live {
  readonly verb: string
  readonly permits: readonly BoundRule[]
  /** Forbids that refuse the record. */
  readonly forbids: readonly BoundRule[]
  /** Forbids that take fields away and nothing else. */
  readonly takings: readonly BoundRule[]
  /** Why nothing is allowed, whatever the rules say. */
  readonly refusal: string | null
  /** What the conditions look at; counted out when it is asked for. */
  conditions(): readonly ModelCondition[]
}

/** A compiled document, as far as requests need it. */
export interface Rulebook {
  readonly models: ReadonlyMap<string, Model>
  readonly rules: readonly CompiledRule[]
  /** Each role with all that it inherits. */
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>
  readonly exclusive: readonly (readonly string[])[]
}

/** The rules that one principal is under for one action, before circumstances. */
interface Candidates {
  readonly asked: Asked
  readonly rules: readonly CompiledRule[]
  /** Those that count only under some circumstances. */
  readonly sometimes: readonly CompiledRule[]
  /** Whether conditions compare with the clock or the address. */
  readonly needsCircumstances: boolean
  readonly refusal: string | null
  readonly keep: Keep<Live>
}

const KEPT_ACTIONS = 5_000
const KEPT_PRINCIPALS = 5_000
const KEPT_CIRCUMSTANCES = 16

/** Finds the rules that count. Stateful only in what it keeps for speed. */
export function createFinder(book: Rulebook): (request: AccessRequest) => Live {
  const keep = createKeep<Candidates>(KEPT_PRINCIPALS)
  const indexed = createIndex(book)
  const bind = createBinder(book.models)
  return ({ subject, action, circumstances }) => {
    const { rules, attributes } = indexed(action)
    const { kind, roles, limitedTo } = subject
    const key = JSON.stringify([action, kind, roles, limitedTo, readAttributes(subject, attributes)])
    const candidates = keep(key, () => candidatesFor(book, rules, subject, action))
    const counting = candidates.sometimes.map((rule) => rule.isWhen?.(circumstances) ?? true)
    const find = () => liveUnder(candidates, counting, subject, circumstances, bind)
    return candidates.needsCircumstances ? find() : candidates.keep(counting.join(), find)
  }
}

/** Roles with all that they inherit. */
export function withInherited(
  roles: ReadonlyMap<string, ReadonlySet<string>>,
  held: readonly string[],
): ReadonlySet<string> {
  return new Set(held.flatMap((role) => [...(roles.get(role) ?? [])]))
}

/** The first two of these roles that exclude each other, or null. */
export function conflictOf(
  exclusive: readonly (readonly string[])[],
  held: ReadonlySet<string>,
): readonly [string, string] | null {
  for (const group of exclusive) {
    const [one, other] = group.filter((role) => held.has(role))
    if (one !== undefined && other !== undefined) return [one, other]
  }
  return null
}

interface Indexed {
  readonly rules: readonly CompiledRule[]
  /** Attributes that the conditions of these rules name. */
  readonly attributes: readonly string[]
}

/** Rules by action. */
function createIndex({ rules }: Rulebook): (action: string) => Indexed {
  const keep = createKeep<Indexed>(KEPT_ACTIONS)
  return (action) =>
    keep(action, () => {
      const { model, verb } = splitAction(action)
      const matching = rules.filter((rule) => rule.patterns.some((pattern) => covers(pattern, model, verb)))
      const used = matching.flatMap((rule) => [...(rule.conditions?.get(model)?.uses.attributes ?? [])])
      return { rules: matching, attributes: [...new Set(used)] }
    })
}

function candidatesFor(
  book: Rulebook,
  indexed: readonly CompiledRule[],
  subject: Subject,
  action: string,
): Candidates {
  const { model, verb } = splitAction(action)
  const asked = { model: book.models.get(model), verb }
  const held = withInherited(book.roles, subject.roles)
  const rules = indexed.filter(
    (rule) => isFor(rule, subject.kind) && (!rule.roles || intersects(rule.roles, held)),
  )
  return {
    asked,
    rules,
    sometimes: rules.filter((rule) => rule.isWhen !== null),
    needsCircumstances: rules.some((rule) => conditionOf(rule, asked)?.uses.circumstances),
    refusal: refusalOf(book, subject, held, action),
    keep: createKeep(KEPT_CIRCUMSTANCES),
  }
}

/** An agent never has more than its person: what permits it must permit people, what forbids people forbids it. */
function isFor({ kinds, effect }: CompiledRule, kind: Subject['kind']): boolean {
  if (kind !== 'agent') return kinds.has(kind)
  const [own, persons] = [kinds.has('agent'), kinds.has('person')]
  return effect === 'permit' ? own && persons : own || persons
}

function intersects(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const one of some) if (others.has(one)) return true
  return false
}

function refusalOf(
  book: Rulebook,
  { limitedTo }: Subject,
  held: ReadonlySet<string>,
  action: string,
): string | null {
  if (limitedTo !== null && !isCovered(limitedTo, action)) return 'the token is limited to other actions'
  const conflict = conflictOf(book.exclusive, held)
  return conflict && `the roles "${conflict[0]}" and "${conflict[1]}" exclude each other`
}

/** @param counting For each of `sometimes`, whether it counts now. */
function liveUnder(
  { asked, rules, sometimes, refusal }: Candidates,
  counting: readonly boolean[],
  subject: Subject,
  circumstances: Circumstances,
  bind: BindRule,
): Live {
  const silent = new Set(sometimes.filter((_, index) => !counting[index]))
  const bound = rules
    .filter((rule) => !silent.has(rule))
    .map((rule) => bind(rule, asked, { subject, circumstances }))
    .filter(({ where }) => where !== NOTHING)
  const forbids = bound.filter(({ rule }) => rule.effect === 'forbid')
  return {
    verb: asked.verb,
    permits: bound.filter(({ rule }) => rule.effect === 'permit'),
    forbids: forbids.filter(({ rule }) => !rule.isAboutFields),
    takings: forbids.filter(({ rule }) => rule.isAboutFields),
    refusal,
    conditions: () => bound.flatMap(({ rule }) => conditionOf(rule, asked) ?? []),
  }
}
