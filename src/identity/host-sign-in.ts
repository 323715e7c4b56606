/**
 * Signing in, setting up and changing a password where the application says who
 * somebody is. The second factor, sessions and all that follows are as for
 * everybody: see `sign-in.ts`.
 */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { lockStore } from '../store/lock.ts'
import { attempted, storyBy, storyOf, Unproven } from './event.ts'
import { mirrored } from './host-arrival.ts'
import { linkOf, type Mirror, mirrorByUsername, mirrorOf } from './host-mirror.ts'
import type { HostPeople } from './host-people.ts'
import { prove, tell } from './host-proof.ts'
import { RolesUnknown } from './host-roles.ts'
import { countedUsername } from './host-username.ts'
import type { SetUpInput, SignInStep } from './identity.ts'
import { isKnownPlace } from './known-place.ts'
import { sessionById } from './live-session.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { newPasswordProblems, throwProblems } from './people-input.ts'
import type { Principal } from './principal.ts'
import type { RequestOrigin } from './request.ts'
import { grant } from './role-grant.ts'
import { revoke } from './session.ts'
import { isSetUpTokenValid, notFound, useToken } from './set-up.ts'
import { nextStep } from './standing.ts'
import { currentPasswordCounters, passwordCounters, placeCounters } from './throttle.ts'

interface Typed {
  readonly email: string
  readonly password: string
}

/** @throws AdminError `unauthenticated`, `limit-exceeded` */
export async function hostSignIn(
  parts: Parts,
  host: HostPeople,
  { email, password }: Typed,
  origin: RequestOrigin,
): Promise<SignInStep> {
  const username = email.normalize('NFC').trim()
  const claimed = await mirrorByUsername(parts.store.now, host, username)
  // asked for nobody too, so that an unknown account costs the same queries
  const isKnown = await isKnownPlace(parts.store.now, claimed?.id ?? '', origin.address, parts.clock())
  const told = storyOf('identity.sign-in', claimed, origin, parts.clock())

  return await attempted(parts, told, async () => {
    const counters = passwordCounters(countedUsername(username), origin.address, isKnown)
    const attempt = await parts.throttle.attempt(counters)
    const person = await provenPerson(parts, host, username, password, origin)
    const story = storyOf('identity.sign-in', person, origin, parts.clock())
    return await parts.store.write(async (connection) => {
      await mustBeActive(connection, host, person)
      const step = await nextStep(parts, connection, person.id)
      const authentication = { methods: ['password'], assurance: 1, at: parts.clock() }
      await parts.audit.append(connection, story({ outcome: 'pending', code: step.kind, authentication }))
      await attempt.succeeded(connection)
      return step
    }, LOCKING)
  })
}

/** The first administrator is whoever has the link and whom the application knows. */
export async function hostSetUp(
  parts: Parts,
  host: HostPeople,
  { token, email, password }: SetUpInput,
  origin: RequestOrigin,
): Promise<SignInStep> {
  const username = email.normalize('NFC').trim()
  const told = storyOf('identity.set-up', null, origin, parts.clock())

  const { step, event } = await attempted(parts, told, async () => {
    const attempt = await parts.throttle.attempt([
      ...passwordCounters(countedUsername(username), '', false).slice(0, 1),
      ...placeCounters(origin.address),
    ])
    if (!(await isSetUpTokenValid(parts, parts.store.now, token))) throw notFound()
    const person = await provenPerson(parts, host, username, password, origin)
    return await parts.store.write(async (connection) => {
      await lockStore(connection)
      await useToken(parts, connection, token)
      await mustBeActive(connection, host, person)
      const role = parts.options.superadmin
      await grant(connection, { kind: 'person', id: person.id }, { role, expiresAt: null }, parts.clock())
      const step = await nextStep(parts, connection, person.id)
      const story = storyOf('identity.set-up', person, origin, parts.clock())
      const event = await parts.audit.append(connection, story({ outcome: 'done' }))
      await attempt.succeeded(connection)
      return { step, event }
    }, LOCKING)
  })
  await parts.audit.sealed(event)
  return step
}

async function provenPerson(
  parts: Parts,
  host: HostPeople,
  username: string,
  password: string,
  origin: RequestOrigin,
): Promise<Mirror> {
  const proof = await prove(parts, host, username, password)
  if (proof.kind === 'refused') throw mismatch(host, proof.because)
  try {
    return await mirrored(parts, host, proof.record, origin)
  } catch (error) {
    if (error instanceof RolesUnknown) throw mismatch(host, 'its roles could not be found out')
    throw error
  }
}

async function mustBeActive(connection: Connection, host: HostPeople, person: Mirror): Promise<void> {
  await lockPerson(connection, person.id)
  const link = await linkOf(connection, person.id)
  const now = link && (await mirrorOf(connection, host, link.key))
  if (Number(now?.is_active ?? 0) !== 1) throw mismatch(host, 'deactivated')
}

/** The same words and the same bytes for every cause. */
function mismatch({ usernameLabel }: HostPeople, because: string): Unproven {
  const sentence = `${usernameLabel} and password do not match. Check both and try again.`
  return new Unproven(because, new AdminError('unauthenticated', sentence))
}

/**
 * Someone's own password, which the application keeps.
 * @throws AdminError `unauthenticated`, `invalid-input`, `limit-exceeded`, `data-source-failed`
 */
export async function changeHostPassword(
  parts: Parts,
  host: HostPeople,
  principal: Principal,
  { current, next }: { readonly current: string; readonly next: string },
  origin: RequestOrigin,
): Promise<void> {
  const story = storyBy('identity.password', principal, origin)
  const event = await attempted(parts, story, async () => {
    const { subject, sessionId } = principal
    if (subject.kind !== 'person' || sessionId === null) throw ended()
    const attempt = await parts.throttle.attempt(currentPasswordCounters(subject.id))
    const link = await linkOf(parts.store.now, subject.id)
    const record = link?.model === host.model ? await host.findByKey(link.key) : null
    const proof = await prove(parts, host, record?.username ?? '', current)
    if (!record || proof.kind !== 'proven' || proof.record.key !== record.key) throw wrongCurrent()
    const problems = await newPasswordProblems(parts, next, { name: principal.name, email: record.username })
    const isSame = current.normalize('NFC') === next.normalize('NFC')
    throwProblems('The password cannot be changed', {
      next: isSame ? [...problems, 'must differ from the current one'] : problems,
    })
    // two keepers cannot commit as one: `started` before, `done` after
    await parts.audit.appendAlone(story({ outcome: 'started' }))
    await setHostPassword(parts, host, record.id, next)
    return await parts.store.write(async (connection) => {
      await lockPerson(connection, subject.id)
      if (!(await sessionById(parts, connection, sessionId))) throw ended()
      const endedSessions = await revoke(connection, { person: subject.id, except: sessionId })
      const event = await parts.audit.append(
        connection,
        story({ outcome: 'done', details: { endedSessions } }),
      )
      await attempt.succeeded(connection)
      return event
    }, LOCKING)
  })
  await parts.audit.sealed(event)
}

/** @throws AdminError `invalid-input` where the application says so itself; `data-source-failed` for any other failure. */
export async function setHostPassword(
  parts: Parts,
  host: HostPeople,
  id: string | number,
  password: string,
): Promise<void> {
  const { changePassword } = host
  if (!changePassword) throw new AdminError('not-found', 'Passwords are changed in the application itself.')
  try {
    await changePassword(id, password)
  } catch (error) {
    if (error instanceof AdminError && error.code === 'invalid-input') throw error
    tell(parts, 'changePassword', error)
    const sentence = 'The application could not change the password. Try again, or change it there.'
    throw new AdminError('data-source-failed', sentence, { cause: error })
  }
}

function wrongCurrent(): Unproven {
  const answer = new AdminError('unauthenticated', 'The current password does not match. Try again.', {
    fields: { current: ['does not match'] },
  })
  return new Unproven('wrong current password', answer)
}

function ended(): Unproven {
  const answer = new AdminError('unauthenticated', 'This session has ended. Sign in again.')
  return new Unproven('no live session', answer)
}
