/**
 * The address of a list, read and written: `?q=…&sort=-placed_at&f=status:eq:unpaid&cursor=…&per=50`; in place of
 * the cursor `page=last`, or `at=2026-11-01` for the page that begins there.
 *
 * Everything a list shows is in its address, so that back, bookmarks and links
 * work. Nothing here is trusted or refused: what the gate will not take becomes
 * a removable chip on the page, never an error.
 */

import type { ListInput } from '../../../gate/records.ts'
import type { Filter } from '../../../model/filter.ts'
import { fieldOf, type Model, type Sort } from '../../../model/model.ts'
import { type Parsed, parseValue } from '../../../model/parse.ts'
import { defaultSort, isSortServed, scanSentence, scansOf } from '../../../model/scan.ts'

/** How many records a page may be asked to hold; without asking, the model's own `perPage` holds. */
export const PAGE_SIZES: readonly number[] = [25, 50, 100, 200]

const MAX_START = 200

/** More filters than this are not even looked at; fewer are enough to be told that they are too many. */
const MAX_FILTERS = 60

export interface ListAddress {
  readonly search: string
  /** As written, `field:operator:value`; parsed when the model is at hand. */
  readonly filters: readonly string[]
  readonly sort: readonly Sort[]
  readonly cursor: string | null
  /** Where the list begins when no cursor says so: with its last page, or at a value of the first field it is sorted by. */
  readonly start: 'last' | { readonly at: string } | null
  /** Null: as the model says. */
  readonly per: number | null
}

/** Reads the query string of a list. */
export function readListAddress(query: URLSearchParams): ListAddress {
  const per = Number(query.get('per') ?? Number.NaN)
  return {
    search: (query.get('q') ?? '').trim(),
    filters: query
      .getAll('f')
      .filter((text) => text !== '')
      .slice(0, MAX_FILTERS),
    sort: readSort(query.get('sort') ?? ''),
    cursor: query.get('cursor') || null,
    start: readStart(query),
    per: PAGE_SIZES.includes(per) ? per : null,
  }
}

function readStart(query: URLSearchParams): ListAddress['start'] {
  if (query.get('page') === 'last') return 'last'
  const at = query.get('at')?.trim().slice(0, MAX_START)
  return at ? { at } : null
}

/** Writes the address of a list; a change of anything but the place in it goes back to the first page. */
export function listAddress(path: string, address: ListAddress, change: Partial<ListAddress> = {}): string {
  const next = { ...address, cursor: null, start: null, ...change }
  const query = new URLSearchParams()
  if (next.search) query.set('q', next.search)
  for (const filter of next.filters) query.append('f', filter)
  if (next.sort.length > 0) query.set('sort', writeSort(next.sort))
  if (next.per !== null) query.set('per', String(next.per))
  if (next.cursor) query.set('cursor', next.cursor)
  else if (next.start === 'last') query.set('page', 'last')
  else if (next.start) query.set('at', next.start.at)
  const text = query.toString()
  return text ? `${path}?${text}` : path
}

/** `-placed_at,id`: a minus for descending. */
export function readSort(text: string): readonly Sort[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '-')
    .map((part) =>
      part.startsWith('-')
        ? { field: part.slice(1), direction: 'desc' as const }
        : { field: part, direction: 'asc' as const },
    )
}

export function writeSort(sort: readonly Sort[]): string {
  return sort.map((one) => (one.direction === 'desc' ? `-${one.field}` : one.field)).join(',')
}

/** The sort that a click on a column asks for: ascending first, then the other way. */
export function sortBy(current: readonly Sort[], field: string): readonly Sort[] {
  const [first] = current
  const isAscending = first?.field === field && first.direction === 'asc'
  return [{ field, direction: isAscending ? 'desc' : 'asc' }]
}

/** The sort in force: what the address asks for, as far as it may be asked and an index serves, else the model's own. */
export function sortInForce(
  model: Model,
  asked: readonly Sort[],
  queryable: readonly string[],
  filters: readonly Filter[] = [],
): readonly Sort[] {
  const allowed = allowedIn(asked, queryable)
  if (allowed.length > 0 && isSortServed(model, allowed, filters)) return allowed
  return defaultSort(model, filters, (field) => queryable.includes(field))
}

/** Why a list is not sorted as its address asks, continuing the field's name; null: it is. */
export function sortProblem(
  model: Model,
  asked: readonly Sort[],
  queryable: readonly string[],
  filters: readonly Filter[],
): { readonly field: string; readonly problem: string } | null {
  const allowed = allowedIn(asked, queryable)
  const [scan] = allowed.length > 0 ? scansOf(model, allowed, filters) : []
  if (!scan) return null
  return { field: scan.field, problem: scanSentence(scan, (field) => queryable.includes(field)) }
}

function allowedIn(asked: readonly Sort[], queryable: readonly string[]): readonly Sort[] {
  return asked.map((one) => meant(one, queryable)).filter((one) => queryable.includes(one.field))
}

/** A field may be called `-dash` itself: its text reads as the other direction of a field that is not there. */
function meant(sort: Sort, queryable: readonly string[]): Sort {
  const whole = `-${sort.field}`
  const isName = sort.direction === 'desc' && !queryable.includes(sort.field) && queryable.includes(whole)
  return isName ? { field: whole, direction: 'asc' } : sort
}

/** Where the list begins, as far as that can be: a value that the field can't have begins it at its start. */
export function startInForce(
  model: Model,
  { start }: Pick<ListAddress, 'start'>,
  sort: readonly Sort[],
): NonNullable<ListInput['start']> | null {
  if (start === null || model.key === null) return null
  if (start === 'last') return 'last'
  const value = startValue(model, start.at, sort)
  return value.ok && value.value !== null ? { at: value.value } : null
}

/** What is wrong with the value that a list was to begin at; null: nothing. */
export function startProblem(
  model: Model,
  { start }: Pick<ListAddress, 'start'>,
  sort: readonly Sort[],
): string | null {
  if (start === null || start === 'last') return null
  const value = startValue(model, start.at, sort)
  return value.ok ? null : value.problem
}

function startValue(model: Model, text: string, [lead]: readonly Sort[]): Parsed {
  const field = lead && fieldOf(model, lead.field)
  if (!field) return { ok: false, problem: 'needs a list that is sorted' }
  // a day begins with its first moment
  const isDay = field.type.startsWith('timestamp') && /^\d{4}-\d{2}-\d{2}$/.test(text)
  return parseValue(field, isDay ? `${text}T00:00` : text)
}
