/** What code of the application is told of who asks, for which model and when. */

import type { RequestOrigin } from '../audit/event.ts'
import type { Principal } from '../identity/principal.ts'
import type { HookContext } from '../model/hook.ts'
import { contextOf } from './current-context.ts'

export function hookContext(
  model: string,
  principal: Principal,
  origin: RequestOrigin,
  now: number,
): HookContext {
  return Object.freeze({ ...contextOf(principal, origin), model, now })
}
