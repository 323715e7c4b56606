/**
 * Asking for passkeys and taking their answers, whatever they are for: signing
 * in, a second factor, a step-up, or one more key.
 */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import {
  assertionOptions,
  challengeIn,
  checkAssertion,
  checkRegistration,
  type NewKey,
  type PasskeyOptions,
  type RelyingParty,
  readAssertion,
  readRegistration,
  registrationOptions,
} from './authenticators/passkey.ts'
import { type ChallengeUse, newChallenge, useChallenge } from './challenge.ts'
import { Unproven } from './event.ts'
import type { PasskeyAnswer, ProofChoices } from './identity.ts'
import type { Parts } from './parts.ts'
import {
  addPasskey,
  describedKey,
  keyOf,
  MOST_PASSKEYS,
  type PasskeyRow,
  passkeyBy,
  passkeysOf,
  usePasskey,
  userHandleOf,
} from './passkey.ts'
import { passkeyNameProblems, throwProblems } from './people-input.ts'
import type { Standing } from './standing.ts'

/** A second factor's page: the app, and the passkeys that the person has. */
export async function proofChoices(
  parts: Parts,
  { hasApp, passkeys, needsDeviceBound }: Standing,
  site: RelyingParty | null,
  use: ChallengeUse,
): Promise<ProofChoices> {
  const usable = passkeys.filter((row) => !needsDeviceBound || Number(row.is_device_bound) === 1)
  // a person whose role asks for more than they have proves what they have, and then sets the other up
  const asked = usable.length > 0 ? usable : passkeys
  const passkey =
    site && asked.length > 0
      ? await assertionOptions(site, newChallenge(parts, use), asked.map(describedKey))
      : null
  return { hasApp, passkey }
}

/** Asks for a new key of that person. */
export async function creationOptions(
  parts: Parts,
  connection: Connection,
  asked: {
    readonly person: { readonly id: string; readonly name: string; readonly email: string | null }
    readonly site: RelyingParty
    readonly use: ChallengeUse
  },
): Promise<PasskeyOptions> {
  const { person, site, use } = asked
  const own = await passkeysOf(connection, person.id)
  return await registrationOptions(site, newChallenge(parts, use), {
    title: parts.options.title,
    name: person.name,
    email: person.email ?? person.name,
    userHandle: userHandleOf(parts, person.id),
    keys: own.map(describedKey),
  })
}

/** An answer that is right, and that has yet to be noted as used. */
export interface PasskeyProof {
  readonly row: PasskeyRow
  /** Notes the use, in the transaction of what it is for. @throws Unproven when the key is gone, or another use was faster. */
  use(connection: Connection): Promise<void>
}

/**
 * Checks an answer, before the transaction of what it is for; its challenge is used up whatever comes of it.
 * @param personId Whose key it has to be; null: it says itself whose it is, and has to.
 * @throws Unproven
 */
export async function provenPasskey(
  parts: Parts,
  { answer: text, site }: PasskeyAnswer,
  { personId, use }: { readonly personId: string | null; readonly use: ChallengeUse },
): Promise<PasskeyProof> {
  const answer = readAssertion(text)
  if (!answer) throw wrongPasskey('no answer of a passkey')
  const challenge = challengeIn(answer)
  const problem = await useChallenge(parts, challenge, use)
  if (problem === 'late') throw latePasskey()
  if (problem !== null) throw wrongPasskey(`${problem} challenge`)
  const row = await passkeyBy(parts, parts.store.now, answer.id)
  if (!row) throw wrongPasskey('unknown passkey')
  if (personId !== null && row.person_id !== personId) throw wrongPasskey('passkey of another person')
  if (personId === null && !answer.response.userHandle) throw wrongPasskey('it does not say whose it is')
  const checked = await checkAssertion(answer, keyOf(parts, row), site, challenge)
  if (checked.kind === 'refused') throw wrongPasskey(checked.because)
  if (checked.kind === 'copied') throw copiedPasskey()
  return {
    row,
    async use(connection) {
      if (!(await usePasskey(parts, connection, row, checked))) throw wrongPasskey('used meanwhile, or gone')
    },
  }
}

/** A new key that is right, and that has yet to be stored. */
export interface NewPasskey {
  /** Stores it, in the transaction of what it is for, with the person locked. */
  add(connection: Connection, personId: string): Promise<void>
}

/**
 * Checks a new key, as `provenPasskey` does an answer.
 * @throws Unproven; AdminError `invalid-input`
 */
export async function newPasskey(
  parts: Parts,
  { answer: text, site, name }: PasskeyAnswer & { readonly name: string },
  { needsDeviceBound, use }: { readonly needsDeviceBound: boolean; readonly use: ChallengeUse },
): Promise<NewPasskey> {
  const called = passkeyName(name)
  const answer = readRegistration(text)
  if (!answer) throw wrongPasskey('no answer of a passkey')
  const challenge = challengeIn(answer)
  const problem = await useChallenge(parts, challenge, use)
  if (problem === 'late') throw latePasskey()
  if (problem !== null) throw wrongPasskey(`${problem} challenge`)
  const checked = await checkRegistration(answer, site, challenge)
  if (checked.kind !== 'good') throw wrongPasskey(checked.kind === 'refused' ? checked.because : 'copied')
  const { key } = checked
  if (needsDeviceBound && !key.isDeviceBound) throw notDeviceBound()
  return { add: (connection, personId) => add(parts, connection, personId, { key, name: called }) }
}

async function add(
  parts: Parts,
  connection: Connection,
  personId: string,
  { key, name }: { readonly key: NewKey; readonly name: string },
): Promise<void> {
  const own = await passkeysOf(connection, personId)
  if (own.length >= MOST_PASSKEYS) {
    throw new AdminError('invalid-input', `There are ${MOST_PASSKEYS} passkeys already. Remove one first.`)
  }
  if (!(await addPasskey(parts, connection, personId, { key, name }))) throw wrongPasskey('known already')
}

/** @throws AdminError `invalid-input` at `name`. */
export function passkeyName(typed: string): string {
  const name = typed.normalize('NFC').trim()
  throwProblems('The passkey cannot be called so', { name: passkeyNameProblems(name) })
  return name
}

/** The same words for every cause. */
export function wrongPasskey(because: string): Unproven {
  const answer = new AdminError(
    'unauthenticated',
    'This passkey was not accepted. Try again, or use another way to prove who you are.',
  )
  return new Unproven(because, answer)
}

function latePasskey(): Unproven {
  const answer = new AdminError(
    'unauthenticated',
    'The passkey was asked for too long ago. Use it once more.',
  )
  return new Unproven('late challenge', answer)
}

function copiedPasskey(): Unproven {
  const answer = new AdminError(
    'unauthenticated',
    'This passkey counts fewer uses than are known here, so somebody else may have it too. Use another way to prove who you are, then remove it.',
  )
  return new Unproven('its counter went back', answer, 'identity.passkey-copied')
}

function notDeviceBound(): AdminError {
  return new AdminError(
    'invalid-input',
    'Your role takes only passkeys that stay on one device, such as a security key. This one can be copied to others.',
  )
}
