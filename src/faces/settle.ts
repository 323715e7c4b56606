/** What comes before every face: the application's hooks are asked, and its code may ask who asks. */

import type { MiddlewareHandler } from 'hono'
import { contextOf, within } from '../gate/current-context.ts'
import type { Env } from '../http/env.ts'
import type { House } from './house.ts'

/** Menus and buttons follow what the hooks say of this request's principal; the gate asks them again when something is done. */
export function settleHooks({ gate }: House): MiddlewareHandler<Env> {
  return async (c, next) => {
    const principal = c.get('principal')
    if (!principal) return next()
    const origin = c.get('origin')
    return within(contextOf(principal, origin), async () => {
      await gate.settle(principal, origin)
      await next()
    })
  }
}
