/** The history of a record: for whoever may read the record, not the log. */

import { z } from 'zod'
import type { AuditEvent, EventChange } from '../audit/event.ts'
import { type HistoryPlace, historyOf } from '../audit/history.ts'
import { changesSince } from '../audit/undoable.ts'
import { AdminError } from '../errors.ts'
import { type Action, defineAction, type RunContext } from '../gate/action.ts'
import type { ComparedVersions, RecordHistory } from '../gate/recorded.ts'
import type { Model } from '../model/model.ts'
import { readInput } from './input.ts'
import { seenInHistory } from './seen-event.ts'

export interface HistoryInput {
  readonly limit: number
  readonly from: HistoryPlace | null
  readonly compare: Compare | null
}

/** Two versions, each by the event that made it. */
export interface Compare {
  readonly from: string
  /** Null: as it is after the last event. */
  readonly to: string | null
}

const eventId = z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of an event: 32 hex digits')

/** Scripts send numbers as text, so both are taken. */
const Input = z
  .strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z
      .string()
      .regex(/^(older|newer)-\d{1,18}$/, 'belongs to another list; start again from its first page')
      .nullable()
      .default(null),
    compare: z
      .strictObject({ from: eventId, to: eventId.nullable().default(null) })
      .nullable()
      .default(null),
  })
  .transform(({ limit, cursor, compare }): HistoryInput => ({ limit, from: placeOf(cursor), compare }))

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
  sameness: ({ compare }) => JSON.stringify(compare),
  async run({ limit, from, compare }, { model, target, connection, report }) {
    if (!target) throw new TypeError('A history needs a record.')
    const { view, encodedKey } = target
    const readable = new Set([...Object.keys(view.values), ...view.masked])
    const found = await historyOf(connection, { model: model.name, key: encodedKey, limit, from })
    report.count({ matched: found.events.length })
    const seen = (event: AuditEvent): AuditEvent =>
      seenInHistory(event, { model, label: view.title, readable })
    return {
      events: found.events.map(({ event, sequence }) => ({ event: seen(event), sequence })),
      ...(compare && { compared: await comparedVersions(connection, model, encodedKey, compare, seen) }),
      page: { next: cursorOf(found.older), previous: cursorOf(found.newer) },
    }
  },
})

/** So many changes may lie between two versions. */
const MOST_BETWEEN = 1_000

/** Of what a reader sees alone: a field that they may not read differs in no comparison. */
async function comparedVersions(
  connection: RunContext['connection'],
  model: Model,
  key: string,
  { from, to }: Compare,
  seen: (event: AuditEvent) => AuditEvent,
): Promise<ComparedVersions> {
  const since = await changesSince(connection, { model: model.name, key, event: from, limit: MOST_BETWEEN })
  const end =
    to === null ? (since?.events.length ?? 0) - 1 : (since?.events.findIndex(({ id }) => id === to) ?? -1)
  if (!since || (to !== null && to !== from && end < 0)) throw notThere(to ?? from)
  if (since.isMore) throw tooFar()
  const between = to === from ? [] : since.events.slice(0, end + 1)
  const fields = new Map<string, EventChange>()
  for (const change of between.flatMap((event) => seen(event).changes)) {
    fields.set(change.field, merged(fields.get(change.field), change))
  }
  const changes = [...fields.values()].filter(
    (change) => 'masked' in change || change.before !== change.after,
  )
  return { changes, events: between.length }
}

function merged(first: EventChange | undefined, last: EventChange): EventChange {
  if (!first || 'masked' in last) return last
  return 'masked' in first ? first : { ...last, before: first.before }
}

function notThere(id: string): AdminError {
  return new AdminError('not-found', `No event "${id}" of this record, or not in that order.`)
}

function tooFar(): AdminError {
  return new AdminError('too-large', 'More than 1,000 changes lie between. Compare versions that are closer.')
}

function placeOf(cursor: string | null): HistoryPlace | null {
  if (cursor === null) return null
  const [direction, than = ''] = cursor.split('-')
  return { direction: direction === 'newer' ? 'newer' : 'older', than: BigInt(than) }
}

function cursorOf(place: HistoryPlace | null): string | null {
  return place && `${place.direction}-${place.than}`
}
