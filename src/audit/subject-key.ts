/**
 * The data key of a subject: whose personal values an event holds.
 *
 * Each has a key of its own, wrapped by the ring `subject`. Deleting it makes
 * the values unreadable for ever, while the commitments in the log still verify.
 */

import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Connection } from '../database/database.ts'
import type { Keys } from '../keys/keys.ts'
import { decrypt, encrypt, type RandomBytes } from '../keys/wrap.ts'
import { insertOrUpdate } from '../store/insert-or-update.ts'
import { inStore } from '../store/tables.ts'
import { bounded } from './cut.ts'

/** The most UTF-16 code units of a subject that stand before the note of a cut: the store's column has room for both. */
const LONGEST = 500

/** What the store calls a subject: `model:key`, however long the key is. */
export function subjectName(subject: string): string {
  return bounded(subject, LONGEST)
}

/**
 * The keys of those subjects by their name, each made when it is the first time. Runs in the transaction that writes
 * the events. Of two transactions that make one at the same time one waits for the other and gets its key.
 * @param subjects As `subjectName` gives them.
 */
export async function subjectKeys(
  connection: Connection,
  keys: Keys,
  subjects: readonly string[],
  randomBytes: RandomBytes,
): Promise<ReadonlyMap<string, KeyObject>> {
  const wanted = [...new Set(subjects)].sort()
  const found = await findSubjectKeys(connection, keys, wanted)
  const missing = wanted.filter((subject) => !found.has(subject))
  if (missing.length === 0) return found
  const wrapping = keys.secret('subject')
  const rows = missing.map((subject) => {
    const secret = randomBytes(32)
    const wrapped = encrypt(wrapping.key, secret, contextOf(subject), randomBytes)
    return { subject, key_id: wrapping.id, wrapped }
  })
  await insertOrUpdate(connection, 'castellan_audit_subject', rows, { key: ['subject'], update: ['subject'] })
  const kept = await findSubjectKeys(connection, keys, missing)
  if (kept.size < missing.length) throw new TypeError('The data key of an audit subject was not kept.')
  return new Map([...found, ...kept])
}

/**
 * The key of that subject, or null when it has none (any more).
 * @throws TypeError when it is there and cannot be unwrapped: the store was changed by other hands.
 */
export async function findSubjectKey(
  connection: Connection,
  keys: Keys,
  subject: string,
): Promise<KeyObject | null> {
  return (await findSubjectKeys(connection, keys, [subject])).get(subject) ?? null
}

/**
 * Erases the key of that subject: what was sealed under it can't be read by anybody any more, and the log verifies as
 * before. What is sealed from now on gets another key.
 * @returns false when there is none.
 */
export async function eraseSubjectKey(connection: Connection, subject: string): Promise<boolean> {
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_audit_subject')
    .where('subject', '=', subject)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Keys wrapped anew in one go. */
const PORTION = 500

/**
 * Wraps every data key by the active key of other rings: nothing is wrapped by an earlier one any more.
 * @returns how many there are.
 * @throws TypeError when one cannot be unwrapped.
 */
export async function rewrapSubjectKeys(
  connection: Connection,
  { from, to }: { readonly from: Keys; readonly to: Keys },
  randomBytes: RandomBytes,
): Promise<number> {
  const store = inStore(connection)
  const wrapping = to.secret('subject')
  let count = 0
  for (;;) {
    const rows = await store
      .selectFrom('castellan_audit_subject')
      .selectAll()
      .where('key_id', '!=', wrapping.id)
      .limit(PORTION)
      .execute()
    if (rows.length === 0) return count
    for (const { subject, key_id, wrapped } of rows) {
      const earlier = from.secretOf('subject', key_id) ?? to.secretOf('subject', key_id)
      const secret = earlier && decrypt(earlier.key, wrapped, contextOf(subject))
      if (!secret) throw new TypeError('The data key of an audit subject cannot be unwrapped.')
      await store
        .updateTable('castellan_audit_subject')
        .set({
          key_id: wrapping.id,
          wrapped: encrypt(wrapping.key, secret, contextOf(subject), randomBytes),
        })
        .where('subject', '=', subject)
        .execute()
    }
    count += rows.length
  }
}

/** The keys of those subjects that have one (still), by their name. @throws TypeError as `findSubjectKey`. */
export async function findSubjectKeys(
  connection: Connection,
  keys: Keys,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, KeyObject>> {
  if (subjects.length === 0) return new Map()
  const rows = await inStore(connection)
    .selectFrom('castellan_audit_subject')
    .selectAll()
    .where('subject', 'in', subjects)
    .execute()
  return new Map(
    rows.map((row) => {
      const wrapping = keys.secretOf('subject', row.key_id)
      const secret = wrapping && decrypt(wrapping.key, row.wrapped, contextOf(row.subject))
      if (!secret) throw new TypeError('The data key of an audit subject cannot be unwrapped.')
      return [row.subject, createSecretKey(secret)]
    }),
  )
}

function contextOf(subject: string): string {
  return `castellan/audit/subject/${subject}`
}
