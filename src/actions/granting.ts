/**
 * Who may give or take roles: nobody can grant what they do not hold, nobody
 * changes their own, and a token that is limited passes nothing on.
 *
 * The system grants freely: it is whoever has the secrets and the database on
 * the machine itself, and the rules name its actions one by one.
 */

import { AdminError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import { conflictingRoles, mayGrant } from '../policy/grantable.ts'
import type { Policy } from '../policy/policy.ts'

/** @throws AdminError `invalid-input` at `field` for roles that exclude each other; `denied` for a role that is not theirs to give. */
export function mustGrant(
  policy: Policy,
  principal: Principal,
  action: string,
  {
    given,
    held,
    field,
  }: { readonly given: readonly string[]; readonly held: readonly string[]; readonly field: string },
): void {
  mustBeRoles(policy, action, given, field)
  const conflict = conflictingRoles(policy, [...held, ...given])
  if (conflict) {
    throw new AdminError('invalid-input', `${action}: check ${field}.`, {
      fields: { [field]: [`"${conflict[0]}" and "${conflict[1]}" exclude each other`] },
    })
  }
  mustHold(policy, principal, action, given)
}

/** @throws AdminError `denied`. */
export function mustHold(
  policy: Policy,
  { subject }: Principal,
  action: string,
  roles: readonly string[],
): void {
  if (subject.kind === 'system' || roles.length === 0) return
  if (subject.limitedTo !== null) {
    throw new AdminError(
      'denied',
      `${action} refused: a token that is limited to some actions cannot grant roles.`,
    )
  }
  const foreign = roles.filter((role) => !mayGrant(policy, subject.roles, role))
  if (foreign.length > 0) {
    throw new AdminError(
      'denied',
      `${action} refused: nobody can grant or take what they do not hold, and ${quoted(foreign)} goes beyond your roles.`,
    )
  }
}

/** @throws AdminError `denied`: own roles and own scope are somebody else's to change, by an agent of one's own neither. */
export function mustBeAnother({ subject }: Principal, action: string, personId: string, what: string): void {
  if ((subject.onBehalfOf ?? subject.id) !== personId) return
  throw new AdminError(
    'denied',
    `${action} refused: nobody changes their own ${what}. Ask another administrator.`,
  )
}

function mustBeRoles(policy: Policy, action: string, roles: readonly string[], field: string): void {
  const unknown = roles.filter((role) => !Object.hasOwn(policy.document.roles, role))
  if (unknown.length === 0) return
  const known = quoted(Object.keys(policy.document.roles))
  throw new AdminError('invalid-input', `${action}: check ${field}.`, {
    fields: { [field]: unknown.map((role) => `"${role}" is no role; there are ${known}`) },
  })
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}
