/**
 * The mirror of a person whom the application knows, to which roles, sessions
 * and a second factor belong: found by the record, by the name, or the other way.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import type { PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import type { HostPeople, HostRecord } from './host-people.ts'
import { canonicalUsername, MAX_USERNAME } from './host-username.ts'
import type { Parts } from './parts.ts'

export type Mirror = Selectable<PersonTable>

const MAX_NAME = 200
/** What could make one name look like another; but the two joiners, which some scripts are written with. */
const INVISIBLE = /[^\P{C}\u200c\u200d]/gu

/** Whether the mirror has to be asked about before it is known who it is: for counters of places they have been. */
export async function mirrorByUsername(
  connection: Connection,
  host: HostPeople,
  username: string,
): Promise<Mirror | null> {
  const person = await mirrorsOf(connection, host)
    .where('link.username_canonical', '=', canonicalUsername(username))
    .limit(1)
    .executeTakeFirst()
  return person ?? null
}

export async function mirrorOf(
  connection: Connection,
  host: HostPeople,
  key: string,
): Promise<Mirror | null> {
  const person = await mirrorsOf(connection, host).where('link.record_key', '=', key).executeTakeFirst()
  return person ?? null
}

function mirrorsOf(connection: Connection, host: HostPeople) {
  return inStore(connection)
    .selectFrom('castellan_host_person as link')
    .innerJoin('castellan_person as person', 'person.id', 'link.person_id')
    .selectAll('person')
    .where('link.model', '=', host.model)
}

/** Which record a person is; null for somebody who is none of the application's. */
export async function linkOf(
  connection: Connection,
  personId: string,
): Promise<{ readonly model: string; readonly key: string; readonly mapped: readonly string[] } | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_host_person')
    .selectAll()
    .where('person_id', '=', personId)
    .executeTakeFirst()
  // written here alone, as an array of texts
  return row
    ? { model: row.model, key: row.record_key, mapped: JSON.parse(row.mapped_roles) as string[] }
    : null
}

/** The record that a person is, as it is now; null for nobody whom the application knows. */
export async function recordOf(parts: Parts, host: HostPeople, personId: string): Promise<HostRecord | null> {
  const link = await linkOf(parts.store.now, personId)
  return link?.model === host.model ? await host.findByKey(link.key) : null
}

/**
 * Whether the person is nobody whom the application knows now: their record is gone or called otherwise, so that it
 * may be somebody else's by now, or they never were one.
 */
export async function isGone(
  parts: Parts,
  host: HostPeople,
  { id, email }: Pick<Mirror, 'id' | 'email'>,
): Promise<boolean> {
  const record = await recordOf(parts, host, id)
  return record === null || !isCalled(record, email)
}

/** Whether the record still has the name that is known of it. */
export function isCalled({ username }: HostRecord, known: string): boolean {
  return canonicalUsername(known) === canonicalUsername(username)
}

/** Takes over what the record says of its person by now. */
export async function renamed(connection: Connection, personId: string, record: HostRecord): Promise<void> {
  const store = inStore(connection)
  await store.updateTable('castellan_person').set(shownAs(record)).where('id', '=', personId).execute()
  await store
    .updateTable('castellan_host_person')
    .set({ username_canonical: canonicalUsername(record.username) })
    .where('person_id', '=', personId)
    .execute()
}

/** Whether the mirror says of the person what the record does. */
export function isSame(person: Mirror, record: HostRecord): boolean {
  const { name, email } = shownAs(record)
  return person.name === name && person.email === email
}

/** What pages and the log call the person of a record. */
export function shownAs({ name, username }: HostRecord): { readonly name: string; readonly email: string } {
  const plain = (text: string): string =>
    text.normalize('NFC').replace(INVISIBLE, '').trim().slice(0, MAX_NAME)
  return { name: plain(name) || plain(username) || 'Somebody', email: username.slice(0, MAX_USERNAME) }
}
