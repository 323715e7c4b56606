/**
 * Arrays and sets as the text that a form holds: a member on each line, or JSON
 * where a line would lose something; labels to tick are always JSON.
 *
 * Pure, and the same without scripts: what comes back is read here again.
 */

import {
  elementOf,
  hasMembers,
  isList,
  type Member,
  membersOf,
  wireMembersOf,
} from '../../../model/members.ts'
import type { Field, Value } from '../../../model/model.ts'
import { textOf } from '../../../model/text.ts'

/** What a group of checkboxes sends under the field's own name. */
export const BOXES = '~members'

/** The name of the checkbox of one label; of none: "No value". */
export function boxName(field: Pick<Field, 'name'>, label: string): string {
  return `${field.name}[${label}]`
}

/** Whether members are ticked rather than typed: those of a set, and of an array of few labels. */
export function isTicked(field: Field, text: string): boolean {
  if (!hasMembers(field) || !field.choices || elementOf(field).type !== 'enum') return false
  if (text === '') return true
  const labels = wireMembersOf(text)
  return labels !== null && (field.type === 'set' || isInOrder(field.choices, labels))
}

/** What is ticked gives back neither an order of its own, nor a label twice, nor NULL. */
function isInOrder(choices: NonNullable<Field['choices']>, labels: readonly unknown[]): boolean {
  const places = labels.map((label) => choices.findIndex(({ value }) => value === label))
  return places.every((place, index) => place >= 0 && place > (places[index - 1] ?? -1))
}

/** The text that a form begins with. */
export function listText(field: Field, value: Value): string {
  const text = textOf(field, value) ?? ''
  if (elementOf(field).type === 'enum' && field.choices) return text
  const members = membersOf(field, value)
  if (!members || members.length === 0) return text
  const lines = members.map((member) => lineOf(field, member))
  return lines.every((line) => line !== null) ? lines.join('\n') : text
}

/** Null: the member can't stand on a line. */
function lineOf(field: Field, member: Member): string | null {
  if (member === null || isList(member) || member instanceof Uint8Array) return null
  const text = textOf(elementOf(field), member) ?? ''
  const isPlain = text.trim() === text && text !== '' && !/[\r\n]/.test(text)
  return isPlain && !text.startsWith('[') ? text : null
}

/** The JSON of what was typed; a text that begins with a bracket is JSON already. */
export function typedList(text: string): string {
  const trimmed = text.trim()
  if (trimmed.startsWith('[')) return trimmed
  const lines = trimmed.split('\n').map((line) => line.trim())
  return JSON.stringify(lines.filter((line) => line !== ''))
}

/** What was ticked, as JSON in the order of the choices; empty for "No value". */
export function tickedList(field: Field, typed: Readonly<Record<string, string>>): string {
  const prefix = `${field.name}[`
  const names = Object.keys(typed).filter((name) => name.startsWith(prefix) && name.endsWith(']'))
  const ticked = names.map((name) => name.slice(prefix.length, -1)).filter((label) => label !== '')
  if (ticked.length === 0) return names.length > 0 ? '' : '[]'
  const order = (field.choices ?? []).map(({ value }) => value)
  const place = (label: string): number => {
    const index = order.indexOf(label)
    return index === -1 ? order.length : index
  }
  return JSON.stringify(ticked.toSorted((a, b) => place(a) - place(b)))
}
