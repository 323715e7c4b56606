/** What undoing answers. */

/** `….revert`. */
export interface Reverted {
  /** How many records were put back. */
  readonly undone: number
  /** How many had changed since, and were left as they are. */
  readonly left: number
  /** How many could not be put back. */
  readonly impossible: number
}
