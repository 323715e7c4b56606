/** One line in the log for each request: ids, codes and times, never an address's query or a body. */

import type { MiddlewareHandler } from 'hono'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Env } from './env.ts'

export function logRequest(log: Logger, clock: Clock): MiddlewareHandler<Env> {
  return async (c, next) => {
    const startedAt = clock()
    await next()
    const { id, method, route } = c.var.origin
    const ms = Math.round(clock() - startedAt)
    log.debug({ requestId: id, method, route, status: c.res.status, ms }, 'request')
  }
}
