/**
 * Signing in with a password. What is owed after it (a second factor, or setting
 * one up) is in `second-factor.ts` and `enrol.ts`.
 *
 * Whatever is wrong with e-mail or password (nobody of that name, another
 * password, a deactivated person) takes the same work and gets the same answer.
 */

import type { Selectable } from 'kysely'
import { AdminError } from '../errors.ts'
import type { CredentialTable, PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { credentialOf, rehashPassword } from './credential.ts'
import { canonicalEmail } from './email.ts'
import { attempted, storyOf, Unproven } from './event.ts'
import { counted } from './guessed.ts'
import type { SignInStep } from './identity.ts'
import { isKnownPlace } from './known-place.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { isOfPasswordSize } from './password-rule.ts'
import type { RequestOrigin } from './request.ts'
import { nextStep } from './standing.ts'
import { passwordCounters } from './throttle.ts'

interface Claim {
  readonly person: Selectable<PersonTable> | null
  readonly password: Selectable<CredentialTable> | null
  /** Whether the person has signed in from there before. */
  readonly isKnownPlace: boolean
}

/** @throws AdminError `unauthenticated`, `limit-exceeded` */
export async function signIn(
  parts: Parts,
  input: { readonly email: string; readonly password: string },
  origin: RequestOrigin,
): Promise<SignInStep> {
  const email = canonicalEmail(input.email)
  const claim = await claimOf(parts, email, origin)
  const story = storyOf('identity.sign-in', claim.person, origin, parts.clock())

  return await attempted(parts, story, async () => {
    const counters = passwordCounters(email, origin.address, claim.isKnownPlace)
    const guess = { email, what: 'password', origin } as const
    const attempt = await counted(parts, guess, () => parts.throttle.attempt(counters))
    const { person, password } = await proven(parts, claim, input.password)
    const isOutdated = parts.passwords.isOutdated(password.secret)
    const rehashed = isOutdated ? await parts.passwords.hash(input.password) : null

    return await parts.store.write(async (connection) => {
      await lockPerson(connection, person.id)
      if (rehashed !== null) await rehashPassword(connection, password, rehashed)
      const step = await nextStep(parts, connection, person.id)
      const authentication = { methods: ['password'], assurance: 1, at: parts.clock() }
      await parts.audit.append(connection, story({ outcome: 'pending', code: step.kind, authentication }))
      await attempt.succeeded(connection)
      return step
    }, LOCKING)
  })
}

async function claimOf({ store, clock }: Parts, email: string, origin: RequestOrigin): Promise<Claim> {
  const connection = store.now
  const person = await inStore(connection)
    .selectFrom('castellan_person')
    .selectAll()
    .where('email_canonical', '=', email)
    .executeTakeFirst()
  // asked for nobody too, so that an unknown account costs the same queries
  const id = person?.id ?? ''
  return {
    person: person ?? null,
    password: await credentialOf(connection, id, 'password'),
    isKnownPlace: await isKnownPlace(connection, id, origin.address, clock()),
  }
}

async function proven(parts: Parts, { person, password }: Claim, typed: string) {
  // what is too large for a password is not worth a hash of its size, and the empty one fits nobody
  const candidate = isOfPasswordSize(typed) ? typed : ''
  const fits = await parts.passwords.verify(candidate, password?.secret ?? null)
  if (!person) throw mismatch('unknown account')
  if (!password) throw mismatch('no password is set')
  if (!fits) throw mismatch('wrong password')
  if (Number(person.is_active) !== 1) throw mismatch('deactivated')
  return { person, password }
}

function mismatch(because: string): Unproven {
  const answer = new AdminError(
    'unauthenticated',
    'E-mail and password do not match. Check both and try again.',
  )
  return new Unproven(because, answer)
}
