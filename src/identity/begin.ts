/** The end of every way in: a session, or what a role asks for before there is one. */

import type { Connection } from '../database/database.ts'
import { type Named, storyOf } from './event.ts'
import type { SignInStep } from './identity.ts'
import { rememberPlace } from './known-place.ts'
import type { Parts } from './parts.ts'
import type { PasskeyRow } from './passkey.ts'
import { startPending } from './pending.ts'
import type { Authentication } from './principal.ts'
import { hashOf } from './random.ts'
import type { RequestOrigin } from './request.ts'
import { type Started, startSession } from './session.ts'
import { standingOf, suffices } from './standing.ts'

/** What was shown last, and with which key. */
export interface Shown {
  readonly method: 'totp' | 'recovery-code' | 'passkey'
  readonly passkey: PasskeyRow | null
}

/** Begins a session in the caller's transaction, which has locked the person, or goes on to setting up what their roles ask for. */
export async function begin(
  parts: Parts,
  connection: Connection,
  person: Named,
  { before, shown }: { readonly before: readonly string[]; readonly shown: Shown },
  origin: RequestOrigin,
): Promise<SignInStep> {
  const proven = [...before, shown.method]
  const standing = await standingOf(parts, connection, person.id)
  if (suffices(standing, shown.passkey)) {
    const { tokens } = await beginSession(parts, connection, person, proven, origin)
    return { kind: 'signed-in', tokens, recoveryCodes: null }
  }
  const step = await startPending(parts, connection, person.id, { stage: 'enrol', proven, onlyPasskey: true })
  const authentication = { methods: proven, assurance: assuranceOf(proven), at: parts.clock() }
  const story = storyOf('identity.sign-in', person, origin, authentication.at)
  await parts.audit.append(connection, story({ outcome: 'pending', code: step.kind, authentication }))
  return step
}

/** The session at the end of every way in, and its event. */
export async function beginSession(
  parts: Parts,
  connection: Connection,
  person: Named,
  methods: readonly string[],
  origin: RequestOrigin,
): Promise<Started> {
  const authentication: Authentication = { methods, assurance: assuranceOf(methods), at: parts.clock() }
  const started = await startSession(parts, connection, person, authentication, origin)
  await rememberPlace(connection, person.id, origin.address, authentication.at)
  const story = storyOf('identity.sign-in', person, origin, authentication.at)
  const session = hashOf(started.id)
  await parts.audit.append(connection, story({ outcome: 'done', session, authentication }))
  return started
}

/** 3 where the last proof can't be phished: a passkey only answers the site it was made for. */
export function assuranceOf(methods: readonly string[]): 2 | 3 {
  return methods.at(-1) === 'passkey' ? 3 : 2
}
