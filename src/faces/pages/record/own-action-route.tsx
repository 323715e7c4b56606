/** Answers the actions of the application: the form of their input, and what became of it. */

import { AdminError } from '../../../errors.ts'
import type { EventReference } from '../../../gate/outcome.ts'
import type { OwnFile, OwnResult } from '../../../gate/own-action.ts'
import type { RecordRead } from '../../../gate/records.ts'
import type { Model } from '../../../model/model.ts'
import type { Form as PostedForm } from '../../form.ts'
import { readPart } from '../ask.ts'
import type { Crumb } from '../components/card.tsx'
import type { PageContext } from '../context.ts'
import { performForm, postedForm, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { pathOf, saying } from '../said.tsx'
import { afresh, evidenceOf } from './edit-route.tsx'
import { formRows, startingTexts, type Texts, typedTexts } from './form.ts'
import { keyAt, modelAt, nothingHere } from './model-at.ts'
import { formModel, inputOf, modelButtons, type OwnButton, recordButtons } from './own-action.ts'
import { OwnActionPage } from './own-action-page.tsx'
import { modelPath, recordPath } from './paths.ts'
import { pickersFor } from './pickers.ts'
import { recordName, recordTrail } from './record.tsx'
import { readRecord } from './record-route.tsx'

/** What an address of an action names. */
interface Place {
  readonly page: PageContext
  readonly model: Model
  readonly button: OwnButton
  /** Null for an action on the model. */
  readonly found: RecordRead | null
  /** "Refund order #17". */
  readonly title: string
  /** Where one came from, and goes back to. */
  readonly path: string
  readonly trail: readonly Crumb[]
}

export async function answerOwnForm(page: PageContext): Promise<Response> {
  const place = await placeOf(page)
  const texts = startingTexts(place.button.own.fields, new URL(page.c.req.url).searchParams)
  return renderForm(place, texts, null, null)
}

export async function answerOwn(page: PageContext): Promise<Response> {
  const place = await placeOf(page)
  const { model, button, found, title, path, trail } = place
  const form = postedForm(page)
  const typed = typedTexts(button.own.fields, form.fields)
  try {
    mustBeOffered(place, form)
    const performed = await performForm<OwnResult>(page, form, {
      action: `${model.name}.${button.action.verb}`,
      ...(found && { key: keyAt(page) }),
      input: inputOf(button.own, typed),
      title,
      purpose: title.charAt(0).toLowerCase() + title.slice(1),
      breadcrumb: trail,
      current: modelPath(model.name),
      cancelHref: page.url(path),
      submitLabel: button.action.label,
      isDanger: button.own.isDangerous,
    })
    if (performed.kind === 'answer') return performed.response
    return answerDone({ ...place, page: performed.page }, performed.result, performed.event)
  } catch (error) {
    return renderForm({ ...place, page: afresh(page) }, typed, shownRefusal(error), form)
  }
}

async function placeOf(page: PageContext): Promise<Place> {
  const model = modelAt(page)
  const verb = page.c.req.param('action') ?? ''
  const key = page.c.req.param('key')
  const found = key === undefined ? null : await readRecord(page, model, key)
  const buttons = found ? recordButtons(page, model, found) : await modelButtons(page, model)
  const button = buttons.find(({ action }) => action.verb === verb)
  if (!button) throw notOffered(page, model, verb, found)
  const { label } = button.action
  if (!found || key === undefined) {
    const list = { label: model.labelPlural, href: page.url(modelPath(model.name)) }
    return {
      page,
      model,
      button,
      found: null,
      title: label,
      path: modelPath(model.name),
      trail: [list, { label }],
    }
  }
  return {
    page,
    model,
    button,
    found,
    title: `${label} ${recordName(model, found.record)}`,
    path: recordPath(model.name, key),
    trail: recordTrail(page, model, key, found.record.title, label),
  }
}

/** What nobody declared is nothing here; what the policy or the application does not offer is refused by its name. */
function notOffered(page: PageContext, model: Model, verb: string, found: RecordRead | null): AdminError {
  const on = found ? 'record' : 'model'
  const isThere = page.house.gate
    .actionsOf(model.name)
    .some((action) => action.own && action.on === on && action.verb === verb)
  if (!isThere) return nothingHere()
  return new AdminError('denied', `${model.name}.${verb} refused: no rule lets you do this here.`)
}

/** Names that the form did not offer are refused here as the API refuses them. */
function mustBeOffered({ model, button }: Place, form: PostedForm): void {
  const names = new Set(button.own.fields.map(({ name }) => name))
  const strange = Object.keys(form.fields).filter((name) => !names.has(name))
  if (strange.length === 0) return
  const fields = Object.fromEntries(strange.map((name) => [name, ['is not taken here']]))
  throw new AdminError('invalid-input', `${model.name}.${button.action.verb}: check ${strange.join(', ')}.`, {
    fields,
  })
}

async function renderForm(
  place: Place,
  texts: Texts,
  refusal: AdminError | null,
  form: PostedForm | null,
): Promise<Response> {
  const { page, model, button } = place
  if (refusal?.code === 'denied') throw refusal
  const { own, action } = button
  const shown = formModel(model, own)
  const errors = errorsOf(refusal)
  const evidence = evidenceOf(errors, form)
  return render(
    page,
    <OwnActionPage
      page={page}
      model={shown}
      button={button}
      title={place.title}
      trail={place.trail}
      current={modelPath(model.name)}
      cancelHref={page.url(place.path)}
      rows={formRows(own.fields, texts, errors, [])}
      pickers={await pickersFor(page, shown, own.fields, null)}
      errors={errors}
      evidence={{
        ...evidence,
        asksReason: evidence.asksReason || action.obligations?.reason === true,
        asksTicket: evidence.asksTicket || (action.obligations?.tickets.length ?? 0) > 0,
      }}
    />,
    refusal ? statusOf(refusal) : 200,
  )
}

function errorsOf(refusal: AdminError | null): Readonly<Record<string, readonly string[]>> {
  if (!refusal) return {}
  const fields = refusal.fields ?? {}
  return Object.keys(fields).length > 0 ? fields : { '': [refusal.message] }
}

async function answerDone(place: Place, result: OwnResult, event: EventReference | null): Promise<Response> {
  const { page, button } = place
  if (result.file) return fileResponse(page, result.file)
  const path = result.redirect ? pathOf(result.redirect) : await pathBack(place)
  const said = saying(page, path, result, button.action.label)
  return page.c.redirect(page.url(event ? `${said}&event=${event.id}` : said), 303)
}

/** To the record, or to the list once it is gone or out of sight. */
async function pathBack({ page, model, found, path }: Place): Promise<string> {
  if (!found) return path
  const isThere = await readPart(page, { action: `${model.name}.read`, key: keyAt(page) })
  return isThere ? path : modelPath(model.name)
}

/** Handed over for saving. */
export function fileResponse({ c }: PageContext, { name, type, content }: OwnFile): Response {
  const plain = name.replaceAll(/[^\w.-]/g, '_')
  c.header(
    'Content-Type',
    /^[\w.+-]+\/[\w.+-]+(; charset=[\w-]+)?$/.test(type) ? type : 'application/octet-stream',
  )
  c.header(
    'Content-Disposition',
    `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`,
  )
  return c.body(typeof content === 'string' ? content : Uint8Array.from(content))
}
