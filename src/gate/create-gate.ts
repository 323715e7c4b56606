/** Puts the gate together: `perform`, and what faces may ask without performing anything. */

import type { Principal } from '../identity/principal.ts'
import type { Model } from '../model/model.ts'
import { NO_ACCESS } from '../policy/access.ts'
import type { Access } from '../policy/policy.ts'
import { find } from './begin.ts'
import { contextOf, within } from './current-context.ts'
import type { Gate } from './gate.ts'
import { queryableFields, readableFields, typedFields } from './grant.ts'
import {
  type Asking,
  askHooks,
  hasHooks,
  inaccessibleAnswer,
  type Narrowing,
  refusedBy,
  startingValues,
  unasked,
} from './hooks.ts'
import type { Parts } from './parts.ts'
import { perform } from './perform.ts'

export function createGate(parts: Parts): Gate {
  const hooked = [...parts.models.values()].filter(hasHooks)
  const nothingAsked = unasked(parts)
  // By the principal of one request: what was answered for it says nothing of the next.
  const settled = new WeakMap<Principal, Narrowing>()
  const narrowingFor = (principal: Principal): Narrowing => settled.get(principal) ?? nothingAsked
  const asking = (principal: Principal, origin: Asking['origin']): Asking => ({
    principal,
    origin,
    now: parts.clock(),
  })
  const granted = (principal: Principal, action: string, address: string): Access =>
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
  const access = (principal: Principal, action: string, address: string): Access =>
    narrowingFor(principal).refusal(action) ? NO_ACCESS : granted(principal, action, address)
  const mayKnowOf = ({ name }: Model, principal: Principal, address: string): boolean =>
    KNOWN_BY.some((verb) => granted(principal, `${name}.${verb}`, address).isPossible)
  const queryable = (principal: Principal, name: string, address: string): readonly string[] => {
    const model = parts.models.get(name)
    return model ? queryableFields(model, access(principal, `${name}.list`, address)) : []
  }
  const offered = new Map(
    [...parts.models.keys()].map((name) => [
      name,
      parts.actions.filter((action) => find(parts, `${name}.${action.verb}`).action === action),
    ]),
  )
  return {
    models: parts.models,
    policy: parts.policy,
    perform: (call) => within(contextOf(call.principal, call.origin), () => perform(parts, call)),
    async settle(principal, origin) {
      const known = hooked.filter((model) => mayKnowOf(model, principal, origin.address))
      const asked = known.map((model) => ({ model, isWhole: true }))
      settled.set(principal, await askHooks(parts, asking(principal, origin), asked))
    },
    refusal(principal, action, address) {
      const refusal = narrowingFor(principal).refusal(action)
      return refusal && granted(principal, action, address).isPossible ? refusedBy(action, refusal) : null
    },
    async startingValues(principal, name, origin) {
      const model = parts.models.get(name)
      return model ? await startingValues(parts, asking(principal, origin), model) : {}
    },
    async inaccessible(principal, name, origin) {
      const model = parts.models.get(name)
      return model ? await inaccessibleAnswer(parts, asking(principal, origin), model) : null
    },
    isPossible(principal, action, address) {
      return find(parts, action).action !== null && access(principal, action, address).isPossible
    },
    writable(principal, name, verb, address) {
      const model = parts.models.get(name)
      if (!model?.writable[verb]) return []
      return typedFields(model, verb, access(principal, `${name}.${verb}`, address).fieldsSomewhere)
    },
    readable(principal, name, address) {
      const model = parts.models.get(name)
      const granted = ['read', 'list'].map((verb) => access(principal, `${name}.${verb}`, address))
      return model
        ? readableFields(model, new Set(granted.flatMap(({ fieldsSomewhere }) => [...fieldsSomewhere])))
        : []
    },
    queryable,
    askable(principal, address) {
      const known = new Map<string, ReadonlySet<string>>()
      return {
        models: parts.models,
        queryable(name) {
          const fields = known.get(name) ?? new Set(queryable(principal, name, address))
          known.set(name, fields)
          return fields
        },
      }
    },
    actionsOf: (name) => offered.get(name) ?? [],
  }
}

/** Whoever may do one of these with a model may know of it, so its hooks are asked about them. */
const KNOWN_BY = ['list', 'read', 'create', 'update', 'delete', 'export', 'import'] as const
