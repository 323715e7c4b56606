/**
 * One-time links: whoever holds one may set the password of a person, or go on
 * with a registration. 256 random bits, kept as a hash, good for a short time
 * and for one use; the newest of a person is the only one that works.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import type { LinkTable, PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { DAY, HOUR, toInstant, toText } from './instant.ts'
import type { Addressee } from './letter.ts'
import type { Parts } from './parts.ts'
import { hashOf, randomToken } from './random.ts'

type Purpose = LinkTable['purpose']

/** NIST SP 800-63B-4, section 4.2.1.2: what is sent by e-mail is good for a day at most. */
const LIFETIMES: Readonly<Record<Purpose, number>> = { invitation: DAY, password: HOUR, registration: DAY }
const LABEL = 'registration'

export interface IssuedLink {
  readonly token: string
  readonly expiresAt: number
}

/** What a link that works leads to. */
export type FoundLink =
  | {
      readonly purpose: 'invitation' | 'password'
      readonly person: Selectable<PersonTable>
    }
  | { readonly purpose: 'registration'; readonly applicant: Addressee }

/** A new link for a person; every earlier one of theirs stops working. */
export async function issueLink(
  parts: Parts,
  connection: Connection,
  purpose: 'invitation' | 'password',
  personId: string,
): Promise<IssuedLink> {
  await dropLinks(connection, personId)
  return await insert(parts, connection, purpose, { person_id: personId, secret: null })
}

/** For somebody who is no person yet. */
export async function issueRegistration(
  parts: Parts,
  connection: Connection,
  applicant: Addressee,
): Promise<IssuedLink> {
  const secret = parts.seals.seal('seal', LABEL, JSON.stringify(applicant), '')
  return await insert(parts, connection, 'registration', { person_id: null, secret })
}

async function insert(
  parts: Parts,
  connection: Connection,
  purpose: Purpose,
  about: Pick<LinkTable, 'person_id' | 'secret'>,
): Promise<IssuedLink> {
  const now = parts.clock()
  const token = randomToken(parts.randomBytes)
  const expiresAt = now + LIFETIMES[purpose]
  await inStore(connection)
    .insertInto('castellan_link')
    .values({
      token_hash: hashOf(token),
      purpose,
      ...about,
      created_at: toText(now),
      expires_at: toText(expiresAt),
    })
    .execute()
  return { token, expiresAt }
}

/** When the link of that person was made which works now; null: there is none. */
export async function linkedAt(
  parts: Parts,
  connection: Connection,
  personId: string,
): Promise<number | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_link')
    .select('created_at')
    .where('person_id', '=', personId)
    .where('expires_at', '>', toText(parts.clock()))
    .executeTakeFirst()
  return row ? toInstant(row.created_at) : null
}

export async function dropLinks(connection: Connection, personId: string): Promise<void> {
  await inStore(connection).deleteFrom('castellan_link').where('person_id', '=', personId).execute()
}

/** Null for a used, an old and a made-up one, and where its person may not sign in. */
export async function findLink(
  parts: Parts,
  connection: Connection,
  token: string,
): Promise<FoundLink | null> {
  const store = inStore(connection)
  const row = await store
    .selectFrom('castellan_link')
    .selectAll()
    .where('token_hash', '=', hashOf(token))
    .where('expires_at', '>', toText(parts.clock()))
    .executeTakeFirst()
  if (!row) return null
  if (row.purpose === 'registration') {
    const text = row.secret === null ? null : parts.seals.open('seal', LABEL, row.secret, '')
    // sealed by `issueRegistration` alone
    return text === null ? null : { purpose: row.purpose, applicant: JSON.parse(text) as Addressee }
  }
  const person = await store
    .selectFrom('castellan_person')
    .selectAll()
    .where('id', '=', row.person_id ?? '')
    .where('is_active', '=', 1)
    .executeTakeFirst()
  return person ? { purpose: row.purpose, person } : null
}

/**
 * Uses a link up, in the transaction of what it leads to; one of any number of attempts gets it.
 * @throws AdminError `not-found`
 */
export async function useLink(parts: Parts, connection: Connection, token: string): Promise<FoundLink> {
  const found = await findLink(parts, connection, token)
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_link')
    .where('token_hash', '=', hashOf(token))
    .executeTakeFirst()
  if (!found || numDeletedRows !== 1n) throw noSuchLink()
  return found
}

/** The same for every link that does not work. */
export function noSuchLink(): AdminError {
  return new AdminError(
    'not-found',
    'This link was used, is too old, or a newer one was made. Ask for another.',
  )
}
