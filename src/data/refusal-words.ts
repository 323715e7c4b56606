/** What is said of fields that a database refuses, the same whichever it is. */

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
