/**
 * How far each sink has come, in the store: the number of the last event that it
 * has taken. Of any number of processes one holds the next portion, for half a
 * minute at a time; whoever dies with it leaves it to the next.
 */

import type { Connection, Database } from '../../database/database.ts'
import { insertOrUpdate } from '../../store/insert-or-update.ts'
import { inStore } from '../../store/tables.ts'
import type { LeavingEvent } from '../format/leaving.ts'
import { parseEvent } from '../stored-event.ts'

export interface Place {
  readonly name: string
  /** Of the last event that was taken; 0: none. */
  readonly sequence: number
  readonly attempts: number
  /** Instants are RFC 3339, UTC, or null. */
  readonly createdAt: string
  readonly dueAt: string
  readonly failingSince: string | null
  /** Since when the log says that it is behind. */
  readonly alarmedAt: string | null
}

/** A sink that keeps up is behind by seconds; more is for those who rely on it to know. */
export const LATE_MS = 300_000

const LOCKING = { isolation: 'read-committed' } as const

/** The place of that sink, made where it is the first time. */
export async function placeOf(database: Database, name: string, now: string): Promise<Place> {
  const found = await findPlace(database.now, name)
  if (found) return found
  await database.write(
    (connection) =>
      insertOrUpdate(
        connection,
        'castellan_audit_sink',
        [
          {
            name,
            sequence: 0,
            attempts: 0,
            created_at: now,
            due_at: now,
            failing_since: null,
            alarmed_at: null,
          },
        ],
        { key: ['name'], update: ['name'] },
      ),
    LOCKING,
  )
  const made = await findPlace(database.now, name)
  if (!made) throw new TypeError('The place of a sink was not kept.')
  return made
}

async function findPlace(connection: Connection, name: string): Promise<Place | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_sink')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  return row
    ? {
        name,
        sequence: Number(row.sequence),
        attempts: Number(row.attempts),
        createdAt: row.created_at,
        dueAt: row.due_at,
        failingSince: row.failing_since,
        alarmedAt: row.alarmed_at,
      }
    : null
}

/** Holds the portion until then. False: another process was faster. */
export async function hold(database: Database, place: Place, until: string): Promise<boolean> {
  return await move(database, place, { due_at: until, attempts: place.attempts + 1 })
}

/** What holding it has made of the place is what moves on; false: it was taken over meanwhile. */
export async function move(
  database: Database,
  { name, sequence, attempts }: Place,
  changes: {
    readonly sequence?: number
    readonly attempts?: number
    readonly due_at?: string
    readonly failing_since?: string | null
    readonly alarmed_at?: string | null
  },
): Promise<boolean> {
  return await database.write(async (connection) => {
    const { numUpdatedRows } = await inStore(connection)
      .updateTable('castellan_audit_sink')
      .set(changes)
      .where('name', '=', name)
      .where('sequence', '=', sequence)
      .where('attempts', '=', attempts)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }, LOCKING)
}

/**
 * The events after that number that a checkpoint covers, in order.
 * @throws DamagedEvent when the first of them is no event any more; what is before such a one is given first.
 */
export async function portionAfter(
  connection: Connection,
  sequence: number,
  most: number,
): Promise<readonly LeavingEvent[]> {
  const rows = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select(['sequence', 'event'])
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(most)
    .execute()
  const portion: LeavingEvent[] = []
  for (const row of rows) {
    const event = parseEvent(row.event)
    if (!event) {
      if (portion.length === 0) throw new DamagedEvent(Number(row.sequence))
      break
    }
    portion.push({ event, sequence: Number(row.sequence) })
  }
  return portion
}

/** Since when the next event waits for that sink, which counts from its own beginning, RFC 3339; null: none does. */
export async function waitingSince(
  connection: Connection,
  { sequence, createdAt }: Pick<Place, 'sequence' | 'createdAt'>,
): Promise<string | null> {
  const happenedAt = await instantAfter(connection, sequence)
  if (happenedAt === null) return null
  return new Date(Math.max(Date.parse(happenedAt), Date.parse(createdAt))).toISOString()
}

/** When the event behind that number happened, RFC 3339; null: no checkpoint covers one. */
async function instantAfter(connection: Connection, sequence: number): Promise<string | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('occurred_at')
    .where('sequence', '=', sequence + 1)
    .executeTakeFirst()
  return row?.occurred_at ?? null
}

/** The log was changed by other hands: nothing of it leaves as if it were whole. */
export class DamagedEvent extends Error {
  override readonly name = 'DamagedEvent'
  readonly code = 'DAMAGED'

  constructor(sequence: number) {
    super(`Event ${sequence} of the log is not what was written: run "castellan audit verify".`)
  }
}
