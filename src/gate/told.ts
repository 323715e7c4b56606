/** What code of the application is told of who asks: without anything that proves who someone is. */

import type { RequestOrigin } from '../audit/event.ts'
import type { Principal } from '../identity/principal.ts'
import type { HookContext } from '../model/hook.ts'

export function hookContext(
  model: string,
  { subject, name, email, authentication, timeZone, locale }: Principal,
  origin: RequestOrigin,
  now: number,
): HookContext {
  const { kind, id, roles, attributes } = subject
  const { address, userAgent, method } = origin
  return Object.freeze({
    model,
    now,
    principal: Object.freeze({
      kind,
      id,
      name,
      email,
      roles: Object.freeze([...roles]),
      attributes: Object.freeze({ ...attributes }),
      assurance: authentication.assurance,
      timeZone,
      locale,
    }),
    request: Object.freeze({ id: origin.id, address, userAgent, method }),
  })
}
