/** How much one list may be asked: what costs a database is bounded before it is sent. */

export const FILTER_LIMITS = {
  /** Conditions in all filters of one list. */
  conditions: 30,
  /** Groups within groups. */
  depth: 4,
  /** Conditions over related records: each is a look-up. */
  hops: 6,
  /** Conditions over a path into JSON: none is served by an index. */
  paths: 4,
  /** Values of one `in`. */
  members: 200,
  /** Characters of a text that is searched for. */
  search: 200,
  /** Characters of one filter as text. */
  text: 4000,
  /** Steps of a path into JSON, and characters of one. */
  steps: 8,
  step: 100,
} as const

/** What filters ask in all. */
export interface FilterCost {
  readonly conditions: number
  readonly depth: number
  readonly hops: number
  readonly paths: number
}

/** What exceeds its limit, as the end of a sentence; null: nothing does. */
export function overLimit(cost: FilterCost): string | null {
  const { conditions, depth, hops, paths } = FILTER_LIMITS
  if (cost.conditions > conditions) return `hold more than ${conditions} conditions`
  if (cost.depth > depth) return `nest deeper than ${depth} groups`
  if (cost.hops > hops) return `ask of related records more than ${hops} times`
  return cost.paths > paths ? `look into JSON more than ${paths} times` : null
}
