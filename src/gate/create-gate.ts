/** Puts the gate together: `perform`, and what faces may ask without performing anything. */

import type { Principal } from '../identity/principal.ts'
import type { Model } from '../model/model.ts'
import { isWritable } from '../model/parse.ts'
import type { Access } from '../policy/policy.ts'
import type { Gate } from './gate.ts'
import { queryableFields, readableFields } from './grant.ts'
import type { Parts } from './parts.ts'
import { find, perform } from './perform.ts'

export function createGate(parts: Parts): Gate {
  const access = (principal: Principal, action: string, address: string): Access =>
    parts.policy.access({
      subject: principal.subject,
      action,
      circumstances: {
        now: parts.clock(),
        address,
        networks: parts.networksOf(address),
        assurance: principal.authentication.assurance,
      },
    })
  return {
    models: parts.models,
    policy: parts.policy,
    perform: (call) => perform(parts, call),
    isPossible(principal, action, address) {
      return find(parts, action).action !== null && access(principal, action, address).isPossible
    },
    writable(principal, name, verb, address) {
      const model = parts.models.get(name)
      if (!model?.writable[verb]) return []
      const granted = access(principal, `${name}.${verb}`, address).fieldsSomewhere
      return writableFields(model, granted)
    },
    readable(principal, name, address) {
      const model = parts.models.get(name)
      const granted = ['read', 'list'].map((verb) => access(principal, `${name}.${verb}`, address))
      return model
        ? readableFields(model, new Set(granted.flatMap(({ fieldsSomewhere }) => [...fieldsSomewhere])))
        : []
    },
    queryable(principal, name, address) {
      const model = parts.models.get(name)
      return model ? queryableFields(model, access(principal, `${name}.list`, address)) : []
    },
    actionsOf(name) {
      const model = parts.models.get(name)
      if (!model) return []
      return parts.actions.filter((action) => find(parts, `${name}.${action.verb}`).action === action)
    },
  }
}

function writableFields(model: Model, granted: ReadonlySet<string>): readonly string[] {
  return model.fields
    .filter((field) => isWritable(field) && granted.has(field.name))
    .map((field) => field.name)
}
