/**
 * The directory of people. Every function runs in the caller's transaction and
 * records nothing: the gate does.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import type { PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { newSeed, seedUri } from './authenticators/totp.ts'
import { credentialKinds, credentialOf, removeCredentials, setPassword, setTotp } from './credential.ts'
import { canonicalEmail } from './email.ts'
import type { Invited, LinkWay, People, Person, PersonInput, RoleGrant } from './identity.ts'
import { toInstant, toInstantOrNull, toText } from './instant.ts'
import type { Addressee } from './letter.ts'
import { post } from './letter-queue.ts'
import { issueLink } from './link.ts'
import { lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { hasPasskey, passkeysOf, removePasskeys } from './passkey.ts'
import {
  attributeProblems,
  emailProblems,
  nameProblems,
  plainPasswordProblems,
  roleProblems,
  throwProblems,
} from './people-input.ts'
import { randomId } from './random.ts'
import { grant, grantsOf, ungrant } from './role-grant.ts'
import { revoke } from './session.ts'
import { keepingSuperadmin } from './superadmin.ts'

type Row = Selectable<PersonTable>

export function createPeople(parts: Parts): People {
  return {
    async create(connection, input) {
      if (parts.host) throw notHere(parts.host.model)
      return await createPerson(parts, connection, input)
    },
    async update(connection, id, { name, attributes }) {
      throwProblems('The person cannot be changed', {
        name: name === undefined ? [] : nameProblems(name),
        attributes: attributes ? attributeProblems(attributes) : [],
      })
      await mustExist(connection, id)
      const changes = {
        ...(name !== undefined && { name: name.normalize('NFC').trim() }),
        ...(attributes && { attributes: JSON.stringify(attributes) }),
      }
      if (Object.keys(changes).length === 0) return
      await inStore(connection).updateTable('castellan_person').set(changes).where('id', '=', id).execute()
    },
    async find(connection, id) {
      const row = await rowOf(connection, 'id', id)
      return row ? await personOf(parts, connection, row) : null
    },
    async findByEmail(connection, email) {
      const row = await rowOf(connection, 'email_canonical', canonicalEmail(email))
      return row ? await personOf(parts, connection, row) : null
    },
    list: (connection) => listPeople(parts, connection),
    async setActive(connection, id, isActive) {
      const person = await existing(connection, id)
      await keepingSuperadmin(parts, connection, async () => {
        await inStore(connection)
          .updateTable('castellan_person')
          .set({ is_active: isActive ? 1 : 0 })
          .where('id', '=', id)
          .execute()
      })
      if (!isActive) await revoke(connection, { person: id, except: null })
      else if (await endWaiting(connection, id)) {
        await post(parts, connection, { kind: 'approved', to: addressee(person) })
      }
    },
    grantRole: (connection, id, terms) => grantRole(parts, connection, id, terms),
    async revokeRole(connection, id, role) {
      await mustExist(connection, id)
      await keepingSuperadmin(parts, connection, () => ungrant(connection, { kind: 'person', id }, role))
    },
    async resetSecondFactor(connection, id, how) {
      const person = await existing(connection, id)
      await removeCredentials(connection, id, ['totp', 'recovery'])
      await removePasskeys(connection, id)
      await revoke(connection, { person: id, except: null })
      const letter = { kind: 'second-factor-removed', to: addressee(person), at: parts.clock(), how } as const
      await post(parts, connection, letter)
    },
    async invite(connection, input, way) {
      if (parts.host) throw notHere(parts.host.model)
      const { id } = await createPerson(parts, connection, input)
      return { id, ...(await giveLink(parts, connection, id, way)) }
    },
    async renewPassword(connection, id, way) {
      if (parts.host) throw notHere(parts.host.model)
      await mustExist(connection, id)
      await keepingSuperadmin(parts, connection, () => removeCredentials(connection, id, ['password']))
      await revoke(connection, { person: id, except: null })
      return await giveLink(parts, connection, id, way)
    },
    async reject(connection, id) {
      await mustExist(connection, id)
      if (!(await endWaiting(connection, id))) throw new AdminError('not-found', `Nobody waits as "${id}".`)
      await revoke(connection, { person: id, except: null })
      const store = inStore(connection)
      await removeCredentials(connection, id, ['password', 'totp', 'recovery'])
      await removePasskeys(connection, id)
      await store.deleteFrom('castellan_known_network').where('person_id', '=', id).execute()
      await store.deleteFrom('castellan_role_grant').where('principal_id', '=', id).execute()
      await store.deleteFrom('castellan_person').where('id', '=', id).execute()
    },
  }
}

/** Makes the link that sets the first password or a new one, and has it sent where that was asked for. */
async function giveLink(
  parts: Parts,
  connection: Connection,
  id: string,
  { by, giver }: LinkWay,
): Promise<Omit<Invited, 'id'>> {
  if (by === 'mail' && !parts.options.hasMail) throw noMail()
  const person = await existing(connection, id)
  const purpose = person.last_seen_at === null ? 'invitation' : 'password'
  const { token, expiresAt } = await issueLink(parts, connection, purpose, id)
  if (by === 'link') return { token, purpose, expiresAt }
  const kind = purpose === 'invitation' ? 'invitation' : 'new-password'
  await post(parts, connection, { kind, to: addressee(person), token, expiresAt, by: giver })
  return { token: null, purpose, expiresAt }
}

function noMail(): AdminError {
  const sentence = 'This installation sends no mail: make a link and hand it over yourself.'
  return new AdminError('invalid-input', sentence, { fields: { by: ['must be "link": mail is off'] } })
}

function addressee({ name, email }: Row): Addressee {
  return { name, email }
}

/** Whether they were waiting. */
async function endWaiting(connection: Connection, id: string): Promise<boolean> {
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_registration')
    .where('person_id', '=', id)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Checks and adds a person; also how the first one is made. */
export async function createPerson(
  parts: Parts,
  connection: Connection,
  input: PersonInput,
): Promise<{ readonly id: string; readonly totpUri: string | null }> {
  const now = parts.clock()
  const name = input.name.normalize('NFC').trim()
  const email = input.email.normalize('NFC').trim()
  throwProblems('The person cannot be added', {
    name: nameProblems(name),
    email: [...emailProblems(email), ...(await takenProblems(connection, email))],
    password:
      input.password === undefined ? [] : plainPasswordProblems(parts, input.password, { name, email }),
    roles: roleProblems(parts, input.roles),
    attributes: attributeProblems(input.attributes),
  })

  const id = randomId(parts.randomBytes)
  await inStore(connection)
    .insertInto('castellan_person')
    .values({
      id,
      email,
      email_canonical: canonicalEmail(email),
      name,
      is_active: 1,
      attributes: JSON.stringify(input.attributes),
      time_zone: 'UTC',
      locale: 'en',
      created_at: toText(now),
      last_seen_at: null,
    })
    .execute()
  for (const role of input.roles) {
    await grant(connection, { kind: 'person', id }, { role, expiresAt: null }, now)
  }
  if (input.password !== undefined) {
    await setPassword(parts, connection, id, await parts.passwords.hash(input.password))
  }
  if (!input.withTotp) return { id, totpUri: null }
  const seed = newSeed(parts.randomBytes)
  await setTotp(parts, connection, id, seed, null)
  return { id, totpUri: seedUri(seed, parts.options.title, email) }
}

function notHere(model: string): AdminError {
  const sentence = `People of this installation are the records of "${model}": add them there.`
  return new AdminError('invalid-input', sentence, { fields: { email: ['cannot be added here'] } })
}

async function takenProblems(connection: Connection, email: string): Promise<readonly string[]> {
  return (await emailIsTaken(connection, email)) ? ['belongs to a person already'] : []
}

/** Whether the address, or another spelling of it, is a person's. */
export async function emailIsTaken(connection: Connection, email: string): Promise<boolean> {
  return (await rowOf(connection, 'email_canonical', canonicalEmail(email))) !== undefined
}

async function grantRole(parts: Parts, connection: Connection, id: string, terms: RoleGrant): Promise<void> {
  const now = parts.clock()
  throwProblems('The role cannot be granted', {
    role: roleProblems(parts, [terms.role]),
    expiresAt: terms.expiresAt !== null && terms.expiresAt <= now ? ['must be in the future'] : [],
  })
  await mustExist(connection, id)
  await keepingSuperadmin(parts, connection, () => grant(connection, { kind: 'person', id }, terms, now))
}

async function rowOf(
  connection: Connection,
  column: 'id' | 'email_canonical',
  value: string,
): Promise<Row | undefined> {
  return await inStore(connection)
    .selectFrom('castellan_person')
    .selectAll()
    .where(column, '=', value)
    .executeTakeFirst()
}

/** Nor does anybody else change them before the transaction ends. */
async function existing(connection: Connection, id: string): Promise<Row> {
  await lockPerson(connection, id)
  const row = await rowOf(connection, 'id', id)
  if (!row) throw new AdminError('not-found', `No person "${id}".`)
  return row
}

async function mustExist(connection: Connection, id: string): Promise<void> {
  await existing(connection, id)
}

async function personOf(parts: Parts, connection: Connection, row: Row): Promise<Person> {
  const grants = await grantsOf(connection, 'person', [row.id], parts.clock())
  const totp = await credentialOf(connection, row.id, 'totp')
  return described(row, {
    roles: grants.get(row.id) ?? [],
    hasSecondFactor: totp !== null || (await passkeysOf(connection, row.id)).length > 0,
    hasPassword: (await credentialOf(connection, row.id, 'password')) !== null,
    waitingSince: (await waiting(connection)).get(row.id) ?? null,
  })
}

/** Since when everybody waits who does. */
async function waiting(connection: Connection): Promise<ReadonlyMap<string, number>> {
  const rows = await inStore(connection).selectFrom('castellan_registration').selectAll().execute()
  return new Map(rows.map((row) => [row.person_id, toInstant(row.registered_at)]))
}

async function listPeople(parts: Parts, connection: Connection): Promise<readonly Person[]> {
  const rows = await inStore(connection)
    .selectFrom('castellan_person')
    .selectAll()
    .orderBy('name')
    .orderBy('id')
    .execute()
  const grants = await grantsOf(connection, 'person', null, parts.clock())
  const kinds = await credentialKinds(connection)
  const withPasskey = await hasPasskey(connection)
  const waits = await waiting(connection)
  return rows.map((row) =>
    described(row, {
      roles: grants.get(row.id) ?? [],
      hasSecondFactor: (kinds.get(row.id)?.has('totp') ?? false) || withPasskey.has(row.id),
      hasPassword: kinds.get(row.id)?.has('password') ?? false,
      waitingSince: waits.get(row.id) ?? null,
    }),
  )
}

type Known = Pick<Person, 'roles' | 'hasSecondFactor' | 'hasPassword' | 'waitingSince'>

function described(row: Row, known: Known): Person {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    isActive: Number(row.is_active) === 1,
    ...known,
    // written here alone, as an object of texts
    attributes: JSON.parse(row.attributes) as Readonly<Record<string, string>>,
    createdAt: toInstant(row.created_at),
    lastSeenAt: toInstantOrNull(row.last_seen_at),
  }
}
