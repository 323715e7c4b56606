/** What an open page asks about its session: how long it goes on, and with which token its forms are sent. */

import type { Hono } from 'hono'
import { sessionOf } from '../../../http/cookies.ts'
import type { Env, RequestContext } from '../../../http/env.ts'
import type { House } from '../../house.ts'

export function addSessionStatus(app: Hono<Env>, house: House): void {
  app.get('/session', (c) => answerStatus(c, house))
  // the same after a use of the session, which any request for who is signed in is
  app.get('/session/stay', (c) => answerStatus(c, house))
}

async function answerStatus(c: RequestContext, house: House): Promise<Response> {
  const status = await house.identity.status(sessionOf(c))
  if (!status) return c.json({ ended: true }, 401)
  const endsInSeconds = Math.max(0, Math.floor((status.endsAt - house.clock()) / 1000))
  return c.json({
    person: status.personId,
    csrf: house.identity.csrfToken(status.binding),
    endsInSeconds,
  })
}
