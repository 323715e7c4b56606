/**
 * From a posted form to the gate and back: one place that answers every
 * outcome, for every form of the pages.
 *
 * `_code` or `_passkey` proves who asks before the call goes on; confirmation and step-up
 * pages send the same form to the same address again. What is done, and what is
 * refused, is the caller's to show.
 */

import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AdminError } from '../../errors.ts'
import type { Unreasoned } from '../../gate/evidence.ts'
import { ModelInaccessible } from '../../gate/hooks.ts'
import { type EventReference, isOutcomeUnknown, type Outcome, type Plan } from '../../gate/outcome.ts'
import { setSessionCookies } from '../../http/cookies.ts'
import { relyingPartyOf } from '../../http/relying-party.ts'
import type { Identity, ProofChoices } from '../../identity/identity.ts'
import { type Evidence, type Form, readForm } from '../form.ts'
import { type Ask, ask } from './ask.ts'
import type { Crumb } from './components/card.tsx'
import { StatusPage } from './components/status.tsx'
import { type Alternative, addressOf, ConfirmPage, StepUpPage } from './components/steps.tsx'
import { type PageContext, pageContext, principalOf } from './context.ts'
import { render } from './render.ts'

/** How the pages between asking and doing call what is asked. */
export interface Asked extends Ask {
  /** "Delete order #10482". */
  readonly title: string
  /** The same as part of a sentence: "delete order #10482". */
  readonly purpose: string
  readonly breadcrumb: readonly Crumb[]
  /** The navigation's entry: `/m/orders`. */
  readonly current: string
  readonly cancelHref: string
  /** On the button that confirms. */
  readonly submitLabel: string
  readonly isDanger?: boolean
  /** Another way to do what the plan says, if there is one. */
  alternative?(plan: Plan): Alternative | null
  /** The plan that the form itself has shown, as JSON: it needs no second page. */
  readonly shownPlan?: string | null
  /** Where the form is answered; absent: where it was sent. */
  readonly formAction?: string
  /** What the pages in between send again; absent: the form as it was sent. */
  readonly fields?: URLSearchParams
}

/** What the page that asks for a proof has to know. */
export type StepAsked = Pick<
  Asked,
  'title' | 'purpose' | 'breadcrumb' | 'current' | 'cancelHref' | 'formAction' | 'fields'
>

export type Performed<Result> =
  | {
      readonly kind: 'done'
      /** With the renewed session, when the form brought a proof. */
      readonly page: PageContext
      readonly result: Result
      readonly event: EventReference | null
    }
  /** Another page comes first. */
  | { readonly kind: 'answer'; readonly response: Response }

/**
 * Performs what a form asks for. The type of the result is the caller's word,
 * as in `ask.ts`.
 *
 * @throws AdminError of the gate, for the form to show; never for a wrong code.
 */
export async function performForm<Result>(
  page: PageContext,
  form: Form,
  asked: Asked,
): Promise<Performed<Result>> {
  const proved = await prove(page, form, asked)
  if (proved instanceof Response) return { kind: 'answer', response: proved }
  const outcome = await withShownPlan(proved, form, asked)
  if (outcome.kind === 'done') {
    return { kind: 'done', page: proved, result: outcome.result as Result, event: outcome.event }
  }
  return { kind: 'answer', response: await nextPage(proved, asked, outcome) }
}

/**
 * The page after the proof that its form brings, or that the last ten minutes hold; otherwise the page that asks
 * for one. For what is nobody's action: one's own authenticators.
 */
export async function proven(
  page: PageContext,
  form: Form,
  asked: StepAsked,
): Promise<PageContext | Response> {
  const proved = await prove(page, form, asked)
  if (proved instanceof Response || (await isProvenRecently(proved))) return proved
  return stepUpPage(proved, asked, null)
}

/** Whether who looks has proved who they are in the last ten minutes. */
export async function isProvenRecently(page: PageContext): Promise<boolean> {
  return page.house.identity.isProvenRecently(principalOf(page))
}

/** The page with the session that the proof renewed; the step-up page again for a wrong one. */
async function prove(
  page: PageContext,
  { evidence }: Form,
  asked: StepAsked,
): Promise<PageContext | Response> {
  const proof = proofIn(page, evidence, asked.formAction)
  if (!proof) return page
  try {
    return await stepUp(page, proof)
  } catch (error) {
    if (!isWrongProof(error)) throw error
    return stepUpPage(page, asked, error)
  }
}

type Proof = Parameters<Identity['stepUp']>[1]

/** The proof that a form brings along; null: none. */
export function proofIn(page: PageContext, { code, passkey }: Evidence, formAction?: string): Proof | null {
  const site = relyingPartyOf(page.house.settings, page.c)
  if (passkey !== undefined && site) {
    const binding = bindingOf(formAction ?? addressOf(page), page.c.get('form'))
    return { passkey: { answer: passkey, site }, binding }
  }
  return code === undefined ? null : { code }
}

/**
 * What a proof is for: this very form at this address, so that a passkey's answer to what was shown is none to
 * anything else. Line ends are as browsers send them.
 */
function bindingOf(action: string, form: URLSearchParams | null | undefined): string {
  const fields = [...postedFields(form)]
    .filter(([name]) => name !== '_csrf')
    .map(([name, value]) => [name, value.replaceAll('\r\n', '\n')])
  return JSON.stringify([action, fields])
}

/** Proves who asks; the session gets a new id, and everything of this request goes on with it. */
export async function stepUp(page: PageContext, proof: Proof): Promise<PageContext> {
  const { c, house } = page
  const origin = c.get('origin')
  const tokens = await house.identity.stepUp(principalOf(page), proof, origin)
  setSessionCookies(c, tokens)
  const established = await house.identity.establish(
    { access: tokens.access, refresh: tokens.refresh, bearer: undefined, isSameSite: true },
    origin,
  )
  if (established.kind !== 'known') {
    throw new AdminError('unauthenticated', 'The session has ended meanwhile. Sign in again.')
  }
  await house.gate.settle(established.principal, origin)
  c.set('principal', established.principal)
  c.set('binding', established.binding)
  c.set('csrf', house.identity.csrfToken(established.binding))
  return pageContext(c, house)
}

function isWrongProof(error: unknown): error is AdminError {
  return (
    error instanceof AdminError && ['unauthenticated', 'limit-exceeded', 'invalid-input'].includes(error.code)
  )
}

/** What was shown is what runs: a form that showed the very plan has asked for its confirmation already. */
async function withShownPlan(page: PageContext, form: Form, asked: Asked): Promise<Outcome> {
  const { code: _, passkey: __, version, ...evidence } = form.evidence
  const brought = { ...evidence, ...(version !== undefined && { ifVersion: version }) }
  const outcome = await ask(page, asked, brought)
  if (outcome.kind !== 'confirmation-required' || !isSamePlan(outcome.plan, asked.shownPlan)) return outcome
  return ask(page, asked, { ...brought, confirmation: outcome.confirmation })
}

function isSamePlan(plan: Plan, shown: string | null | undefined): boolean {
  return shown !== null && shown !== undefined && JSON.stringify(plan) === shown
}

/** Every outcome but `done`; a new kind is a compile error here. */
async function nextPage(
  page: PageContext,
  asked: Asked,
  outcome: Exclude<Outcome, { kind: 'done' }>,
): Promise<Response> {
  switch (outcome.kind) {
    case 'step-up-required':
      return stepUpPage(page, asked, null)
    case 'confirmation-required':
      return render(
        page,
        <ConfirmPage
          {...stepProps(page, asked)}
          plan={outcome.plan}
          confirmation={outcome.confirmation}
          submitLabel={asked.submitLabel}
          danger={asked.isDanger ?? false}
          alternative={asked.alternative?.(outcome.plan)}
        />,
        428,
      )
    case 'approval-required':
      return render(
        page,
        <StatusPage page={page} title="This needs an approval" icon="inbox">
          <p>
            {asked.title} waits for{' '}
            {outcome.approval.approvals === 1 ? 'one approval' : `${outcome.approval.approvals} approvals`} by
            someone else. Nothing was changed yet.
          </p>
          <p class="muted">
            Approval <code>{outcome.approval.id}</code>
          </p>
        </StatusPage>,
        202,
      )
  }
}

async function stepUpPage(
  page: PageContext,
  asked: StepAsked,
  refusal: AdminError | null,
): Promise<Response> {
  const status = (refusal?.status ?? 403) as ContentfulStatusCode
  if (refusal?.retryAfterSeconds !== undefined) {
    page.c.header('Retry-After', String(Math.ceil(refusal.retryAfterSeconds)))
  }
  return render(
    page,
    <StepUpPage
      {...stepProps(page, asked)}
      purpose={asked.purpose}
      choices={await stepUpChoices(page, asked.fields ?? page.c.get('form'), asked.formAction)}
      {...(refusal && { errors: { code: [refusal.message] } })}
    />,
    status,
  )
}

/** What would happen, with the reason or ticket that a rule asks for; what was typed goes along. */
export function askReason(
  page: PageContext,
  { evidence }: Form,
  asked: Asked,
  refusal: Unreasoned,
): Promise<Response> {
  const problems = refusal.fields ?? {}
  const plan = refusal.plan ?? { sentence: `${asked.title}.`, effects: [], changes: [] }
  const { fields, ...props } = stepProps(page, asked)
  fields.set('_plan', JSON.stringify(plan))
  const isFirst = evidence.reason === undefined && evidence.ticket === undefined
  return render(
    page,
    <ConfirmPage
      {...props}
      fields={fields}
      plan={plan}
      submitLabel={asked.submitLabel}
      danger={asked.isDanger ?? false}
      errors={isFirst ? {} : problems}
      asks={(['reason', 'ticket'] as const).filter((name) => name in problems || fields.has(`_${name}`))}
    />,
    isFirst ? 200 : statusOf(refusal),
  )
}

/** What the step-up page offers, for that form at that address (absent: the page's own). */
export function stepUpChoices(
  page: PageContext,
  form: URLSearchParams | null | undefined,
  formAction: string = addressOf(page),
): Promise<ProofChoices> {
  const site = relyingPartyOf(page.house.settings, page.c)
  return page.house.identity.stepUpChoices(principalOf(page), { site, binding: bindingOf(formAction, form) })
}

function stepProps(
  page: PageContext,
  asked: StepAsked,
): {
  readonly page: PageContext
  readonly title: string
  readonly breadcrumb: readonly Crumb[]
  readonly current: string
  readonly fields: URLSearchParams
  readonly cancelHref: string
  readonly action?: string
} {
  return {
    page,
    title: asked.title,
    breadcrumb: asked.breadcrumb,
    current: asked.current,
    fields: postedFields(asked.fields ?? page.c.get('form')),
    cancelHref: asked.cancelHref,
    ...(asked.formAction !== undefined && { action: asked.formAction }),
  }
}

/** What the form sent, without the proof: each works once. */
function postedFields(sent: URLSearchParams | null | undefined): URLSearchParams {
  const fields = new URLSearchParams(sent ?? '')
  fields.delete('_code')
  fields.delete('_passkey')
  return fields
}

/** The form of this request, split into fields and evidence. @throws AdminError `invalid-input`. */
export function postedForm(page: PageContext): Form {
  return readForm(page.c.get('form') ?? new URLSearchParams())
}

/**
 * A refusal that the form itself can show, with what was typed. Others (the
 * record is gone, the session is over) are pages of their own.
 *
 * @throws whatever else it was.
 */
export function shownRefusal(error: unknown): AdminError {
  if (!(error instanceof AdminError)) throw error
  // neither "nothing was done" nor "done" may be said of it
  if (error instanceof ModelInaccessible || isOutcomeUnknown(error)) throw error
  if (['not-found', 'unauthenticated', 'forged-request', 'internal'].includes(error.code)) throw error
  return error
}

/** `error.status` as the response takes it. */
export function statusOf(error: AdminError): ContentfulStatusCode {
  return error.status as ContentfulStatusCode
}

/** After a change: to `path`, with the event that recorded it. */
export function seeOther(page: PageContext, path: string, event: EventReference | null): Response {
  const mark = path.includes('?') ? '&' : '?'
  return page.c.redirect(page.url(event ? `${path}${mark}event=${event.id}` : path), 303)
}

/** The event that the address says was just recorded; null for anything that is no event's id. */
export function eventInAddress(page: PageContext): string | null {
  const id = page.c.req.query('event') ?? ''
  return /^[0-9a-f]{32}$/.test(id) ? id : null
}
