/**
 * Signing in with an OpenID Connect provider: sending the browser there and
 * taking its answer; and linking one on one's own page.
 *
 * It is begun by a form, never by a link: no other site signs anybody in.
 */

import type { Hono } from 'hono'
import { AdminError } from '../../../errors.ts'
import {
  attemptOf,
  clearAttempt,
  clearPending,
  setAttempt,
  setPending,
  setSessionCookies,
} from '../../../http/cookies.ts'
import type { Env, RequestContext } from '../../../http/env.ts'
import { safeNext } from '../../../http/return-address.ts'
import { ownOrigin } from '../../../http/same-origin.ts'
import type { SignInStep } from '../../../identity/identity.ts'
import type { Principal } from '../../../identity/principal.ts'
import type { House } from '../../house.ts'
import { answering } from '../answer.ts'
import { type PageContext, pageContext, principalOf } from '../context.ts'
import { postedForm, proven } from '../perform.tsx'
import { type Refusal, refusalOf, returnAddress, STEP_PATHS, withNext } from './flow.ts'
import { answerOnward } from './onward.tsx'
import { showProfile } from './profile.tsx'
import { showSignIn } from './sign-in.tsx'

export function addProviders(app: Hono<Env>, house: House): void {
  app.post('/sign-in/with/:provider', (c) => begin(c, house, null))
  app.get('/sign-in/from/:provider', (c) => comeBack(c, house))
  app.post('/profile/providers/:provider/link', answering(house, link))
  app.post('/profile/providers/:provider/unlink', answering(house, unlink))
}

async function begin(c: RequestContext, house: House, principal: Principal | null): Promise<Response> {
  const provider = providerOf(c, house)
  const { basePath } = house.settings
  try {
    const { address, attempt } = await house.identity.oidc.start({
      provider: provider.id,
      redirectUri: `${originOf(c, house)}${basePath}/sign-in/from/${provider.id}`,
      next: returnAddress(c, house),
      principal,
    })
    setAttempt(c, attempt)
    return await answerOnward(pageContext(c, house), `On to ${provider.label}`, address)
  } catch (error) {
    const refusal = providerRefusal(error, c)
    return principal ? showProfile(c, house, null, refusal) : showSignIn(c, house, '', refusal)
  }
}

async function comeBack(c: RequestContext, house: House): Promise<Response> {
  const provider = providerOf(c, house)
  const answer = new URL(c.req.url).searchParams
  const attempt = attemptOf(c)
  clearAttempt(c)
  try {
    const finished = await house.identity.oidc.finish(
      { provider: provider.id, attempt, answer },
      c.get('origin'),
    )
    const address =
      finished.kind === 'linked'
        ? `${house.settings.basePath}/profile?done=linked`
        : addressAfter(c, house, finished.step, finished.next)
    return await answerOnward(pageContext(c, house), 'One moment', address)
  } catch (error) {
    return showSignIn(c, house, '', refusalOf(error, c))
  }
}

/** As `carryOn`, but for a browser that comes from elsewhere. */
function addressAfter(c: RequestContext, house: House, step: SignInStep, next: string | null): string {
  if (step.kind !== 'signed-in') {
    setPending(c, step.pending)
    return withNext(house, STEP_PATHS[step.kind], next)
  }
  clearPending(c)
  setSessionCookies(c, step.tokens)
  return safeNext(house.settings.basePath, next)
}

async function link(page: PageContext): Promise<Response> {
  const { label } = providerOf(page.c, page.house)
  const proved = await provenFor(page, `Link ${label}`, `link ${label}`)
  return proved instanceof Response ? proved : begin(page.c, page.house, principalOf(proved))
}

async function unlink(page: PageContext): Promise<Response> {
  const { id, label } = providerOf(page.c, page.house)
  const proved = await provenFor(page, `Take ${label} away`, `take ${label} away`)
  if (proved instanceof Response) return proved
  const { c, house } = proved
  try {
    await house.identity.oidc.unlink(principalOf(proved), id, c.get('origin'))
    return c.redirect(proved.url('/profile?done=unlinked'), 303)
  } catch (error) {
    return showProfile(c, house, null, refusalOf(error, c))
  }
}

/** Ways to sign in are changed after a proof that is recent enough. */
function provenFor(page: PageContext, title: string, purpose: string): Promise<PageContext | Response> {
  const href = page.url('/profile')
  const breadcrumb = [{ label: 'Profile', href }, { label: title }]
  return proven(page, postedForm(page), { title, purpose, breadcrumb, current: '/profile', cancelHref: href })
}

function providerOf(c: RequestContext, house: House) {
  const id = c.req.param('provider')
  const provider = house.identity.oidc.providers.find((one) => one.id === id)
  if (!provider) throw new AdminError('not-found', 'There is nothing at this address.')
  return provider
}

function originOf(c: RequestContext, house: House): string {
  return ownOrigin(c, house.settings.publicUrl)
}

/** A provider that can't be reached is said on the page as well. */
function providerRefusal(error: unknown, c: RequestContext): Refusal {
  if (error instanceof AdminError && error.code === 'data-source-failed') {
    return { status: 503, message: error.message, fields: {} }
  }
  return refusalOf(error, c)
}
