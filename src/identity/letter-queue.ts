/**
 * The queue of letters, in the store: what has committed is sent, by whichever
 * process comes first, and whatever has not been sent outlives the process.
 *
 * Sending itself is nobody's business here and in no transaction: a letter is
 * claimed for two minutes, and delivered, tried again later, or given up. A
 * process that dies between the two sends it a second time, under the same id.
 */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { isEmail } from './email.ts'
import { storyOf } from './event.ts'
import { DAY, HOUR, MINUTE, SECOND, toInstant, toText } from './instant.ts'
import type { Letter, Wish } from './letter.ts'
import { LOCKING } from './lock.ts'
import type { Parts } from './parts.ts'
import { randomId } from './random.ts'

const LABEL = 'letter'
const LEASE_MS: number = 2 * MINUTE
const FIRST_WAIT_MS: number = 30 * SECOND
const MAX_WAIT_MS: number = HOUR
/** With the waits above, over about nine hours. */
const MAX_ATTEMPTS = 15
const LIFETIME_MS: number = DAY

/** A letter that this process may send now. */
export interface ClaimedLetter {
  readonly id: string
  readonly letter: Letter
  /** This one included. */
  readonly attempt: number
}

export interface ClaimedWish {
  readonly id: string
  readonly wish: Wish
}

export type Claimed =
  | ({ readonly kind: 'letter' } & ClaimedLetter)
  | ({ readonly kind: 'wish' } & ClaimedWish)
  /** Its key is gone. */
  | { readonly kind: 'unreadable'; readonly id: string }

type Content =
  | { readonly kind: 'letter'; readonly letter: Letter }
  | { readonly kind: 'wish'; readonly wish: Wish }

/** Where mail is off there is nobody to send it, and nothing is kept; nor for a sign-in name that is no address. */
export async function post(parts: Parts, connection: Connection, letter: Letter): Promise<void> {
  if (!parts.options.hasMail || !isEmail(letter.to.email)) return
  const expiresAt = 'expiresAt' in letter ? letter.expiresAt : parts.clock() + LIFETIME_MS
  await put(parts, connection, { kind: 'letter', letter }, expiresAt)
}

export async function wishFor(parts: Parts, connection: Connection, wish: Wish): Promise<void> {
  await put(parts, connection, { kind: 'wish', wish }, parts.clock() + HOUR)
}

async function put(parts: Parts, connection: Connection, content: Content, expiresAt: number): Promise<void> {
  const id = randomId(parts.randomBytes)
  const now = toText(parts.clock())
  await inStore(connection)
    .insertInto('castellan_letter')
    .values({
      id,
      secret: parts.seals.seal('seal', LABEL, JSON.stringify(content), id),
      attempts: 0,
      due_at: now,
      created_at: now,
      expires_at: toText(expiresAt),
    })
    .execute()
}

/** The one that has been due the longest; null: none is. Of any number of processes one gets it. */
export async function claim(parts: Parts): Promise<Claimed | null> {
  for (;;) {
    const now = parts.clock()
    const row = await inStore(parts.store.now)
      .selectFrom('castellan_letter')
      .selectAll()
      .where('due_at', '<=', toText(now))
      .where('expires_at', '>', toText(now))
      .orderBy('due_at')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    if (!row) return null
    const attempt = Number(row.attempts) + 1
    const isOurs = await parts.store.write(async (connection) => {
      const { numUpdatedRows } = await inStore(connection)
        .updateTable('castellan_letter')
        .set({ attempts: attempt, due_at: toText(now + LEASE_MS) })
        .where('id', '=', row.id)
        .where('attempts', '=', Number(row.attempts))
        .executeTakeFirst()
      return numUpdatedRows === 1n
    }, LOCKING)
    if (isOurs) return opened(parts, row.id, row.secret, attempt)
  }
}

function opened(parts: Parts, id: string, secret: string, attempt: number): Claimed {
  const text = parts.seals.open('seal', LABEL, secret, id)
  if (text === null) return { kind: 'unreadable', id }
  // sealed by `put` alone
  const content = JSON.parse(text) as Content
  if (content.kind === 'wish') return { kind: 'wish', id, wish: content.wish }
  return { kind: 'letter', id, letter: content.letter, attempt }
}

/** It is out of the queue with the transaction of what became of it; false: another process was faster. */
export async function takeOut(connection: Connection, id: string): Promise<boolean> {
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_letter')
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

export async function delivered(parts: Parts, { id }: ClaimedLetter): Promise<void> {
  await parts.store.write((connection) => takeOut(connection, id), LOCKING)
}

/**
 * Tries it again later, or gives it up: when it can never succeed, or has been tried often enough.
 * @param code What the log may know of it: `EAUTH`, `550`.
 */
export async function failed(
  parts: Parts,
  { id, letter, attempt }: ClaimedLetter,
  { code, isFinal }: { readonly code: string; readonly isFinal: boolean },
): Promise<'again' | 'given-up'> {
  const wait = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
  return await parts.store.write(async (connection) => {
    if (isFinal || attempt >= MAX_ATTEMPTS) {
      if (await takeOut(connection, id)) await tellGivenUp(parts, connection, letter.kind, code, attempt)
      return 'given-up'
    }
    await inStore(connection)
      .updateTable('castellan_letter')
      .set({ due_at: toText(parts.clock() + wait) })
      .where('id', '=', id)
      .where('attempts', '=', attempt)
      .execute()
    return 'again'
  }, LOCKING)
}

/** What nobody can read is nobody's to send. */
export async function discard(parts: Parts, id: string): Promise<void> {
  await parts.store.write(async (connection) => {
    if (await takeOut(connection, id)) await tellGivenUp(parts, connection, 'unknown', 'unreadable', 0)
  }, LOCKING)
}

async function tellGivenUp(
  parts: Parts,
  connection: Connection,
  letter: string,
  code: string,
  attempts: number,
): Promise<void> {
  const now = parts.clock()
  const story = storyOf('mail.fail', null, nowhere(parts), now)
  const draft = story({ outcome: 'failed', code, details: { letter, attempts } })
  const principal = { ...draft.principal, kind: 'system' as const, id: 'mail', label: 'system (mail)' }
  await parts.audit.append(connection, { ...draft, principal })
}

/** The origin of what nobody's request does. */
function nowhere({ randomBytes }: Parts): Wish['origin'] {
  return {
    id: randomId(randomBytes),
    traceparent: null,
    address: '',
    addressChain: [],
    userAgent: null,
    method: 'MAIL',
    route: 'mail',
  }
}

/** When the next one is due, for whoever waits; null: none is there. */
export async function nextDueAt(parts: Parts): Promise<number | null> {
  const row = await inStore(parts.store.now)
    .selectFrom('castellan_letter')
    .select('due_at')
    .where('expires_at', '>', toText(parts.clock()))
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst()
  return row ? toInstant(row.due_at) : null
}
