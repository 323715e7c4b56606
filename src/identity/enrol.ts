/** Setting up a first second factor inside of a sign-in, or the kind that a role asks for. */

import type { Connection } from '../database/database.ts'
import { stepOf } from './authenticators/totp.ts'
import { assuranceOf, beginSession } from './begin.ts'
import { credentialOf, setRecoveryCodes, setTotp } from './credential.ts'
import { attempted, storyOf } from './event.ts'
import type { Identity, SignInStep } from './identity.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { newPasskey } from './passkey-proof.ts'
import { findPending, gone, type Pending, pendingBinding, provenIn, seedOf, usePending } from './pending.ts'
import type { RequestOrigin } from './request.ts'
import { wrongCode } from './second-factor.ts'
import { revoke } from './session.ts'
import { hasAuthenticator, standingOf } from './standing.ts'
import { placeCounters } from './throttle.ts'

type Input = Parameters<Identity['enrol']>[0]

/** @throws AdminError `unauthenticated`, `invalid-input`, `limit-exceeded` */
export async function enrol(parts: Parts, input: Input, origin: RequestOrigin): Promise<SignInStep> {
  const found = await findPending(parts, parts.store.now, input.pending)
  const story = storyOf('identity.enrol', found?.person ?? null, origin, parts.clock())

  const { step, event } = await attempted(parts, story, async () => {
    if (!found) throw gone()
    const made = await checked(parts, found, input, origin)
    return await parts.store.write(async (connection) => {
      await lockPerson(connection, found.person.id)
      const pending = await usePending(parts, connection, input.pending, 'enrol')
      const { id } = pending.person
      await mustBeEntitled(parts, connection, pending)
      await revoke(connection, { person: id, except: null })
      const method = await made(connection, pending)
      const hasCodes = (await credentialOf(connection, id, 'recovery')) !== null
      const recoveryCodes = hasCodes ? null : await setRecoveryCodes(parts, connection, id)
      const methods = [...provenIn(pending).filter((one) => one !== method), method]
      const authentication = { methods, assurance: assuranceOf(methods), at: parts.clock() }
      const event = await parts.audit.append(connection, story({ outcome: 'done', authentication }))
      const { tokens } = await beginSession(parts, connection, pending.person, methods, origin)
      return { step: { kind: 'signed-in', tokens, recoveryCodes } as const, event }
    }, LOCKING)
  })
  await parts.audit.sealed(event)
  return step
}

/** Makes the new authenticator the person's, in a transaction. */
type Make = (connection: Connection, pending: Pending) => Promise<'totp' | 'passkey'>

async function checked(parts: Parts, found: Pending, input: Input, origin: RequestOrigin): Promise<Make> {
  if ('code' in input) {
    return async (connection, pending) => {
      const seed = seedOf(parts, pending)
      if (seed === null) throw gone()
      const step = stepOf(seed, input.code, parts.clock())
      if (step === null) throw wrongCode('wrong code')
      await setTotp(parts, connection, pending.person.id, seed, step)
      return 'totp'
    }
  }
  const attempt = await parts.throttle.attempt(placeCounters(origin.address))
  const { needsDeviceBound } = await standingOf(parts, parts.store.now, found.person.id)
  const use = { purpose: 'enrol', binding: pendingBinding(found) } as const
  const key = await newPasskey(parts, { ...input.passkey, name: input.name }, { needsDeviceBound, use })
  return async (connection, pending) => {
    await key.add(connection, pending.person.id)
    await attempt.succeeded(connection)
    return 'passkey'
  }
}

/**
 * Two may have begun with the same password: who confirms first has the account,
 * the other starts over, and then owes the second factor that there is by now.
 */
async function mustBeEntitled(parts: Parts, connection: Connection, pending: Pending): Promise<void> {
  const standing = await standingOf(parts, connection, pending.person.id)
  const hasProvenOne = provenIn(pending).some((method) => SECOND.has(method))
  if (hasAuthenticator(standing) && !hasProvenOne) throw gone()
  if (standing.needsDeviceBound && pending.row.secret !== null) throw gone()
}

const SECOND: ReadonlySet<string> = new Set(['totp', 'recovery-code', 'passkey'])
