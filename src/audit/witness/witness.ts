/**
 * A witness of the logs of others: it cosigns a checkpoint only where that
 * continues the one that it cosigned last (https://c2sp.org/tlog-witness), so that
 * no log can show two histories to two people.
 *
 * It knows no event of them, and nobody has to sign in: whoever asks proves by the
 * log's signature that they speak for it.
 */

import type { KeyObject } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { parseCheckpoint, type ReadCheckpoint } from '../checkpoint.ts'
import { cosign, type WitnessKey } from '../cosignature.ts'
import { type NoteKey, signerAmong } from '../note.ts'
import { isConsistent, isSame } from '../tree.ts'
import type { WitnessMemory } from './memory.ts'

export interface Witness {
  readonly key: WitnessKey
  readonly privateKey: KeyObject
  readonly memory: WitnessMemory
  readonly clock: Clock
  /** The keys of the logs that it follows, as they are now. */
  logs(): readonly NoteKey[]
}

export interface WitnessAnswer {
  readonly status: number
  readonly body: string
  readonly contentType?: 'text/x.tlog.size'
}

/** What is asked: the size that is known to be cosigned, the proof from there, and the checkpoint. */
interface Submission {
  readonly from: number
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: ReadCheckpoint
}

/** As many hashes as a tree of 2^63 events can need. */
const MOST_HASHES = 63
const OLD = /^old (0|[1-9][0-9]{0,15})$/
const HASH = /^[A-Za-z0-9+/]{43}=$/

/** Answers `POST /add-checkpoint`. The cosignature is on the disk before it is told. */
export function addCheckpoint(witness: Witness, body: string): WitnessAnswer {
  const submission = read(body)
  if (!submission) return { status: 400, body: 'This is no checkpoint with a proof.\n' }
  const { checkpoint, from } = submission
  const keys = witness.logs().filter(({ name }) => name === checkpoint.origin)
  if (keys.length === 0) return { status: 404, body: 'This log is not followed here.\n' }
  if (!signerAmong(keys)(checkpoint.note)) return { status: 403, body: 'No key of the log has signed it.\n' }
  if (from > checkpoint.size) return { status: 400, body: 'The old size is beyond the checkpoint.\n' }
  const last = witness.memory.last(checkpoint.origin)
  if (from !== (last?.size ?? 0)) return conflict(last)
  const refusal = refusalOf(submission, last)
  if (refusal) return refusal
  const time = BigInt(Math.floor(witness.clock() / 1000))
  const cosignature = cosign(checkpoint.note.text, witness.key, witness.privateKey, time)
  const isKept = witness.memory.keep(checkpoint.origin, last, checkpoint.size, checkpoint.root)
  return isKept ? { status: 200, body: cosignature } : conflict(witness.memory.last(checkpoint.origin))
}

function conflict(last: { readonly size: number } | null): WitnessAnswer {
  return { status: 409, body: `${last?.size ?? 0}\n`, contentType: 'text/x.tlog.size' }
}

function refusalOf(
  { from, proof, checkpoint }: Submission,
  last: { readonly root: Uint8Array } | null,
): WitnessAnswer | null {
  // of nothing anything is the beginning, and there is nothing to prove
  if (last === null || from === 0) {
    return proof.length === 0 ? null : { status: 422, body: 'From nothing there is no proof.\n' }
  }
  const { size: to, root: toRoot } = checkpoint
  if (from === to && !isSame(last.root, toRoot)) {
    return { status: 409, body: `${from}\n`, contentType: 'text/x.tlog.size' }
  }
  if (isConsistent({ from, to, fromRoot: last.root, toRoot, proof })) return null
  return { status: 422, body: 'It does not continue what was cosigned last.\n' }
}

function read(body: string): Submission | null {
  const end = body.indexOf('\n\n')
  if (end === -1) return null
  const [old = '', ...lines] = body.slice(0, end).split('\n')
  const [, from] = OLD.exec(old) ?? []
  const checkpoint = parseCheckpoint(body.slice(end + 2))
  if (from === undefined || !checkpoint) return null
  if (lines.length > MOST_HASHES || !lines.every((line) => HASH.test(line))) return null
  const proof = lines.map((line) => Uint8Array.from(Buffer.from(line, 'base64')))
  return { from: Number(from), proof, checkpoint }
}
