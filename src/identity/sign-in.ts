/**
 * Signing in: a password, then the code of an authenticator, or setting one up.
 *
 * Whatever is wrong with e-mail or password (nobody of that name, another
 * password, a deactivated person) takes the same work and gets the same answer.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import type { CredentialTable, PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { isTotpCode, stepOf } from './authenticators/totp.ts'
import {
  credentialOf,
  rehashPassword,
  setRecoveryCodes,
  setTotp,
  useRecoveryCode,
  useTotp,
} from './credential.ts'
import { canonicalEmail } from './email.ts'
import { attempted, type Named, storyOf, Unproven } from './event.ts'
import { recordOf, renamed } from './host-mirror.ts'
import type { SignInStep } from './identity.ts'
import { isKnownPlace, rememberPlace } from './known-place.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { isOfPasswordSize } from './password-rule.ts'
import { findPending, gone, type Pending, seedOf, startPending, usePending } from './pending.ts'
import type { Authentication } from './principal.ts'
import { hashOf } from './random.ts'
import type { RequestOrigin } from './request.ts'
import { revoke, type Started, startSession } from './session.ts'
import { type Attempt, passwordCounters, secondFactorCounters } from './throttle.ts'

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
    const attempt = await parts.throttle.attempt(passwordCounters(email, origin.address, claim.isKnownPlace))
    const { person, password } = await proven(parts, claim, input.password)
    const isOutdated = parts.passwords.isOutdated(password.secret)
    const rehashed = isOutdated ? await parts.passwords.hash(input.password) : null

    return await parts.store.write(async (connection) => {
      await lockPerson(connection, person.id)
      if (rehashed !== null) await rehashPassword(connection, password, rehashed)
      const totp = await credentialOf(connection, person.id, 'totp')
      const step = await startPending(parts, connection, person.id, totp ? 'second-factor' : 'enrol')
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

/** @throws AdminError `unauthenticated`, `limit-exceeded` */
export async function secondFactor(
  parts: Parts,
  input: { readonly pending: string; readonly code: string },
  origin: RequestOrigin,
): Promise<SignInStep> {
  const found = await findPending(parts, parts.store.now, input.pending)
  const person = found?.person ?? null
  const story = storyOf('identity.second-factor', person, origin, parts.clock())

  return await attempted(parts, story, async () => {
    if (!person) throw gone()
    const attempt = await countCode(parts, person.id, input.code, origin)
    const record = parts.host && (await recordOf(parts, parts.host, person.id))
    return await parts.store.write(async (connection) => {
      await lockPerson(connection, person.id)
      const pending = await usePending(parts, connection, input.pending, 'second-factor')
      const method = await useCode(parts, connection, pending.person.id, input.code)
      if (record) await renamed(connection, person.id, record)
      const started = await begin(parts, connection, pending.person, ['password', method], origin)
      await attempt.succeeded(connection)
      return signedIn(started, null)
    }, LOCKING)
  })
}

/** Counts a try at a second factor: in sign-in and step-up alike, so that neither adds to the other's chances. */
export async function countCode(
  parts: Parts,
  personId: string,
  code: string,
  origin: RequestOrigin,
): Promise<Attempt> {
  const kind = isTotpCode(code) ? 'totp' : 'recovery'
  return await parts.throttle.attempt(secondFactorCounters(personId, kind, origin.address))
}

/**
 * Uses a code of either kind up, and says which it was.
 * @throws Unproven when it does not fit or was used before.
 */
export async function useCode(
  parts: Parts,
  connection: Connection,
  personId: string,
  code: string,
): Promise<'totp' | 'recovery-code'> {
  if (isTotpCode(code)) {
    if (await useTotp(parts, connection, personId, code)) return 'totp'
    throw wrongCode('wrong or used code')
  }
  if (await useRecoveryCode(parts, connection, personId, code)) return 'recovery-code'
  throw wrongCode('wrong or used recovery code')
}

export function wrongCode(because: string): Unproven {
  const answer = new AdminError(
    'unauthenticated',
    'The code does not match, or was used before. Wait for the next one and try again.',
  )
  return new Unproven(because, answer)
}

/** @throws AdminError `unauthenticated` */
export async function enrol(
  parts: Parts,
  input: { readonly pending: string; readonly code: string },
  origin: RequestOrigin,
): Promise<SignInStep> {
  const found = await findPending(parts, parts.store.now, input.pending)
  const story = storyOf('identity.enrol', found?.person ?? null, origin, parts.clock())

  const { step, event } = await attempted(parts, story, () =>
    parts.store.write(async (connection) => {
      if (found) await lockPerson(connection, found.person.id)
      const pending = await usePending(parts, connection, input.pending, 'enrol')
      const recoveryCodes = await confirmSeed(parts, connection, pending, input.code)
      const authentication = { methods: ['password', 'totp'], assurance: 2, at: parts.clock() }
      const event = await parts.audit.append(connection, story({ outcome: 'done', authentication }))
      const started = await begin(parts, connection, pending.person, authentication.methods, origin)
      return { step: signedIn(started, recoveryCodes), event }
    }, LOCKING),
  )
  await parts.audit.sealed(event)
  return step
}

/** Makes the seed the person's authenticator, and ends whatever they had open without one. */
async function confirmSeed(
  parts: Parts,
  connection: Connection,
  pending: Pending,
  code: string,
): Promise<readonly string[]> {
  const { id } = pending.person
  // two may have begun with the same password: who confirms first has the account, the other starts over
  if (await credentialOf(connection, id, 'totp')) throw gone()
  const seed = seedOf(parts, pending)
  if (seed === null) throw gone()
  const step = stepOf(seed, code, parts.clock())
  if (step === null) throw wrongCode('wrong code')
  await revoke(connection, { person: id, except: null })
  await setTotp(parts, connection, id, seed, step)
  return await setRecoveryCodes(parts, connection, id)
}

/** The session at the end of every way in, and its event. */
async function begin(
  parts: Parts,
  connection: Connection,
  person: Named,
  methods: readonly string[],
  origin: RequestOrigin,
): Promise<Started> {
  const authentication: Authentication = { methods, assurance: 2, at: parts.clock() }
  const started = await startSession(parts, connection, person, authentication, origin)
  await rememberPlace(connection, person.id, origin.address, authentication.at)
  const story = storyOf('identity.sign-in', person, origin, authentication.at)
  const session = hashOf(started.id)
  await parts.audit.append(connection, story({ outcome: 'done', session, authentication }))
  return started
}

function signedIn({ tokens }: Started, recoveryCodes: readonly string[] | null): SignInStep {
  return { kind: 'signed-in', tokens, recoveryCodes }
}
