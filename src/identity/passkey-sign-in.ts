/**
 * Signing in with a passkey alone: something one has, unlocked by something
 * one is or knows, which the device has verified.
 *
 * Everybody is asked the same, so that nothing tells which accounts there are.
 */

import { inStore } from '../store/tables.ts'
import {
  assertionOptions,
  type PasskeyOptions,
  type RelyingParty,
  readAssertion,
} from './authenticators/passkey.ts'
import { begin } from './begin.ts'
import { newChallenge } from './challenge.ts'
import { attempted, storyOf } from './event.ts'
import type { PasskeyAnswer, SignInStep } from './identity.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { passkeyBy } from './passkey.ts'
import { provenPasskey, wrongPasskey } from './passkey-proof.ts'
import type { RequestOrigin } from './request.ts'
import { placeCounters } from './throttle.ts'

export async function signInOptions(
  parts: Parts,
  site: RelyingParty,
  binding: string,
): Promise<PasskeyOptions> {
  return await assertionOptions(site, newChallenge(parts, { purpose: 'sign-in', binding }), [])
}

/** @throws AdminError `unauthenticated`, `limit-exceeded` */
export async function signInWithPasskey(
  parts: Parts,
  { binding, ...answer }: PasskeyAnswer & { readonly binding: string },
  origin: RequestOrigin,
): Promise<SignInStep> {
  const person = await namedBy(parts, answer.answer)
  const story = storyOf('identity.sign-in', person, origin, parts.clock())

  return await attempted(parts, story, async () => {
    // the application says at every sign-in who may come, and it is asked with a password
    if (parts.host) throw wrongPasskey('people of the application sign in with a password')
    const attempt = await parts.throttle.attempt(placeCounters(origin.address))
    const use = { purpose: 'sign-in', binding } as const
    const proof = await provenPasskey(parts, answer, { personId: null, use })
    return await parts.store.write(async (connection) => {
      const { person_id } = proof.row
      await lockPerson(connection, person_id)
      await proof.use(connection)
      const active = await inStore(connection)
        .selectFrom('castellan_person')
        .select(['id', 'name'])
        .where('id', '=', person_id)
        .where('is_active', '=', 1)
        .executeTakeFirst()
      if (!active) throw wrongPasskey('deactivated')
      const shown = { method: 'passkey', passkey: proof.row } as const
      const step = await begin(parts, connection, active, { before: [], shown }, origin)
      await attempt.succeeded(connection)
      return step
    }, LOCKING)
  })
}

/** Whose key the answer names, proven or not: for the event alone. */
async function namedBy(parts: Parts, text: string) {
  const answer = readAssertion(text)
  const row = answer && (await passkeyBy(parts, parts.store.now, answer.id))
  if (!row) return null
  const person = await inStore(parts.store.now)
    .selectFrom('castellan_person')
    .select(['id', 'name'])
    .where('id', '=', row.person_id)
    .executeTakeFirst()
  return person ?? null
}
