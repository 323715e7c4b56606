/**
 * Following a one-time link: a password is set, and sign-in goes on at the
 * second factor. A link never replaces a second factor that there is.
 */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { credentialOf, setPassword } from './credential.ts'
import { attempted, storyOf } from './event.ts'
import type { LinkUsed, LinkView } from './identity.ts'
import { toText } from './instant.ts'
import type { Addressee } from './letter.ts'
import { post } from './letter-queue.ts'
import { type FoundLink, findLink, noSuchLink, useLink } from './link.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { createPerson, emailIsTaken } from './people.ts'
import { newPasswordProblems, throwProblems } from './people-input.ts'
import type { RequestOrigin } from './request.ts'
import { revoke } from './session.ts'
import { nextStep } from './standing.ts'
import { placeCounters } from './throttle.ts'

/** What its page shows; null for every link that does not work. */
export async function describeLink(parts: Parts, token: string): Promise<LinkView | null> {
  const found = await findLink(parts, parts.store.now, token)
  return found && { purpose: found.purpose, ...whose(found) }
}

function whose(found: FoundLink): Addressee {
  const { name, email } = found.purpose === 'registration' ? found.applicant : found.person
  return { name, email }
}

/** @throws AdminError `not-found`, `invalid-input` at `password`, `limit-exceeded`. */
export async function followLink(
  parts: Parts,
  { token, password }: { readonly token: string; readonly password: string },
  origin: RequestOrigin,
): Promise<LinkUsed> {
  const found = await findLink(parts, parts.store.now, token)
  const named = found && found.purpose !== 'registration' ? found.person : null
  const kind = found?.purpose === 'registration' ? 'person.register' : 'identity.password'
  const story = storyOf(kind, named, origin, parts.clock())

  const { used, event } = await attempted(parts, story, async () => {
    const attempt = await parts.throttle.attempt(placeCounters(origin.address))
    if (!found) throw noSuchLink()
    throwProblems('The password cannot be set', {
      password: await newPasswordProblems(parts, password, whose(found)),
    })
    const hash = await parts.passwords.hash(password)

    return await parts.store.write(async (connection) => {
      if (named) await lockPerson(connection, named.id)
      const link = await useLink(parts, connection, token)
      const done =
        link.purpose === 'registration'
          ? await join(parts, connection, link.applicant, hash, origin)
          : await letIn(parts, connection, link, hash, origin)
      await attempt.succeeded(connection)
      return done
    }, LOCKING)
  })
  parts.onLetter()
  await parts.audit.sealed(event)
  return used
}

interface Followed {
  readonly used: LinkUsed
  readonly event: string
}

async function letIn(
  parts: Parts,
  connection: Connection,
  { purpose, person }: Exclude<FoundLink, { purpose: 'registration' }>,
  hash: string,
  origin: RequestOrigin,
): Promise<Followed> {
  const hadPassword = (await credentialOf(connection, person.id, 'password')) !== null
  const endedSessions = await revoke(connection, { person: person.id, except: null })
  await setPassword(parts, connection, person.id, hash)
  if (hadPassword) {
    const to = { name: person.name, email: person.email }
    await post(parts, connection, { kind: 'password-changed', to, at: parts.clock() })
  }
  const step = await nextStep(parts, connection, person.id)
  const story = storyOf('identity.password', person, origin, parts.clock())
  const draft = story({ outcome: 'done', details: { by: purpose, endedSessions } })
  return { used: { kind: 'signing-in', step }, event: await parts.audit.append(connection, draft) }
}

/** The mailbox is theirs; whether they come in is for an administrator to say. */
async function join(
  parts: Parts,
  connection: Connection,
  applicant: Addressee,
  hash: string,
  origin: RequestOrigin,
): Promise<Followed> {
  if (!parts.options.hasRegistration || (await emailIsTaken(connection, applicant.email))) throw noSuchLink()
  const { id } = await createPerson(parts, connection, { ...applicant, roles: [], attributes: {} })
  await inStore(connection)
    .updateTable('castellan_person')
    .set({ is_active: 0 })
    .where('id', '=', id)
    .execute()
  await inStore(connection)
    .insertInto('castellan_registration')
    .values({ person_id: id, registered_at: toText(parts.clock()) })
    .execute()
  await setPassword(parts, connection, id, hash)
  const story = storyOf('person.register', { id, name: applicant.name }, origin, parts.clock())
  return {
    used: { kind: 'waiting' },
    event: await parts.audit.append(connection, story({ outcome: 'done' })),
  }
}
