/**
 * Between a form and an input of the gate: what was shown, what came back, and
 * what of it is a change.
 *
 * A form carries what it showed in `_original`. Only fields that differ from it
 * are submitted to the gate: a line break the browser rewrote, or a microsecond
 * that no input takes, is therefore never written back. The same text tells,
 * when someone else was faster, what each of the two changed.
 */

import { hasMembers } from '../../../model/members.ts'
import type { Field, Model, Value, Values } from '../../../model/model.ts'
import { fieldOf } from '../../../model/model.ts'
import { byteCount } from '../../../model/text.ts'
import { ALONG } from '../../form.ts'
import { BOXES, tickedList } from '../fields/list-text.ts'
import { comparable, inputText, submittedText, widgetOf, withPlainLines } from '../fields/widget.ts'
import type { FormField } from '../fields/widget-props.ts'

/** Names that a form uses for itself; a field of that name can't be edited on a page. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  '_csrf',
  '_version',
  '_reason',
  '_ticket',
  '_confirmation',
  '_code',
  '_original',
  '_then',
])

/** Texts by field name, as inputs hold them. */
export type Texts = Readonly<Record<string, string>>

/**
 * The fields a form offers, in the model's order. A key names its record and
 * stays as it is; on a new one it is asked for only where the source makes none.
 */
export function formFields(
  model: Model,
  writable: readonly string[],
  mode: 'create' | 'update',
): readonly Field[] {
  const names = new Set(writable)
  const key = new Set(model.key ?? [])
  return model.fields.filter((field) => {
    if (!names.has(field.name) || !isEditable(field)) return false
    return !key.has(field.name) || (mode === 'create' && !field.hasDefault)
  })
}

function isEditable(field: Field): boolean {
  if (field.hidden || field.generated || field.readonly) return false
  if (OWN_NAMES.has(field.name) || field.name.startsWith(ALONG)) return false
  return field.type !== 'opaque' && field.element?.type !== 'opaque'
}

/** The texts that a form starts with. */
export function textsOf(fields: readonly Field[], values: Values): Texts {
  return Object.fromEntries(
    fields
      .filter((field) => field.sensitivity !== 'secret' && field.type !== 'bytes' && field.name in values)
      .map((field) => [field.name, inputText(field, values[field.name] ?? null)]),
  )
}

/** The texts that an empty form starts with: what the address asks for, else what the application does, else literal defaults. */
export function startingTexts(fields: readonly Field[], asked: URLSearchParams, wanted: Values = {}): Texts {
  return Object.fromEntries(
    fields
      .map((field): [string, string] => [
        field.name,
        asked.get(field.name) ?? startingText(field, wanted[field.name] ?? defaultOf(field)),
      ])
      .filter(([, text]) => text !== ''),
  )
}

/** A file that the source or the application begins with is theirs to put in. */
function startingText(field: Field, value: Value): string {
  return field.type === 'bytes' ? '' : inputText(field, value)
}

function defaultOf(field: Field): Value {
  return field.sensitivity === 'secret' ? null : field.defaultValue
}

/** What came back for each field that the form offered. */
export function typedTexts(fields: readonly Field[], typed: Readonly<Record<string, string>>): Texts {
  return Object.fromEntries(
    fields
      .map((field): [string, string | undefined] => {
        const text = typed[field.name]
        return [field.name, text === BOXES && hasMembers(field) ? tickedList(field, typed) : text]
      })
      .filter((pair): pair is [string, string] => pair[1] !== undefined)
      .map(([name, text]) => [name, withPlainLines(text)]),
  )
}

/** What the form says in `_original` that it had shown; empty when it says nothing readable. */
export function originalTexts(json: string | null): Texts {
  const parsed = parsedJson(json ?? '')
  if (typeof parsed !== 'object' || parsed === null) return {}
  return Object.fromEntries(
    Object.entries(parsed).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}

/** The input of `update`: the fields whose text differs from what was shown. */
export function changedValues(
  model: Model,
  typed: Texts,
  original: Texts,
): Readonly<Record<string, string | null>> {
  return values(model, typed, (field, text) => {
    if (isKept(field, text, original)) return false
    return !isSameText(field, text, original[field.name])
  })
}

/** The input of `create`: what was typed. An empty input leaves it to the source, or to the gate to ask for it. */
export function newValues(model: Model, typed: Texts): Readonly<Record<string, string | null>> {
  return values(model, typed, (_, text) => text !== '')
}

function values(
  model: Model,
  typed: Texts,
  isMeant: (field: Field, text: string) => boolean,
): Readonly<Record<string, string | null>> {
  const result: Record<string, string | null> = {}
  for (const [name, text] of Object.entries(typed)) {
    const field = fieldOf(model, name)
    if (field && isMeant(field, text)) result[name] = submittedText(field, text)
  }
  return result
}

/** A secret, a file or a masked value that was never shown stays as it is when nothing was typed over it. */
function isKept(field: Field, text: string, original: Texts): boolean {
  return text === '' && !(field.name in original)
}

function isSameText(field: Field, text: string, original: string | undefined): boolean {
  return original !== undefined && comparable(field, text) === comparable(field, original)
}

/** One field that two people changed at once. */
export interface Clash {
  readonly field: Field
  readonly original: string
  readonly yours: string
  readonly theirs: string
}

export interface Conflict {
  /** Both changed it, to different things. */
  readonly clashes: readonly Clash[]
  /** Only you changed it. */
  readonly yours: readonly Clash[]
  /** Only they changed it; your save leaves it alone. */
  readonly theirs: readonly Clash[]
}

/** Compares what was shown, what you typed and what is there now. */
export function conflictOf(
  fields: readonly Field[],
  typed: Texts,
  original: Texts,
  current: Texts,
): Conflict {
  const all = fields
    .filter(
      (field) =>
        isFile(field, typed) || (field.name in typed && field.name in current && field.name in original),
    )
    .map(
      (field): Clash => ({
        field,
        original: original[field.name] ?? '',
        yours: typed[field.name] ?? '',
        theirs: current[field.name] ?? '',
      }),
    )
  const isYours = (one: Clash): boolean => !isSameText(one.field, one.yours, one.original)
  const isTheirs = (one: Clash): boolean => !isSameText(one.field, one.theirs, one.original)
  const isAgreed = (one: Clash): boolean => isSameText(one.field, one.yours, one.theirs)
  return {
    clashes: all.filter((one) => isYours(one) && isTheirs(one) && !isAgreed(one)),
    yours: all.filter((one) => isYours(one) && !isTheirs(one)),
    theirs: all.filter((one) => !isYours(one) && isTheirs(one)),
  }
}

/** A file that was chosen is to be written, whatever was there. */
function isFile({ type, name }: Field, typed: Texts): boolean {
  return type === 'bytes' && (typed[name] ?? '') !== ''
}

/** The rows of a form: each field with its text, its errors and whether a value is kept from view. */
export function formRows(
  fields: readonly Field[],
  texts: Texts,
  errors: Readonly<Record<string, readonly string[]>>,
  masked: readonly string[],
  values: Values = {},
): readonly FormField[] {
  return fields.map((field) => {
    const stored = values[field.name]
    return {
      field,
      text: texts[field.name] ?? '',
      errors: errors[field.name] ?? [],
      isMasked: masked.includes(field.name),
      ...(stored instanceof Uint8Array && { stored: byteCount(stored) }),
    }
  })
}

export interface RowSet {
  readonly title: string
  readonly rows: readonly FormField[]
}

/** The cards of a form: those that the application wants, as far as they have any row, and one for the rest. */
export function fieldsetsOf(
  model: Model,
  verb: 'create' | 'update',
  rows: readonly FormField[],
): readonly RowSet[] {
  const wanted = model.refined?.[verb].fieldsets ?? []
  const sets = wanted.map(({ title, fields }) => ({
    title,
    rows: fields.flatMap((name) => rows.find(({ field }) => field.name === name) ?? []),
  }))
  const named = new Set(wanted.flatMap(({ fields }) => fields))
  const rest = {
    title: wanted.length > 0 ? 'More' : 'Details',
    rows: rows.filter(({ field }) => !named.has(field.name)),
  }
  return [...sets, rest].filter((set) => set.rows.length > 0 || (set === rest && rows.length === 0))
}

/** Whether the field takes the whole width of its card. */
export function isWide(model: Model, row: FormField): boolean {
  const widget = widgetOf(model, row.field, row.text)
  return widget === 'long-text' || widget === 'json'
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
