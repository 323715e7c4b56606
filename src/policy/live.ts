/**
 * The rules that count for one request, bound to whoever asks.
 *
 * Most of the work is the same for the next request of the same principal, so
 * it is kept by action, roles and just those attributes that the rules name.
 * What depends on the clock or the address is bound anew each time.
 */

import { compileHolds, type Holds } from '../model/holds.ts'
import type { Model } from '../model/model.ts'
import { EVERYTHING, NOTHING, type Predicate } from '../model/predicate.ts'
import { covers, isCovered, splitAction } from './action-pattern.ts'
import { type Asker, attributeOf } from './operand.ts'
import type { AccessRequest, Circumstances, Subject } from './policy.ts'
import type { CompiledRule, ModelCondition } from './rule.ts'

/** A rule bound to a request. */
export interface LiveRule {
  readonly rule: CompiledRule
  readonly where: Predicate
  /** Never throws: a permit then misses and a forbid matches. */
  readonly holds: Holds
  readonly fields: ReadonlySet<string>
}

export interface Live {
  readonly verb: string
  readonly permits: readonly LiveRule[]
  /** Forbids that refuse the record. */
  readonly forbids: readonly LiveRule[]
  /** Forbids that take fields away and nothing else. */
  readonly takings: readonly LiveRule[]
  readonly relations: ReadonlyMap<string, ReadonlySet<string>>
  readonly looksAt: ReadonlySet<string>
  /** Why nothing is allowed, whatever the rules say. */
  readonly refusal: string | null
}

/** A compiled document, as far as requests need it. */
export interface Rulebook {
  readonly models: ReadonlyMap<string, Model>
  readonly rules: readonly CompiledRule[]
  /** Each role with all that it inherits. */
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>
  readonly exclusive: readonly (readonly string[])[]
}

/** Rules of one action for one principal, kept for the next request. */
interface Prepared {
  readonly candidates: readonly Candidate[]
  /** The same for every request; null when circumstances matter. */
  readonly live: Live | null
}

interface Candidate {
  readonly rule: CompiledRule
  readonly condition: ModelCondition | undefined
  /** Null: depends on the circumstances. */
  readonly bound: LiveRule | null
}

const KEPT_PREPARATIONS = 2_000
/** Circumstances for what doesn't depend on them. */
const NEVER: Circumstances = { now: 0, address: '', networks: [], assurance: 0 }

/** Finds the rules that count. Stateful only in what it keeps for speed. */
export function createFinder(book: Rulebook): (request: AccessRequest) => Live {
  const kept = new Map<string, Prepared>()
  const index = createIndex(book)
  return ({ subject, action, circumstances }) => {
    const { rules, attributes } = index(action)
    const key = keyOf(subject, action, attributes)
    const prepared = kept.get(key) ?? prepare(book, rules, subject, action)
    if (!kept.has(key)) {
      const [oldest] = kept.keys()
      if (kept.size >= KEPT_PREPARATIONS && oldest !== undefined) kept.delete(oldest)
      kept.set(key, prepared)
    }
    return prepared.live ?? liveNow(book, prepared.candidates, { subject, circumstances }, action)
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

/** Rules by action. Only actions on models that exist are kept, so that made-up names don't fill the memory. */
function createIndex({ models, rules }: Rulebook): (action: string) => Indexed {
  const known = new Map<string, Indexed>()
  return (action) => {
    const before = known.get(action)
    if (before) return before
    const { model, verb } = splitAction(action)
    const matching = rules.filter((rule) => rule.patterns.some((pattern) => covers(pattern, model, verb)))
    const used = matching.flatMap((rule) => [...(rule.conditions?.get(model)?.uses.attributes ?? [])])
    const indexed = { rules: matching, attributes: [...new Set(used)] }
    if (models.has(model) && known.size < KEPT_PREPARATIONS) known.set(action, indexed)
    return indexed
  }
}

function keyOf(subject: Subject, action: string, attributes: readonly string[]): string {
  const { kind, roles, limitedTo } = subject
  return JSON.stringify([
    action,
    kind,
    roles,
    limitedTo,
    attributes.map((name) => readAttribute(subject, name)),
  ])
}

function readAttribute(subject: Subject, name: string): unknown {
  try {
    return attributeOf(subject, name)
  } catch {
    return null
  }
}

function prepare(book: Rulebook, rules: readonly CompiledRule[], subject: Subject, action: string): Prepared {
  const { model: modelName, verb } = splitAction(action)
  const model = book.models.get(modelName)
  const held = withInherited(book.roles, subject.roles)
  const candidates = rules
    .filter((rule) => rule.kinds.has(subject.kind) && (!rule.roles || intersects(rule.roles, held)))
    .map((rule): Candidate => {
      const condition = rule.conditions?.get(modelName)
      const isFixed = !condition?.uses.circumstances
      const bound = isFixed
        ? bind(book, rule, condition, model, verb, { subject, circumstances: NEVER })
        : null
      return { rule, condition, bound }
    })
  const asker = { subject, circumstances: NEVER }
  const isFixed = candidates.every(({ rule, bound }) => bound !== null && rule.isWhen === null)
  return { candidates, live: isFixed ? liveNow(book, candidates, asker, action) : null }
}

function liveNow(book: Rulebook, candidates: readonly Candidate[], asker: Asker, action: string): Live {
  const { model: modelName, verb } = splitAction(action)
  const model = book.models.get(modelName)
  const counting = candidates
    .filter(({ rule }) => rule.isWhen?.(asker.circumstances) ?? true)
    .map(({ rule, condition, bound }) => bound ?? bind(book, rule, condition, model, verb, asker))
    .filter(({ where }) => where !== NOTHING)
  const forbids = counting.filter(({ rule }) => rule.effect === 'forbid')
  const conditions = counting.flatMap(({ rule }) => rule.conditions?.get(modelName) ?? [])
  return {
    verb,
    permits: counting.filter(({ rule }) => rule.effect === 'permit'),
    forbids: forbids.filter(({ rule }) => !rule.isAboutFields),
    takings: forbids.filter(({ rule }) => rule.isAboutFields),
    looksAt: new Set(conditions.flatMap(({ fields }) => [...fields])),
    relations: mergeRelations(conditions),
    refusal: refusalOf(book, asker.subject, action),
  }
}

function mergeRelations(conditions: readonly ModelCondition[]): ReadonlyMap<string, ReadonlySet<string>> {
  const merged = new Map<string, ReadonlySet<string>>()
  for (const [relation, fields] of conditions.flatMap((condition) => [...condition.relations])) {
    merged.set(relation, new Set([...(merged.get(relation) ?? []), ...fields]))
  }
  return merged
}

function refusalOf(book: Rulebook, { roles, limitedTo }: Subject, action: string): string | null {
  if (limitedTo !== null && !isCovered(limitedTo, action)) return 'the token is limited to other actions'
  const conflict = conflictOf(book.exclusive, withInherited(book.roles, roles))
  return conflict && `the roles "${conflict[0]}" and "${conflict[1]}" exclude each other`
}

function bind(
  book: Rulebook,
  rule: CompiledRule,
  condition: ModelCondition | undefined,
  model: Model | undefined,
  verb: string,
  asker: Asker,
): LiveRule {
  const onError = rule.effect === 'forbid'
  const fields = model ? rule.fieldsFor(model, verb) : new Set<string>()
  if (rule.conditions === null) return { rule, where: EVERYTHING, holds: () => true, fields }
  try {
    if (!condition || !model) throw new TypeError(`"${rule.id}" has a condition over no known model.`)
    const where = condition.bind(asker)
    const holds = compileHolds(model, book.models, where)
    return { rule, where, holds: guarded(holds, onError), fields }
  } catch {
    // An attribute that is absent or of another type: the rule counts against the request.
    return { rule, where: onError ? EVERYTHING : NOTHING, holds: () => onError, fields }
  }
}

function guarded(holds: Holds, onError: boolean): Holds {
  return (record) => {
    try {
      return holds(record)
    } catch {
      return onError
    }
  }
}

function intersects(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const one of some) if (others.has(one)) return true
  return false
}
