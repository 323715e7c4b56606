/**
 * A change of which nobody knows whether it stands: the connection was lost
 * after the commit was sent and before it was answered. Apart from every other
 * failure, after which nothing was changed.
 */

import { AdminError } from '../errors.ts'

const unknown = new WeakSet<Error>()

/** The error of a commit that was never answered. */
export function outcomeUnknown(label: string, cause: unknown): AdminError {
  const error = new AdminError(
    'data-source-failed',
    `The connection to ${label} was lost while the change was being committed: it is not known whether it was made. Look at the record before you try again.`,
    { cause },
  )
  unknown.add(error)
  return error
}

/** Whether the change may stand although it failed. */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof Error && unknown.has(error)
}
