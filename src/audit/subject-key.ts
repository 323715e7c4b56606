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
 * The key of that subject, made when it is the first time. Runs in the transaction that writes the event.
 * Of two transactions that make it at the same time one waits for the other and gets its key.
 * @param subject As `subjectName` gives it.
 */
export async function subjectKey(
  connection: Connection,
  keys: Keys,
  subject: string,
  randomBytes: RandomBytes,
): Promise<KeyObject> {
  const found = await findSubjectKey(connection, keys, subject)
  if (found) return found
  const wrapping = keys.secret('subject')
  const secret = randomBytes(32)
  const wrapped = encrypt(wrapping.key, secret, contextOf(subject), randomBytes)
  const row = { subject, key_id: wrapping.id, wrapped }
  await insertOrUpdate(connection, 'castellan_audit_subject', row, { key: ['subject'], update: ['subject'] })
  const kept = await findSubjectKey(connection, keys, subject)
  if (!kept) throw new TypeError('The data key of an audit subject was not kept.')
  return kept
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
  const row = await inStore(connection)
    .selectFrom('castellan_audit_subject')
    .selectAll()
    .where('subject', '=', subject)
    .executeTakeFirst()
  if (!row) return null
  const wrapping = keys.secretOf('subject', row.key_id)
  const secret = wrapping && decrypt(wrapping.key, row.wrapped, contextOf(subject))
  if (!secret) throw new TypeError('The data key of an audit subject cannot be unwrapped.')
  return createSecretKey(secret)
}

function contextOf(subject: string): string {
  return `castellan/audit/subject/${subject}`
}
