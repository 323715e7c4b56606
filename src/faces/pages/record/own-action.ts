/** What the pages of an application's action work out before anything is drawn. Pure, but for the gate's own answers. */

import type { Action } from '../../../gate/action.ts'
import type { OwnFace } from '../../../gate/own-action.ts'
import type { RecordRead } from '../../../gate/records.ts'
import { hookContext } from '../../../gate/told.ts'
import type { Field, Model } from '../../../model/model.ts'
import { parseValue } from '../../../model/parse.ts'
import { type IconName, iconOr } from '../components/icon-names.ts'
import { isPossible, type PageContext, principalOf } from '../context.ts'
import { submittedText } from '../fields/widget.ts'
import type { Texts } from './form.ts'
import { modelPath, recordPath } from './paths.ts'

/** An action of the application, as pages see it. */
export interface OwnButton {
  readonly action: Action
  readonly own: OwnFace
  /** Where its form is, and where that is sent. */
  readonly path: string
  readonly icon: IconName | undefined
}

/** Those of one record that its reader may run on it, in the order they were declared. */
export function recordButtons(
  page: PageContext,
  model: Model,
  { record, verbs }: RecordRead,
): readonly OwnButton[] {
  const { key } = record
  if (key === null) return []
  return buttonsOf(page, model, 'record', `${recordPath(model.name, key)}/actions`).filter(({ action }) =>
    verbs.includes(action.verb),
  )
}

/** Those of the model as a whole that whoever asks could run. */
export function modelButtons(page: PageContext, model: Model): Promise<readonly OwnButton[]> {
  return offeredButtons(page, model, 'model', `${modelPath(model.name)}/~actions`)
}

/** Those on several records that whoever asks could run on some. */
export function severalButtons(page: PageContext, model: Model): Promise<readonly OwnButton[]> {
  return offeredButtons(page, model, 'records', `${modelPath(model.name)}/~bulk`)
}

async function offeredButtons(
  page: PageContext,
  model: Model,
  on: Action['on'],
  path: string,
): Promise<readonly OwnButton[]> {
  const possible = buttonsOf(page, model, on, path).filter(({ action }) =>
    isPossible(page, `${model.name}.${action.verb}`),
  )
  const { house, c } = page
  const told = { ...hookContext(model.name, principalOf(page), c.get('origin'), house.clock()), target: null }
  const offered = await Promise.all(
    possible.map(async (button) => ((await button.own.isAccessible(told)) ? [button] : [])),
  )
  return offered.flat()
}

function buttonsOf(page: PageContext, model: Model, on: Action['on'], path: string): readonly OwnButton[] {
  return page.house.gate.actionsOf(model.name).flatMap((action): OwnButton[] => {
    const { own } = action
    if (!own || action.on !== on) return []
    const icon = own.icon === null ? undefined : iconOr(own.icon, 'chevron-right')
    return [{ action, own, path: `${path}/${action.verb}`, icon }]
  })
}

/** The form's fields as those of a model, for the widgets. */
export function formModel(model: Model, { fields, relations }: OwnFace): Model {
  return { ...model, fields, relations, key: null, title: [] }
}

/** What is sent to the gate for what was typed. What can't be read is sent as it is, for the schema to refuse. */
export function inputOf({ fields, nulls }: OwnFace, typed: Texts): Readonly<Record<string, unknown>> {
  const input: Record<string, unknown> = {}
  for (const field of fields) {
    const text = typed[field.name]
    if (text === undefined) continue
    if (text !== '') input[field.name] = typedValue(field, text)
    else if (nulls.includes(field.name)) input[field.name] = null
  }
  return input
}

function typedValue(field: Field, text: string): unknown {
  if (field.type === 'text' || field.type === 'enum') return text
  if (field.type === 'json') return jsonOrText(text)
  const parsed = parseValue(field, submittedText(field, text))
  return parsed.ok ? parsed.value : text
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
