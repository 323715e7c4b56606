/** The events of one record, as the action `history` answers them. */

import type { Model } from '../../../model/model.ts'
import { read } from '../ask.ts'
import type { PageContext } from '../context.ts'
import { type EventView, readEvent } from '../security/event.ts'

export interface History {
  /** Newest first. */
  readonly events: readonly EventView[]
  readonly next: string | null
  readonly previous: string | null
}

interface Answered {
  readonly events: readonly unknown[]
  readonly page?: { readonly next?: string | null; readonly previous?: string | null }
}

export async function readHistory(
  page: PageContext,
  model: Model,
  key: string,
  input: { readonly limit: number; readonly cursor: string | null },
): Promise<History> {
  const answered = await read<Answered>(page, { action: `${model.name}.history`, key, input })
  return {
    events: answered.events.flatMap((event) => readEvent(event) ?? []),
    next: answered.page?.next ?? null,
    previous: answered.page?.previous ?? null,
  }
}
