/**
 * From a policy document to a policy: everything is checked at once, and as
 * much as possible is made ready before the first request.
 */

import { type Mistake, misconfigured } from '../errors.ts'
import type { Model } from '../model/model.ts'
import { accessOf } from './access.ts'
import { decide } from './decide.ts'
import type { PolicyDocument } from './document.ts'
import { createFinder, type Live } from './live.ts'
import { collectMistakes, type Report, suggest } from './mistakes.ts'
import type { Access, Policy } from './policy.ts'
import { compileRule } from './rule.ts'
import { checkKeys, checkNames } from './shape.ts'
import { isOwn, OWN_VERBS, RECORD_VERBS } from './verbs.ts'

export interface CompileOptions {
  /** First 16 hex digits of the SHA-256 of the document. */
  readonly version: string
  /** Names of actions beyond the built-in ones: `orders.refund`, or `*.archive` for every model of the application. */
  readonly actions?: readonly string[]
  /** Names of the configured networks; absent: any name goes. */
  readonly networks?: readonly string[]
}

/**
 * Compiles a document against the models that there are.
 * @throws AdminError `misconfigured` with every mistake at once (`P101` and on).
 */
export function compilePolicy(
  document: PolicyDocument,
  models: ReadonlyMap<string, Model>,
  options: CompileOptions,
): Policy {
  const { mistakes, report } = collectMistakes()
  checkKeys(document, ['roles', 'rules', 'constraints'], 'policy', report)
  const roles = compileRoles(document, report)
  const known = new Set(roles.keys())
  const verbsOf = knownVerbs(models, options.actions ?? [])
  const networks = options.networks ?? null
  const rules = listOf(document.rules, 'policy.rules', report).map((rule) =>
    compileRule({ ...rule }, { models, roles: known, verbsOf, networks, report }),
  )
  checkIds(rules, report)
  const exclusive = compileConstraints(document, known, report)
  if (mistakes.length > 0) throw misconfigured(distinct(mistakes))

  const find = createFinder({ models, rules, roles, exclusive })
  const answers = new WeakMap<Live, Access>()
  return {
    document,
    version: options.version,
    access(request) {
      const live = find(request)
      const access = answers.get(live) ?? accessOf(live)
      answers.set(live, access)
      return access
    },
    decide: (request, resource) => decide(find(request), resource),
  }
}

/** The same mistake over many models of a wildcard is told once, with how often it was made. */
function distinct(mistakes: readonly Mistake[]): readonly Mistake[] {
  const byPlace = Map.groupBy(mistakes, (one) => `${one.id} ${one.place}`)
  return [...byPlace.values()].flatMap(([first, ...others]) => {
    if (!first || others.length === 0 || !first.place.includes('.where'))
      return [first, ...others].flatMap((one) => one ?? [])
    const models = others.length === 1 ? 'one more model' : `${others.length} more models`
    return [{ ...first, problem: `${first.problem} The same holds for ${models}.` }]
  })
}

function listOf<T extends object>(list: readonly T[], place: string, report: Report): readonly T[] {
  const isList = Array.isArray(list) && list.every((one) => typeof one === 'object' && one !== null)
  if (!isList) report('P117', place, 'is no list of objects.', '')
  return isList ? list : []
}

/** Each role with all that it inherits, itself included. */
function compileRoles(document: PolicyDocument, report: Report): ReadonlyMap<string, ReadonlySet<string>> {
  const declared = new Map(Object.entries(document.roles ?? {}))
  const known = new Set(declared.keys())
  for (const [name, role] of declared) {
    const place = `policy.roles.${name}`
    checkKeys(role, ['title', 'description', 'inherits', 'privileged', 'deviceBound'], place, report)
    if (role.inherits?.length) checkNames(role.inherits, known, `${place}.inherits`, report)
    checkName(name, place, report)
  }
  const parentsOf = (name: string) => declared.get(name)?.inherits ?? []
  return new Map(
    [...known].map((name) => {
      const all = ancestors(name, parentsOf)
      if (parentsOf(name).some((parent) => ancestors(parent, parentsOf).has(name))) {
        report(
          'P113',
          `policy.roles.${name}.inherits`,
          `"${name}" inherits from itself.`,
          'Break the circle.',
        )
      }
      return [name, all]
    }),
  )
}

/** Names that look alike must not be different roles. */
function checkName(name: string, place: string, report: Report): void {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) {
    report('P112', place, `"${name}" is not in kebab-case.`, 'Write for example "security-officer".')
  }
}

function ancestors(name: string, parentsOf: (name: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set([name])
  for (const one of found) for (const parent of parentsOf(one)) found.add(parent)
  return found
}

function checkIds(rules: readonly { readonly id: string }[], report: Report): void {
  for (const [id, same] of Map.groupBy(rules, (rule) => rule.id)) {
    checkName(id, `policy.rules.${id}`, report)
    if (same.length > 1)
      report('P112', `policy.rules.${id}`, `${same.length} rules have this id.`, 'Rename all but one.')
  }
}

function compileConstraints(
  { constraints = [] }: PolicyDocument,
  known: ReadonlySet<string>,
  report: Report,
): readonly (readonly string[])[] {
  return listOf(constraints, 'policy.constraints', report).map((constraint, index) => {
    const place = `policy.constraints[${index}]`
    checkKeys(constraint, ['exclusive'], place, report)
    const names = [...checkNames(constraint.exclusive, known, `${place}.exclusive`, report)]
    if (names.length === 1) {
      report('P114', place, 'names one role, which excludes nothing.', `Name another: ${suggest('', known)}`)
    }
    return names
  })
}

/** The verbs that a rule may name for a model, or for any model of the application. */
function knownVerbs(
  models: ReadonlyMap<string, Model>,
  actions: readonly string[],
): (model: string) => ReadonlySet<string> | undefined {
  const extra = (model: string) =>
    actions
      .filter((one) => one.slice(0, one.lastIndexOf('.')) === model)
      .map((one) => one.slice(one.lastIndexOf('.') + 1))
  return (model) => {
    if (isOwn(model)) {
      const own = OWN_VERBS[model]
      return own || models.has(model) ? new Set([...(own ?? []), ...extra(model)]) : undefined
    }
    if (model === '*') {
      const anywhere = actions.filter((one) => !isOwn(one)).map((one) => one.slice(one.lastIndexOf('.') + 1))
      return new Set([...RECORD_VERBS, ...anywhere])
    }
    return models.has(model) ? new Set([...RECORD_VERBS, ...extra(model), ...extra('*')]) : undefined
  }
}
