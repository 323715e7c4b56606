/**
 * Sign-ins under way: someone has shown one factor and owes the other.
 *
 * A pending sign-in is no session: its token is of another shape, opens nothing
 * but the next step, and dies with its use, after ten minutes, or with the
 * person's sessions.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import type { PendingSignInTable, PersonTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { newSeed } from './authenticators/totp.ts'
import { openSeed, sealSeed } from './credential.ts'
import { Unproven } from './event.ts'
import type { PendingStage, SignInStep } from './identity.ts'
import { MINUTE, toText } from './instant.ts'
import type { Parts } from './parts.ts'
import { hashOf, randomToken } from './random.ts'

const LIFETIME_MS: number = 10 * MINUTE

export interface Pending {
  readonly row: Selectable<PendingSignInTable>
  readonly person: Selectable<PersonTable>
}

/** What a pending sign-in is for. */
export interface Owed {
  readonly stage: PendingStage
  /** What was proven so far: `password`. */
  readonly proven: readonly string[]
  /** Setting up: whether nothing but a passkey will do. */
  readonly onlyPasskey?: boolean
}

/** Begins one in the caller's transaction: for a second factor, or for setting one up. */
export async function startPending(
  parts: Parts,
  connection: Connection,
  personId: string,
  { stage, proven, onlyPasskey = false }: Owed,
): Promise<SignInStep> {
  const now = parts.clock()
  const token = randomToken(parts.randomBytes)
  const isForApp = stage === 'enrol' && !onlyPasskey
  const secret = isForApp ? sealSeed(parts, newSeed(parts.randomBytes), personId) : null
  await inStore(connection)
    .insertInto('castellan_pending_sign_in')
    .values({
      token_hash: hashOf(token),
      person_id: personId,
      stage,
      secret,
      proven: proven.join(' '),
      created_at: toText(now),
      expires_at: toText(now + LIFETIME_MS),
    })
    .execute()
  return { kind: stage, pending: token }
}

/** The pending sign-in of an active person, or null when it is gone. */
export async function findPending(
  parts: Parts,
  connection: Connection,
  token: string,
): Promise<Pending | null> {
  const store = inStore(connection)
  const row = await store
    .selectFrom('castellan_pending_sign_in')
    .selectAll()
    .where('token_hash', '=', hashOf(token))
    .where('expires_at', '>', toText(parts.clock()))
    .executeTakeFirst()
  if (!row) return null
  const person = await store
    .selectFrom('castellan_person')
    .selectAll()
    .where('id', '=', row.person_id)
    .where('is_active', '=', 1)
    .executeTakeFirst()
  return person ? { row, person } : null
}

/**
 * Uses a pending sign-in up, in the transaction of what it leads to; one of any number of attempts gets it.
 * @throws Unproven when it is gone, is at another step, or its person may not sign in.
 */
export async function usePending(
  parts: Parts,
  connection: Connection,
  token: string,
  stage: PendingStage,
): Promise<Pending> {
  const found = await findPending(parts, connection, token)
  if (found?.row.stage !== stage) throw gone()
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_pending_sign_in')
    .where('token_hash', '=', found.row.token_hash)
    .executeTakeFirst()
  if (numDeletedRows !== 1n) throw gone()
  return found
}

export function gone(): Unproven {
  const answer = new AdminError('unauthenticated', 'This sign-in is over or took too long. Sign in again.')
  return new Unproven('pending sign-in is gone', answer)
}

/** The seed that a pending enrolment is about. */
export function seedOf(parts: Parts, { row, person }: Pending): string | null {
  return row.secret === null ? null : openSeed(parts, row.secret, person.id)
}

/** What a challenge of this step is bound to: no other sign-in knows it. */
export function pendingBinding({ row }: Pending): string {
  return row.token_hash
}

/** What was proven before this step. */
export function provenIn({ row }: Pending): readonly string[] {
  return (row.proven ?? 'password').split(' ')
}
