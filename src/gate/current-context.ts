/**
 * Who asks and from where, for code of the application that is called without
 * being told: a validator, a library, a function far below a hook.
 *
 * The one ambient thing in the house. Castellan's own code never reads it; what
 * decides is always handed over.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestOrigin } from '../audit/event.ts'
import type { Principal } from '../identity/principal.ts'
import type { ContextPrincipal, CurrentContext } from '../model/hook.ts'

const current = new AsyncLocalStorage<CurrentContext>()

/** Who asks, and from where; null outside of any request and any `perform`. Frozen, and its own for each request. */
export function currentContext(): CurrentContext | null {
  return current.getStore() ?? null
}

/** Runs `work`, and all that it waits for, in that context. */
export function within<T>(context: CurrentContext, work: () => T): T {
  return current.run(context, work)
}

/** The context of one principal and request, without anything that proves who someone is. */
export function contextOf(principal: Principal, origin: RequestOrigin): CurrentContext {
  const { id, address, userAgent, method } = origin
  return Object.freeze({
    principal: principalIn(principal),
    request: Object.freeze({ id, address, userAgent, method }),
  })
}

function principalIn({
  subject,
  name,
  email,
  authentication,
  timeZone,
  locale,
}: Principal): ContextPrincipal {
  const attributes = Object.entries(subject.attributes).map(([key, value]) => [
    key,
    Array.isArray(value) ? Object.freeze([...value]) : value,
  ])
  return Object.freeze({
    kind: subject.kind,
    // what an agent does is judged as if its person did it
    id: subject.onBehalfOf ?? subject.id,
    name,
    email,
    roles: Object.freeze([...subject.roles]),
    attributes: Object.freeze(Object.fromEntries(attributes)),
    assurance: authentication.assurance,
    timeZone,
    locale,
  })
}
