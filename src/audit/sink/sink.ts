/** A place where events go, as whoever delivers sees it. */

import type { LeavingEvent } from '../format/leaving.ts'

export interface Sink {
  readonly name: string
  /**
   * Resolves when all of them are where they belong, in their order. What was sent before a failure is sent again.
   * @throws whatever kept it from that.
   */
  send(events: readonly LeavingEvent[], signal: AbortSignal): Promise<void>
}
