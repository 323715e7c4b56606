/**
 * Live sessions as the store has them now. Read on every request and never kept,
 * so that whatever was ended or taken away is gone with the next one.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import { keptStatement } from '../database/kept-statement.ts'
import { KEYS_VERSION } from '../keys/version.ts'
import type { PersonTable, SessionTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { gathered } from './gathered.ts'
import { MINUTE, toInstant, toText } from './instant.ts'
import type { Parts } from './parts.ts'
import { hashOf } from './random.ts'

export type SessionRow = Selectable<SessionTable>

/** A live session with its person, and the names of the roles that they hold now, in order. */
export interface LiveSession {
  readonly row: SessionRow
  readonly person: LivePerson
  readonly roles: readonly string[]
}

export type LivePerson = Pick<
  Selectable<PersonTable>,
  'id' | 'name' | 'email' | 'attributes' | 'time_zone' | 'locale'
>

/** A session with its person and the installation's version of the keys, once for each role. */
export interface SessionWithRole extends SessionRow {
  readonly person_name: string
  readonly person_email: string
  readonly person_attributes: string
  readonly person_time_zone: LivePerson['time_zone']
  readonly person_locale: LivePerson['locale']
  readonly person_is_active: Selectable<PersonTable>['is_active']
  readonly role: string | null
  readonly keys_version: string | null
}

/** How many sessions one statement looks up: about as many as arrive in one turn of a busy process. */
const MOST_AT_ONCE = 8

type Column = 'id' | 'token_hash' | 'refresh_family'
type Slot = 'now' | `value${number}`

/** The live session that an access token points to, or null. */
export async function sessionByToken(parts: Parts, sessionToken: string): Promise<LiveSession | null> {
  const rows = await parts.sessionsByToken(hashOf(sessionToken))
  return await liveSession(parts, rows ?? [])
}

/** The live session of a family of refresh tokens, or null. */
export async function sessionByFamily(
  parts: Parts,
  connection: Connection,
  family: string,
): Promise<LiveSession | null> {
  return await liveSession(parts, await rowsBy(parts, connection, 'refresh_family', [family]))
}

/** The live session of that id, or null. */
export async function sessionById(
  parts: Parts,
  connection: Connection,
  id: string,
): Promise<LiveSession | null> {
  return await liveSession(parts, await rowsBy(parts, connection, 'id', [id]))
}

/** What requests that arrive together ask of the store, each by the hash of its token. */
export function sessionsByToken(parts: Pick<Parts, 'store' | 'clock'>): Parts['sessionsByToken'] {
  return gathered(async (hashes) => {
    const rows = await rowsBy(parts, parts.store.now, 'token_hash', hashes)
    return Map.groupBy(rows, (row) => row.token_hash)
  }, MOST_AT_ONCE)
}

/** Milliseconds without a request after which a session is over. */
export function idleMs(parts: Pick<Parts, 'options'>): number {
  return parts.options.sessionTimeoutMinutes * MINUTE
}

/** One statement for all that decides, since it is asked at every request; a row for each role. */
function rowsOf(column: Column, count: number) {
  return keptStatement((connection, given: (name: Slot) => string) =>
    inStore(connection)
      .selectFrom('castellan_session as session')
      .innerJoin('castellan_person as person', 'person.id', 'session.person_id')
      .leftJoin('castellan_role_grant as granted', (join) =>
        join
          .onRef('granted.principal_id', '=', 'person.id')
          .on('granted.principal_kind', '=', 'person')
          .on((on) =>
            on.or([on('granted.expires_at', 'is', null), on('granted.expires_at', '>', given('now'))]),
          ),
      )
      .selectAll('session')
      .select([
        'person.name as person_name',
        'person.email as person_email',
        'person.attributes as person_attributes',
        'person.time_zone as person_time_zone',
        'person.locale as person_locale',
        'person.is_active as person_is_active',
        'granted.role as role',
      ])
      .select(({ selectFrom }) =>
        selectFrom('castellan_meta').select('value').where('name', '=', KEYS_VERSION).as('keys_version'),
      )
      .where(
        `session.${column}`,
        'in',
        Array.from({ length: count }, (_, index) => given(`value${index}`)),
      )
      .orderBy('granted.role'),
  )
}

const upTo = (most: number, column: Column) =>
  Array.from({ length: most }, (_, index) => rowsOf(column, index + 1))

const STATEMENTS = {
  id: upTo(1, 'id'),
  token_hash: upTo(MOST_AT_ONCE, 'token_hash'),
  refresh_family: upTo(1, 'refresh_family'),
}

async function rowsBy(
  parts: Pick<Parts, 'clock'>,
  connection: Connection,
  column: Column,
  values: readonly string[],
): Promise<readonly SessionWithRole[]> {
  const statement = STATEMENTS[column][values.length - 1]
  if (!statement) throw new RangeError(`No statement looks up ${values.length} sessions.`)
  const given = { now: toText(parts.clock()) } as Record<Slot, string>
  for (const [index, value] of values.entries()) given[`value${index}`] = value
  return await statement(connection, given)
}

async function liveSession(parts: Parts, rows: readonly SessionWithRole[]): Promise<LiveSession | null> {
  const [row] = rows
  if (row) await parts.keys.follow(parts.store.now, row.keys_version)
  if (!row || !isWithinLimits(parts, row, parts.clock()) || Number(row.person_is_active) !== 1) return null
  const person: LivePerson = {
    id: row.person_id,
    name: row.person_name,
    email: row.person_email,
    attributes: row.person_attributes,
    time_zone: row.person_time_zone,
    locale: row.person_locale,
  }
  return { row, person, roles: rows.flatMap(({ role }) => role ?? []) }
}

/** Neither idle for too long nor at its absolute end. */
function isWithinLimits(parts: Parts, row: SessionRow, now: number): boolean {
  return now < toInstant(row.expires_at) && now < toInstant(row.last_seen_at) + idleMs(parts)
}
