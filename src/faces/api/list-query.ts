/** The parameters of a list, as `ListInput`: what cannot be taken is named, never ignored. */

import { AdminError } from '../../errors.ts'
import type { ListInput } from '../../gate/records.ts'
import { parseFilters, parseSort } from '../../model/filter.ts'
import type { Askable } from '../../model/filter-place.ts'
import { fieldOf, type Model, type Sort } from '../../model/model.ts'
import { parseValue } from '../../model/parse.ts'

/** No answer holds more records, whatever `limit` says. */
export const MAX_LIMIT = 200
const DEFAULT_LIMIT = 50

const PARAMETERS = [
  'filter',
  'search',
  'sort',
  'fields',
  'limit',
  'cursor',
  'page',
  'at',
  'count',
  'trash',
  'scope',
]

/** `estimated` is answered by a capped count where no estimate may be given; the kind of the count says so. */
const COUNTS: Readonly<Record<string, ListInput['count']>> = {
  none: 'none',
  estimated: 'estimated',
  capped: 'capped',
  exact: 'exact',
}
const PAGES: Readonly<Record<string, 'first' | 'last'>> = { first: 'first', last: 'last' }
const TRASH: Readonly<Record<string, ListInput['trash']>> = { without: 'without', only: 'only' }

/**
 * @param askable What this principal may filter and sort by, as the gate says.
 * @throws AdminError `invalid-input` at the parameter or at the field's name.
 */
export function readListQuery(model: Model, query: URLSearchParams, askable: Askable): ListInput {
  const unknown = [...query.keys()].filter((name) => !PARAMETERS.includes(name))
  if (unknown.length > 0) {
    throw refused(unknown, `is not a parameter; there are ${PARAMETERS.join(', ')}`)
  }
  const sort = parseSort(model, query.get('sort') ?? '', askable.queryable(model.name))
  const scope = query.get('scope')
  return {
    ...(scope !== null && { scope }),
    filters: parseFilters(model, query.getAll('filter'), askable),
    search: query.get('search'),
    sort,
    fields: query.get('fields')?.split(',').filter(Boolean) ?? null,
    limit: readLimit(query.get('limit')),
    cursor: query.get('cursor'),
    start: readStart(model, query, sort),
    count: oneOf(COUNTS, 'count', query.get('count') ?? 'none'),
    trash: oneOf(TRASH, 'trash', query.get('trash') ?? 'without'),
  }
}

/** `page=last`, or `at`: a value of the first field that is sorted by. One of them, and no cursor beside it. */
function readStart(
  model: Model,
  query: URLSearchParams,
  [lead]: readonly Sort[],
): NonNullable<ListInput['start']> | null {
  const places = ['cursor', 'page', 'at'].filter((name) => query.has(name))
  if (places.length > 1) throw refused(places, 'can not go together: each says where the page begins')
  const page = oneOf(PAGES, 'page', query.get('page') ?? 'first')
  const at = query.get('at')
  if (at === null) return page === 'last' ? 'last' : null
  const field = lead && fieldOf(model, lead.field)
  if (!field) throw refused(['at'], 'needs "sort": it is a value of the first field that is sorted by')
  const parsed = parseValue(field, at)
  if (!parsed.ok) throw refused(['at'], parsed.problem)
  if (parsed.value === null) throw refused(['at'], 'needs a value')
  return { at: parsed.value }
}

function readLimit(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT
  if (!/^[1-9]\d{0,8}$/.test(text)) throw refused(['limit'], `must be a whole number from 1 to ${MAX_LIMIT}`)
  return Math.min(Number(text), MAX_LIMIT)
}

function oneOf<Choice>(choices: Readonly<Record<string, Choice>>, name: string, text: string): Choice {
  const found = Object.hasOwn(choices, text) ? choices[text] : undefined
  if (found === undefined) throw refused([name], `must be one of ${Object.keys(choices).join(', ')}`)
  return found
}

function refused(names: readonly string[], problem: string): AdminError {
  return new AdminError('invalid-input', `The query is refused: check ${names.join(', ')}.`, {
    fields: Object.fromEntries(names.map((name) => [name, [problem]])),
  })
}
