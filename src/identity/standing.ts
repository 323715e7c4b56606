/**
 * What a person has to prove with, and what their roles ask of it: the one
 * place that says which step of a sign-in comes next.
 */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import type { SignInStep } from './identity.ts'
import type { Parts } from './parts.ts'
import { type PasskeyRow, passkeysOf } from './passkey.ts'
import { type Owed, startPending } from './pending.ts'
import { rolesOf } from './role-grant.ts'

export interface Standing {
  readonly hasApp: boolean
  readonly passkeys: readonly PasskeyRow[]
  /** One of their roles takes nothing but a passkey that can't leave its device. */
  readonly needsDeviceBound: boolean
}

export async function standingOf(parts: Parts, connection: Connection, personId: string): Promise<Standing> {
  const app = await inStore(connection)
    .selectFrom('castellan_credential')
    .select('id')
    .where('person_id', '=', personId)
    .where('kind', '=', 'totp')
    .executeTakeFirst()
  return {
    hasApp: app !== undefined,
    passkeys: await passkeysOf(connection, personId),
    needsDeviceBound: await needsDeviceBound(parts, connection, personId),
  }
}

/** No statement where no role of the policy asks for it. */
async function needsDeviceBound(
  { options, clock }: Parts,
  connection: Connection,
  personId: string,
): Promise<boolean> {
  if (options.deviceBoundRoles.length === 0) return false
  const held = await rolesOf(connection, { kind: 'person', id: personId }, clock())
  return held.some((role) => options.deviceBoundRoles.includes(role))
}

/** Whether there is any second factor: without one, the next step is to set one up. */
export function hasAuthenticator({ hasApp, passkeys }: Standing): boolean {
  return hasApp || passkeys.length > 0
}

/**
 * After a password, or another first proof such as a provider's: what the
 * person owes now. Every way in goes on here.
 */
export async function nextStep(
  parts: Parts,
  connection: Connection,
  personId: string,
  proven: readonly string[] = ['password'],
): Promise<SignInStep> {
  const standing = await standingOf(parts, connection, personId)
  const owed: Owed = hasAuthenticator(standing)
    ? { stage: 'second-factor', proven }
    : { stage: 'enrol', proven, onlyPasskey: standing.needsDeviceBound }
  return await startPending(parts, connection, personId, owed)
}

/** Whether a proof with that key (null: with none) is enough for the roles that the person holds. */
export function suffices(standing: Standing, used: PasskeyRow | null): boolean {
  return !standing.needsDeviceBound || (used !== null && Number(used.is_device_bound) === 1)
}
