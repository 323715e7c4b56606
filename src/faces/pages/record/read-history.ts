/** The events of one record, as the action `history` answers them. */

import type { ComparedVersions, RecordHistory } from '../../../gate/recorded.ts'
import type { Model } from '../../../model/model.ts'
import { read } from '../ask.ts'
import type { PageContext } from '../context.ts'
import type { EventView } from '../security/event.ts'

export interface History {
  /** Newest first. */
  readonly events: readonly EventView[]
  readonly next: string | null
  readonly previous: string | null
  /** Where two versions were to be compared. */
  readonly compared: ComparedVersions | null
}

export async function readHistory(
  page: PageContext,
  model: Model,
  key: string,
  input: {
    readonly limit: number
    readonly cursor: string | null
    readonly compare?: { readonly from: string; readonly to: string | null } | null
  },
): Promise<History> {
  const found = await read<RecordHistory>(page, { action: `${model.name}.history`, key, input })
  return {
    events: found.events.map(({ event }) => event),
    next: found.page.next,
    previous: found.page.previous,
    compared: found.compared ?? null,
  }
}
