/** The second factor of a sign-in: a code, or a passkey. */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { isTotpCode } from './authenticators/totp.ts'
import { begin, type Shown } from './begin.ts'
import { useRecoveryCode, useTotp } from './credential.ts'
import { attempted, storyOf, Unproven } from './event.ts'
import { counted } from './guessed.ts'
import { recordOf, renamed } from './host-mirror.ts'
import type { SecondProof, SignInStep } from './identity.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { provenPasskey } from './passkey-proof.ts'
import { findPending, gone, pendingBinding, provenIn, usePending } from './pending.ts'
import type { RequestOrigin } from './request.ts'
import { type Attempt, placeCounters, secondFactorCounters } from './throttle.ts'

/** @throws AdminError `unauthenticated`, `limit-exceeded` */
export async function secondFactor(
  parts: Parts,
  input: { readonly pending: string } & SecondProof,
  origin: RequestOrigin,
): Promise<SignInStep> {
  const found = await findPending(parts, parts.store.now, input.pending)
  const person = found?.person ?? null
  const story = storyOf('identity.second-factor', person, origin, parts.clock())

  return await attempted(parts, story, async () => {
    if (!found || !person) throw gone()
    const guess = { email: person.email, what: 'code', origin } as const
    const attempt = await counted(parts, guess, () => countProof(parts, person.id, input, origin))
    const use = { purpose: 'second-factor', binding: pendingBinding(found) } as const
    const proof = await checkedProof(parts, input, { personId: person.id, use })
    const record = parts.host && (await recordOf(parts, parts.host, person.id))
    return await parts.store.write(async (connection) => {
      await lockPerson(connection, person.id)
      const pending = await usePending(parts, connection, input.pending, 'second-factor')
      const shown = await proof(connection)
      if (record) await renamed(connection, person.id, record)
      const before = provenIn(pending)
      const step = await begin(parts, connection, pending.person, { before, shown }, origin)
      await attempt.succeeded(connection)
      return step
    }, LOCKING)
  })
}

/** Counts a try at a second factor: in sign-in and step-up alike, so that neither adds to the other's chances. */
export async function countProof(
  parts: Parts,
  personId: string,
  proof: { readonly code: string } | object,
  origin: RequestOrigin,
): Promise<Attempt> {
  // nobody guesses a signature: only where it comes from is counted
  if (!('code' in proof)) return await parts.throttle.attempt(placeCounters(origin.address))
  const kind = isTotpCode(String(proof.code)) ? 'totp' : 'recovery'
  return await parts.throttle.attempt(secondFactorCounters(personId, kind, origin.address))
}

/**
 * Checks what can be checked before a transaction; what it answers uses the proof up within one.
 * @throws Unproven when it does not fit or was used before; so does the function.
 */
export async function checkedProof(
  parts: Parts,
  proof: SecondProof,
  asked: Parameters<typeof provenPasskey>[2] & { readonly personId: string },
): Promise<(connection: Connection) => Promise<Shown>> {
  if ('code' in proof) {
    return async (connection) => ({
      method: await useCode(parts, connection, asked.personId, proof.code),
      passkey: null,
    })
  }
  const proven = await provenPasskey(parts, proof.passkey, asked)
  return async (connection) => {
    await proven.use(connection)
    return { method: 'passkey', passkey: proven.row }
  }
}

/**
 * Uses a code of either kind up, and says which it was.
 * @throws Unproven when it does not fit or was used before.
 */
async function useCode(
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
