/**
 * Answers what is put back from the log: after an event, after all that a
 * session did, or a record as it was. The plan comes first; nothing is done before it is confirmed.
 */

import { AdminError } from '../../../errors.ts'
import { Unreasoned } from '../../../gate/evidence.ts'
import type { EventReference, Plan } from '../../../gate/outcome.ts'
import type { Reverted } from '../../../gate/reverted.ts'
import type { Model } from '../../../model/model.ts'
import type { Form } from '../../form.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { type Crumb, PageHead } from '../components/card.tsx'
import { Form as FormOf, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { IconName } from '../components/icon-names.ts'
import { type Alternative, ConfirmPage } from '../components/steps.tsx'
import { isPossible, type PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { performForm, postedForm, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { saying } from '../said.tsx'
import { afresh } from './edit-route.tsx'
import { modelAt } from './model-at.ts'
import { modelPath, recordPath } from './paths.ts'

/** What is put back. */
export type Reverting =
  | { readonly event: string }
  | { readonly session: string; readonly principal: string }
  | { readonly record: string; readonly version: string }

interface RevertButtonProps {
  readonly page: PageContext
  readonly model: string
  readonly what: Reverting
  readonly icon?: IconName
  readonly small?: boolean
  readonly children: string
}

/** Leads to the plan; nothing where whoever looks could revert nothing of the model. */
export function RevertButton({ page, model, what, icon, small, children }: RevertButtonProps): Html | null {
  if (!isRevertible(page, model)) return null
  return (
    <FormOf page={page} action={page.url(`${modelPath(model)}/~revert`)}>
      {Object.entries(what).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <Button page={page} icon={icon} small={small} variant={small ? 'ghost' : 'default'}>
        {children}
      </Button>
    </FormOf>
  )
}

export function isRevertible(page: PageContext, model: string): boolean {
  return !model.startsWith('castellan.') && isPossible(page, `${model}.revert`)
}

interface Place {
  readonly page: PageContext
  readonly model: Model
  readonly form: Form
  readonly what: Reverting
  readonly isOverwriting: boolean
  readonly title: string
  readonly trail: readonly Crumb[]
  /** Where one came from. */
  readonly backPath: string
}

export async function answerRevert(page: PageContext): Promise<Response> {
  const place = placeOf(page)
  const { model, form, what, isOverwriting, title } = place
  try {
    const performed = await performForm<Reverted>(page, form, {
      ...asked(place),
      action: `${model.name}.revert`,
      input: { ...what, conflicts: isOverwriting ? 'overwrite' : 'leave' },
      purpose: title.charAt(0).toLowerCase() + title.slice(1),
      shownPlan: form.fields['_plan'] ?? null,
    })
    if (performed.kind === 'answer') return performed.response
    return done({ ...place, page: performed.page }, performed.result, performed.event)
  } catch (error) {
    return renderRefusal({ ...place, page: afresh(page) }, error)
  }
}

function placeOf(page: PageContext): Place {
  const model = modelAt(page)
  const form = postedForm(page)
  const what = whatIn(form.fields)
  const isOverwriting = page.c.req.query('conflicts') === 'overwrite'
  const title = titleOf(what)
  const backPath = backPathOf(page, model, what)
  const trail = [{ label: model.labelPlural, href: page.url(modelPath(model.name)) }, { label: title }]
  return { page, model, form, what, isOverwriting, title, trail, backPath }
}

/** What is wrong with them the action says. */
function whatIn({ event, session, principal, record, version }: Form['fields']): Reverting {
  if (session !== undefined) return { session, principal: principal ?? '' }
  return version === undefined ? { event: event ?? '' } : { record: record ?? '', version }
}

function titleOf(what: Reverting): string {
  if ('session' in what) return 'Undo what a session did'
  return 'version' in what ? 'Restore an earlier version' : 'Undo a change'
}

function backPathOf(page: PageContext, model: Model, what: Reverting): string {
  if ('version' in what) return `${recordPath(model.name, what.record)}/history`
  const isLogOpen = isPossible(page, 'castellan.audit.read')
  if ('event' in what && isLogOpen && /^[0-9a-f]{32}$/.test(what.event)) return `/audit/${what.event}`
  return 'session' in what && isLogOpen ? '/audit' : modelPath(model.name)
}

function asked(place: Place) {
  const { page, model, title, trail, backPath } = place
  return {
    title,
    breadcrumb: trail,
    current: modelPath(model.name),
    cancelHref: page.url(backPath),
    submitLabel: 'Put back',
    isDanger: false,
    alternative: (plan: Plan) => overwriting(place, plan),
  } as const
}

/** What has changed since can be put back as well, once it has been seen. */
function overwriting({ page, model, isOverwriting }: Place, { undo }: Plan): Alternative | null {
  const count = undo?.conflicts.count ?? 0
  if (isOverwriting || count === 0) return null
  return {
    label: `Put back the ${page.format.number(count)} that changed as well…`,
    action: page.url(`${modelPath(model.name)}/~revert?conflicts=overwrite`),
  }
}

function done(place: Place, { undone, left }: Reverted, event: EventReference | null): Response {
  const { page, model, what, backPath } = place
  const was = undone === 1 ? 'was' : 'were'
  const rest =
    left > 0
      ? ` ${page.format.number(left)} that changed since ${left === 1 ? 'was' : 'were'} left alone.`
      : ''
  const message = `${page.format.plural(undone, 'record', 'records')} ${was} put back.${rest}`
  const isShown = event !== null && isPossible(page, 'castellan.audit.read')
  const link = isShown ? { label: 'See it in the audit log', path: `/audit/${event.id}` } : undefined
  const path = 'version' in what ? backPath : modelPath(model.name)
  return page.c.redirect(page.url(saying(page, path, { message, ...(link && { link }) }, 'Undo')), 303)
}

async function renderRefusal(place: Place, error: unknown): Promise<Response> {
  const { page, form, title, trail } = place
  if (error instanceof Unreasoned && error.plan) return renderReason(place, error, error.plan)
  const refusal = error instanceof AdminError && error.code === 'not-found' ? error : shownRefusal(error)
  const { evidence } = form
  const isAgain = refusal.code === 'conflict' && evidence.confirmation !== undefined
  return render(
    page,
    <Shell page={page} title={title} breadcrumb={trail} current={modelPath(place.model.name)} narrow>
      <PageHead title={title} />
      <div class="stack">
        <Note page={page} tone="bad" title={isAgain ? 'Nothing was put back.' : 'It can’t be undone.'} alert>
          <p>{refusal.message}</p>
        </Note>
        <div class="step-actions">
          <LinkButton page={page} href={page.url(place.backPath)}>
            Back
          </LinkButton>
        </div>
      </div>
    </Shell>,
    statusOf(refusal),
  )
}

/** The plan, with the reason or ticket that it takes. */
function renderReason(place: Place, refusal: Unreasoned, plan: Plan): Promise<Response> {
  const { page, form, what } = place
  const problems = refusal.fields ?? {}
  const fields = new URLSearchParams({ ...what, _plan: JSON.stringify(plan) })
  const { reason, ticket } = form.evidence
  if (reason !== undefined) fields.set('_reason', reason)
  if (ticket !== undefined) fields.set('_ticket', ticket)
  const isFirst = reason === undefined && ticket === undefined
  const names = (['reason', 'ticket'] as const).filter((name) => name in problems || fields.has(`_${name}`))
  return render(
    page,
    <ConfirmPage
      {...asked(place)}
      page={page}
      fields={fields}
      plan={plan}
      alternative={overwriting(place, plan)}
      errors={isFirst ? {} : problems}
      asks={names}
    />,
    isFirst ? 200 : statusOf(refusal),
  )
}
