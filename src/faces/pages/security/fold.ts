/** Folds the events of an action on several records into one entry. Pure. */

import type { SeenEvent } from '../../../gate/recorded.ts'

export interface Folded<Entry> {
  /** The event of the whole; of a page that begins or ends amid them, the first of its records. */
  readonly lead: Entry
  /** The events of its records beside, in the order of the page. */
  readonly parts: readonly Entry[]
}

/** @param entries Newest first, as the log is shown: an action on several comes behind its records. */
export function folded<Entry extends Pick<SeenEvent, 'event'>>(
  entries: readonly Entry[],
): readonly Folded<Entry>[] {
  const groups: { bulk: string | null; entries: Entry[] }[] = []
  for (const entry of entries) {
    const bulk = bulkOf(entry)
    const last = groups.at(-1)
    const isOfLast = last && last.bulk !== null && (last.bulk === bulk || last.bulk === entry.event.id)
    if (isOfLast) last.entries.push(entry)
    else groups.push({ bulk, entries: [entry] })
  }
  return groups.flatMap(({ bulk, entries: of }): Folded<Entry>[] => {
    const lead = of.find(({ event }) => event.id === bulk) ?? of[0]
    return lead ? [{ lead, parts: of.filter((entry) => entry !== lead) }] : []
  })
}

function bulkOf({ event }: Pick<SeenEvent, 'event'>): string | null {
  const { bulk } = event.details
  return typeof bulk === 'string' ? bulk : null
}
