/**
 * Phase one: the event goes in, in the transaction of what it records.
 *
 * No lock over the log is taken and no number given, so that writers do not
 * wait for each other; `sequencer.ts` places the event in the tree after the
 * commit. Whoever changes a record has locked it, or works serializably: so the
 * events of one record go in one after another, and each names the one before.
 */

import type { Clock } from '../clock.ts'
import type { Connection } from '../database/database.ts'
import type { Keys } from '../keys/keys.ts'
import type { RandomBytes } from '../keys/wrap.ts'
import { inStore } from '../store/tables.ts'
import { composeEvent } from './compose.ts'
import { bounded, LIMITS } from './cut.ts'
import type { EventDraft } from './event.ts'
import { hasPersonal, redact, type SealedValue } from './redact.ts'
import { isChange, rowOf } from './stored-event.ts'
import { subjectKey, subjectName } from './subject-key.ts'

export interface AppendParts {
  readonly keys: Keys
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** Which process writes. */
  readonly node: string
  readonly version: string
}

/** Inserts the event in that transaction and returns its id. */
export async function append(parts: AppendParts, connection: Connection, draft: EventDraft): Promise<string> {
  const id = Buffer.from(parts.randomBytes(16)).toString('hex')
  const subject = subjectOf(draft, id)
  const changes = draft.changes ?? []
  const key = hasPersonal(changes)
    ? await subjectKey(connection, parts.keys, subject, parts.randomBytes)
    : null
  const redacted = redact(changes, key && { eventId: id, key, randomBytes: parts.randomBytes })
  const event = composeEvent(draft, {
    id,
    at: parts.clock(),
    changes: redacted.changes,
    previousForTarget: await previousLeaf(connection, draft),
    node: parts.node,
    version: parts.version,
  })
  await inStore(connection).insertInto('castellan_audit_event').values(rowOf(event)).execute()
  await insertSealed(connection, id, subject, redacted.sealed)
  return id
}

/** Personal values of an event about no record are of the event itself: nobody else's key may be erased with theirs. */
function subjectOf({ dataSubject, target }: EventDraft, id: string): string {
  if (dataSubject !== undefined) return subjectName(dataSubject)
  return subjectName(target?.key ? `${target.model}:${target.key}` : `event:${id}`)
}

async function insertSealed(
  connection: Connection,
  eventId: string,
  subject: string,
  values: readonly SealedValue[],
): Promise<void> {
  if (values.length === 0) return
  await inStore(connection)
    .insertInto('castellan_audit_sealed')
    .values(values.map((value) => ({ event_id: eventId, subject, ...value })))
    .execute()
}

/** The leaf of the event that changed the record last: what makes a record's history checkable by itself. */
async function previousLeaf(
  connection: Connection,
  { kind, outcome, target }: EventDraft,
): Promise<string | null> {
  if (!target?.key || !isChange({ kind, outcome, target })) return null
  const row = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('leaf')
    .where('model', '=', bounded(target.model, LIMITS.label))
    .where('record_key', '=', bounded(target.key, LIMITS.label))
    .where('is_change', '=', 1)
    .orderBy('entry', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? Buffer.from(row.leaf).toString('hex') : null
}
