/**
 * Somebody comes in whom the application knows: their mirror is made at the
 * first sign-in, found again at the next, and given up where the record is
 * somebody else's by now.
 */

import type { EventDraft } from '../audit/event.ts'
import type { Connection } from '../database/database.ts'
import { lockStore } from '../store/lock.ts'
import { inStore } from '../store/tables.ts'
import { credentialOf } from './credential.ts'
import { internalChange, storyOf } from './event.ts'
import { isCalled, isSame, type Mirror, mirrorOf, renamed, shownAs } from './host-mirror.ts'
import type { HostPeople, HostRecord } from './host-people.ts'
import { mapRoles, wantedRoles } from './host-roles.ts'
import { canonicalUsername } from './host-username.ts'
import { toText } from './instant.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Tell } from './mapped-roles.ts'
import type { Parts } from './parts.ts'
import { passkeysOf } from './passkey.ts'
import { hashOf, randomId } from './random.ts'
import type { RequestOrigin } from './request.ts'
import { revoke } from './session.ts'

/**
 * The person of a record, made at their first sign-in without any role, and
 * with the roles that the application maps.
 */
export async function mirrored(
  parts: Parts,
  host: HostPeople,
  record: HostRecord,
  origin: RequestOrigin,
): Promise<Mirror> {
  const wanted = await wantedRoles(parts, host, record)
  const before = await mirrorOf(parts.store.now, host, record.key)
  if (before && !wanted && isSame(before, record)) return before
  const { person, events } = await parts.store.write(async (connection) => {
    // one of any number of first sign-ins makes the person
    if (!before) await lockStore(connection)
    const events: string[] = []
    const tell = async (draft: EventDraft): Promise<void> => {
      events.push(await parts.audit.append(connection, draft))
    }
    const person = await made(parts, connection, host, record, origin, tell)
    if (wanted) await mapRoles(parts, connection, person, wanted, origin, tell)
    return { person, events }
  }, LOCKING)
  for (const event of events) await parts.audit.sealed(event)
  return person
}

async function made(
  parts: Parts,
  connection: Connection,
  host: HostPeople,
  record: HostRecord,
  origin: RequestOrigin,
  told: Tell,
): Promise<Mirror> {
  const now = parts.clock()
  const { name, email } = shownAs(record)
  const found = await mirrorOf(connection, host, record.key)
  if (found) {
    await lockPerson(connection, found.id)
    const stays = await continuityOf(connection, found, record)
    if (stays === 'same') {
      await renamed(connection, found.id, record)
      return { ...found, name, email }
    }
    if (stays === 'to-prove') {
      await revoke(connection, { person: found.id, except: null })
      return found
    }
    await detach(connection, found, record, storyOf('person.deactivate', found, origin, now), told)
  }
  const row: Mirror = {
    id: randomId(parts.randomBytes),
    email,
    // no address begins so: it is never the name of anybody of our own
    email_canonical: `:${hashOf(JSON.stringify([host.model, record.key]))}`,
    name,
    is_active: 1,
    attributes: '{}',
    time_zone: 'UTC',
    locale: 'en',
    created_at: toText(now),
    last_seen_at: null,
  }
  await inStore(connection)
    .insertInto('castellan_person')
    .values({ ...row, is_active: 1 })
    .execute()
  await inStore(connection)
    .insertInto('castellan_host_person')
    .values({
      person_id: row.id,
      model: host.model,
      record_key: record.key,
      username_canonical: canonicalUsername(record.username),
      mapped_roles: '[]',
    })
    .execute()
  const story = storyOf('person.create', row, origin, now)
  const draft = story({ outcome: 'done', details: { model: host.model, key: record.key } })
  await told({
    ...draft,
    changes: [internalChange('name', null, name), internalChange('email', null, email)],
  })
  return row
}

/**
 * A database may give the id of a record that was deleted to the next one, and nobody can tell that from a new name
 * of the same person: but their second factor can.
 */
async function continuityOf(
  connection: Connection,
  { id, email }: Mirror,
  record: HostRecord,
): Promise<'same' | 'to-prove' | 'another'> {
  if (isCalled(record, email)) return 'same'
  if (await credentialOf(connection, id, 'totp')) return 'to-prove'
  return (await passkeysOf(connection, id)).length > 0 ? 'to-prove' : 'another'
}

/** Whoever had the id before keeps their name in the log, and nothing of theirs is anybody else's. */
async function detach(
  connection: Connection,
  before: Mirror,
  { key }: HostRecord,
  story: ReturnType<typeof storyOf>,
  told: Tell,
): Promise<void> {
  await revoke(connection, { person: before.id, except: null })
  const store = inStore(connection)
  await store.deleteFrom('castellan_host_person').where('person_id', '=', before.id).execute()
  await store
    .updateTable('castellan_person')
    .set({ is_active: 0, email_canonical: `:${before.id}` })
    .where('id', '=', before.id)
    .execute()
  await told(story({ outcome: 'done', details: { key, reason: 'the record has another name now' } }))
}
