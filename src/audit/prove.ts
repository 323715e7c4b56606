/** Proving one event from whatever a log is read from: a database or the folder of an export. */

import { AdminError } from '../errors.ts'
import { parseCheckpoint } from './checkpoint.ts'
import type { LogReader } from './log-reader.ts'
import { formatProof } from './proof-file.ts'
import { parseEvent } from './stored-event.ts'
import { frontier, inclusionRanges, leafHash, type Range } from './tree.ts'

/** A number of the log, or the id of an event. */
export type Wanted = { readonly sequence: number } | { readonly id: string }

/**
 * The file that proves the event, under the last checkpoint of the log.
 *
 * Reads the log from its beginning and keeps its leaf hashes, 32 bytes an event: whoever
 * has only an export has no tree. Judges nothing: checking the file does.
 *
 * @throws AdminError `not-found` when there is no such event, or no checkpoint covers it yet.
 */
export async function proveEvent(reader: LogReader, wanted: Wanted): Promise<string> {
  const checkpoint = await lastOf(reader)
  const leaves: Uint8Array[] = []
  let found: { readonly bytes: Uint8Array; readonly sequence: number } | null = null
  for await (const page of reader.events()) {
    for (const { bytes } of page) {
      if (leaves.length === checkpoint.size) break
      leaves.push(leafHash(bytes))
      const sequence = leaves.length
      if (!found && isWanted(wanted, sequence, bytes)) found = { sequence, bytes: Uint8Array.from(bytes) }
    }
  }
  if (!found || leaves.length < checkpoint.size) throw notThere(wanted)
  const { sequence, bytes } = found
  return formatProof(bytes, {
    sequence,
    leaf: hexOf(leafHash(bytes)),
    size: checkpoint.size,
    checkpoint: checkpoint.note,
    proof: inclusionRanges(sequence - 1, checkpoint.size).map((range) => hexOf(rootOver(leaves, range))),
  })
}

async function lastOf(reader: LogReader): Promise<{ readonly note: string; readonly size: number }> {
  let last: string | null = null
  for await (const note of reader.checkpoints()) last = note
  const checkpoint = last === null ? null : parseCheckpoint(last)
  if (last !== null && checkpoint) return { note: last, size: checkpoint.size }
  throw new AdminError('not-found', 'The log has no checkpoint that could prove anything.')
}

function isWanted(wanted: Wanted, sequence: number, bytes: Uint8Array): boolean {
  if ('sequence' in wanted) return wanted.sequence === sequence
  return parseEvent(Buffer.from(bytes).toString('utf8'))?.id === wanted.id
}

function notThere(wanted: Wanted): AdminError {
  const which = 'sequence' in wanted ? `of sequence ${wanted.sequence}` : `"${wanted.id}"`
  return new AdminError('not-found', `No event ${which} is covered by a checkpoint of this log.`)
}

function rootOver(leaves: readonly Uint8Array[], { begin, end }: Range): Uint8Array {
  const tree = frontier()
  for (const leaf of leaves.slice(begin, end)) tree.append(leaf)
  return tree.root()
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}
