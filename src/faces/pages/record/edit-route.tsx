/** Answers the forms that make and change a record. */

import { AdminError } from '../../../errors.ts'
import { isOutcomeUnknown } from '../../../gate/outcome.ts'
import type { RecordRead, RecordView } from '../../../gate/records.ts'
import type { Field, Model } from '../../../model/model.ts'
import type { Form } from '../../form.ts'
import type { Child } from '../components/html.ts'
import { type PageContext, pageContext, principalOf } from '../context.ts'
import { Shell } from '../layout.tsx'
import { eventInAddress, performForm, postedForm, seeOther, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { ConflictPage } from './conflict.tsx'
import { type EvidenceFields, RecordFormPage } from './edit.tsx'
import {
  changedValues,
  conflictOf,
  formFields,
  formRows,
  newValues,
  originalTexts,
  startingTexts,
  type Texts,
  textsOf,
  typedTexts,
} from './form.ts'
import { keyAt, modelAt, nothingHere } from './model-at.ts'
import { modelPath, recordPath } from './paths.ts'
import { pickersFor } from './pickers.ts'
import { recordName, recordTrail } from './record.tsx'
import { readRecord } from './record-route.tsx'
import { DONE_WITHOUT_PROOF, doneWithProof } from './saved.tsx'

/** What the gate answers to `create` and `update`, as far as a page needs it. */
interface Written {
  readonly key: string | null
}

export async function answerNew(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const { gate } = page.house
  const origin = page.c.get('origin')
  const refusal = gate.refusal(principalOf(page), `${model.name}.create`, origin.address)
  if (refusal) throw refusal
  const fields = creatable(page, model)
  const defaults = await gate.startingValues(principalOf(page), model.name, origin)
  const texts = startingTexts(fields, new URL(page.c.req.url).searchParams, defaults)
  return renderForm({ page, model, found: null, fields, texts, original: {}, refusal: null, form: null })
}

export async function answerCreate(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const fields = creatable(page, model)
  const form = postedForm(page)
  const typed = typedTexts(fields, form.fields)
  const name = model.label.toLowerCase()
  try {
    const performed = await performForm<Written>(page, form, {
      action: `${model.name}.create`,
      input: { values: newValues(model, typed) },
      title: `Create ${name}`,
      purpose: `create this ${name}`,
      breadcrumb: newTrail(page, model),
      current: modelPath(model.name),
      cancelHref: page.url(modelPath(model.name)),
      submitLabel: `Create ${name}`,
    })
    if (performed.kind === 'answer') return performed.response
    const { key } = performed.result
    if (thenOf(page) === 'stay') return seeOther(page, `${modelPath(model.name)}/new`, performed.event)
    return seeOther(page, key === null ? modelPath(model.name) : recordPath(model.name, key), performed.event)
  } catch (error) {
    const refusal = refusalInForm(error)
    return renderForm({
      page: afresh(page),
      model,
      found: null,
      fields,
      texts: typed,
      original: {},
      refusal,
      form,
    })
  }
}

function creatable(page: PageContext, model: Model): readonly Field[] {
  if (!model.writable.create) throw nothingHere()
  const { gate } = page.house
  const names = gate.writable(principalOf(page), model.name, 'create', page.c.get('origin').address)
  return formFields(model, names, 'create')
}

export async function answerEdit(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const found = await readRecord(page, model, keyAt(page))
  const fields = formFields(model, found.writable, 'update')
  if (fields.length === 0) throw notEditable(model, found.record)
  const texts = textsOf(fields, found.record.values)
  return renderForm({ page, model, found, fields, texts, original: texts, refusal: null, form: null })
}

export async function answerUpdate(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const key = keyAt(page)
  const form = postedForm(page)
  const found = await readRecord(page, model, key)
  const fields = formFields(model, found.writable, 'update')
  const typed = typedTexts(fields, form.fields)
  const original = originalTexts(form.fields['_original'] ?? null)
  const values = changedValues(model, typed, original)
  const then = thenOf(page)
  const path = recordPath(model.name, key)
  // Whoever may not change it at all is told so by the gate, which takes it down.
  if (Object.keys(values).length === 0 && found.verbs.includes('update'))
    return seeOther(page, then === 'stay' ? `${path}/edit` : path, null)
  try {
    const heading = recordName(model, found.record)
    const performed = await performForm<Written>(page, form, {
      action: `${model.name}.update`,
      key,
      input: { values },
      title: `Change ${heading}`,
      purpose: `change ${heading}`,
      breadcrumb: recordTrail(page, model, key, found.record.title, 'Edit'),
      current: modelPath(model.name),
      cancelHref: page.url(path),
      submitLabel: 'Save',
    })
    if (performed.kind === 'answer') return performed.response
    const target = recordPath(model.name, performed.result.key ?? key)
    return seeOther(page, then === 'stay' ? `${target}/edit` : target, performed.event)
  } catch (error) {
    const refusal = refusalInForm(error)
    const again = { page: afresh(page), model, found, fields, texts: typed, original, refusal, form }
    return refusal.code === 'conflict' ? renderConflict(again) : renderForm(again)
  }
}

/** What was typed stays as well where nobody knows whether it was saved: sent again, it meets its own version. */
function refusalInForm(error: unknown): AdminError {
  return error instanceof AdminError && isOutcomeUnknown(error) ? error : shownRefusal(error)
}

function notEditable(model: Model, record: RecordView): AdminError {
  const why = model.writable.update ? null : model.writable.reason
  return new AdminError(
    'denied',
    `${model.name}.update refused: ${why ?? `no rule lets you change anything of ${recordName(model, record)}.`}`,
  )
}

interface Drawing {
  readonly page: PageContext
  readonly model: Model
  /** Null for a new record. */
  readonly found: RecordRead | null
  readonly fields: readonly Field[]
  readonly texts: Texts
  readonly original: Texts
  readonly refusal: AdminError | null
  /** As posted; null when the form is shown first. */
  readonly form: Form | null
}

/** After "Save and keep editing". */
function savedToast(page: PageContext, model: Model, found: RecordRead | null): Child {
  if (!found || eventInAddress(page) === null) return null
  const canProve = found.verbs.includes('history') && found.record.key !== null
  return canProve ? doneWithProof(page, model, found.record.key ?? '', 'saved') : DONE_WITHOUT_PROOF
}

async function renderForm(drawing: Drawing): Promise<Response> {
  const { page, model, found, fields, texts, original, refusal, form } = drawing
  const record = found?.record ?? null
  const key = record?.key ?? ''
  const errors = errorsOf(refusal)
  const title = record ? `Edit ${recordName(model, record)}` : `New ${model.label.toLowerCase()}`
  const path = record ? recordPath(model.name, key) : modelPath(model.name)
  const content = (
    <Shell
      page={page}
      title={title}
      breadcrumb={record ? recordTrail(page, model, key, record.title, 'Edit') : newTrail(page, model)}
      current={modelPath(model.name)}
      toast={savedToast(page, model, found)}
    >
      <RecordFormPage
        page={page}
        model={model}
        record={record}
        title={title}
        rows={formRows(fields, texts, errors, record?.masked ?? [])}
        pickers={await pickersFor(page, model, fields, record)}
        original={original}
        version={form?.evidence.version ?? record?.version ?? null}
        errors={errors}
        isOutcomeUnknown={isOutcomeUnknown(refusal)}
        evidence={evidenceOf(errors, form)}
        cancelHref={page.url(path)}
      />
    </Shell>
  )
  return render(page, content, refusal ? statusOf(refusal) : 200)
}

/** Someone else was faster: what is there now, beside what was typed. */
async function renderConflict(drawing: Drawing): Promise<Response> {
  const { page, model, found, fields, texts, original, form } = drawing
  if (!found) return renderForm(drawing)
  const record: RecordView = found.record
  const current = textsOf(fields, record.values)
  const conflict = conflictOf(fields, texts, original, current)
  const key = record.key ?? ''
  return render(
    page,
    <Shell
      page={page}
      title={`Edit ${recordName(model, record)}`}
      breadcrumb={recordTrail(page, model, key, record.title, 'Edit')}
      current={modelPath(model.name)}
      narrow
    >
      <ConflictPage
        page={page}
        model={model}
        record={record}
        conflict={conflict}
        current={current}
        reason={form?.evidence.reason ?? ''}
        ticket={form?.evidence.ticket ?? ''}
        cancelHref={page.url(recordPath(model.name, key))}
      />
    </Shell>,
    409,
  )
}

/** By field name; a refusal that names no field stands above the form. */
function errorsOf(refusal: AdminError | null): Readonly<Record<string, readonly string[]>> {
  if (!refusal) return {}
  const fields = refusal.fields ?? {}
  return Object.keys(fields).length > 0 ? fields : { '': [refusal.message] }
}

export function evidenceOf(
  errors: Readonly<Record<string, readonly string[]>>,
  form: Form | null,
): EvidenceFields {
  const reason = form?.evidence.reason ?? ''
  const ticket = form?.evidence.ticket ?? ''
  return {
    asksReason: errors['reason'] !== undefined || reason !== '',
    asksTicket: errors['ticket'] !== undefined || ticket !== '',
    reason,
    ticket,
  }
}

function newTrail(
  page: PageContext,
  model: Model,
): readonly { readonly label: string; readonly href?: string }[] {
  return [
    { label: model.labelPlural, href: page.url(modelPath(model.name)) },
    { label: `New ${model.label.toLowerCase()}` },
  ]
}

function thenOf(page: PageContext): string | null {
  return page.c.get('form')?.get('_then') ?? null
}

/** With the token of the session as it is now: a proof in this request renews it. */
export function afresh(page: PageContext): PageContext {
  return pageContext(page.c, page.house)
}
