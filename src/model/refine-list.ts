/** The options of lists, and what a record is called. */

import type { Field, ListOptions, Model, Sort } from './model.ts'
import { fieldOf, relationOf } from './model.ts'
import { fieldsOf, nameOf, near, type Refining, unqueried, unshown } from './refining.ts'

const UNFILTERED: ReadonlySet<Field['type']> = new Set(['bytes', 'opaque'])
const UNSORTED: ReadonlySet<Field['type']> = new Set(['bytes', 'json', 'opaque'])
const SEARCHED: ReadonlySet<Field['type']> = new Set(['text', 'enum', 'uuid', 'int', 'bigint'])

/** The model with its list as asked for; what was guessed loses the fields that were closed since. */
export function refineList(refining: Refining): Model {
  const { model, options } = refining
  const list = options.list ?? {}
  const guessed = open(refining)
  return {
    ...model,
    title: options.title === undefined ? guessed.title : titleOf(refining, options.title),
    list: {
      columns: list.columns ? columnsOf(refining, list.columns) : guessed.columns,
      filters: list.filters ? filtersOf(refining, list.filters) : guessed.filters,
      search: list.search
        ? list.search.filter((name, index) => isSearch(refining, name, index))
        : guessed.search,
      sort: list.sort ? sortOf(refining, list.sort) : guessed.sort,
      perPage: list.perPage ?? model.list.perPage,
      ...(list.allowScans !== undefined && { allowScans: scansOf(refining, list.allowScans) }),
    },
  }
}

/** What was guessed, as far as it still holds: a field that was opened can be filtered by, one that was closed is gone. */
function open({
  model,
  options,
}: Refining): Pick<Model, 'title'> & Omit<ListOptions, 'perPage' | 'allowScans'> {
  const isShown = (name: string): boolean => {
    const field = fieldOf(model, name)
    return field !== undefined && unqueried(field) === null
  }
  const opened = Object.keys(options.fields ?? {}).filter((name) => {
    const field = fieldOf(model, name)
    return field !== undefined && unfiltered(field) === null
  })
  return {
    title: model.title.filter(isShown),
    columns: model.list.columns.filter(isShown),
    filters: [...new Set([...model.list.filters.filter(isShown), ...opened])],
    search: model.list.search.filter((place) => place.includes('.') || isShown(place)),
    sort: model.list.sort.filter(({ field }) => isShown(field)),
  }
}

function titleOf(refining: Refining, title: string | readonly string[]): readonly string[] {
  return fieldsOf(refining, title, 'title', (field) =>
    UNSORTED.has(field.type) ? 'is too long for a name' : unqueried(field),
  ).map(nameOf)
}

function columnsOf(refining: Refining, names: readonly string[]): readonly string[] {
  return fieldsOf(refining, names, 'list.columns', unshown).map(nameOf)
}

function filtersOf(refining: Refining, names: readonly string[]): readonly string[] {
  return fieldsOf(refining, names, 'list.filters', unfiltered).map(nameOf)
}

function unfiltered(field: Field): string | null {
  return UNFILTERED.has(field.type) ? `is of the type ${field.type}, which has no filter` : unqueried(field)
}

function unsorted(field: Field): string | null {
  return UNSORTED.has(field.type) ? `is of the type ${field.type}, which has no order` : unqueried(field)
}

function scansOf(
  refining: Refining,
  allowed: boolean | readonly string[],
): NonNullable<ListOptions['allowScans']> {
  if (typeof allowed === 'boolean') return allowed
  return fieldsOf(refining, allowed, 'list.allowScans', unqueried).map(nameOf)
}

function isSearch(refining: Refining, place: string, index: number): boolean {
  const { model, models, report } = refining
  const [name = '', behind, ...more] = place.split('.')
  const path = `list.search[${index}]`
  if (behind === undefined) return isSearched(refining, model, name, path)
  const relation = relationOf(model, name)
  const target = relation && models.get(relation.target)
  if (!relation || !target || relation.kind !== 'one' || more.length > 0) {
    const known = model.relations.filter(({ kind }) => kind === 'one').map(nameOf)
    report('M306', path, `"${name}" is no relation of "${model.name}" to one record.`, near(name, known))
    return false
  }
  return isSearched(refining, target, behind, path)
}

function isSearched({ report }: Refining, model: Model, name: string, path: string): boolean {
  const field = fieldOf(model, name)
  if (!field) {
    report('M305', path, `"${model.name}" has no field "${name}".`, near(name, model.fields.map(nameOf)))
    return false
  }
  const why = SEARCHED.has(field.type) ? unqueried(field) : `is of the type ${field.type}, which has no words`
  if (why !== null) report('M309', path, `"${name}" ${why}.`, 'Leave it out, or change the field.')
  return why === null
}

function sortOf(refining: Refining, sort: readonly string[]): readonly Sort[] {
  const directed = sort.map((text) => ({
    name: text.replace(/^-/, ''),
    direction: text.startsWith('-') ? ('desc' as const) : ('asc' as const),
  }))
  const found = fieldsOf(refining, directed.map(nameOf), 'list.sort', unsorted)
  return directed.flatMap(({ name, direction }) =>
    found.some((field) => field.name === name) ? [{ field: name, direction }] : [],
  )
}
