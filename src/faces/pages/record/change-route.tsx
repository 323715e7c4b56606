/** Answers what is done to a record as a whole: deleting and restoring, each shown before it is done. */

import { AdminError } from '../../../errors.ts'
import type { Plan } from '../../../gate/outcome.ts'
import { deletionPlan } from '../../../gate/record/deletion-plan.ts'
import type { RecordList, RecordView } from '../../../gate/records.ts'
import type { Model } from '../../../model/model.ts'
import type { Form } from '../../form.ts'
import { readPart } from '../ask.ts'
import { ConfirmPage } from '../components/steps.tsx'
import { isPossible, type PageContext } from '../context.ts'
import { performForm, postedForm, seeOther, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { afresh, evidenceOf } from './edit-route.tsx'
import { keyAt, modelAt } from './model-at.ts'
import { modelPath, recordPath } from './paths.ts'
import { recordName, recordTrail } from './record.tsx'
import { readRecord } from './record-route.tsx'
import { relatedFilters } from './record-view.ts'
import { readableFilters } from './related-filter.ts'

type Change = 'delete' | 'restore'

/** Shows what would happen; nothing is changed. */
export async function answerChangePlan(page: PageContext, change: Change): Promise<Response> {
  const model = modelAt(page)
  const { record, verbs } = await readRecord(page, model, keyAt(page))
  if (!verbs.includes(change)) throw notAllowed(model, change, record)
  return renderPlan({ page, model, record, change, refusal: null, form: null })
}

export async function answerChange(page: PageContext, change: Change): Promise<Response> {
  const model = modelAt(page)
  const key = keyAt(page)
  const form = postedForm(page)
  const { record } = await readRecord(page, model, key)
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
      isDanger: change === 'delete',
      shownPlan: form.fields['_plan'] ?? null,
    })
    if (performed.kind === 'answer') return performed.response
    return seeOther(
      page,
      change === 'delete' ? modelPath(model.name) : recordPath(model.name, key),
      performed.event,
    )
  } catch (error) {
    const refusal = shownRefusal(error)
    if (refusal.code === 'denied') throw refusal
    return renderPlan({ page: afresh(page), model, record, change, refusal, form })
  }
}

/** Said before anything is asked of the gate, which would only be asked to do it. */
function notAllowed(model: Model, change: Change, record: RecordView): AdminError {
  const why = model.writable[change === 'delete' ? 'delete' : 'update'] ? null : model.writable.reason
  return new AdminError(
    'denied',
    `${model.name}.${change} refused: ${why ?? `no rule lets you do this to ${recordName(model, record)}.`}`,
  )
}

interface Drawing {
  readonly page: PageContext
  readonly model: Model
  readonly record: RecordView
  readonly change: Change
  readonly refusal: AdminError | null
  readonly form: Form | null
}

async function renderPlan({ page, model, record, change, refusal, form }: Drawing): Promise<Response> {
  const plan = change === 'delete' ? await planOf(page, model, record) : restorePlan(model, record)
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
      danger={change === 'delete'}
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

/** Counts stop where the gate's own do, so that both make the same plan. */
const COUNT_CAP = 1000

/** What the gate would say, from lists this principal may see. */
async function planOf(page: PageContext, model: Model, record: RecordView): Promise<Plan> {
  const { models } = page.house.gate
  const counts = await Promise.all(
    model.relations.map(async (relation) => {
      const target = models.get(relation.target)
      if (relation.kind !== 'many' || !target || !isPossible(page, `${target.name}.list`)) return []
      const filters = relatedFilters(model, record, relation)
      const parsed = filters && readableFilters(page, target, filters)
      if (!parsed) return []
      const list = await readPart<RecordList>(page, {
        action: `${target.name}.list`,
        input: { filters: parsed, limit: 1, count: 'capped', fields: target.key ?? null },
      })
      if (!list?.count) return []
      const isMore = list.count.value > COUNT_CAP
      return [
        {
          relation: relation.name,
          count: isMore ? { value: COUNT_CAP, kind: 'at-least' as const } : list.count,
        },
      ]
    }),
  )
  return deletionPlan(model, models, record.title, counts.flat())
}
