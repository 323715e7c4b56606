/**
 * The data-source suite: what every engine must do alike.
 *
 * An adapter runs it from a test file of its own, with a way to open an empty
 * database. Needs `vitest` and `fast-check`.
 */

import { describe } from 'vitest'
import { changeTests } from './conformance-change.ts'
import { conditionTests } from './conformance-condition.ts'
import { listTests } from './conformance-list.ts'
import { severalTests } from './conformance-several.ts'
import { transactionTests } from './conformance-transaction.ts'
import type { OpenSource } from './conformance-world.ts'

export type { Kind, OpenedSource, OpenSource, Vocabulary } from './conformance-world.ts'

/** How often each list is made up anew. */
const RUNS = 40

/**
 * Declares the suite.
 * @param open Opens a new, empty database each time.
 * @param runs How often each property of lists is tried; 40 by default.
 */
export function describeDataSource(
  name: string,
  open: OpenSource,
  { runs = RUNS }: { readonly runs?: number } = {},
): void {
  describe(`${name}: lists`, () => listTests(open, runs))
  describe(`${name}: conditions`, () => conditionTests(open))
  describe(`${name}: changes`, () => changeTests(open))
  describe(`${name}: several at once`, () => severalTests(open))
  describe(`${name}: transactions`, () => transactionTests(open))
}
