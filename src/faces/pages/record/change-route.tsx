/** Answers what is done to a record as a whole: deleting, restoring and purging, each shown before it is done. */

import { AdminError } from '../../../errors.ts'
import type { Plan } from '../../../gate/outcome.ts'
import type { RecordRead, RecordView } from '../../../gate/records.ts'
import type { Model } from '../../../model/model.ts'
import type { Form } from '../../form.ts'
import { read } from '../ask.ts'
import { ConfirmPage } from '../components/steps.tsx'
import type { PageContext } from '../context.ts'
import { performForm, postedForm, seeOther, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { afresh, evidenceOf } from './edit-route.tsx'
import { keyAt, modelAt } from './model-at.ts'
import { modelPath, recordPath } from './paths.ts'
import { recordName, recordTrail } from './record.tsx'

export type Change = 'delete' | 'restore' | 'purge'

/** Shows what would happen; nothing is changed. */
export async function answerChangePlan(page: PageContext, change: Change): Promise<Response> {
  const model = modelAt(page)
  const found = await readToChange(page, model, keyAt(page), change)
  if (!found.verbs.includes(change)) throw notAllowed(model, change, found.record)
  return renderPlan({ page, model, found, change, refusal: null, form: null })
}

export async function answerChange(page: PageContext, change: Change): Promise<Response> {
  const model = modelAt(page)
  const key = keyAt(page)
  const form = postedForm(page)
  const found = await readToChange(page, model, key, change)
  const { record } = found
  const words = wordsOf(change, model, record)
  try {
    const performed = await performForm(page, form, {
      action: `${model.name}.${change}`,
      key,
      title: words.title,
      purpose: words.title.charAt(0).toLowerCase() + words.title.slice(1),
      breadcrumb: recordTrail(page, model, key, record.title, words.verb),
      current: modelPath(model.name),
      cancelHref: page.url(recordPath(model.name, key)),
      submitLabel: words.submit,
      isDanger: change !== 'restore',
      shownPlan: form.fields['_plan'] ?? null,
    })
    if (performed.kind === 'answer') return performed.response
    return seeOther(page, pathAfter(model, change, key), performed.event)
  } catch (error) {
    const refusal = shownRefusal(error)
    if (refusal.code === 'denied') throw refusal
    return renderPlan({ page: afresh(page), model, found, change, refusal, form })
  }
}

/** The record, and what deleting it would do, as the gate will say it again when it is done. */
function readToChange(page: PageContext, model: Model, key: string, change: Change): Promise<RecordRead> {
  const input = change === 'restore' ? null : { plan: change }
  return read<RecordRead>(page, { action: `${model.name}.read`, key, input })
}

function pathAfter(model: Model, change: Change, key: string): string {
  if (change === 'restore') return recordPath(model.name, key)
  return change === 'purge' ? `${modelPath(model.name)}/trash` : modelPath(model.name)
}

/** Said before anything is asked of the gate, which would only be asked to do it. */
function notAllowed(model: Model, change: Change, record: RecordView): AdminError {
  const why = model.writable[change === 'restore' ? 'update' : 'delete'] ? null : model.writable.reason
  return new AdminError(
    'denied',
    `${model.name}.${change} refused: ${why ?? `no rule lets you do this to ${recordName(model, record)}.`}`,
  )
}

interface Drawing {
  readonly page: PageContext
  readonly model: Model
  readonly found: RecordRead
  readonly change: Change
  readonly refusal: AdminError | null
  readonly form: Form | null
}

async function renderPlan({ page, model, found, change, refusal, form }: Drawing): Promise<Response> {
  const { record } = found
  const plan = found.plan ?? restorePlan(model, record)
  const words = wordsOf(change, model, record)
  const errors = refusal ? { ...(refusal.fields ?? { '': [refusal.message] }) } : {}
  const { asksReason, asksTicket } = evidenceOf(errors, form)
  const fields = new URLSearchParams({ _plan: JSON.stringify(plan) })
  if (record.version !== null) fields.set('_version', record.version)
  if (form?.evidence.reason) fields.set('_reason', form.evidence.reason)
  if (form?.evidence.ticket) fields.set('_ticket', form.evidence.ticket)
  return render(
    page,
    <ConfirmPage
      page={page}
      title={words.title}
      breadcrumb={recordTrail(page, model, record.key ?? '', record.title, words.verb)}
      current={modelPath(model.name)}
      fields={fields}
      plan={plan}
      cancelHref={page.url(recordPath(model.name, record.key ?? ''))}
      submitLabel={words.submit}
      danger={change !== 'restore'}
      errors={errors}
      asks={[...(asksReason ? (['reason'] as const) : []), ...(asksTicket ? (['ticket'] as const) : [])]}
    />,
    refusal ? statusOf(refusal) : 200,
  )
}

interface Words {
  readonly title: string
  readonly verb: string
  readonly submit: string
}

function wordsOf(change: Change, model: Model, record: RecordView): Words {
  const heading = recordName(model, record)
  const noun = model.label.toLowerCase()
  if (change === 'restore') return { title: `Restore ${heading}`, verb: 'Restore', submit: `Restore ${noun}` }
  if (change === 'purge') {
    return { title: `Delete ${heading} for good`, verb: 'Delete for good', submit: `Delete ${noun} for good` }
  }
  if (model.softDelete) return { title: `Delete ${heading}`, verb: 'Delete', submit: 'Move to the trash' }
  return { title: `Delete ${heading}`, verb: 'Delete', submit: `Delete ${noun}` }
}

function restorePlan(model: Model, record: RecordView): Plan {
  return {
    sentence: `Bring ${model.label.toLowerCase()} ${record.title} back from the trash.`,
    effects: [],
    changes: [],
  }
}
