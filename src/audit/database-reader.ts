/**
 * A log in its database, read without a key and without a running admin.
 *
 * Reads page by page. The log only grows, and what it grows by after the first
 * read is left out, so no snapshot has to be held while it is verified.
 */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { arePresent } from '../store/present.ts'
import { type Family, familyOf, inStore } from '../store/tables.ts'
import { originOf } from './checkpoint.ts'
import type { LoggedEvent, LogReader } from './log-reader.ts'
import type { NoteKey } from './note.ts'
import { PROJECTED } from './stored-event.ts'

const PAGE = 1_000
const COLUMNS = sql.join(PROJECTED.map((column) => sql.ref(`e.${column}`)))

const NEEDED = [
  'castellan_audit_event',
  'castellan_audit_node',
  'castellan_audit_checkpoint',
  'castellan_key',
  'castellan_meta',
] as const
const EVENTS = sql.table('castellan_audit_event')
const NODES = sql.table('castellan_audit_node')
const CHECKPOINTS = sql.table('castellan_audit_checkpoint')

/** The text of an event as the UTF-8 bytes that its leaf is over. */
const BYTES: Readonly<Record<Family, RawBuilder<unknown>>> = {
  sqlite: sql`cast(e.event as blob)`,
  postgres: sql`convert_to(e.event, 'UTF8')`,
  mysql: sql`cast(e.event as binary)`,
}

/** How far the log was when reading began. */
interface Extent {
  readonly events: number | bigint
  readonly checkpoints: number | bigint
}

/** @throws AdminError `not-found` when the database holds no audit log. */
export async function databaseReader(connection: Connection): Promise<LogReader> {
  await refuseWithoutLog(connection)
  const extent = await extentOf(connection)
  return {
    keys: () => keysIn(connection),
    checkpoints: () => checkpointsIn(connection, extent),
    events: () => eventsIn(connection, extent),
    waiting: () => waitingIn(connection),
  }
}

async function refuseWithoutLog(connection: Connection): Promise<void> {
  if (await arePresent(connection, NEEDED)) return
  throw new AdminError('not-found', 'The database holds no audit log of Castellan.')
}

/** In one statement, so that no batch falls between the two. */
async function extentOf(connection: Connection): Promise<Extent> {
  const { rows } = await sql<Extent>`
    select (select coalesce(max(sequence), 0) from ${EVENTS}) as events,
      (select coalesce(max(number), 0) from ${CHECKPOINTS}) as checkpoints`.execute(inStore(connection))
  return rows[0] ?? { events: 0, checkpoints: 0 }
}

async function keysIn(connection: Connection): Promise<readonly NoteKey[]> {
  const meta = await inStore(connection)
    .selectFrom('castellan_meta')
    .select('value')
    .where('name', '=', 'installation')
    .executeTakeFirst()
  const rows = await inStore(connection)
    .selectFrom('castellan_key')
    .select(['state', 'public_key'])
    .where('purpose', '=', 'checkpoint')
    .orderBy(sql`case state when 'active' then 0 when 'next' then 1 else 2 end`)
    .orderBy('created_at', 'desc')
    .execute()
  const name = originOf(meta?.value ?? '')
  return rows.flatMap(({ public_key }) =>
    public_key?.length === 32 ? [{ name, publicKey: Uint8Array.from(public_key) }] : [],
  )
}

async function* checkpointsIn(connection: Connection, { checkpoints }: Extent): AsyncGenerator<string> {
  let after: number | bigint = 0
  for (;;) {
    const rows = await inStore(connection)
      .selectFrom('castellan_audit_checkpoint')
      .select(['number', 'note'])
      .where('number', '>', after)
      .where('number', '<=', checkpoints)
      .orderBy('number')
      .limit(PAGE)
      .execute()
    for (const { note } of rows) yield String(note)
    const last = rows.at(-1)
    if (!last) return
    after = last.number
  }
}

async function* eventsIn(connection: Connection, { events }: Extent): AsyncGenerator<readonly LoggedEvent[]> {
  let after: Row | null = null
  for (;;) {
    const rows = await pageAfter(connection, after, events)
    if (rows.length > 0) yield rows.map(loggedEvent)
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last
  }
}

/** A row as it is, whoever wrote it. */
type Row = Readonly<Record<'sequence' | 'entry' | 'bytes' | 'leaf' | 'node', unknown>>

/** By sequence and then entry, so that a number given twice is seen twice. */
async function pageAfter(
  connection: Connection,
  after: Row | null,
  upTo: number | bigint,
): Promise<readonly Row[]> {
  const bytes = BYTES[familyOf(connection)]
  const { rows } = await sql<Row>`
    select e.sequence, e.entry, e.leaf, ${COLUMNS}, ${bytes} as bytes, n.hash as node
    from ${EVENTS} as e
    left join ${NODES} as n on n.level = 0 and n.position = e.sequence - 1
    where e.sequence is not null and e.sequence <= ${upTo} ${after ? beyond(after) : sql``}
    order by e.sequence, e.entry limit ${sql.lit(PAGE)}`.execute(inStore(connection))
  return rows
}

/** In the form that every engine finds the place by: MariaDB doesn't for rows compared as such. */
function beyond({ sequence, entry }: Row): RawBuilder<unknown> {
  return sql`and e.sequence >= ${sequence}
    and (e.sequence > ${sequence} or (e.sequence = ${sequence} and e.entry > ${entry}))`
}

function loggedEvent(row: Row): LoggedEvent {
  const { sequence, bytes, leaf, node } = row
  return {
    sequence: wholeOrNull(sequence),
    bytes: bytes instanceof Uint8Array ? bytes : new Uint8Array(),
    recorded: [leaf, node].map((hash) => (hash instanceof Uint8Array ? hash : new Uint8Array())),
    // Every column of the projection is selected; its type says nothing of what is in it.
    columns: row as unknown as LoggedEvent['columns'],
  }
}

function wholeOrNull(value: unknown): number | null {
  const number = typeof value === 'bigint' ? Number(value) : value
  return Number.isSafeInteger(number) ? Number(number) : null
}

async function waitingIn(
  connection: Connection,
): Promise<{ readonly count: number; readonly oldestAt: string | null }> {
  const { count, oldestAt } = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select(({ fn }) => [fn.countAll().as('count'), fn.min('occurred_at').as('oldestAt')])
    .where('sequence', 'is', null)
    .executeTakeFirstOrThrow()
  return { count: Number(count), oldestAt }
}
