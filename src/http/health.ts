/** One bit each for orchestrators: whether the process answers, and whether it can do its work. */

import { Hono } from 'hono'
import type { Env } from './env.ts'

/** @param isReady Whether store, sources and sequencer can be reached right now. */
export function healthRoutes(isReady: () => Promise<boolean>): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/healthz', (c) => c.text('ok\n'))
  app.get('/readyz', async (c) => ((await isReady()) ? c.text('ready\n') : c.text('not ready\n', 503)))
  return app
}
