/**
 * People whom the application itself knows: it proves who they are, and here
 * stands a mirror of each, to which roles, sessions and a second factor belong.
 *
 * What the application answers is believed only as far as it names a record of
 * its model; everything else about a person is Castellan's own.
 */

import type { Selectable } from 'kysely'
import type { EventDraft } from '../audit/event.ts'
import type { Connection } from '../database/database.ts'
import { timeLimit } from '../database/time-limit.ts'
import { AdminError } from '../errors.ts'
import type { PersonTable } from '../store/identity-tables.ts'
import { lockStore } from '../store/lock.ts'
import { inStore } from '../store/tables.ts'
import { credentialOf } from './credential.ts'
import { canonicalEmail } from './email.ts'
import { storyOf } from './event.ts'
import { toText } from './instant.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { isOfPasswordSize } from './password-rule.ts'
import { hashOf, randomId } from './random.ts'
import type { RequestOrigin } from './request.ts'
import { grant, rolesOf, ungrant } from './role-grant.ts'
import { revoke } from './session.ts'
import { keepingSuperadmin } from './superadmin.ts'

/** The application's side, checked at the start. Made in `assembly/`. */
export interface HostPeople {
  /** The model whose records people are: `users`. */
  readonly model: string
  /** What the field of the sign-in page is called: "E-mail", "Username". */
  readonly usernameLabel: string
  /** Whatever it answers is checked by `find`. */
  authenticate(username: string, password: string): unknown
  /** Null: passwords are changed elsewhere. */
  readonly changePassword: ((id: HostId, password: string) => unknown) | null
  /** Null: roles are granted in the admin alone. */
  readonly roles: ((id: HostId) => unknown) | null
  /** The record that an answer of `authenticate` names, as it is now; null where it names none. */
  find(id: unknown): Promise<HostRecord | null>
  /** The same by the key that was stored. */
  findByKey(key: string): Promise<HostRecord | null>
}

/** As the application's own code knows its records: a number where it is a whole one that a number holds, else text. */
export type HostId = string | number

export interface HostRecord {
  /** As in an address. */
  readonly key: string
  readonly id: HostId
  /** How people call them. */
  readonly name: string
  /** What they sign in with. */
  readonly username: string
}

export type Mirror = Selectable<PersonTable>

/** The option `people` of `createAdmin`: the application's own table of people, and its code that knows their passwords. */
export interface PeopleOption {
  /** The model whose records people are: `users`. */
  readonly model: string
  /** The field with which they sign in. */
  readonly usernameField: string
  /** The field by which pages and the audit log call them; absent: the title of the record. */
  readonly nameField?: string
  /** The field that holds the hash of the password, where its name does not tell: it leaves every read. */
  readonly passwordField?: string
  /**
   * The id of the record whose password that is, or null. It may ask for more, and answers null where that is
   * not met. It takes as long for a username that nobody has as for one with another password.
   */
  authenticate(username: string, password: string): Answer<string | number | bigint | null>
  /** Sets a password, hashed as `authenticate` wants it; absent: passwords are changed in the application alone. */
  changePassword?(id: HostId, password: string): Answer<void>
  /** Roles of the policy that the record has at this sign-in, beside those that administrators grant. */
  roles?(id: HostId): Answer<readonly string[]>
}

type Answer<T> = T | Promise<T>

/** What came of asking the application. */
export type Proof =
  | { readonly kind: 'proven'; readonly record: HostRecord }
  | { readonly kind: 'refused'; readonly because: string }

const ANSWER_MS = 10_000
const MAX_USERNAME = 320
const MAX_NAME = 200
/** What could make one name look like another; but the two joiners, which some scripts are written with. */
const INVISIBLE = /[^\P{C}\u200c\u200d]/gu

export function canonicalUsername(username: string): string {
  return canonicalEmail(username).slice(0, MAX_USERNAME)
}

/**
 * What attempts are counted by. Many a database takes "ána" and full-width letters for "ana" as it looks her up, so
 * they are one account here: every spelling would have guesses of its own.
 */
export function countedUsername(username: string): string {
  return canonicalUsername(username.normalize('NFKD').replace(/[\p{M}\p{C}\s]/gu, ''))
}

/**
 * Asks the application who that is. Beside it runs a hash of our own, so that
 * an early answer ("nobody of that name") comes no sooner than a late one.
 */
export async function prove(
  parts: Parts,
  host: HostPeople,
  username: string,
  password: string,
): Promise<Proof> {
  // an empty password, or one that is none by its size, proves nothing: no application is asked about it
  const isAsked =
    username !== '' && username.length <= MAX_USERNAME && password !== '' && isOfPasswordSize(password)
  const [answer] = await Promise.all([
    isAsked ? answerOf(parts, host, username, password) : null,
    parts.passwords.verify(isAsked ? password : '', null),
  ])
  if (answer === FAILED) return { kind: 'refused', because: 'the application could not answer' }
  if (answer === null || answer === undefined) return { kind: 'refused', because: 'the application says no' }
  const record = await host.find(answer)
  if (record) return { kind: 'proven', record }
  parts.log?.warn({ model: host.model }, 'authenticate answered an id that no record of the model has.')
  return { kind: 'refused', because: 'no such record' }
}

const FAILED: unique symbol = Symbol('failed')

async function answerOf(
  parts: Parts,
  host: HostPeople,
  username: string,
  password: string,
): Promise<unknown> {
  const limit = timeLimit('authenticate', ANSWER_MS)
  try {
    return await limit.within((async () => host.authenticate(username, password))())
  } catch (error) {
    tell(parts, 'authenticate', error)
    return FAILED
  } finally {
    limit.end()
  }
}

/** Names the kind of error alone: its message may hold what somebody typed. */
export function tell(parts: Parts, what: string, error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error
  parts.log?.warn({ error: name }, `${what} of the option "people" failed.`)
  parts.onHostError?.(error)
}

/** Whether the mirror has to be asked about before it is known who it is: for counters of places they have been. */
export async function mirrorByUsername(
  connection: Connection,
  host: HostPeople,
  username: string,
): Promise<Mirror | null> {
  const person = await inStore(connection)
    .selectFrom('castellan_host_person as link')
    .innerJoin('castellan_person as person', 'person.id', 'link.person_id')
    .selectAll('person')
    .where('link.model', '=', host.model)
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
  const person = await inStore(connection)
    .selectFrom('castellan_host_person as link')
    .innerJoin('castellan_person as person', 'person.id', 'link.person_id')
    .selectAll('person')
    .where('link.model', '=', host.model)
    .where('link.record_key', '=', key)
    .executeTakeFirst()
  return person ?? null
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

/** Which roles somebody has could not be found out: they get none, and no session. */
export class RolesUnknown extends Error {
  override readonly name = 'RolesUnknown'
}

/** The roles that the record gets at its next sign-in; null: the application maps none. @throws RolesUnknown when it fails. */
export async function wantedRoles(
  parts: Parts,
  host: HostPeople,
  { id }: HostRecord,
): Promise<readonly string[] | null> {
  if (!host.roles) return null
  const limit = timeLimit('roles', ANSWER_MS)
  try {
    const { roles } = host
    const answer = await limit.within((async () => roles(id))())
    const names = Array.isArray(answer) ? [...new Set(answer)] : null
    if (names?.every((name) => parts.options.roles.includes(name))) return names
    throw new TypeError('It must answer a list of roles that the policy has.')
  } catch (error) {
    tell(parts, 'roles', error)
    throw new RolesUnknown('The application could not say which roles somebody has.', { cause: error })
  } finally {
    limit.end()
  }
}

type Tell = (draft: EventDraft) => Promise<void>

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
  await told({ ...draft, changes: [internal('name', null, name), internal('email', null, email)] })
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
  return (await credentialOf(connection, id, 'totp')) ? 'to-prove' : 'another'
}

function isCalled({ username }: HostRecord, known: string): boolean {
  return canonicalUsername(known) === canonicalUsername(username)
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

/** Gives what the application maps now and takes what it mapped before; what administrators granted stays. */
async function mapRoles(
  parts: Parts,
  connection: Connection,
  person: Mirror,
  wanted: readonly string[],
  origin: RequestOrigin,
  told: Tell,
): Promise<void> {
  const now = parts.clock()
  const grantee = { kind: 'person', id: person.id } as const
  const link = await linkOf(connection, person.id)
  const held = await rolesOf(connection, grantee, now)
  const given = wanted.filter((role) => !held.includes(role))
  const taken = (link?.mapped ?? []).filter((role) => !wanted.includes(role) && held.includes(role))
  for (const role of given) await grant(connection, grantee, { role, expiresAt: null }, now)
  const kept: string[] = []
  for (const role of taken) if (!(await taking(parts, connection, person, role))) kept.push(role)
  const mapped = [...(link?.mapped ?? []).filter((role) => wanted.includes(role)), ...given, ...kept]
  await inStore(connection)
    .updateTable('castellan_host_person')
    .set({ mapped_roles: JSON.stringify(mapped) })
    .where('person_id', '=', person.id)
    .execute()
  const after = await rolesOf(connection, grantee, now)
  if (after.join() === held.join()) return
  const kind = given.length > 0 ? 'role.grant' : 'role.revoke'
  const draft = storyOf(kind, person, origin, now)({ outcome: 'done', details: { by: 'people.roles' } })
  await told({ ...draft, changes: [internal('roles', held.join(', ') || null, after.join(', ') || null)] })
}

/** False: it is the last working superadmin, who stays one whatever the application says. */
async function taking(parts: Parts, connection: Connection, { id }: Mirror, role: string): Promise<boolean> {
  const grantee = { kind: 'person', id } as const
  try {
    await keepingSuperadmin(parts, connection, () => ungrant(connection, grantee, role))
    return true
  } catch (error) {
    if (!(error instanceof AdminError) || error.code !== 'invalid-input') throw error
    await grant(connection, grantee, { role, expiresAt: null }, parts.clock())
    parts.log?.warn({ role }, 'The last working superadmin keeps the role that the application took.')
    return false
  }
}

function internal(
  field: string,
  before: string | null,
  after: string | null,
): NonNullable<EventDraft['changes']>[number] {
  return { field, sensitivity: 'internal', before, after }
}

function isSame(person: Mirror, record: HostRecord): boolean {
  const { name, email } = shownAs(record)
  return person.name === name && person.email === email
}

function shownAs({ name, username }: HostRecord): { readonly name: string; readonly email: string } {
  const plain = (text: string): string =>
    text.normalize('NFC').replace(INVISIBLE, '').trim().slice(0, MAX_NAME)
  return { name: plain(name) || plain(username) || 'Somebody', email: username.slice(0, MAX_USERNAME) }
}
