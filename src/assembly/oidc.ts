/** The roles that providers may give, checked against the policy. */

import type { Configuration } from '../config.ts'
import { didYouMean, type Mistake, misconfigured } from '../errors.ts'
import type { Policy } from '../policy/policy.ts'
import { SUPERADMIN } from './rules.ts'

/** @throws AdminError `misconfigured` for a role that is none, or that people alone may give. */
export function checkOidcRoles({ oidc }: Configuration, policy: Policy): void {
  const known = Object.keys(policy.document.roles)
  const mistakes = oidc.flatMap(({ roles }, index) =>
    Object.entries(roles?.map ?? {}).flatMap(([group, role]): Mistake[] => {
      const place = `oidc[${index}].roles.map.${group}`
      if (role === SUPERADMIN) {
        const problem = `"${role}" is given by people alone, so that whoever rules the provider does not rule this admin.`
        return [{ id: 'C405', place, problem, remedy: 'Map another role, and grant this one by hand.' }]
      }
      if (known.includes(role)) return []
      const remedy = didYouMean(role, known) || 'Name a role of the policy.'
      return [{ id: 'C406', place, problem: `the policy has no role "${role}".`, remedy }]
    }),
  )
  if (mistakes.length > 0) throw misconfigured(mistakes)
}
