/**
 * Whether a policy document has the shape of one. It may come from a file, so
 * its types are checked and not believed; a key nobody knows is a mistake,
 * for a misspelt `where` would otherwise widen a rule.
 */

import { type ActionPattern, parsePattern } from './action-pattern.ts'
import type { PrincipalKind } from './document.ts'
import { type Report, suggest } from './mistakes.ts'

type Keyed = { readonly [name: string]: unknown }

/** What actions may be named. */
export interface ActionScope {
  readonly models: ReadonlyMap<string, unknown>
  /** Known verbs of a model; of any model of the application for `*`. Undefined: no such model. */
  readonly verbsOf: (model: string) => ReadonlySet<string> | undefined
  readonly report: Report
}

const KINDS: readonly PrincipalKind[] = ['person', 'service', 'agent', 'system']

/** The object with its keys checked; null when it is none. */
export function checkKeys(
  value: unknown,
  known: readonly string[],
  place: string,
  report: Report,
): Keyed | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report('P117', place, 'is no object with keys.', suggest('', known))
    return null
  }
  for (const [name, part] of Object.entries(value)) {
    if (part !== undefined && !known.includes(name)) {
      report('P117', `${place}.${name}`, `"${name}" is not known here.`, suggest(name, known))
    }
  }
  return { ...value }
}

/** A list of roles, each of which exists. */
export function checkNames(
  names: unknown,
  known: ReadonlySet<string>,
  place: string,
  report: Report,
): ReadonlySet<string> {
  if (!Array.isArray(names) || names.length === 0) {
    report('P114', place, 'names no role.', 'Name at least one, or leave it out.')
    return new Set()
  }
  for (const name of names) {
    if (!known.has(name)) report('P101', place, `There is no role "${name}".`, suggest(String(name), known))
  }
  return new Set(names)
}

export function checkKinds(kinds: unknown, place: string, report: Report): ReadonlySet<PrincipalKind> {
  const list: readonly unknown[] = Array.isArray(kinds) ? kinds : []
  if (list.length === 0) report('P114', place, 'names no kind of principal.', 'Leave it out.')
  for (const kind of list) {
    if (!KINDS.some((one) => one === kind)) {
      report('P117', place, `There is no kind of principal "${kind}".`, suggest(String(kind), KINDS))
    }
  }
  return new Set(KINDS.filter((kind) => list.includes(kind)))
}

/** The patterns of a rule, each of which can match something. */
export function checkActions(
  actions: unknown,
  { verbsOf, models, report }: ActionScope,
  place: string,
): readonly ActionPattern[] {
  if (!Array.isArray(actions) || actions.length === 0) {
    report('P114', place, 'names no action.', 'Name at least one, such as "orders.list".')
    return []
  }
  return actions.flatMap((text) => {
    const pattern = typeof text === 'string' ? parsePattern(text) : null
    if (!pattern) {
      report('P103', place, `"${text}" is no action.`, 'Write "orders.list", "orders.*", "*.list" or "*.*".')
      return []
    }
    const verbs = verbsOf(pattern.model)
    if (!verbs) {
      report('P102', place, `There is no model "${pattern.model}".`, suggest(pattern.model, models.keys()))
    } else if (pattern.verb !== '*' && !verbs.has(pattern.verb)) {
      const whose = pattern.model === '*' ? 'No model has' : `"${pattern.model}" has no`
      const what = pattern.model === '*' ? `an action "${pattern.verb}".` : `action "${pattern.verb}".`
      report('P103', place, `${whose} ${what}`, suggest(pattern.verb, verbs))
    }
    return [pattern]
  })
}
