/** The body of `POST /models/{model}/query`: the parameters of a list by name, and its filter as a tree. */

import { z } from 'zod'
import { AdminError } from '../../errors.ts'
import type { ListInput } from '../../gate/records.ts'
import { resolveFilters } from '../../model/filter.ts'
import type { Askable } from '../../model/filter-place.ts'
import { readFilterTree } from '../../model/filter-tree.ts'
import type { Model } from '../../model/model.ts'
import { readListQuery } from './list-query.ts'

const Parameter = z.union([z.string().max(10_000), z.number(), z.array(z.string().max(200)).max(500)])

export interface QueryBody {
  /** As it came; absent: no filter. */
  readonly filter?: unknown
  readonly [parameter: string]: unknown
}

export const QueryBody: z.ZodType<QueryBody> = z.record(z.string(), z.unknown())

/**
 * @param askable What this principal may filter by, as the gate says.
 * @throws AdminError `invalid-input` at the parameter, at the field's name, or at `filter`.
 */
export function readQueryBody(model: Model, { filter, ...others }: QueryBody, askable: Askable): ListInput {
  const input = readListQuery(model, parametersOf(others), askable)
  if (filter === undefined || filter === null) return input
  const read = readFilterTree(filter)
  if (!read.ok) throw refused('filter', read.problem)
  return { ...input, filters: resolveFilters(model, [read.filter], askable) }
}

/** As they would stand in an address, so that both are refused the same things in the same words. */
function parametersOf(members: Readonly<Record<string, unknown>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, member] of Object.entries(members)) {
    if (member === null) continue
    const value = Parameter.safeParse(member)
    if (!value.success) throw refused(name, 'must be a text, a number or a list of texts')
    query.set(name, Array.isArray(value.data) ? value.data.join(',') : String(value.data))
  }
  return query
}

function refused(name: string, problem: string): AdminError {
  return new AdminError('invalid-input', `The query is refused: check ${name}.`, {
    fields: Object.fromEntries([[name, [problem]]]),
  })
}
