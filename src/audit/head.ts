/** The last checkpoint of the log in its store, and putting the next one behind it. */

import type { Clock } from '../clock.ts'
import type { Connection } from '../database/database.ts'
import { rawPublicKey } from '../keys/ed25519.ts'
import type { KeyRings, SigningKey } from '../keys/keys.ts'
import { inStore } from '../store/tables.ts'
import {
  checkpointHash,
  originOf,
  parseCheckpoint,
  type ReadCheckpoint,
  signCheckpoint,
} from './checkpoint.ts'
import type { NoteKey } from './note.ts'

export interface SequenceParts {
  readonly keys: KeyRings
  readonly clock: Clock
  readonly installation: string
}

export interface Head {
  readonly number: number
  readonly size: number
  readonly root: Uint8Array
  readonly note: string
  readonly issuedAt: string
}

/** What a checkpoint says beside what follows from the one before. */
export interface NextCheckpoint {
  readonly size: number
  readonly root: Uint8Array
  readonly key: SigningKey
  readonly nextKey: NoteKey | null
}

export async function headOf(connection: Connection): Promise<Head | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_checkpoint')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return null
  return {
    number: Number(row.number),
    size: Number(row.size),
    root: row.root,
    note: row.note,
    issuedAt: row.issued_at,
  }
}

/** Signs the checkpoint that follows the head. */
export async function keepCheckpoint(
  connection: Connection,
  { clock, installation }: SequenceParts,
  head: Head | null,
  { size, root, key, nextKey }: NextCheckpoint,
): Promise<Head> {
  const origin = originOf(installation)
  const issuedAt = new Date(clock()).toISOString()
  const note = signCheckpoint(
    { origin, size, root, previous: head && checkpointHash(readHead(head).note), issuedAt, nextKey },
    noteKeyOf(key, installation),
    key.privateKey,
  )
  const number = (head?.number ?? 0) + 1
  await inStore(connection)
    .insertInto('castellan_audit_checkpoint')
    .values({ number, size, root, issued_at: issuedAt, note })
    .execute()
  return { number, size, root, note, issuedAt }
}

/** @throws Error when it cannot be read: the log was changed by other hands. */
export function readHead(head: Head): ReadCheckpoint {
  const checkpoint = parseCheckpoint(head.note)
  if (!checkpoint) throw new Error(`Checkpoint ${head.number} of the audit log cannot be read.`)
  return checkpoint
}

export function noteKeyOf({ publicKey }: SigningKey, installation: string): NoteKey {
  return { name: originOf(installation), publicKey: rawPublicKey(publicKey) }
}
