/**
 * Which role may do what, at a glance: one cell for a role and an action.
 *
 * Pure, and a summary only: it reads the document and knows no record, so a
 * cell with a condition says just that. What is allowed is decided by the
 * policy, never by this.
 */

import type { PolicyDocument, Rule } from '../../../policy/document.ts'

export type CellState = 'allowed' | 'conditions' | 'approval' | 'denied'

export interface Cell {
  readonly state: CellState
  /** The rules that speak of it, forbids first. */
  readonly rules: readonly Rule[]
}

/** What people hold who have that role and no other. */
export function cellOf(document: PolicyDocument, role: string, action: string): Cell {
  const held = heldRoles(document, role)
  const rules = document.rules.filter((rule) => concerns(rule, held) && matchesAction(rule, action))
  const forbids = rules.filter((rule) => rule.effect === 'forbid')
  const permits = rules.filter((rule) => rule.effect === 'permit')
  return { state: stateOf(permits, forbids), rules: [...forbids, ...permits] }
}

/** The role and those it inherits, however far. */
export function heldRoles(document: PolicyDocument, role: string): ReadonlySet<string> {
  const held = new Set<string>()
  const waiting = [role]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (held.has(next)) continue
    held.add(next)
    waiting.push(...(document.roles[next]?.inherits ?? []))
  }
  return held
}

/** Rules that people of that role fall under by name or by being for everyone. */
export function rulesOfRole(document: PolicyDocument, role: string): readonly Rule[] {
  const held = heldRoles(document, role)
  return document.rules.filter((rule) => concerns(rule, held))
}

function concerns(rule: Rule, held: ReadonlySet<string>): boolean {
  if (rule.kinds && !rule.kinds.includes('person')) return false
  return !rule.roles || rule.roles.some((role) => held.has(role))
}

function matchesAction(rule: Rule, action: string): boolean {
  const at = action.lastIndexOf('.')
  const [model, verb] = [action.slice(0, at), action.slice(at + 1)]
  return rule.actions.some((pattern) => {
    const dot = pattern.lastIndexOf('.')
    const [modelPart, verbPart] = [pattern.slice(0, dot), pattern.slice(dot + 1)]
    const isModel = modelPart === model || (modelPart === '*' && !model.startsWith('castellan.'))
    return isModel && (verbPart === verb || verbPart === '*')
  })
}

function stateOf(permits: readonly Rule[], forbids: readonly Rule[]): CellState {
  const always = forbids.some((rule) => !rule.where && !rule.when && !rule.fields)
  if (always || permits.length === 0) return 'denied'
  // The strictest obligation holds wherever several permits match.
  const unconditional = permits.filter((rule) => !rule.where && !rule.when)
  const asked = unconditional.length > 0 ? unconditional : permits
  if (asked.some((rule) => (rule.obligations?.approvals ?? 0) > 0)) return 'approval'
  const isLimited =
    forbids.length > 0 ||
    unconditional.length === 0 ||
    unconditional.some((rule) => rule.obligations) ||
    unconditional.every((rule) => rule.fields)
  return isLimited ? 'conditions' : 'allowed'
}
