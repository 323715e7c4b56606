/**
 * Where an OpenID Connect provider says that somebody has signed out there
 * (Back-Channel Logout 1.0, section 2.5). No browser sends this: it has no
 * session, no cookie and no token of a form, and what it says is signed.
 */

import { type Context, Hono } from 'hono'
import { AdminError } from '../errors.ts'
import type { Identity } from '../identity/identity.ts'
import type { Env } from './env.ts'

const FORM = /^application\/x-www-form-urlencoded(?:;|$)/i

/** Under the base path: where providers are told to send it. */
export const PROVIDER_LOGOUT = '/sign-out/from'

export function providerLogout({ oidc }: Pick<Identity, 'oidc'>): Hono<Env> {
  const app = new Hono<Env>()
  app.post(`${PROVIDER_LOGOUT}/:provider`, async (c) => {
    c.header('Cache-Control', 'no-store')
    try {
      const token = await tokenIn(c)
      await oidc.logOut({ provider: c.req.param('provider'), token }, c.get('origin'))
      return c.body(null, 200)
    } catch (error) {
      if (!(error instanceof AdminError) || error.status >= 500) throw error
      const status = error.code === 'not-found' || error.code === 'limit-exceeded' ? error.status : 400
      return c.json({ error: 'invalid_request', error_description: error.message }, status as 400)
    }
  })
  return app
}

/** @throws AdminError `invalid-input` */
async function tokenIn(c: Context<Env>): Promise<string> {
  const isForm = FORM.test(c.req.header('content-type') ?? '')
  const [token, ...others] = isForm ? new URLSearchParams(await c.req.text()).getAll('logout_token') : []
  if (token !== undefined && token !== '' && others.length === 0) return token
  throw new AdminError('invalid-input', 'Send a form with one "logout_token".')
}
