/** How the list of a model is sorted that nobody has described. */

import { singular, wordsOf } from './label.ts'
import { type Field, fieldOf, type Model, type Sort } from './model.ts'
import { isOpen } from './shown.ts'

/** Names of the moment at which a record came to be, best first; `*` stands for the model's own name. */
const WHEN: readonly string[] = [
  'placed at',
  'ordered at',
  'created at',
  'created',
  'created on',
  'creation date',
  'create date',
  'created date',
  'date created',
  'date added',
  'placed on',
  '* date',
  '* time',
  '* at',
  '* on',
  'order date',
  'invoice date',
  'payment date',
  'rental date',
  'transaction date',
  'published at',
  'published on',
  'posted at',
  'occurred at',
  'logged at',
  'received at',
  'requested at',
  'submitted at',
  'issued at',
  'paid at',
  'sent at',
  'inserted at',
  'added at',
  'uploaded at',
  'registered at',
  'registration date',
  'joined at',
  'date joined',
  'timestamp',
  'date',
  'at',
]

/**
 * Newest first, or else by name, where that costs no scan; else by key.
 * @param isSmall Whether the records are so few that they are sorted without an index in no time.
 */
export function guessSort(model: Model, isSmall: boolean): readonly Sort[] {
  const moments = momentsOf(model)
  const newest = moments.find((name) => isSmall || isIndexed(model, name))
  if (newest !== undefined) return [{ field: newest, direction: 'desc' }]
  const { title, key } = model
  const isNamed = title.length > 0 && title.every((name) => fieldOf(model, name)?.type === 'text')
  if (isSmall && isNamed) return title.map((field) => ({ field, direction: 'asc' }))
  // what the database numbers grows with time
  const direction = moments.length > 0 && isNumbered(model) ? 'desc' : 'asc'
  return key?.map((field) => ({ field, direction })) ?? []
}

/** The fields that tell when a record came to be, best first. */
function momentsOf(model: Model): readonly string[] {
  const own = wordsOf(singular(model.table)).join(' ')
  const moments = new Map(model.fields.filter(isMoment).map(({ name }) => [wordsOf(name).join(' '), name]))
  return WHEN.flatMap((phrase) => moments.get(phrase.replace('*', own)) ?? [])
}

function isNumbered({ key, fields }: Model): boolean {
  const [name, ...more] = key ?? []
  const field = fields.find((one) => one.name === name)
  const isNumber = field?.type === 'int' || field?.type === 'bigint'
  return more.length === 0 && isNumber && field.hasDefault
}

function isMoment(field: Field): boolean {
  const isTime = field.type === 'date' || field.type === 'timestamp' || field.type === 'timestamptz'
  return isTime && isOpen(field)
}

function isIndexed(model: Model, name: string): boolean {
  return model.indexes.some(
    ({ method = 'order', partial, fields }) => method === 'order' && !partial && fields[0] === name,
  )
}
