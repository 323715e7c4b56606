/**
 * Signing in: a passkey alone, or e-mail and password, then the second factor or
 * its enrolment; and signing out.
 *
 * The same words and the same page for an unknown person, a wrong password and
 * a locked account: which of them it was is nobody's business here.
 */

import type { Hono } from 'hono'
import { AdminError } from '../../../errors.ts'
import { clearPending, clearSessionCookies, pendingOf, setSessionCookies } from '../../../http/cookies.ts'
import type { Env, RequestContext } from '../../../http/env.ts'
import { relyingPartyOf } from '../../../http/relying-party.ts'
import { ownOrigin } from '../../../http/same-origin.ts'
import type { PasskeyOptions } from '../../../identity/authenticators/passkey.ts'
import type { PasskeyAnswer, PendingSignIn } from '../../../identity/identity.ts'
import type { House } from '../../house.ts'
import { type PageContext, pageContext } from '../context.ts'
import { renderReplaceable } from '../replaced.tsx'
import { deviceName } from './device.ts'
import { EnrolPage, EnrolPasskeyPage } from './enrol-page.tsx'
import { carryOn, type Refusal, refusalOf, returnAddress, STEP_PATHS, withNext } from './flow.ts'
import { answerOnward } from './onward.tsx'
import { RecoveryCodesPage } from './recovery-codes-page.tsx'
import { SecondFactorPage, SignInPage } from './sign-in-page.tsx'

export function addSignIn(app: Hono<Env>, house: House): void {
  app.get('/sign-in', async (c) => {
    if (c.get('principal')) return c.redirect(returnAddress(c, house) ?? home(house), 303)
    return showSignIn(c, house, '', null)
  })
  app.post('/sign-in', (c) => signIn(c, house))
  app.get('/sign-in/passkey', async (c) => c.json(await passkeyOptions(c, house)))
  app.get('/sign-in/second-factor', (c) => showSecondFactor(c, house, null))
  app.post('/sign-in/second-factor', (c) => secondFactor(c, house))
  app.get('/sign-in/enrol', (c) => showEnrol(c, house, null))
  app.post('/sign-in/enrol', (c) => enrol(c, house))
  app.post('/sign-out', (c) => signOut(c, house))
}

async function signIn(c: RequestContext, house: House): Promise<Response> {
  const form = c.get('form')
  const email = form?.get('email')?.trim() ?? ''
  const password = form?.get('password') ?? ''
  const passkey = passkeyAnswer(c, house)
  try {
    const step = passkey
      ? await house.identity.signInWithPasskey({ ...passkey, binding: c.get('binding') }, c.get('origin'))
      : await house.identity.signIn({ email, password }, c.get('origin'))
    return carryOn(c, house, step)
  } catch (error) {
    return showSignIn(c, house, email, refusalOf(error, c))
  }
}

export async function showSignIn(
  c: RequestContext,
  house: House,
  email: string,
  refusal: Refusal | null,
): Promise<Response> {
  const page = pageContext(c, house)
  const isSetUp = await house.identity.isSetUp()
  const next = returnAddress(c, house)
  const passkey = await passkeyOptions(c, house)
  const shown = { email, next, refusal, isSetUp, passkey }
  return renderReplaceable(page, {
    name: 'signIn',
    title: 'Sign in',
    values: { email, isSetUp },
    action: '/sign-in',
    hidden: { next },
    passkey: { options: passkey },
    refusal,
    draw: (drawn) => <SignInPage page={drawn} {...shown} />,
  })
}

/** The same for whoever asks; null where no passkey alone signs in. */
async function passkeyOptions(c: RequestContext, house: House): Promise<PasskeyOptions | null> {
  const site = relyingPartyOf(house.settings, c)
  return site && !house.identity.host ? house.identity.passkeyOptions(site, c.get('binding')) : null
}

/** What a passkey answered; null where the form brings another proof. */
function passkeyAnswer(c: RequestContext, house: House): PasskeyAnswer | null {
  const answer = c.get('form')?.get('passkey') ?? ''
  const site = relyingPartyOf(house.settings, c)
  return answer !== '' && site ? { answer, site } : null
}

async function secondFactor(c: RequestContext, house: House): Promise<Response> {
  const pending = pendingOf(c)
  if (pending === undefined) return startAgain(c, house)
  const passkey = passkeyAnswer(c, house)
  try {
    const proof = passkey ? { passkey } : { code: codeOf(c) }
    return carryOn(c, house, await house.identity.secondFactor({ pending, ...proof }, c.get('origin')))
  } catch (error) {
    return showSecondFactor(c, house, refusalOf(error, c))
  }
}

function showSecondFactor(c: RequestContext, house: House, refusal: Refusal | null): Promise<Response> {
  return atStage(c, house, (pending, page) => {
    if (pending.stage !== 'second-factor') return null
    const next = returnAddress(c, house)
    return renderReplaceable(page, {
      name: 'secondFactor',
      title: 'Enter your code',
      values: { hasApp: pending.hasApp },
      action: '/sign-in/second-factor',
      hidden: { next },
      passkey: { options: pending.passkey },
      refusal,
      draw: (drawn) => <SecondFactorPage page={drawn} next={next} refusal={refusal} choices={pending} />,
    })
  })
}

async function enrol(c: RequestContext, house: House): Promise<Response> {
  const pending = pendingOf(c)
  if (pending === undefined) return startAgain(c, house)
  const passkey = passkeyAnswer(c, house)
  try {
    const proof = passkey ? { passkey, name: deviceName(c.req.header('user-agent')) } : { code: codeOf(c) }
    const step = await house.identity.enrol({ pending, ...proof }, c.get('origin'))
    if (step.kind !== 'signed-in' || !step.recoveryCodes) return carryOn(c, house, step)
    clearPending(c)
    setSessionCookies(c, step.tokens)
    const page = pageContext(c, house)
    const next = returnAddress(c, house) ?? home(house)
    return showRecoveryCodes(page, step.recoveryCodes, next)
  } catch (error) {
    return showEnrol(c, house, refusalOf(error, c))
  }
}

/** Shown this once, wherever they were made. */
export function showRecoveryCodes(
  page: PageContext,
  codes: readonly string[],
  next: string,
): Promise<Response> {
  return renderReplaceable(page, {
    name: 'recoveryCodes',
    title: 'Save your recovery codes',
    values: { codes, next },
    action: '/',
    draw: (drawn) => <RecoveryCodesPage page={drawn} codes={codes} next={next} />,
  })
}

function showEnrol(c: RequestContext, house: House, refusal: Refusal | null): Promise<Response> {
  return atStage(c, house, (pending, page) => {
    if (pending.stage === 'second-factor') return null
    const next = returnAddress(c, house)
    const { secret, uri } = pending.stage === 'enrol' ? pending : { secret: null, uri: null }
    return renderReplaceable(page, {
      name: 'enrol',
      title: 'Add a second factor',
      values: { email: pending.email, secret, uri },
      action: '/sign-in/enrol',
      hidden: { next },
      passkey: { options: pending.passkey, isNew: true },
      refusal,
      draw: (drawn) =>
        pending.stage === 'enrol' ? (
          <EnrolPage page={drawn} pending={pending} next={next} refusal={refusal} />
        ) : (
          <EnrolPasskeyPage page={drawn} pending={pending} next={next} refusal={refusal} />
        ),
    })
  })
}

async function signOut(c: RequestContext, house: House): Promise<Response> {
  const principal = c.get('principal')
  if (principal) await house.identity.signOut(principal, c.get('origin'))
  clearSessionCookies(c)
  clearPending(c)
  // Not "cookies": that would take the cookies of everything else on this host along.
  c.header('Clear-Site-Data', '"cache", "storage"')
  const signInPath = `${house.settings.basePath}/sign-in`
  const returnTo = `${ownOrigin(c, house.settings.publicUrl)}${signInPath}`
  const elsewhere = principal && (await house.identity.oidc.signOutAddress(principal, returnTo))
  if (!elsewhere) return c.redirect(signInPath, 303)
  c.set('principal', null)
  return answerOnward(pageContext(c, house), 'Signed out', elsewhere)
}

/** Shows the page of a stage, when the sign-in that is under way is at it; otherwise leads to where it is. */
async function atStage(
  c: RequestContext,
  house: House,
  show: (pending: PendingSignIn, page: PageContext) => Promise<Response> | null,
): Promise<Response> {
  const token = pendingOf(c)
  const site = relyingPartyOf(house.settings, c)
  const pending = token === undefined ? null : await house.identity.pending(token, site)
  if (!pending) return startAgain(c, house)
  const address = withNext(house, STEP_PATHS[pending.stage], returnAddress(c, house))
  return (await show(pending, pageContext(c, house))) ?? c.redirect(address, 303)
}

/** The sign-in is gone: ten minutes have passed, or it was never begun in this browser. */
function startAgain(c: RequestContext, house: House): Response {
  clearPending(c)
  return c.redirect(withNext(house, '/sign-in', returnAddress(c, house)), 303)
}

/** As authenticators show codes and people copy them: with spaces. @throws AdminError `invalid-input` at `code`. */
export function codeOf(c: RequestContext, name = 'code'): string {
  const code = c.get('form')?.get(name)?.replaceAll(/\s/g, '') ?? ''
  if (code !== '') return code
  throw new AdminError('invalid-input', 'Enter the code.', { fields: { [name]: ['Enter the code.'] } })
}

function home(house: House): string {
  return house.settings.basePath || '/'
}
