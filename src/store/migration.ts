/** One step of the store's schema: it runs once, in a write transaction, with nobody else migrating. */

import type { Making } from './make-table.ts'

export interface Migration {
  /** `0001-foundation`: the number gives the order. A published name keeps its meaning. */
  readonly name: string
  /** Where the engine commits at every statement that makes something, it may be run again after it was cut off. */
  up(make: Making): Promise<void>
}
