/** The history of a record: for whoever may read the record, not the log. */

import { z } from 'zod'
import { type HistoryPlace, historyOf } from '../audit/history.ts'
import { type Action, defineAction } from '../gate/action.ts'
import type { RecordHistory } from '../gate/recorded.ts'
import { readInput } from './input.ts'
import { seenInHistory } from './seen-event.ts'

export interface HistoryInput {
  readonly limit: number
  readonly from: HistoryPlace | null
}

/** Scripts send numbers as text, so both are taken. */
const Input = z
  .strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z
      .string()
      .regex(/^(older|newer)-\d{1,18}$/, 'belongs to another list; start again from its first page')
      .nullable()
      .default(null),
  })
  .transform(({ limit, cursor }): HistoryInput => ({ limit, from: placeOf(cursor) }))

export const history: Action<HistoryInput, RecordHistory> = defineAction<HistoryInput, RecordHistory>({
  verb: 'history',
  model: '*',
  label: 'History',
  on: 'record',
  access: 'read',
  kind: 'record.history',
  isFolded: true,
  appliesTo: (model) => model.key !== null,
  parse: (raw, { model }) => readInput(`${model.name}.history`, Input, raw),
  async run({ limit, from }, { model, target, connection, report }) {
    if (!target) throw new TypeError('A history needs a record.')
    const { view, encodedKey } = target
    const readable = new Set([...Object.keys(view.values), ...view.masked])
    const found = await historyOf(connection, { model: model.name, key: encodedKey, limit, from })
    report.count({ matched: found.events.length })
    return {
      events: found.events.map(({ event, sequence }) => ({
        event: seenInHistory(event, { model, label: view.title, readable }),
        sequence,
      })),
      page: { next: cursorOf(found.older), previous: cursorOf(found.newer) },
    }
  },
})

function placeOf(cursor: string | null): HistoryPlace | null {
  if (cursor === null) return null
  const [direction, than = ''] = cursor.split('-')
  return { direction: direction === 'newer' ? 'newer' : 'older', than: BigInt(than) }
}

function cursorOf(place: HistoryPlace | null): string | null {
  return place && `${place.direction}-${place.than}`
}
