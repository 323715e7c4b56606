/**
 * Challenges for passkeys: 256 random bits with a mark of ours over what they
 * are for, whom they were shown to and when they end.
 *
 * Nothing is stored when one is made, so that asking for many costs nobody
 * anything; what was answered is stored until it would have ended, so that it
 * is answered once. They travel inside of what the authenticator signs.
 */

import { sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { familyOf, inStore } from '../store/tables.ts'
import { MINUTE, toText } from './instant.ts'
import { LOCKING, tidy } from './lock.ts'
import type { Parts } from './parts.ts'
import { hashOf, randomToken } from './random.ts'

export type ChallengePurpose = 'sign-in' | 'second-factor' | 'enrol' | 'step-up' | 'add'

/** What a challenge is good for: one purpose, for one visitor, sign-in or session. */
export interface ChallengeUse {
  readonly purpose: ChallengePurpose
  readonly binding: string
}

const LIFETIME_MS: number = 5 * MINUTE
const LABEL = 'passkey-challenge'

/** `random.end.mark`, as text; what is signed are its bytes. */
export function newChallenge({ seals, randomBytes, clock }: Parts, use: ChallengeUse): string {
  const random = randomToken(randomBytes)
  // clocks know parts of a millisecond, whose point would part it once more
  const end = String(Math.floor(clock() + LIFETIME_MS))
  return `${random}.${end}.${seals.mark('seal', LABEL, marked(use, random, end))}`
}

/** Why a challenge can't be answered; null: it can, and is used up from now on. */
export async function useChallenge(
  parts: Parts,
  challenge: string,
  use: ChallengeUse,
): Promise<'foreign' | 'late' | 'used' | null> {
  const [random = '', end = '', ...mark] = challenge.split('.')
  if (!parts.seals.isMark('seal', LABEL, marked(use, random, end), mark.join('.'))) return 'foreign'
  const now = parts.clock()
  if (Number(end) <= now) return 'late'
  // a transaction of its own: what comes of the answer does not make it fresh again
  const isFirst = await parts.store.write(async (connection) => {
    await tidy(connection, 'castellan_used_challenge', 'challenge_hash', sql`expires_at <= ${toText(now)}`)
    return await keepUsed(connection, { challenge_hash: hashOf(challenge), expires_at: toText(Number(end)) })
  }, LOCKING)
  return isFirst ? null : 'used'
}

function marked({ purpose, binding }: ChallengeUse, random: string, end: string): readonly string[] {
  return [purpose, binding, random, end]
}

/** Remembers what works once. False when it was there already; of any number at once one puts it there. */
export async function keepUsed(
  connection: Connection,
  row: { readonly challenge_hash: string; readonly expires_at: string },
): Promise<boolean> {
  const insert = inStore(connection).insertInto('castellan_used_challenge').values(row)
  const { numInsertedOrUpdatedRows } = await (familyOf(connection) === 'mysql'
    ? insert.ignore()
    : insert.onConflict((conflict) => conflict.column('challenge_hash').doNothing())
  ).executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}
