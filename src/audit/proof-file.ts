/**
 * The proof of one event as a file that stands by itself: the event, its place,
 * the hashes up to the root and the checkpoint that signs it.
 *
 * The form is the one of transparency logs (https://c2sp.org/tlog-proof), so that
 * their tools read it; the event's canonical bytes are its `extra` data.
 */

import { parseCheckpoint, type ReadCheckpoint } from './checkpoint.ts'
import { type NoteKey, noteKeyFingerprint, signerAmong } from './note.ts'
import type { InclusionProof } from './proof.ts'
import { isIncluded, leafHash } from './tree.ts'

export interface ReadProof {
  /** The canonical bytes of the event. */
  readonly event: Uint8Array
  /** From 1. */
  readonly sequence: number
  readonly hashes: readonly Uint8Array[]
  readonly checkpoint: ReadCheckpoint
}

/** What a proof shows, or why it shows nothing. */
export type ProofReport =
  | {
      readonly kind: 'verified'
      readonly sequence: number
      /** How many events the checkpoint covers, and when it was signed (RFC 3339). */
      readonly size: number
      readonly issuedAt: string
      readonly origin: string
      /** Hex SHA-256 of the public key that signed it. */
      readonly fingerprint: string
      /** The event as it is read by people and programs. */
      readonly event: unknown
    }
  | { readonly kind: 'tampered'; readonly sequence: number; readonly reason: string }

const VERSION = 'c2sp.org/tlog-proof@v1'
const DECIMAL = /^index (0|[1-9][0-9]{0,15})$/
const HASH = /^[A-Za-z0-9+/]{43}=$/

/** @param event The canonical bytes. */
export function formatProof(event: Uint8Array, { sequence, proof, checkpoint }: InclusionProof): string {
  const lines = [
    VERSION,
    `extra ${Buffer.from(event).toString('base64')}`,
    `index ${sequence - 1}`,
    ...proof.map((hash) => Buffer.from(hash, 'hex').toString('base64')),
  ]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/** The parts of such a file, or null when it is none. Checks nothing. */
export function parseProof(text: string): ReadProof | null {
  const end = text.indexOf('\n\n')
  const [version, extra = '', index = '', ...path] = text.slice(0, end).split('\n')
  const event = Buffer.from(extra.replace(/^extra /, ''), 'base64')
  const position = Number(DECIMAL.exec(index)?.[1] ?? Number.NaN)
  const checkpoint = end < 0 ? null : parseCheckpoint(text.slice(end + 2))
  const isWhole =
    version === VERSION &&
    extra === `extra ${event.toString('base64')}` &&
    Number.isSafeInteger(position) &&
    path.every((line) => HASH.test(line))
  if (!checkpoint || !isWhole) return null
  return {
    event,
    sequence: position + 1,
    hashes: path.map((line) => Uint8Array.from(Buffer.from(line, 'base64'))),
    checkpoint,
  }
}

/** Whether the event is in a log that one of the keys has signed. */
export function checkProof(
  { event, sequence, hashes, checkpoint }: ReadProof,
  keys: readonly NoteKey[],
): ProofReport {
  const signer = signerAmong(keys)(checkpoint.note)
  if (!signer || signer.name !== checkpoint.origin) {
    return { kind: 'tampered', sequence, reason: 'its checkpoint is not signed by the given key' }
  }
  const { size, root, issuedAt, origin } = checkpoint
  const isThere = isIncluded({ index: sequence - 1, size, leaf: leafHash(event), root, proof: hashes })
  if (!isThere) {
    return { kind: 'tampered', sequence, reason: 'the event is not in the log that the checkpoint signs' }
  }
  return {
    kind: 'verified',
    sequence,
    size,
    issuedAt,
    origin,
    fingerprint: noteKeyFingerprint(signer),
    // a signed leaf is what this log has written: canonical JSON
    event: JSON.parse(Buffer.from(event).toString('utf8')),
  }
}
