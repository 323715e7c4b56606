/**
 * Keeping checkpoints at every anchor, for as long as an admin runs.
 *
 * Each anchor has a row that says what it has kept and when it is due. Of several
 * processes one takes a turn, by moving the due time on; one that dies loses it
 * after a minute. An anchor that fails is tried again and holds nobody up; one that
 * keeps nothing for too long, or has lost what it had kept, is an alarm: an event
 * of its own when it begins and when it is over.
 */

import { createHash } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Connection, Database } from '../../database/database.ts'
import type { AuditAnchorTable } from '../../store/audit-tables.ts'
import { inStore } from '../../store/tables.ts'
import { type Head, headOf } from '../head.ts'
import { consistencyProof } from '../proof.ts'
import { type Anchor, AnchorFault, anchorCodeOf, type KeptCheckpoint } from './anchor.ts'

export interface AnchoringParts {
  readonly database: Database
  readonly anchors: readonly Anchor[]
  readonly clock: Clock
  /** At most so often an anchor gets the next checkpoint. */
  readonly everyMs: number
  /** Told when an anchor becomes an alarm, and when it keeps again. It is told again when it throws. */
  onAlarm(alarm: AnchorAlarm): Promise<void>
  /** Told of every attempt that failed. */
  onFault?(label: string, code: string): void
}

export interface AnchorAlarm {
  readonly label: string
  readonly code: string
  readonly isOver: boolean
}

/** How one anchor fares. */
export interface AnchorState {
  readonly label: string
  /** How many events the last checkpoint covers that it kept; null: it has kept none. */
  readonly size: number | null
  /** RFC 3339. */
  readonly keptAt: string | null
  /** Why it failed last; null: it did not. */
  readonly code: string | null
  readonly isLate: boolean
}

/** So long an anchor may fail before it is an alarm. */
export const LATE_MS = 300_000
/** A log in which nothing happens is kept so often all the same: silence must be seen there too. */
const QUIET_MS = 3_600_000
/** Whoever has taken the turn and died holds it for so long. */
const TURN_MS = 60_000
const AGAIN_MS = 30_000

/** Lets every anchor that is due keep the last checkpoint; anchors do not wait for each other. */
export async function keepDue(parts: AnchoringParts): Promise<void> {
  const head = await headOf(parts.database.now)
  if (!head) return
  await Promise.all(parts.anchors.map((anchor) => keepOne(parts, anchor, head)))
}

/** How those anchors fare; one that has never been tried stands as late. */
export async function anchorStates(
  connection: Connection,
  labels: readonly string[],
  now: number,
): Promise<readonly AnchorState[]> {
  if (labels.length === 0) return []
  const rows = await inStore(connection)
    .selectFrom('castellan_audit_anchor')
    .select(['id', 'size', 'kept_at', 'code', 'failing_since', 'alarmed_at'])
    .where('id', 'in', labels.map(idOf))
    .execute()
  return labels.map((label) => {
    const row = rows.find(({ id }) => id === idOf(label))
    const keptAt = row?.kept_at ?? null
    const isSilent = keptAt === null || now - Date.parse(keptAt) > QUIET_MS + LATE_MS
    return {
      label,
      size: keptAt === null ? null : Number(row?.size),
      keptAt,
      code: row?.code ?? null,
      isLate: isSilent || (row?.alarmed_at ?? null) !== null,
    }
  })
}

/** What the anchor of that label took last; null: nothing yet. */
export async function lastKept(connection: Connection, label: string): Promise<KeptCheckpoint | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_anchor')
    .select(['number', 'size', 'note'])
    .where('id', '=', idOf(label))
    .executeTakeFirst()
  return row ? keptOf(row) : null
}

async function keepOne(parts: AnchoringParts, anchor: Anchor, head: Head): Promise<void> {
  const { database, clock } = parts
  const row = await rowOf(parts, anchor)
  if (!isDue(row, head, clock()) || !(await takeTurn(parts, row))) return
  const last = keptOf(row)
  try {
    const note = await anchor.keep({
      checkpoint: { number: head.number, size: head.size, note: head.note },
      last,
      consistency: (from) => consistencyProof(database.now, from, head.size),
    })
    await succeeded(parts, row, { number: head.number, size: head.size, note })
  } catch (error) {
    await failed(parts, row, error)
  }
}

/** By the note, which may bear more signatures there, and not by its number: a log that was cut off counts anew. */
function isDue(row: AuditAnchorRow, head: Head, now: number): boolean {
  if (Date.parse(row.due_at) > now || row.note?.startsWith(head.note)) return false
  const hasGrown = Number(row.size) !== head.size || row.kept_at === null || row.code !== null
  return hasGrown || now - Date.parse(row.kept_at) >= QUIET_MS
}

type AuditAnchorRow = {
  readonly [Column in keyof AuditAnchorTable]: Column extends 'number' | 'size'
    ? number | bigint
    : AuditAnchorTable[Column]
}

async function rowOf({ database, clock }: AnchoringParts, { label }: Anchor): Promise<AuditAnchorRow> {
  const find = (): Promise<AuditAnchorRow | undefined> =>
    inStore(database.now)
      .selectFrom('castellan_audit_anchor')
      .selectAll()
      .where('id', '=', idOf(label))
      .executeTakeFirst()
  const found = await find()
  if (found) return found
  const made: AuditAnchorRow = {
    id: idOf(label),
    label,
    number: 0,
    size: 0,
    note: null,
    kept_at: null,
    code: null,
    failing_since: null,
    alarmed_at: null,
    due_at: instant(clock()),
  }
  try {
    await database.write((connection) =>
      inStore(connection).insertInto('castellan_audit_anchor').values(made).execute(),
    )
    return made
  } catch (error) {
    // another process was faster
    const other = await find()
    if (other) return other
    throw error
  }
}

/** False: another process is at it. */
async function takeTurn({ database, clock }: AnchoringParts, row: AuditAnchorRow): Promise<boolean> {
  const { numUpdatedRows } = await database.write((connection) =>
    inStore(connection)
      .updateTable('castellan_audit_anchor')
      .set({ due_at: instant(clock() + TURN_MS) })
      .where('id', '=', row.id)
      .where('due_at', '=', row.due_at)
      .executeTakeFirst(),
  )
  return numUpdatedRows === 1n
}

async function succeeded(
  { database, clock, everyMs, onAlarm }: AnchoringParts,
  row: AuditAnchorRow,
  { number, size, note }: KeptCheckpoint,
): Promise<void> {
  const now = clock()
  await set(database, row.id, {
    number,
    size,
    note,
    kept_at: instant(now),
    code: null,
    failing_since: null,
    due_at: instant(now + everyMs),
  })
  if (row.alarmed_at === null) return
  await onAlarm({ label: row.label, code: row.code ?? 'failed', isOver: true })
  await set(database, row.id, { alarmed_at: null })
}

async function failed(
  { database, clock, onAlarm, onFault }: AnchoringParts,
  row: AuditAnchorRow,
  error: unknown,
): Promise<void> {
  const now = clock()
  const code = anchorCodeOf(error)
  onFault?.(row.label, code)
  const since = row.failing_since ?? instant(now)
  await set(database, row.id, { code, failing_since: since, due_at: instant(now + AGAIN_MS) })
  const isAltered = error instanceof AnchorFault && error.isAltered
  if (row.alarmed_at !== null || (!isAltered && now - Date.parse(since) < LATE_MS)) return
  await onAlarm({ label: row.label, code, isOver: false })
  await set(database, row.id, { alarmed_at: instant(now) })
}

async function set(
  database: Database,
  id: string,
  values: Partial<Omit<AuditAnchorTable, 'number' | 'size'>> & {
    readonly number?: number
    readonly size?: number
  },
): Promise<void> {
  await database.write((connection) =>
    inStore(connection).updateTable('castellan_audit_anchor').set(values).where('id', '=', id).execute(),
  )
}

function keptOf({
  number,
  size,
  note,
}: Pick<AuditAnchorRow, 'number' | 'size' | 'note'>): KeptCheckpoint | null {
  return note === null ? null : { number: Number(number), size: Number(size), note }
}

function idOf(label: string): string {
  return createHash('sha256').update(label).digest('hex').slice(0, 32)
}

function instant(at: number): string {
  return new Date(at).toISOString()
}
