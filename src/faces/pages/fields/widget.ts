/**
 * Which widget shows a field in a form, and the text it starts with.
 *
 * Pure: the widgets themselves are the `.tsx` files beside this one. A value
 * that a native input can't hold (a date that is none, a time with
 * microseconds) falls back to plain text, so that a form never loses what it
 * was given.
 */

import { canonicalDate, canonicalTime, canonicalTimestamp } from '../../../model/instant.ts'
import { hasMembers } from '../../../model/members.ts'
import type { Field, Model, Relation, Value } from '../../../model/model.ts'
import { relationThrough } from '../../../model/model.ts'
import { textOf } from '../../../model/text.ts'
import { REMOVED } from './file-text.ts'
import { isTicked, listText, typedList } from './list-text.ts'

export type Widget =
  | 'text'
  | 'long-text'
  | 'number'
  | 'boolean'
  | 'maybe-boolean'
  | 'radio'
  | 'select'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'relation'
  | 'json'
  /** A member on each line. */
  | 'lines'
  /** A checkbox for each label. */
  | 'boxes'
  | 'file'
  | 'secret'
  | 'email'
  | 'url'
  /** Shown as text with a lock; never submitted. */
  | 'fixed'

/** A text field this long, or without a limit and named like prose, gets several lines. */
const LONG_TEXT = 255
const MAX_RADIOS = 5

const PROSE = /(^|_)(note|notes|description|body|comment|comments|text|content|summary|bio|message|remarks?)$/
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/

/** The widget of a field that may be written, starting from that text. */
export function widgetOf(model: Model, field: Field, text: string): Widget {
  if (field.type === 'opaque' || field.element?.type === 'opaque') return 'fixed'
  if (field.type === 'bytes') return 'file'
  if (field.sensitivity === 'secret') return 'secret'
  if (hasMembers(field)) return isTicked(field, text) ? 'boxes' : 'lines'
  if (pickedRelation(model, field)) return 'relation'
  if (field.choices) return choiceWidget(field)
  // Without its line breaks a text would come back as another one.
  if (field.type !== 'json' && /[\r\n]/.test(text)) return 'long-text'
  return byName(field) ?? byType(field, text)
}

/** What a field is called: one that leads to a record by the record it leads to, "Customer" rather than "Customer ID". */
export function labelOf(model: Model, field: Field): string {
  const relation = relationThrough(model, field.name)
  const isOwn = model.refined?.labelled.has(field.name)
  return relation && !isOwn && /\bID$/i.test(field.label) ? relation.label : field.label
}

/** The one-field relation whose key the field holds: its widget picks a record, unless the application wants it typed. */
export function pickedRelation(model: Model, field: Field): Relation | undefined {
  const relation = relationThrough(model, field.name)
  return relation && model.refined?.unpicked.has(relation.name) ? undefined : relation
}

/**
 * The text a widget starts with. Instants lose their zone letter, which stands
 * beside the input, and digits beyond milliseconds, which no native input takes;
 * a field that was not touched is never submitted, so nothing is cut in the source.
 */
export function inputText(field: Field, value: Value): string {
  if (hasMembers(field)) return listText(field, value)
  const text = textOf(field, value) ?? ''
  if (field.type === 'timestamptz') return trimFraction(text.replace(/Z$/, ''))
  if (field.type === 'timestamp' || field.type === 'time') return trimFraction(text)
  return text
}

/** What the gate is handed for a text that a person submitted. */
export function submittedText(field: Field, text: string): string | null {
  const unified = withPlainLines(text)
  if ((unified === '' && field.nullable) || (field.type === 'bytes' && unified === REMOVED)) return null
  if (hasMembers(field)) return typedList(unified)
  if (field.type === 'timestamptz' && INSTANT.test(unified)) return `${unified}Z`
  return unified
}

/**
 * What makes two texts of an input the same, although the browser writes it its
 * own way: line breaks, spaces around an address, seconds that are zero.
 */
export function comparable(field: Field, text: string): string {
  const plain = withPlainLines(text)
  if (hasMembers(field)) return submittedText(field, text) ?? ''
  if (field.type === 'text') return byName(field) ? plain.trim() : plain
  if (field.type === 'time' || field.type === 'timestamp' || field.type === 'timestamptz') {
    return plain
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')
      .replace(/(\d\d:\d\d):00$/, '$1')
  }
  return plain
}

/** One kind of line break, whatever the browser made of it. */
export function withPlainLines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n')
}

/** Whether a form must bring a value: the source neither allows none nor fills it in. */
export function isRequired(field: Field): boolean {
  return !field.nullable && !field.hasDefault && field.type !== 'bool'
}

function choiceWidget(field: Field): Widget {
  if (field.widget === 'radio' || field.widget === 'select') return field.widget
  const count = (field.choices?.length ?? 0) + (field.nullable ? 1 : 0)
  return count <= MAX_RADIOS ? 'radio' : 'select'
}

function byName(field: Field): Widget | null {
  if (field.type !== 'text' || field.widget === 'text' || field.widget === 'long-text') return null
  if (field.widget === 'email' || /(^|_)e?_?mail(_address)?$/.test(field.name)) return 'email'
  if (field.widget === 'url' || /(^|_)(url|uri|website|homepage)$/.test(field.name)) return 'url'
  return null
}

function byType(field: Field, text: string): Widget {
  return WIDGETS[field.type]?.(field, text) ?? (isLong(field) ? 'long-text' : 'text')
}

/** What has no native input, or holds what that input would lose, is typed as text. */
const WIDGETS: Partial<Record<Field['type'], (field: Field, text: string) => Widget>> = {
  bool: booleanWidget,
  int: () => 'number',
  bigint: () => 'number',
  decimal: () => 'number',
  float: () => 'number',
  date: (_, text) => (text === '' || canonicalDate(text) !== null ? 'date' : 'text'),
  time: (_, text) => (text === '' || canonicalTime(text) !== null ? 'time' : 'text'),
  timestamp: instantWidget,
  timestamptz: instantWidget,
  json: () => 'json',
}

/** An empty checkbox would say no to what is neither. */
function booleanWidget({ nullable }: Field, text: string): Widget {
  if (nullable) return 'maybe-boolean'
  return text === '' || text === 'true' || text === 'false' ? 'boolean' : 'text'
}

function instantWidget(_: Field, text: string): Widget {
  const isHeld = INSTANT.test(text) && canonicalTimestamp(text, 'none') !== null
  return text === '' || isHeld ? 'timestamp' : 'text'
}

function isLong(field: Field): boolean {
  if (field.widget === 'long-text') return true
  if (field.widget === 'text' || field.type !== 'text') return false
  return (field.maxLength ?? 0) > LONG_TEXT || PROSE.test(field.name)
}

function trimFraction(text: string): string {
  return text.replace(/(\.\d{3})\d+$/, '$1').replace(/\.0+$/, '')
}
