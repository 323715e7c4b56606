/** Answers the forms that make and change a record. */

import { AdminError } from '../../../errors.ts'
import { isOutcomeUnknown } from '../../../gate/outcome.ts'
import type { RecordRead, RecordView } from '../../../gate/records.ts'
import type { Field, Model } from '../../../model/model.ts'
import type { Form } from '../../form.ts'
import type { Child } from '../components/html.ts'
import { type PageContext, pageContext, principalOf } from '../context.ts'
import type { FormField } from '../fields/widget-props.ts'
import { Shell } from '../layout.tsx'
import { eventInAddress, performForm, postedForm, seeOther, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { type Along, type AlongInput, errorsAlong, inputOf, stepOf } from './along.ts'
import { alongConflict } from './along-conflict.ts'
import { namedAlong, postedAlong, readAlong } from './along-read.ts'
import { compositePickers, compositesOf, withPicked } from './composite.ts'
import { ConflictPage } from './conflict.tsx'
import { copiedTexts } from './copy.ts'
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
  const along = await readAlong(page, model, null)
  return renderForm({ ...NEW, page, model, fields, texts, along })
}

/** A new record that starts as another one is: nothing is written before it is saved. */
export async function answerDuplicate(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const { gate } = page.house
  const refusal = gate.refusal(principalOf(page), `${model.name}.create`, page.c.get('origin').address)
  if (refusal) throw refusal
  const fields = creatable(page, model)
  const { record } = await readRecord(page, model, keyAt(page))
  const copied = copiedTexts(model, fields, record.values)
  const along = await readAlong(page, model, null, record)
  return renderForm({
    ...NEW,
    page,
    model,
    fields,
    texts: copied.texts,
    along,
    copy: { record, unique: copied.unique },
  })
}

export async function answerCreate(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const fields = creatable(page, model)
  const form = postedForm(page)
  const typed = withPicked(compositesOf(page, model, fields), model, typedTexts(fields, form.fields), form)
  const along = postedAlong(await readAlong(page, model, null), form, thenOf(page))
  const drawing = { ...NEW, page, model, fields, texts: typed, along, form }
  if (stepOf(thenOf(page))) return renderForm({ ...drawing, along: await namedAlong(page, along) })
  const { input, places } = inputOf(along)
  const name = model.label.toLowerCase()
  try {
    const performed = await performForm<Written>(page, form, {
      action: `${model.name}.create`,
      input: { values: newValues(model, typed), ...input },
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
    const again = { ...drawing, page: afresh(page), along: await namedAlong(page, along) }
    return renderForm({ ...again, refusal, places })
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
  const along = await readAlong(page, model, found.record)
  return renderForm({ ...NEW, page, model, found, fields, texts, original: texts, along })
}

export async function answerUpdate(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const key = keyAt(page)
  const form = postedForm(page)
  const found = await readRecord(page, model, key)
  const fields = formFields(model, found.writable, 'update')
  const typed = withPicked(compositesOf(page, model, fields), model, typedTexts(fields, form.fields), form)
  const original = originalTexts(form.fields['_original'] ?? null)
  const values = changedValues(model, typed, original)
  const then = thenOf(page)
  const path = recordPath(model.name, key)
  const current = await readAlong(page, model, found.record)
  const along = postedAlong(current, form, then)
  const drawing = { ...NEW, page, model, found, fields, texts: typed, original, along, form }
  if (stepOf(then)) return renderForm({ ...drawing, along: await namedAlong(page, along) })
  const { input, places } = inputOf(along)
  // Whoever may not change it at all is told so by the gate, which takes it down.
  if (Object.keys({ ...values, ...input }).length === 0 && found.verbs.includes('update'))
    return seeOther(page, then === 'stay' ? `${path}/edit` : path, null)
  try {
    const heading = recordName(model, found.record)
    const performed = await performForm<Written>(page, form, {
      action: `${model.name}.update`,
      key,
      input: { values, ...input },
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
    const again = { ...drawing, page: afresh(page), refusal, places, along: await namedAlong(page, along) }
    return refusal.code === 'conflict' ? renderConflict(again, current) : renderForm(again)
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
  readonly along: Along
  /** Which row each part of the input was. */
  readonly places: AlongInput['places']
  /** The record that a new one starts as, and the fields of which no two records may have the same value. */
  readonly copy: { readonly record: RecordView; readonly unique: ReadonlySet<string> } | null
}

const NEW: Pick<Drawing, 'found' | 'original' | 'refusal' | 'form' | 'places' | 'copy'> = {
  found: null,
  original: {},
  refusal: null,
  form: null,
  places: new Map(),
  copy: null,
}

/** After "Save and keep editing". */
function savedToast(page: PageContext, model: Model, found: RecordRead | null): Child {
  if (!found || eventInAddress(page) === null) return null
  const canProve = found.verbs.includes('history') && found.record.key !== null
  return canProve ? doneWithProof(page, model, found.record.key ?? '', 'saved') : DONE_WITHOUT_PROOF
}

async function renderForm(drawing: Drawing): Promise<Response> {
  const { page, model, found, fields, texts, original, refusal, form, along, copy } = drawing
  const record = found?.record ?? null
  const key = record?.key ?? ''
  const alongErrors = errorsAlong(errorsOf(refusal), drawing.places)
  const errors = alongErrors.own
  const composites = compositesOf(page, model, fields)
  const shown = record ?? copy?.record ?? null
  const rows = formRows(fields, texts, errors, record?.masked ?? [], record?.values).map((row) =>
    flagged(row, copy?.unique),
  )
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
        rows={rows}
        composites={composites}
        pickers={
          new Map([
            ...(await pickersFor(page, model, fields, shown)),
            ...(await compositePickers(page, composites, shown)),
          ])
        }
        original={original}
        version={form?.evidence.version ?? record?.version ?? null}
        errors={errors}
        isOutcomeUnknown={isOutcomeUnknown(refusal)}
        evidence={evidenceOf(errors, form)}
        cancelHref={page.url(copy?.record.key ? recordPath(model.name, copy.record.key) : path)}
        along={along}
        alongErrors={alongErrors}
        action={page.url(record ? `${path}/edit` : `${path}/new`)}
      />
    </Shell>
  )
  return render(page, content, refusal ? statusOf(refusal) : 200)
}

/** What a copy may not share with the record that it starts as. */
function flagged(row: FormField, unique: ReadonlySet<string> | undefined): FormField {
  if (!unique?.has(row.field.name) || row.text === '') return row
  const help = [row.field.help, 'The original has this value, and no two records may have the same.']
  return { ...row, field: { ...row.field, help: help.filter(Boolean).join(' ') } }
}

/** Someone else was faster: what is there now, beside what was typed. */
async function renderConflict(drawing: Drawing, theirs: Along): Promise<Response> {
  const { page, model, found, fields, texts, original, form, along } = drawing
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
        along={alongConflict(along, theirs)}
        posted={form?.along ?? new Map()}
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
