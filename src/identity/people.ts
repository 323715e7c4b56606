/**
 * The directory of people. Every function runs in the caller's transaction and
 * records nothing: the gate does.
 */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import { newSeed, seedUri } from './authenticators/totp.ts'
import { removeCredentials, setPassword, setTotp } from './credential.ts'
import { canonicalEmail } from './email.ts'
import type { Invited, LinkWay, People, PersonChange, PersonInput, RoleGrant } from './identity.ts'
import { toText } from './instant.ts'
import type { Addressee } from './letter.ts'
import { post } from './letter-queue.ts'
import { dropLinks, issueLink } from './link.ts'
import { lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { removePasskeys } from './passkey.ts'
import {
  attributeProblems,
  emailProblems,
  nameProblems,
  plainPasswordProblems,
  roleProblems,
  throwProblems,
} from './people-input.ts'
import { personOf, type PersonRow as Row, rowOf, standingsOf } from './people-read.ts'
import { randomId } from './random.ts'
import { removePerson } from './remove-person.ts'
import { grant, ungrant } from './role-grant.ts'
import { revoke } from './session.ts'
import { keepingSuperadmin } from './superadmin.ts'

export function createPeople(parts: Parts): People {
  return {
    async create(connection, input) {
      if (parts.host) throw notHere(parts.host.model)
      return await createPerson(parts, connection, input)
    },
    update: (connection, id, input, how) => updatePerson(parts, connection, id, input, how),
    async find(connection, id) {
      const row = await rowOf(connection, 'id', id)
      return row ? await personOf(parts, connection, row) : null
    },
    async findByEmail(connection, email) {
      const row = await rowOf(connection, 'email_canonical', canonicalEmail(email))
      return row ? await personOf(parts, connection, row) : null
    },
    standings: (connection, ids) => standingsOf(parts, connection, ids),
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
      await removePerson(connection, id)
    },
    async remove(connection, id) {
      await mustExist(connection, id)
      let ended = 0
      await keepingSuperadmin(parts, connection, async () => {
        ended = await removePerson(connection, id)
      })
      return ended
    },
  }
}

async function updatePerson(
  parts: Parts,
  connection: Connection,
  id: string,
  { name, email: typed, attributes }: PersonChange,
  how: string,
): Promise<void> {
  const person = await existing(connection, id)
  const email = typed?.normalize('NFC').trim()
  throwProblems('The person cannot be changed', {
    name: name === undefined || name === person.name ? [] : [...keptThere(parts), ...nameProblems(name)],
    email: email === undefined ? [] : await changedEmailProblems(parts, connection, person, email),
    attributes: attributes ? attributeProblems(attributes) : [],
  })
  const changes = {
    ...(name !== undefined && { name: name.normalize('NFC').trim() }),
    ...(email !== undefined && { email, email_canonical: canonicalEmail(email) }),
    ...(attributes && { attributes: JSON.stringify(attributes) }),
  }
  if (Object.keys(changes).length === 0) return
  await inStore(connection).updateTable('castellan_person').set(changes).where('id', '=', id).execute()
  if (email === undefined || email === person.email) return
  // what was sent to the old address opens nothing any more
  await dropLinks(connection, id)
  for (const to of [addressee(person), { name: name ?? person.name, email }]) {
    const letter = { kind: 'email-changed', to, at: parts.clock(), from: person.email, email, how } as const
    await post(parts, connection, letter)
  }
}

/** Where the application says who people are, it says how they are called as well. */
function keptThere({ host }: Parts): readonly string[] {
  return host ? [`is kept by the records of "${host.model}": change it there`] : []
}

async function changedEmailProblems(
  parts: Parts,
  connection: Connection,
  person: Row,
  email: string,
): Promise<readonly string[]> {
  if (email === person.email) return []
  if (parts.host) return keptThere(parts)
  const isOther = canonicalEmail(email) !== person.email_canonical
  return [...emailProblems(email), ...(isOther ? await takenProblems(connection, email) : [])]
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
