/**
 * One rule, checked and made ready to be asked.
 *
 * A rule speaks of models by pattern, so its condition and its fields are
 * compiled for each model that it reaches.
 */

import type { Field, Model } from '../model/model.ts'
import { type ActionPattern, coversModel } from './action-pattern.ts'
import { type BindCondition, compileCondition } from './condition.ts'
import type { PrincipalKind } from './document.ts'
import { type Report, suggest } from './mistakes.ts'
import { compileObligations, NO_OBLIGATIONS } from './obligation.ts'
import type { Uses } from './operand.ts'
import type { Obligations } from './policy.ts'
import { type ActionScope, checkActions, checkKeys, checkKinds, checkNames } from './shape.ts'
import { SETTING_VERBS } from './verbs.ts'
import { compileWhen, type IsWhen } from './when.ts'

/** A rule's `where` over one model. */
export interface ModelCondition {
  readonly bind: BindCondition
  readonly uses: Uses
  readonly fields: ReadonlySet<string>
  readonly relations: ReadonlyMap<string, ReadonlySet<string>>
}

export interface CompiledRule {
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  /** Null: whatever the roles. */
  readonly roles: ReadonlySet<string> | null
  readonly kinds: ReadonlySet<PrincipalKind>
  readonly patterns: readonly ActionPattern[]
  /** Null: always. */
  readonly isWhen: IsWhen | null
  readonly obligations: Obligations
  /** Whether the rule speaks of certain fields: a forbid then takes those and nothing else. */
  readonly isAboutFields: boolean
  /** Null: no condition. */
  readonly conditions: ReadonlyMap<string, ModelCondition> | null
  /** The fields of a model that the rule speaks of, for a verb. The same set for the same answer. */
  fieldsFor(model: Model, verb: string): ReadonlySet<string>
}

export interface RuleScope extends ActionScope {
  readonly models: ReadonlyMap<string, Model>
  readonly roles: ReadonlySet<string>
  /** The configured networks; null: not known here, so any name goes. */
  readonly networks: readonly string[] | null
}

const DEFAULT_KINDS: ReadonlySet<PrincipalKind> = new Set(['person', 'service', 'agent'])
const RULE_KEYS = ['id', 'effect', 'roles', 'kinds', 'actions', 'fields', 'where', 'when', 'obligations']

/** Compiles a rule. Mistakes are reported; a rule with any never gets asked, for the policy isn't made. */
export function compileRule(rule: { readonly [name: string]: unknown }, scope: RuleScope): CompiledRule {
  const { report, models } = scope
  const id = String(rule['id'])
  const place = `policy.rules.${id}`
  const effect = rule['effect'] === 'forbid' ? 'forbid' : 'permit'
  checkKeys(rule, RULE_KEYS, place, report)
  if (rule['effect'] !== effect) report('P117', `${place}.effect`, 'is neither "permit" nor "forbid".', '')
  const patterns = checkActions(rule['actions'], scope, `${place}.actions`)
  const reached = [...models.values()].filter((model) => patterns.some((one) => coversModel(one, model.name)))
  const kinds =
    rule['kinds'] === undefined ? DEFAULT_KINDS : checkKinds(rule['kinds'], `${place}.kinds`, report)
  checkSystem(rule, kinds, patterns, place, report)
  if (effect === 'permit' && kinds.has('agent') && !kinds.has('person')) {
    const remedy = 'Name "person" as well: an agent has what its person has, and never more.'
    report('P117', `${place}.kinds`, 'permits agents what it does not permit people.', remedy)
  }
  return {
    id,
    effect,
    roles:
      rule['roles'] === undefined ? null : checkNames(rule['roles'], scope.roles, `${place}.roles`, report),
    kinds,
    patterns,
    isWhen: compileRuleWhen(rule['when'], scope, `${place}.when`),
    obligations: compileRuleObligations(rule['obligations'], effect, `${place}.obligations`, report),
    isAboutFields: rule['fields'] !== undefined,
    conditions: rule['where'] === undefined ? null : compileConditions(rule['where'], reached, scope, place),
    fieldsFor: compileFields(rule['fields'], reached, `${place}.fields`, report),
  }
}

/** The system principal holds only what is named one by one. */
function checkSystem(
  rule: { readonly [name: string]: unknown },
  kinds: ReadonlySet<PrincipalKind>,
  patterns: readonly ActionPattern[],
  place: string,
  report: Report,
): void {
  if (!kinds.has('system') || rule['effect'] === 'forbid') return
  if (patterns.some(({ model, verb }) => model === '*' || verb === '*')) {
    report('P115', `${place}.actions`, 'grants the system actions by wildcard.', 'Name each action.')
  }
  if (rule['roles'] !== undefined) {
    report('P117', `${place}.roles`, 'asks the system for a role; it has none.', 'Leave roles out.')
  }
}

function compileRuleWhen(when: unknown, { networks, report }: RuleScope, place: string): IsWhen | null {
  if (when === undefined) return null
  const keys = checkKeys(when, ['hours', 'network', 'assurance'], place, report)
  return keys ? compileWhen(keys, networks, place, report) : null
}

function compileRuleObligations(
  option: unknown,
  effect: 'permit' | 'forbid',
  place: string,
  report: Report,
): Obligations {
  if (option === undefined) return NO_OBLIGATIONS
  if (effect === 'forbid') {
    report('P117', place, 'obliges to something although it forbids.', 'Move them to the rule that permits.')
  }
  const known = ['confirm', 'reason', 'ticket', 'stepUpWithin', 'approvals']
  const keys = checkKeys(option, known, place, report)
  return keys ? compileObligations(keys, place, report) : NO_OBLIGATIONS
}

function compileConditions(
  where: unknown,
  reached: readonly Model[],
  { models, report }: RuleScope,
  place: string,
): ReadonlyMap<string, ModelCondition> {
  return new Map(
    reached.map((model) => {
      const uses: Uses = { attributes: new Set(), circumstances: false }
      const fields = new Set<string>()
      const relations = new Map<string, Set<string>>()
      const look = (field: string, relation: string | null) => {
        if (relation === null) fields.add(field)
        else relations.set(relation, (relations.get(relation) ?? new Set()).add(field))
      }
      const bind = compileCondition(where, { model, models, uses, look, report }, `${place}.where`)
      return [model.name, { bind, uses, fields, relations }]
    }),
  )
}

function compileFields(
  option: unknown,
  reached: readonly Model[],
  place: string,
  report: Report,
): CompiledRule['fieldsFor'] {
  const choose = fieldChoice(option, reached, place, report)
  const known = new Map<string, ReadonlySet<string>>()
  return (model, verb) => {
    const maySet = SETTING_VERBS.has(verb)
    const key = `${model.name} ${maySet}`
    const fields =
      known.get(key) ??
      new Set(model.fields.filter((one) => !one.hidden && choose(one, maySet)).map((one) => one.name))
    known.set(key, fields)
    return fields
  }
}

/** Secret fields are never read, and set only where they are named one by one. */
function fieldChoice(
  option: unknown,
  reached: readonly Model[],
  place: string,
  report: Report,
): (field: Field, maySet: boolean) => boolean {
  const isPlain = (field: Field) => field.sensitivity !== 'secret'
  if (option === undefined) return isPlain
  const known = new Set(reached.flatMap((model) => model.fields.map((field) => field.name)))
  if (Array.isArray(option)) {
    const named = checkFieldNames(option, known, place, report)
    return (field, maySet) => named.has(field.name) && (maySet || isPlain(field))
  }
  const { except } = checkKeys(option, ['except'], place, report) ?? {}
  const excepted = checkFieldNames(except, known, `${place}.except`, report)
  return (field) => isPlain(field) && !excepted.has(field.name)
}

function checkFieldNames(
  names: unknown,
  known: ReadonlySet<string>,
  place: string,
  report: Report,
): ReadonlySet<string> {
  if (!Array.isArray(names) || names.length === 0) {
    report('P114', place, 'names no field.', 'Name at least one, or leave it out.')
    return new Set()
  }
  for (const name of names) {
    if (!known.has(name)) {
      report('P104', place, `No model of this rule has a field "${name}".`, suggest(String(name), known))
    }
  }
  return new Set(names)
}
