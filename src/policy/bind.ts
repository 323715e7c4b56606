/**
 * A rule bound to whoever asks: its condition as a predicate and as a closure.
 *
 * People of one region share what is bound, for it is kept by just those
 * attributes that the rule names. What depends on the clock or the address is
 * bound anew each time.
 */

import { compileHolds, type Holds } from '../model/holds.ts'
import type { Model } from '../model/model.ts'
import { EVERYTHING, NOTHING, type Predicate } from '../model/predicate.ts'
import { createKeep } from './kept.ts'
import { type Asker, attributeOf } from './operand.ts'
import type { Subject } from './policy.ts'
import type { CompiledRule, ModelCondition } from './rule.ts'
import { SETTING_VERBS } from './verbs.ts'

export interface BoundRule {
  readonly rule: CompiledRule
  /** `EVERYTHING` and `NOTHING` by identity. */
  readonly where: Predicate
  /** Never throws: a permit then misses and a forbid matches. */
  readonly holds: Holds
  readonly fields: ReadonlySet<string>
}

/** What is asked for: a model, when there is one of that name, and a verb. */
export interface Asked {
  readonly model: Model | undefined
  readonly verb: string
}

export type BindRule = (rule: CompiledRule, asked: Asked, asker: Asker) => BoundRule

const KEPT_RULES = 10_000
const NO_FIELDS: ReadonlySet<string> = new Set()

export function createBinder(models: ReadonlyMap<string, Model>): BindRule {
  const keep = createKeep<BoundRule>(KEPT_RULES)
  return (rule, asked, asker) => {
    const condition = conditionOf(rule, asked)
    if (condition?.uses.circumstances) return bind(rule, condition, asked, asker, models)
    const values = readAttributes(asker.subject, condition?.uses.attributes ?? [])
    const key = JSON.stringify([rule.id, asked.model?.name, SETTING_VERBS.has(asked.verb), values])
    return keep(key, () => bind(rule, condition, asked, asker, models))
  }
}

export function conditionOf(rule: CompiledRule, { model }: Asked): ModelCondition | undefined {
  return model && rule.conditions?.get(model.name)
}

/** The attributes to remember by: null where one is absent, which no attribute is. */
export function readAttributes(subject: Subject, names: Iterable<string>): readonly unknown[] {
  return [...names].map((name) => {
    try {
      return attributeOf(subject, name)
    } catch {
      return null
    }
  })
}

function bind(
  rule: CompiledRule,
  condition: ModelCondition | undefined,
  { model, verb }: Asked,
  asker: Asker,
  models: ReadonlyMap<string, Model>,
): BoundRule {
  const onError = rule.effect === 'forbid'
  const fields = model ? rule.fieldsFor(model, verb) : NO_FIELDS
  if (rule.conditions === null) return { rule, where: EVERYTHING, holds: () => true, fields }
  try {
    if (!condition || !model) throw new TypeError(`"${rule.id}" has a condition over no known model.`)
    const where = condition.bind(asker)
    return { rule, where, holds: guarded(compileHolds(model, models, where), onError), fields }
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
