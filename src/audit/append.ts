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
import { subjectKeys, subjectName } from './subject-key.ts'

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
  const [id = ''] = await appendAll(parts, connection, [draft])
  return id
}

/** Rows of one insert: SQLite takes 32,766 parameters. */
const AT_ONCE = 250

/**
 * Inserts the events in that transaction and returns their ids, in a few statements for each 250 of them.
 * No record is the target of two: each names the event before it, and would not see the other.
 */
export async function appendAll(
  parts: AppendParts,
  connection: Connection,
  drafts: readonly EventDraft[],
): Promise<readonly string[]> {
  const ids: string[] = []
  for (let from = 0; from < drafts.length; from += AT_ONCE) {
    ids.push(...(await appendSome(parts, connection, drafts.slice(from, from + AT_ONCE))))
  }
  return ids
}

async function appendSome(
  parts: AppendParts,
  connection: Connection,
  drafts: readonly EventDraft[],
): Promise<readonly string[]> {
  const begun = drafts.map((draft) => {
    const id = Buffer.from(parts.randomBytes(16)).toString('hex')
    return { id, draft, subject: subjectOf(draft, id), changes: draft.changes ?? [] }
  })
  const subjects = begun.filter(({ changes }) => hasPersonal(changes)).map(({ subject }) => subject)
  const keys = await subjectKeys(connection, parts.keys, subjects, parts.randomBytes)
  const leaves = await previousLeaves(connection, drafts)
  const made = begun.map(({ id, draft, subject, changes }) => {
    const key = hasPersonal(changes) ? keys.get(subject) : undefined
    const redacted = redact(changes, key ? { eventId: id, key, randomBytes: parts.randomBytes } : null)
    const event = composeEvent(draft, {
      id,
      at: parts.clock(),
      changes: redacted.changes,
      previousForTarget: leaves.get(recordOf(draft) ?? '') ?? null,
      node: parts.node,
      version: parts.version,
    })
    return { row: rowOf(event), sealed: redacted.sealed.map((one) => ({ event_id: id, subject, ...one })) }
  })
  await inStore(connection)
    .insertInto('castellan_audit_event')
    .values(made.map(({ row }) => row))
    .execute()
  await insertSealed(
    connection,
    made.flatMap(({ sealed }) => sealed),
  )
  return begun.map(({ id }) => id)
}

/** Personal values of an event about no record are of the event itself: nobody else's key may be erased with theirs. */
function subjectOf({ dataSubject, target }: EventDraft, id: string): string {
  if (dataSubject !== undefined) return subjectName(dataSubject)
  return subjectName(target?.key ? `${target.model}:${target.key}` : `event:${id}`)
}

async function insertSealed(
  connection: Connection,
  values: readonly (SealedValue & { readonly event_id: string; readonly subject: string })[],
): Promise<void> {
  for (let from = 0; from < values.length; from += AT_ONCE) {
    await inStore(connection)
      .insertInto('castellan_audit_sealed')
      .values(values.slice(from, from + AT_ONCE))
      .execute()
  }
}

/** What names the record that an event changes, among those of one batch; null: it changes none. */
function recordOf({ kind, outcome, target }: EventDraft): string | null {
  if (!target?.key || !isChange({ kind, outcome, target })) return null
  return JSON.stringify([bounded(target.model, LIMITS.label), bounded(target.key, LIMITS.label)])
}

/**
 * The leaf of the event that changed each record last: what makes a record's history checkable by itself.
 * By record, as `recordOf` names it.
 */
async function previousLeaves(
  connection: Connection,
  drafts: readonly EventDraft[],
): Promise<ReadonlyMap<string, string>> {
  const changed = drafts.filter((draft) => recordOf(draft) !== null)
  const [only, ...more] = changed
  if (!only) return new Map()
  if (more.length === 0) return previousLeaf(connection, only)
  const leaves = new Map<string, string>()
  for (const [model, of] of Map.groupBy(changed, ({ target }) =>
    bounded(target?.model ?? '', LIMITS.label),
  )) {
    const keys = of.map(({ target }) => bounded(target?.key ?? '', LIMITS.label))
    const rows = await inStore(connection)
      .selectFrom('castellan_audit_event')
      .select(['record_key', 'leaf'])
      .where('entry', 'in', (last) =>
        last
          .selectFrom('castellan_audit_event')
          .select(({ fn }) => fn.max('entry').as('entry'))
          .where('model', '=', model)
          .where('record_key', 'in', keys)
          .where('is_change', '=', 1)
          .groupBy('record_key'),
      )
      .execute()
    for (const row of rows) {
      leaves.set(JSON.stringify([model, row.record_key]), Buffer.from(row.leaf).toString('hex'))
    }
  }
  return leaves
}

async function previousLeaf(connection: Connection, draft: EventDraft): Promise<ReadonlyMap<string, string>> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('leaf')
    .where('model', '=', bounded(draft.target?.model ?? '', LIMITS.label))
    .where('record_key', '=', bounded(draft.target?.key ?? '', LIMITS.label))
    .where('is_change', '=', 1)
    .orderBy('entry', 'desc')
    .limit(1)
    .executeTakeFirst()
  return new Map(row ? [[recordOf(draft) ?? '', Buffer.from(row.leaf).toString('hex')]] : [])
}
