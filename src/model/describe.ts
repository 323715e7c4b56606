/**
 * Sensible defaults for a model that nobody has described: what its records are
 * called, which columns a list shows, what search looks through, how it is sorted.
 *
 * Guesses from names and types alone; every one can be overridden.
 */

import { guessColumns } from './columns.ts'
import { wordsOf } from './label.ts'
import { type Field, type ListOptions, type Model, relationThrough, type SoftDelete } from './model.ts'
import { guessSearch, searchAcross } from './search.ts'
import { isOpen, nameOf } from './shown.ts'
import { guessSort } from './sort.ts'
import { guessTitle } from './title.ts'

const PER_PAGE = 50

const DELETED_FLAGS: ReadonlySet<string> = new Set(['is deleted', 'deleted'])
const DELETED_INSTANTS: ReadonlySet<string> = new Set(['deleted at', 'deleted on'])

/**
 * The models with everything that is guessed: each guess builds on others, so
 * titles come after relations and searches after every title.
 * @param small Names of models of so few records that they are sorted without an index in no time.
 */
export function describe(models: readonly Model[], small: ReadonlySet<string>): readonly Model[] {
  const titled = models.map((model) => {
    const linked = linkLabelled(marked(model))
    const called = { ...linked, title: guessTitle(linked) }
    return { ...called, list: guessList(called, small.has(model.name)) }
  })
  const byName = new Map(titled.map((model) => [model.name, model]))
  return titled.map((model) => ({ ...model, list: { ...model.list, search: searchAcross(model, byName) } }))
}

/** Columns, filters, search and sort of a list. */
export function guessList(model: Model, isSmall: boolean): ListOptions {
  const sort = guessSort(model, isSmall)
  return {
    columns: guessColumns(model, sort),
    filters: model.fields.filter(isFilterable).map(nameOf),
    search: guessSearch(model),
    sort,
    perPage: PER_PAGE,
  }
}

/** A field that only leads to another record is called after it: "Customer", not "Customer ID". */
export function linkLabelled(model: Model): Model {
  const fields = model.fields.map((field) => {
    const link = relationThrough(model, field.name)
    return link && !model.key?.includes(field.name) ? { ...field, label: link.label } : field
  })
  return { ...model, fields }
}

/** `is_deleted` as a flag, or `deleted_at` as an instant that may be empty. */
export function guessSoftDelete(model: Model): SoftDelete | null {
  for (const field of model.fields) {
    const name = wordsOf(field.name).join(' ')
    if (field.generated) continue
    if (field.type === 'bool' && DELETED_FLAGS.has(name)) return { field: field.name, kind: 'flag' }
    const isInstant = field.type === 'timestamp' || field.type === 'timestamptz'
    if (isInstant && field.nullable && DELETED_INSTANTS.has(name))
      return { field: field.name, kind: 'instant' }
  }
  return null
}

/** The mark is set and taken by `delete` and `restore`, which are rights of their own. */
function marked(model: Model): Model {
  const softDelete = model.softDelete ?? guessSoftDelete(model)
  const fields = model.fields.map((field) =>
    field.name === softDelete?.field ? { ...field, readonly: true } : field,
  )
  return { ...model, softDelete, fields }
}

/** JSON is asked about by a path into it. */
function isFilterable(field: Field): boolean {
  return isOpen(field) && !['bytes', 'opaque'].includes(field.type)
}
