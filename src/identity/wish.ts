/**
 * What visitors ask for: a link to set a new password, or an account.
 *
 * The visitor's own request counts the attempt and puts the wish into the
 * queue, whoever it names. What comes of it is decided when its turn comes,
 * and told to the mailbox alone.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import type { PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { credentialOf } from './credential.ts'
import { canonicalEmail, isEmail } from './email.ts'
import { attempted, storyOf } from './event.ts'
import { answerGuessed } from './guessed.ts'
import { MINUTE } from './instant.ts'
import type { Wish } from './letter.ts'
import { type ClaimedWish, post, takeOut, wishFor } from './letter-queue.ts'
import { issueLink, issueRegistration, linkedAt } from './link.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { emailProblems, nameProblems, throwProblems } from './people-input.ts'
import type { RequestOrigin } from './request.ts'
import { wishCounters } from './throttle.ts'

/** A mailbox gets no second link within this time, however many ask for one; the first still works. */
const PAUSE_MS: number = 5 * MINUTE

/** @throws AdminError `invalid-input` for what is no address; `limit-exceeded`. */
export async function forgotPassword(
  parts: Parts,
  { email }: { readonly email: string },
  origin: RequestOrigin,
): Promise<void> {
  throwProblems('The link cannot be sent', { email: emailProblems(email) })
  await wish(parts, { kind: 'forgotten', email: canonicalEmail(email), origin })
}

/** @throws AdminError `invalid-input`, `limit-exceeded`. */
export async function register(
  parts: Parts,
  input: { readonly name: string; readonly email: string },
  origin: RequestOrigin,
): Promise<void> {
  const name = input.name.normalize('NFC').trim()
  const email = input.email.normalize('NFC').trim()
  throwProblems('The account cannot be asked for', {
    name: nameProblems(name),
    email: emailProblems(email),
  })
  await wish(parts, { kind: 'register', name, email, origin })
}

type Asked = Exclude<Wish, { kind: 'guessed' }>

const EVENTS = { forgotten: 'identity.recover', register: 'person.register' } as const

async function wish(parts: Parts, wished: Asked): Promise<void> {
  const { origin } = wished
  const story = storyOf(EVENTS[wished.kind], null, origin, parts.clock())
  await attempted(parts, story, async () => {
    await parts.throttle.attempt(wishCounters(canonicalEmail(wished.email), origin.address))
    await parts.store.write(async (connection) => {
      await wishFor(parts, connection, wished)
      await parts.audit.append(connection, story({ outcome: 'pending' }))
    }, LOCKING)
  })
  parts.onLetter()
}

/** Decides what comes of a wish, in one transaction with taking it out of the queue. */
export async function answerWish(parts: Parts, { id, wish: wished }: ClaimedWish): Promise<void> {
  await parts.store.write(async (connection) => {
    const person = await personAt(connection, wished.email)
    if (person) await lockPerson(connection, person.id)
    if (!(await takeOut(connection, id))) return
    if (wished.kind === 'register') await answerRegister(parts, connection, wished, person)
    else if (person && wished.kind === 'guessed') await answerGuessed(parts, connection, wished, person)
    else if (person) await answerForgotten(parts, connection, person, wished.origin)
  }, LOCKING)
}

async function answerForgotten(
  parts: Parts,
  connection: Connection,
  person: Selectable<PersonTable>,
  origin: RequestOrigin,
): Promise<void> {
  if (Number(person.is_active) !== 1) return
  const madeAt = await linkedAt(parts, connection, person.id)
  const now = parts.clock()
  if (madeAt !== null && now - madeAt < PAUSE_MS) return
  // whoever never had one is still invited, and may answer that for as long as an invitation lasts
  const hasPassword = (await credentialOf(connection, person.id, 'password')) !== null
  const link = await issueLink(parts, connection, hasPassword ? 'password' : 'invitation', person.id)
  const to = { name: person.name, email: person.email }
  await post(parts, connection, { kind: 'new-password', to, ...link, by: null })
  const story = storyOf('identity.recover', person, origin, now)
  await parts.audit.append(connection, story({ outcome: 'done' }))
}

async function answerRegister(
  parts: Parts,
  connection: Connection,
  { name, email, origin }: Extract<Wish, { kind: 'register' }>,
  person: Selectable<PersonTable> | null,
): Promise<void> {
  if (person) {
    const to = { name: person.name, email: person.email }
    await post(parts, connection, { kind: 'already-registered', to })
    return
  }
  const to = { name, email }
  const link = await issueRegistration(parts, connection, to)
  await post(parts, connection, { kind: 'registration', to, ...link, by: null })
  const story = storyOf('person.register', null, origin, parts.clock())
  await parts.audit.append(connection, story({ outcome: 'started' }))
}

async function personAt(connection: Connection, email: string): Promise<Selectable<PersonTable> | null> {
  if (!isEmail(email)) return null
  const row = await inStore(connection)
    .selectFrom('castellan_person')
    .selectAll()
    .where('email_canonical', '=', canonicalEmail(email))
    .executeTakeFirst()
  return row ?? null
}
