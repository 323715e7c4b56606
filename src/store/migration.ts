/** One step of the store's schema: it runs once, whole, in a write transaction. */

import type { Connection } from '../database/database.ts'

export interface Migration {
  /** `0001-foundation`: the number gives the order. A published name keeps its meaning. */
  readonly name: string
  up(connection: Connection): Promise<void>
}
