/**
 * Telling somebody that others guess at what they sign in with, once an account
 * has to wait for it. Whoever guesses learns nothing: what was typed goes into the
 * queue whoever it names, and is looked up when its turn comes.
 */

import type { Selectable } from 'kysely'
import type { Connection } from '../database/database.ts'
import type { PersonTable } from '../store/identity-tables.ts'
import { isEmail } from './email.ts'
import { DAY } from './instant.ts'
import type { Wish } from './letter.ts'
import { post, wishFor } from './letter-queue.ts'
import { LOCKING } from './lock.ts'
import type { Parts } from './parts.ts'
import { type Attempt, TooManyAttempts } from './throttle.ts'
import { isFirstTold } from './told-once.ts'

export type Guess = Extract<Wish, { kind: 'guessed' }>

/** Counts an attempt; one that an account has to wait for is told to whoever that is. */
export async function counted(
  parts: Parts,
  guess: Omit<Guess, 'kind'>,
  attempt: () => Promise<Attempt>,
): Promise<Attempt> {
  try {
    return await attempt()
  } catch (error) {
    const isGuessing = error instanceof TooManyAttempts && error.about === 'account'
    if (isGuessing && parts.options.hasMail && isEmail(guess.email)) {
      await parts.store.write(
        (connection) => wishFor(parts, connection, { kind: 'guessed', ...guess }),
        LOCKING,
      )
      parts.onLetter()
    }
    throw error
  }
}

/** One letter a day for each of the two, however long it goes on. */
export async function answerGuessed(
  parts: Parts,
  connection: Connection,
  { what, origin }: Guess,
  person: Selectable<PersonTable>,
): Promise<void> {
  const now = parts.clock()
  if (Number(person.is_active) !== 1) return
  if (!(await isFirstTold(connection, ['attempts', person.id, what], now, now + DAY))) return
  const to = { name: person.name, email: person.email }
  await post(parts, connection, { kind: 'attempts-stopped', to, at: now, what, address: origin.address })
}
