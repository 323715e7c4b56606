/**
 * A condition that ends a statement of SQLite at a moment.
 *
 * `node:sqlite` can't interrupt a statement, but a function of ours that the
 * statement asks for each row can fail. It looks at the clock once in a while.
 */

import type { DatabaseSync } from 'node:sqlite'

/** `castellan_before(moment)`: 1, until that moment in milliseconds since the epoch has passed. */
export const BEFORE = 'castellan_before'

const MESSAGE = 'The moment that this statement had to end by has passed.'
const ROWS_BETWEEN_LOOKS = 256

export function withDeadlines(database: DatabaseSync): void {
  let rows = 0
  // not deterministic: SQLite would ask once for all rows
  database.function(BEFORE, { deterministic: false, directOnly: true }, (moment) => {
    rows += 1
    if (rows % ROWS_BETWEEN_LOOKS === 0 && Date.now() > Number(moment)) throw new Error(MESSAGE)
    return 1
  })
}

/** Whether a statement ended because of it, on whichever thread it ran. */
export function isPastDeadline(error: unknown): boolean {
  return error instanceof Error && error.message === MESSAGE
}
