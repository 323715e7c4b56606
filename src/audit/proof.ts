/** Proving from what is stored that one event is in the log that a checkpoint signs. */

import type { Connection } from '../database/database.ts'
import { inStore } from '../store/tables.ts'
import { consistencyRanges, inclusionRanges, placesOf, type Range, rootOf } from './tree.ts'

export interface InclusionProof {
  /** The number of the event; its leaf is one less, from 0. */
  readonly sequence: number
  /** Hex. */
  readonly leaf: string
  /** How many events the checkpoint covers. */
  readonly size: number
  /** The signed note of the checkpoint. */
  readonly checkpoint: string
  /** Hex hashes from the leaf up to the root (RFC 6962, section 2.1.1). */
  readonly proof: readonly string[]
}

/** The signed note of the last checkpoint; null while nothing is sealed. */
export async function lastCheckpoint(
  connection: Connection,
): Promise<{ readonly note: string; readonly size: number } | null> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_checkpoint')
    .select(['note', 'size'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? { note: row.note, size: Number(row.size) } : null
}

/** The proof for the event of that sequence, under the last checkpoint; null while none covers it. */
export async function proofOf(connection: Connection, sequence: number): Promise<InclusionProof | null> {
  const checkpoint = await lastCheckpoint(connection)
  if (!checkpoint || sequence < 1 || sequence > checkpoint.size) return null
  const { note, size } = checkpoint
  const proof: string[] = []
  for (const range of inclusionRanges(sequence - 1, size)) {
    proof.push(hexOf(await rootOver(connection, range)))
  }
  const leaf = hexOf(await rootOver(connection, { begin: sequence - 1, end: sequence }))
  return { sequence, leaf, size, checkpoint: note, proof }
}

/** The hashes that prove that the tree of `from` events begins the tree of `to` (RFC 6962, section 2.1.2). */
export async function consistencyProof(
  connection: Connection,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  const hashes: Uint8Array[] = []
  for (const range of consistencyRanges(from, to)) hashes.push(await rootOver(connection, range))
  return hashes
}

async function rootOver(connection: Connection, range: Range): Promise<Uint8Array> {
  const hashes: Uint8Array[] = []
  for (const { level, position } of placesOf(range)) {
    const { hash } = await inStore(connection)
      .selectFrom('castellan_audit_node')
      .select('hash')
      .where('level', '=', level)
      .where('position', '=', position)
      .executeTakeFirstOrThrow()
    hashes.push(hash)
  }
  return rootOf(hashes)
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}
