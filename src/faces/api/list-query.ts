/** The parameters of a list, as `ListInput`: what cannot be taken is named, never ignored. */

import { AdminError } from '../../errors.ts'
import type { ListInput } from '../../gate/records.ts'
import { parseFilters, parseSort } from '../../model/filter.ts'
import type { Model } from '../../model/model.ts'

/** No answer holds more records, whatever `limit` says. */
export const MAX_LIMIT = 200
const DEFAULT_LIMIT = 50

const PARAMETERS = ['filter', 'search', 'sort', 'fields', 'limit', 'cursor', 'count', 'trash']

/** `estimated` is answered by a capped count where the engine has no estimates; the kind of the count says so. */
const COUNTS: Readonly<Record<string, ListInput['count']>> = {
  none: 'none',
  estimated: 'capped',
  capped: 'capped',
  exact: 'exact',
}
const TRASH: Readonly<Record<string, ListInput['trash']>> = { without: 'without', only: 'only' }

/**
 * @param queryable What this principal may filter and sort by, as the gate says.
 * @throws AdminError `invalid-input` at the parameter or at the field's name.
 */
export function readListQuery(
  model: Model,
  query: URLSearchParams,
  queryable: ReadonlySet<string>,
): ListInput {
  const unknown = [...query.keys()].filter((name) => !PARAMETERS.includes(name))
  if (unknown.length > 0) {
    throw refused(unknown, `is not a parameter; there are ${PARAMETERS.join(', ')}`)
  }
  return {
    filters: parseFilters(model, query.getAll('filter'), queryable),
    search: query.get('search'),
    sort: parseSort(model, query.get('sort') ?? '', queryable),
    fields: query.get('fields')?.split(',').filter(Boolean) ?? null,
    limit: readLimit(query.get('limit')),
    cursor: query.get('cursor'),
    count: oneOf(COUNTS, 'count', query.get('count') ?? 'none'),
    trash: oneOf(TRASH, 'trash', query.get('trash') ?? 'without'),
  }
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
