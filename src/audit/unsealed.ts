/**
 * Personal values of events in the clear: for putting a record back as it was,
 * never for showing. A value whose subject's key was erased is gone, and left out.
 */

import type { Connection } from '../database/database.ts'
import type { Keys } from '../keys/keys.ts'
import { inStore } from '../store/tables.ts'
import type { AuditEvent } from './event.ts'
import { type Side, unseal } from './redact.ts'
import { findSubjectKeys } from './subject-key.ts'

/** The value of one side of a change, by its event and its position; undefined: it can't be read any more. */
export type UnsealedValues = (event: string, position: number, side: Side) => string | undefined

/** So many events are asked for at once. */
const AT_ONCE = 250

export async function unsealedValues(
  connection: Connection,
  keys: Keys,
  events: readonly AuditEvent[],
): Promise<UnsealedValues> {
  const personal = events.filter(({ changes }) => changes.some((change) => change.class === 'personal'))
  const values = new Map<string, string>()
  for (let from = 0; from < personal.length; from += AT_ONCE) {
    await unsealSome(connection, keys, personal.slice(from, from + AT_ONCE), values)
  }
  return (event, position, side) => values.get(placeOf(event, position, side))
}

async function unsealSome(
  connection: Connection,
  keys: Keys,
  events: readonly AuditEvent[],
  values: Map<string, string>,
): Promise<void> {
  const rows = await inStore(connection)
    .selectFrom('castellan_audit_sealed')
    .selectAll()
    .where(
      'event_id',
      'in',
      events.map(({ id }) => id),
    )
    .execute()
  const subjects = await findSubjectKeys(connection, keys, [...new Set(rows.map(({ subject }) => subject))])
  const byId = new Map(events.map((event) => [event.id, event]))
  for (const { event_id: eventId, side, subject, ciphertext, ...row } of rows) {
    const position = Number(row.position)
    const key = subjects.get(subject)
    const change = byId.get(eventId)?.changes[position]
    const commitment = change?.class === 'personal' ? change[side] : null
    if (!key || commitment === null) continue
    const value = unseal({ position, side, ciphertext }, { eventId, key, commitment })
    if (value !== null) values.set(placeOf(eventId, position, side), value)
  }
}

function placeOf(event: string, position: number, side: Side): string {
  return `${event}/${position}/${side}`
}
