/**
 * Handing the log over to another key: the one that has signed so far signs that
 * the other one signs from now on. Whoever trusts the first can thereby trust the
 * second, without asking anybody.
 */

import type { Connection } from '../database/database.ts'
import { destroyRetired } from '../keys/rotate.ts'
import { type Head, keepCheckpoint, noteKeyOf, readHead, type SequenceParts } from './head.ts'
import { keyHashOf } from './note.ts'

/**
 * The head to go on from. When the ring has moved on since it was signed, that is the checkpoint that hands the log
 * over, and the private half of every earlier key is destroyed: nobody can sign in its name any more.
 *
 * @throws Error when the key that has signed so far is not there: no other may go on in its place.
 */
export async function handedOver(
  connection: Connection,
  parts: SequenceParts,
  head: Head | null,
): Promise<Head | null> {
  if (!head) return null
  const { keys, installation } = parts
  const active = keys.signing('checkpoint')
  const signs = keyHashesOf(head)
  const hashOf = (key: typeof active): string => keyHashOf(noteKeyOf(key, installation))
  if (signs.includes(hashOf(active))) return head

  const key = keys.signingKeys('checkpoint').find((one) => signs.includes(hashOf(one)))
  if (!key) {
    throw new Error(
      'The key that signed the last checkpoint of the audit log is not in the store: nothing is added to the log until it is back.',
    )
  }
  const nextKey = noteKeyOf(active, installation)
  const next = await keepCheckpoint(connection, parts, head, { ...head, key, nextKey })
  await destroyRetired(connection)
  return next
}

/** Whose word the next checkpoint needs: the key that it was handed over to, or the one that signed. */
function keyHashesOf(head: Head): readonly string[] {
  const { nextKey, note } = readHead(head)
  return nextKey ? [keyHashOf(nextKey)] : note.signatures.map(({ keyHash }) => keyHash)
}
