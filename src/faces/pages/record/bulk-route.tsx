/**
 * Answers what is done to several records of a list: the form of what is to
 * change, the plan, and what became of it. What was chosen travels in the form
 * from page to page, as keys or as the scope that the list has sealed.
 */

import { AdminError } from '../../../errors.ts'
import type { Selection } from '../../../gate/call.ts'
import { Unreasoned } from '../../../gate/evidence.ts'
import type { EventReference, Plan } from '../../../gate/outcome.ts'
import type { OwnResult } from '../../../gate/own-action.ts'
import type { WrittenSeveral } from '../../../gate/record/write-several.ts'
import type { ListScope, RecordList } from '../../../gate/records.ts'
import { type Field, fieldOf, type Model } from '../../../model/model.ts'
import { type Form, readForm } from '../../form.ts'
import { read } from '../ask.ts'
import type { Crumb } from '../components/card.tsx'
import { ConfirmPage } from '../components/steps.tsx'
import { isPossible, type PageContext } from '../context.ts'
import { submittedText } from '../fields/widget.ts'
import { performForm, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { pathOf, saying } from '../said.tsx'
import { type ListAddress, listAddress, readListAddress } from './address.ts'
import { type BulkAction, bulkActions, writableBy } from './bulk-action.ts'
import { BulkFormPage, BulkRefusedPage } from './bulk-page.tsx'
import { afresh } from './edit-route.tsx'
import { filterChips } from './filter-chips.ts'
import { formFields, formRows, type Texts, typedTexts } from './form.ts'
import { askableIn, modelAt, nothingHere } from './model-at.ts'
import { formModel, inputOf } from './own-action.ts'
import { fileResponse } from './own-action-route.tsx'
import { modelPath } from './paths.ts'
import { pickersFor } from './pickers.ts'

/** Names of the form that say which records, and where they were chosen. */
const CHOOSING: ReadonlySet<string> = new Set([
  'k',
  '_all',
  '_page',
  '_list',
  '_trash',
  '_scope',
  '_step',
  '_plan',
])
/** Before the name of a field: it is to be changed. */
const SET = '_set.'

interface Place {
  readonly page: PageContext
  readonly model: Model
  readonly action: BulkAction
  readonly isTrash: boolean
  readonly address: ListAddress
  /** Of the list that one came from, and goes back to. */
  readonly path: string
  readonly trail: readonly Crumb[]
  /** What the next page sends again. */
  readonly fields: URLSearchParams
  readonly selection: Selection
  /** How many those are; null: the scope knows, and the plan says it. */
  readonly count: number | null
}

export async function answerBulk(page: PageContext): Promise<Response> {
  const place = await placeOf(page)
  if (place instanceof Response) return place
  const { action } = place
  const sent = page.c.get('form') ?? new URLSearchParams()
  const form = readForm(new URLSearchParams([...sent].filter(([name]) => !CHOOSING.has(name))))
  const fields = fieldsOf(place)
  if (fields.length > 0 && !sent.has('_step')) return renderFields(place, fields, {}, new Set(), null)
  const typed = typedTexts(fields, form.fields)
  const meant = action.button
    ? new Set(fields.map(({ name }) => name))
    : new Set(fields.map(({ name }) => name).filter((name) => form.fields[`${SET}${name}`] === 'true'))
  try {
    if (action.verb === 'update' && meant.size === 0) throw nothingMeant()
    const performed = await performForm<WrittenSeveral | OwnResult>(page, form, {
      ...asked(place),
      input: inputFor(place, fields, typed, meant),
      shownPlan: sent.get('_plan'),
    })
    if (performed.kind === 'answer') return performed.response
    return done({ ...place, page: performed.page }, performed.result, performed.event)
  } catch (error) {
    return renderRefusal({ ...place, page: afresh(page) }, error, { fields, typed, meant, form })
  }
}

async function placeOf(page: PageContext): Promise<Place | Response> {
  const model = modelAt(page)
  const sent = page.c.get('form') ?? new URLSearchParams()
  const isTrash = sent.get('_trash') === 'true'
  const verb = page.c.req.param('action') ?? ''
  const action = (await bulkActions(page, model, isTrash)).find((one) => one.verb === verb)
  if (!action) throw nothingHere()
  const address = readListAddress(new URLSearchParams((sent.get('_list') ?? '').replace(/^\?/, '')))
  const path = listAddress(`${modelPath(model.name)}${isTrash ? '/trash' : ''}`, address, {})
  const chosen = await choose(page, model, action, sent, { address, isTrash })
  if (!chosen) {
    return page.c.redirect(
      page.url(saying(page, path, { message: 'Nothing was selected.' }, action.label)),
      303,
    )
  }
  const fields = new URLSearchParams(
    [...sent].filter(([name]) => !['k', '_all', '_page', '_scope', '_plan'].includes(name)),
  )
  if (chosen.selection.kind === 'matching') fields.set('_scope', chosen.selection.scope)
  else for (const key of chosen.selection.keys) fields.append('k', key)
  fields.set('_step', 'true')
  const trail = [{ label: model.labelPlural, href: page.url(path) }, { label: action.label }]
  return { page, model, action, isTrash, address, path, trail, fields, ...chosen }
}

interface Choice {
  readonly selection: Selection
  readonly count: number | null
}

async function choose(
  page: PageContext,
  model: Model,
  action: BulkAction,
  sent: URLSearchParams,
  list: { readonly address: ListAddress; readonly isTrash: boolean },
): Promise<Choice | null> {
  const scope = sent.get('_scope')
  if (scope !== null) return { selection: { kind: 'matching', scope }, count: null }
  const all = sent.getAll('_all')
  if (all.includes('match')) {
    const { token, count } = await scopeOf(page, model, action, list)
    return count === 0 ? null : { selection: { kind: 'matching', scope: token }, count }
  }
  const keys = [
    ...new Set([...sent.getAll('k'), ...(all.includes('page') ? pageKeys(sent.get('_page')) : [])]),
  ]
  return keys.length === 0 ? null : { selection: { kind: 'keys', keys }, count: keys.length }
}

function pageKeys(text: string | null): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(parsed) ? parsed.filter((one): one is string => typeof one === 'string') : []
  } catch {
    return []
  }
}

/** @throws AdminError `invalid-input` where a filter of the list is left out of account: it would be more than was meant. */
async function scopeOf(
  page: PageContext,
  model: Model,
  { verb }: BulkAction,
  { address, isTrash }: { readonly address: ListAddress; readonly isTrash: boolean },
): Promise<ListScope> {
  const chips = filterChips(model, address.filters, askableIn(page))
  const ignored = chips.find(({ isIgnored }) => isIgnored)
  if (ignored) {
    throw new AdminError(
      'invalid-input',
      `All that match can't be chosen while a filter is ignored: ${ignored.sentence}.`,
    )
  }
  const list = await read<RecordList>(page, {
    action: `${model.name}.list`,
    input: {
      filters: chips.flatMap(({ filter }) => filter ?? []),
      search: address.search || null,
      trash: isTrash ? 'only' : 'without',
      limit: 1,
      scope: verb,
    },
  })
  return list.scope ?? { token: '', count: 0 }
}

function asked({ page, model, action, selection, path, trail, fields, count }: Place) {
  const plural = model.labelPlural.toLowerCase()
  const many = count === null ? plural : page.format.plural(count, model.label.toLowerCase(), plural)
  const title = action.verb === 'purge' ? `Delete ${many} for good` : `${action.label} ${many}`
  return {
    action: `${model.name}.${action.verb}`,
    selection,
    title,
    purpose: title.charAt(0).toLowerCase() + title.slice(1),
    breadcrumb: trail,
    current: modelPath(model.name),
    cancelHref: page.url(path),
    submitLabel: action.button ? action.label : title,
    isDanger: action.isDangerous,
    fields,
  } as const
}

/** What the form asks for: the fields of the records, or the input of the application's action. */
function fieldsOf({ page, model, action }: Place): readonly Field[] {
  if (action.button) return action.button.own.fields
  return action.verb === 'update' ? formFields(model, writableBy(page, model), 'update') : []
}

function inputFor(
  { model, action }: Place,
  fields: readonly Field[],
  typed: Texts,
  meant: ReadonlySet<string>,
): unknown {
  if (action.button) return inputOf(action.button.own, typed)
  if (action.verb !== 'update') return null
  const values = fields
    .filter(({ name }) => meant.has(name))
    .map((field) => [field.name, submittedText(fieldOf(model, field.name) ?? field, typed[field.name] ?? '')])
  return { values: Object.fromEntries(values) }
}

function nothingMeant(): AdminError {
  return new AdminError('invalid-input', 'Tick at least one field that is to be changed.')
}

async function done(
  place: Place,
  result: WrittenSeveral | OwnResult,
  event: EventReference | null,
): Promise<Response> {
  const { page, action, path } = place
  const own: OwnResult = 'matched' in result ? { message: messageOf(place, result) } : result
  if (own.file) return fileResponse(page, own.file)
  const isShown = event !== null && isPossible(page, 'castellan.audit.read')
  const link =
    own.link ?? (isShown ? { label: 'See it in the audit log', path: `/audit/${event.id}` } : undefined)
  const to = own.redirect ? pathOf(own.redirect) : path
  return page.c.redirect(page.url(saying(page, to, { ...own, ...(link && { link }) }, action.label)), 303)
}

const DONE: Readonly<Record<string, string>> = {
  update: 'changed',
  delete: 'deleted',
  restore: 'restored',
  purge: 'deleted for good',
}

function messageOf({ page, model, action }: Place, { matched, affected }: WrittenSeveral): string {
  const many = page.format.plural(affected, model.label.toLowerCase(), model.labelPlural.toLowerCase())
  const same = matched - affected
  const rest =
    same > 0 ? ` ${page.format.number(same)} ${same === 1 ? 'was' : 'were'} like that already.` : ''
  return `${many} ${DONE[action.verb] ?? 'done'}.${rest}`
}

interface Typed {
  readonly fields: readonly Field[]
  readonly typed: Texts
  readonly meant: ReadonlySet<string>
  readonly form: Form
}

async function renderRefusal(
  place: Place,
  error: unknown,
  { fields, typed, meant, form }: Typed,
): Promise<Response> {
  if (error instanceof Unreasoned && error.plan) return renderReason(place, error, error.plan, form)
  // what is gone meanwhile is said beside what was chosen
  const refusal = error instanceof AdminError && error.code === 'not-found' ? error : shownRefusal(error)
  const isOfForm = refusal.code === 'invalid-input' && fields.length > 0
  if (isOfForm) return renderFields(place, fields, typed, meant, refusal)
  const again = refusal.code === 'conflict' && place.selection.kind === 'matching' ? await anew(place) : null
  return render(
    place.page,
    <BulkRefusedPage
      {...asked(place)}
      page={place.page}
      refusal={refusal}
      trail={place.trail}
      again={again}
    />,
    statusOf(refusal),
  )
}

/** Those that match now, to go on with. */
async function anew(
  place: Place,
): Promise<{ readonly count: number; readonly fields: URLSearchParams } | null> {
  const { page, model, action } = place
  const { token, count } = await scopeOf(page, model, action, place)
  if (count === 0) return null
  const fields = new URLSearchParams(place.fields)
  fields.set('_scope', token)
  return { count, fields }
}

/** The plan, with the reason or ticket that it takes. */
function renderReason(place: Place, refusal: Unreasoned, plan: Plan, form: Form): Promise<Response> {
  const { page } = place
  const problems = refusal.fields ?? {}
  const fields = new URLSearchParams(place.fields)
  fields.set('_plan', JSON.stringify(plan))
  const isFirst = form.evidence.reason === undefined && form.evidence.ticket === undefined
  const names = (['reason', 'ticket'] as const).filter((name) => name in problems || fields.has(`_${name}`))
  return render(
    page,
    <ConfirmPage
      {...asked(place)}
      page={page}
      fields={fields}
      plan={plan}
      danger={place.action.isDangerous}
      errors={isFirst ? {} : problems}
      asks={names}
    />,
    isFirst ? 200 : statusOf(refusal),
  )
}

async function renderFields(
  place: Place,
  fields: readonly Field[],
  typed: Texts,
  meant: ReadonlySet<string>,
  refusal: AdminError | null,
): Promise<Response> {
  const { page, model, action } = place
  const shown = action.button ? formModel(model, action.button.own) : model
  const problems = refusal?.fields ?? {}
  const errors = refusal && Object.keys(problems).length === 0 ? { '': [refusal.message] } : problems
  const kept = new URLSearchParams(
    [...place.fields].filter(
      ([name]) => !name.startsWith(SET) && !fields.some((field) => field.name === name),
    ),
  )
  return render(
    page,
    <BulkFormPage
      {...asked(place)}
      page={page}
      model={shown}
      trail={place.trail}
      fields={kept}
      description={action.button?.own.description ?? null}
      rows={formRows(fields, typed, errors, [])}
      pickers={await pickersFor(page, shown, fields, null)}
      errors={errors}
      meant={action.button ? null : meant}
      setName={(name) => `${SET}${name}`}
    />,
    refusal ? statusOf(refusal) : 200,
  )
}
