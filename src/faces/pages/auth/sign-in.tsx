/**
 * Signing in: e-mail and password, then the second factor or its enrolment;
 * and signing out.
 *
 * The same words and the same page for an unknown person, a wrong password and
 * a locked account: which of them it was is nobody's business here.
 */

import type { Hono } from 'hono'
import { AdminError } from '../../../errors.ts'
import { clearPending, clearSessionCookies, pendingOf, setSessionCookies } from '../../../http/cookies.ts'
import type { Env, RequestContext } from '../../../http/env.ts'
import type { PendingSignIn } from '../../../identity/identity.ts'
import type { House } from '../../house.ts'
import { type PageContext, pageContext } from '../context.ts'
import { render } from '../render.ts'
import { EnrolPage } from './enrol-page.tsx'
import { carryOn, type Refusal, refusalOf, returnAddress, STEP_PATHS, withNext } from './flow.ts'
import { RecoveryCodesPage } from './recovery-codes-page.tsx'
import { SecondFactorPage, SignInPage } from './sign-in-page.tsx'

export function addSignIn(app: Hono<Env>, house: House): void {
  app.get('/sign-in', async (c) => {
    if (c.get('principal')) return c.redirect(returnAddress(c, house) ?? home(house), 303)
    return showSignIn(c, house, '', null)
  })
  app.post('/sign-in', (c) => signIn(c, house))
  app.get('/sign-in/second-factor', (c) =>
    atStage(c, house, 'second-factor', (_pending, page) =>
      render(page, <SecondFactorPage page={page} next={returnAddress(c, house)} refusal={null} />),
    ),
  )
  app.post('/sign-in/second-factor', (c) => secondFactor(c, house))
  app.get('/sign-in/enrol', (c) =>
    atStage(c, house, 'enrol', (pending, page) => showEnrol(page, house, pending, null)),
  )
  app.post('/sign-in/enrol', (c) => enrol(c, house))
  app.post('/sign-out', (c) => signOut(c, house))
}

async function signIn(c: RequestContext, house: House): Promise<Response> {
  const form = c.get('form')
  const email = form?.get('email')?.trim() ?? ''
  const password = form?.get('password') ?? ''
  try {
    return carryOn(c, house, await house.identity.signIn({ email, password }, c.get('origin')))
  } catch (error) {
    return showSignIn(c, house, email, refusalOf(error, c))
  }
}

async function showSignIn(
  c: RequestContext,
  house: House,
  email: string,
  refusal: Refusal | null,
): Promise<Response> {
  const page = pageContext(c, house)
  const isSetUp = await house.identity.isSetUp()
  const next = returnAddress(c, house)
  const content = <SignInPage page={page} email={email} next={next} refusal={refusal} isSetUp={isSetUp} />
  return render(page, content, refusal?.status)
}

async function secondFactor(c: RequestContext, house: House): Promise<Response> {
  const pending = pendingOf(c)
  if (pending === undefined) return startAgain(c, house)
  try {
    const step = await house.identity.secondFactor({ pending, code: codeOf(c) }, c.get('origin'))
    return carryOn(c, house, step)
  } catch (error) {
    const refusal = refusalOf(error, c)
    return atStage(c, house, 'second-factor', (_pending, page) =>
      render(
        page,
        <SecondFactorPage page={page} next={returnAddress(c, house)} refusal={refusal} />,
        refusal.status,
      ),
    )
  }
}

async function enrol(c: RequestContext, house: House): Promise<Response> {
  const pending = pendingOf(c)
  if (pending === undefined) return startAgain(c, house)
  try {
    const step = await house.identity.enrol({ pending, code: codeOf(c) }, c.get('origin'))
    if (step.kind !== 'signed-in' || !step.recoveryCodes) return carryOn(c, house, step)
    clearPending(c)
    setSessionCookies(c, step.tokens)
    const page = pageContext(c, house)
    const next = returnAddress(c, house) ?? home(house)
    return render(page, <RecoveryCodesPage page={page} codes={step.recoveryCodes} next={next} />)
  } catch (error) {
    const refusal = refusalOf(error, c)
    return atStage(c, house, 'enrol', (stage, page) => showEnrol(page, house, stage, refusal))
  }
}

function showEnrol(
  page: PageContext,
  house: House,
  pending: Extract<PendingSignIn, { stage: 'enrol' }>,
  refusal: Refusal | null,
): Promise<Response> {
  const next = returnAddress(page.c, house)
  const content = <EnrolPage page={page} pending={pending} next={next} refusal={refusal} />
  return render(page, content, refusal?.status)
}

async function signOut(c: RequestContext, house: House): Promise<Response> {
  const principal = c.get('principal')
  if (principal) await house.identity.signOut(principal, c.get('origin'))
  clearSessionCookies(c)
  clearPending(c)
  // Not "cookies": that would take the cookies of everything else on this host along.
  c.header('Clear-Site-Data', '"cache", "storage"')
  return c.redirect(`${house.settings.basePath}/sign-in`, 303)
}

/** Shows the page of a stage, when the sign-in that is under way is at it; otherwise leads to where it is. */
async function atStage<Stage extends PendingSignIn['stage']>(
  c: RequestContext,
  house: House,
  stage: Stage,
  show: (pending: Extract<PendingSignIn, { stage: Stage }>, page: PageContext) => Promise<Response>,
): Promise<Response> {
  const token = pendingOf(c)
  const pending = token === undefined ? null : await house.identity.pending(token)
  if (!pending) return startAgain(c, house)
  if (!isAt(pending, stage)) {
    return c.redirect(withNext(house, STEP_PATHS[pending.stage], returnAddress(c, house)), 303)
  }
  return show(pending, pageContext(c, house))
}

function isAt<Stage extends PendingSignIn['stage']>(
  pending: PendingSignIn,
  stage: Stage,
): pending is Extract<PendingSignIn, { stage: Stage }> {
  return pending.stage === stage
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
