/** What is said of fields that a database refuses, the same whichever it is. */

import { AdminError } from '../errors.ts'
import type { Attempt } from './data-source.ts'

/** As far as any database tells who has it: a value is taken, whether or not its taker can be seen. */
const TAKEN = 'is already taken by another record'

/**
 * The problem of each field of a unique set: of several, none is wrong by itself.
 * @see docs/decisions/0030-links-and-children-are-calls-of-their-own.md
 */
export function takenProblem(names: readonly string[]): string {
  return names.length > 1 ? `${TAKEN}, in this combination` : TAKEN
}

/** Whether that is what was said. */
export function isTaken(problem: string): boolean {
  return problem.startsWith(TAKEN)
}

export const NOT_THERE = 'refers to a record that does not exist'

/** The refusal of an attempt at these fields; none: nobody knows which. */
export function refusedAt(
  attempt: Attempt,
  names: readonly string[],
  problem: string,
  cause: unknown,
): AdminError {
  const { label } = attempt.model
  if (names.length === 0) {
    return new AdminError('invalid-input', `${label}: something of it ${problem}.`, { cause })
  }
  return new AdminError('invalid-input', `${label}: check ${names.join(', ')}.`, {
    fields: Object.fromEntries(names.map((name) => [name, [problem]])),
    cause,
  })
}
