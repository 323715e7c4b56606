/** What people do to their own sign-in while they are signed in: step up, change the password, sign out. */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import type { RelyingParty } from './authenticators/passkey.ts'
import { assuranceOf } from './begin.ts'
import type { ChallengeUse } from './challenge.ts'
import { credentialOf, setPassword } from './credential.ts'
import { attempted, storyBy, Unproven } from './event.ts'
import type { PasskeyAnswer, ProofChoices, SessionTokens } from './identity.ts'
import { MINUTE, toInstant } from './instant.ts'
import { post } from './letter-queue.ts'
import { sessionById } from './live-session.ts'
import { LOCKING, lockPerson } from './lock.ts'
import { providerIn } from './oidc/option.ts'
import type { Parts } from './parts.ts'
import { proofChoices } from './passkey-proof.ts'
import { isOfPasswordSize } from './password-rule.ts'
import { newPasswordProblems, throwProblems } from './people-input.ts'
import type { Authentication, Principal } from './principal.ts'
import type { RequestOrigin } from './request.ts'
import { checkedProof, countProof } from './second-factor.ts'
import { reproveSession, revoke } from './session.ts'
import { standingOf, suffices } from './standing.ts'
import { currentPasswordCounters } from './throttle.ts'

/** Ends the principal's session. Doing so twice is no mistake. */
export async function signOut(parts: Parts, principal: Principal, origin: RequestOrigin): Promise<void> {
  const { sessionId } = principal
  if (sessionId === null) return
  const story = storyBy('identity.sign-out', principal, origin)
  await parts.store.write(async (connection) => {
    await lockPerson(connection, principal.subject.id)
    const ended = await revoke(connection, { session: sessionId })
    if (ended > 0) await parts.audit.append(connection, story({ outcome: 'done' }))
  }, LOCKING)
}

/** @throws AdminError `unauthenticated`, `limit-exceeded` */
export async function stepUp(
  parts: Parts,
  principal: Principal,
  input: { readonly code: string } | { readonly passkey: PasskeyAnswer; readonly binding: string },
  origin: RequestOrigin,
): Promise<SessionTokens> {
  const story = storyBy('identity.step-up', principal, origin)
  return await attempted(parts, story, async () => {
    const { sessionId, personId } = sessionOf(principal)
    const attempt = await countProof(parts, personId, input, origin)
    const use = stepUpUse(sessionId, 'binding' in input ? input.binding : '')
    const proof = await checkedProof(parts, input, { personId, use })
    return await parts.store.write(async (connection) => {
      await lockPerson(connection, personId)
      await mustBeLive(parts, connection, sessionId)
      const { method, passkey } = await proof(connection)
      const standing = await standingOf(parts, connection, personId)
      if (!suffices(standing, passkey)) throw tooWeak()
      const methods = [...principal.authentication.methods.filter(isFirst), method]
      const authentication: Authentication = { methods, assurance: assuranceOf(methods), at: parts.clock() }
      const tokens = await reproveSession(parts, connection, sessionId, authentication)
      if (!tokens) throw ended()
      await parts.audit.append(connection, story({ outcome: 'done', authentication }))
      await attempt.succeeded(connection)
      return tokens
    }, LOCKING)
  })
}

/** How the session began stays with it; what was shown second may be another one now. */
function isFirst(method: string): boolean {
  return method === 'password' || providerIn(method) !== null
}

/** What someone who is signed in can prove again who they are with. */
export async function stepUpChoices(
  parts: Parts,
  principal: Principal,
  { site, binding }: { readonly site: RelyingParty | null; readonly binding: string },
): Promise<ProofChoices> {
  const { sessionId, personId } = sessionOf(principal)
  const standing = await standingOf(parts, parts.store.now, personId)
  return await proofChoices(parts, standing, site, stepUpUse(sessionId, binding))
}

/** An answer is good for the one thing that was shown when it was asked for. */
function stepUpUse(sessionId: string, binding: string): ChallengeUse {
  return { purpose: 'step-up', binding: `${sessionId} ${binding}` }
}

function tooWeak(): Unproven {
  const answer = new AdminError(
    'unauthenticated',
    'Your role takes only a passkey that stays on one device, such as a security key. Use that one.',
  )
  return new Unproven('a role asks for a device-bound passkey', answer)
}

/** How long ago who changes an authenticator may have proved who they are. */
const RECENT_MS: number = 10 * MINUTE

export async function isProvenRecently(
  parts: Parts,
  connection: Connection,
  principal: Principal,
): Promise<boolean> {
  const at = await provedAt(parts, connection, principal)
  return at !== null && at + RECENT_MS > parts.clock()
}

/** When the stored session last proved who it is; null for a principal without a live one. */
export async function provedAt(
  parts: Parts,
  connection: Connection,
  principal: Principal,
): Promise<number | null> {
  if (principal.sessionId === null) return null
  const live = await sessionById(parts, connection, principal.sessionId)
  return live && live.person.id === principal.subject.id ? toInstant(live.row.proved_at) : null
}

/** @throws AdminError `unauthenticated`, `invalid-input`, `limit-exceeded` */
export async function changePassword(
  parts: Parts,
  principal: Principal,
  input: { readonly current: string; readonly next: string },
  origin: RequestOrigin,
): Promise<void> {
  const story = storyBy('identity.password', principal, origin)
  const event = await attempted(parts, story, async () => {
    const { sessionId, personId } = sessionOf(principal)
    const attempt = await parts.throttle.attempt(currentPasswordCounters(personId))
    const stored = await credentialOf(parts.store.now, personId, 'password')
    const current = isOfPasswordSize(input.current) ? input.current : ''
    const fits = await parts.passwords.verify(current, stored?.secret ?? null)
    if (!stored || !fits) throw wrongCurrent()
    await checkNext(parts, principal, input)
    const hash = await parts.passwords.hash(input.next)

    return await parts.store.write(async (connection) => {
      await lockPerson(connection, personId)
      await mustBeLive(parts, connection, sessionId)
      await mustBeUnchanged(connection, stored)
      await setPassword(parts, connection, personId, hash)
      const to = { name: principal.name, email: principal.email ?? '' }
      await post(parts, connection, { kind: 'password-changed', to, at: parts.clock() })
      const endedSessions = await revoke(connection, { person: personId, except: sessionId })
      const event = await parts.audit.append(
        connection,
        story({ outcome: 'done', details: { endedSessions } }),
      )
      await attempt.succeeded(connection)
      return event
    }, LOCKING)
  })
  parts.onLetter()
  await parts.audit.sealed(event)
}

async function checkNext(
  parts: Parts,
  principal: Principal,
  { current, next }: { readonly current: string; readonly next: string },
): Promise<void> {
  const problems = await newPasswordProblems(parts, next, {
    name: principal.name,
    email: principal.email ?? '',
  })
  const isSame = current.normalize('NFC') === next.normalize('NFC')
  throwProblems('The password cannot be changed', {
    next: isSame ? [...problems, 'must differ from the current one'] : problems,
  })
}

export function sessionOf({ subject, sessionId }: Principal): {
  readonly sessionId: string
  readonly personId: string
} {
  if (subject.kind !== 'person' || sessionId === null) throw ended()
  return { sessionId, personId: subject.id }
}

/** Read anew inside the transaction: the session may have been ended since the request began. */
export async function mustBeLive(parts: Parts, connection: Connection, sessionId: string): Promise<void> {
  if (!(await sessionById(parts, connection, sessionId))) throw ended()
}

async function mustBeUnchanged(
  connection: Connection,
  { id, secret }: { readonly id: string; readonly secret: string },
): Promise<void> {
  const same = await inStore(connection)
    .selectFrom('castellan_credential')
    .select('id')
    .where('id', '=', id)
    .where('secret', '=', secret)
    .executeTakeFirst()
  if (!same) throw wrongCurrent()
}

function wrongCurrent(): Unproven {
  const answer = new AdminError('unauthenticated', 'The current password does not match. Try again.', {
    fields: { current: ['does not match'] },
  })
  return new Unproven('wrong current password', answer)
}

export function ended(): Unproven {
  const answer = new AdminError('unauthenticated', 'This session has ended. Sign in again.')
  return new Unproven('no live session', answer)
}
