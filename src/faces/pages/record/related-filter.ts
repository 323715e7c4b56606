/** Filters that lead from one record to those that belong to it. */

import { AdminError } from '../../../errors.ts'
import { type Filter, parseFilters } from '../../../model/filter.ts'
import type { Model } from '../../../model/model.ts'
import type { PageContext } from '../context.ts'
import { askableIn } from './model-at.ts'

/** Null where this principal may not filter the other side by what joins them. */
export function readableFilters(
  page: PageContext,
  target: Model,
  filters: readonly string[],
): readonly Filter[] | null {
  try {
    return parseFilters(target, filters, askableIn(page))
  } catch (error) {
    if (error instanceof AdminError) return null
    throw error
  }
}

export function filterQuery(filters: readonly string[]): string {
  return filters.map((filter) => `f=${encodeURIComponent(filter)}`).join('&')
}
