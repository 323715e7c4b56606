/** What guesses about a field may build on: whether people may see it, and whether it fits where it would go. */

import { wordsOf } from './label.ts'
import { type Field, fieldOf, type Model } from './model.ts'

/** Texts that are never longer than this fit anywhere. */
const LONG_TEXT = 200
/** The limit of columns whose limit nobody thought about. */
const ORDINARY_LIMIT = 255

const LONG_NAMES: ReadonlySet<string> = new Set([
  'avatar',
  'bio',
  'biography',
  'body',
  'comment',
  'comments',
  'content',
  'description',
  'details',
  'excerpt',
  'html',
  'image',
  'instructions',
  'markdown',
  'message',
  'note',
  'notes',
  'payload',
  'photo',
  'picture',
  'raw',
  'remarks',
  'text',
])

export function nameOf(field: Field): string {
  return field.name
}

export function isOpen(field: Field): boolean {
  return !field.hidden && (field.sensitivity === 'public' || field.sensitivity === 'internal')
}

/** By its limit, or by its name where the limit leaves it open. */
export function isLong(field: Field): boolean {
  if (field.type !== 'text') return false
  if (field.maxLength !== null && field.maxLength <= LONG_TEXT) return false
  if (field.maxLength !== null && field.maxLength > ORDINARY_LIMIT) return true
  return LONG_NAMES.has(wordsOf(field.name).at(-1) ?? '')
}

export function isTitleLike(field: Field): boolean {
  return isOpen(field) && ['text', 'bigint', 'int', 'enum', 'uuid'].includes(field.type)
}

export function isTitleField(model: Model, name: string | undefined): boolean {
  const field = name === undefined ? undefined : fieldOf(model, name)
  return field !== undefined && isTitleLike(field)
}

export function isLink(model: Model, name: string): boolean {
  return model.relations.some(({ kind, from }) => kind === 'one' && from.includes(name))
}

/** A key calls its record by itself, and a foreign key calls another. */
export function isReference(model: Model, name: string | undefined): boolean {
  return name === undefined || model.key?.includes(name) === true || isLink(model, name)
}
