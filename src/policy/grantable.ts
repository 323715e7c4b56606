/**
 * Who may give which role: nobody can grant what they do not hold.
 *
 * Decided by rule and not by what rules mean, so it errs on the side of no: a
 * role may be granted by whoever is under every rule that permits it something,
 * and under no prohibition that the role itself escapes.
 */

import type { PolicyDocument, Rule } from './document.ts'
import { conflictOf } from './live.ts'
import type { Policy } from './policy.ts'

/** The role that may grant every role. */
export const SUPERADMIN = 'superadmin'

/** Whether someone with these roles may give or take that role. False for a role that there isn't. */
export function mayGrant({ document }: Policy, grantorRoles: readonly string[], role: string): boolean {
  if (!Object.hasOwn(document.roles, role)) return false
  const held = inherited(document, grantorRoles)
  if (held.has(SUPERADMIN)) return true
  const given = inherited(document, [role])
  const isGranted = (rule: Rule) => concerns(rule, given)
  const isHeld = (rule: Rule) => concerns(rule, held) && (rule.kinds?.includes('person') ?? true)
  return document.rules.every((rule) =>
    rule.effect === 'permit' ? !isGranted(rule) || isHeld(rule) : !concerns(rule, held) || isGranted(rule),
  )
}

/** The roles that someone with these roles may give, in the document's order. */
export function grantableRoles(policy: Policy, grantorRoles: readonly string[]): readonly string[] {
  return Object.keys(policy.document.roles).filter((role) => mayGrant(policy, grantorRoles, role))
}

/** Two of these roles that exclude each other, or null: nobody may be given both, and whoever has both may do nothing. */
export function conflictingRoles(
  { document }: Policy,
  roles: readonly string[],
): readonly [string, string] | null {
  const exclusive = (document.constraints ?? []).map((constraint) => constraint.exclusive)
  return conflictOf(exclusive, inherited(document, roles))
}

/** Rules without roles are under everyone's feet and grant nothing by a role. */
function concerns(rule: Rule, roles: ReadonlySet<string>): boolean {
  return rule.roles?.some((role) => roles.has(role)) ?? false
}

function inherited(document: PolicyDocument, roles: readonly string[]): ReadonlySet<string> {
  const found = new Set(roles.filter((role) => Object.hasOwn(document.roles, role)))
  for (const role of found) for (const parent of document.roles[role]?.inherits ?? []) found.add(parent)
  return found
}
