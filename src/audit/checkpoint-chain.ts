/** Checking checkpoints among themselves: who signed them, of which log, in which order. */

import { AdminError } from '../errors.ts'
import { checkpointHash, parseCheckpoint, type ReadCheckpoint, splitCheckpoints } from './checkpoint.ts'
import { type NoteKey, type SignerOf, signerAmong } from './note.ts'
import { isSame } from './tree.ts'

/** A checkpoint that fits those before it; whether it fits the events is not said. */
export interface GoodLink {
  readonly kind: 'good'
  /** From 1. */
  readonly number: number
  readonly checkpoint: ReadCheckpoint
  /** Null when there was no key to check with. */
  readonly signer: NoteKey | null
}

/** The first one that does not; nothing is read after it. */
export interface BrokenLink {
  readonly kind: 'broken'
  readonly number: number
  readonly reason: string
}

/**
 * The checkpoints of a log in order, up to the first that is broken. With no keys, signatures are not checked.
 * Where the log is handed over, the key that is named there is from then on the only one that is trusted.
 */
export async function* checkpointChain(
  notes: AsyncIterable<string>,
  keys: readonly NoteKey[],
): AsyncGenerator<GoodLink | BrokenLink> {
  let signerOf = keys.length > 0 ? signerAmong(keys) : null
  let last: GoodLink | null = null
  for await (const note of notes) {
    const link: GoodLink | BrokenLink = linkAfter(last, note, signerOf)
    yield link
    if (link.kind === 'broken') return
    last = link
    const { nextKey } = link.checkpoint
    if (signerOf && nextKey) signerOf = signerAmong([nextKey])
  }
}

/** Those keys, and every one that the log was handed over to from them. */
export async function keysFrom(
  notes: AsyncIterable<string>,
  keys: readonly NoteKey[],
): Promise<readonly NoteKey[]> {
  const handedOver: NoteKey[] = []
  for await (const link of checkpointChain(notes, keys)) {
    if (link.kind === 'good' && link.checkpoint.nextKey) handedOver.push(link.checkpoint.nextKey)
  }
  return [...keys, ...handedOver]
}

/**
 * The checkpoints of an anchor, smallest first, one for each size.
 * @param trusted Null: signatures are not checked.
 * @throws AdminError `invalid-input` when the text is none, or no trusted key did sign it.
 */
export function readAnchor(text: string, trusted: readonly NoteKey[] | null): readonly ReadCheckpoint[] {
  const read = (splitCheckpoints(text) ?? []).map(parseCheckpoint)
  const checkpoints = read.filter((checkpoint) => checkpoint !== null)
  if (checkpoints.length === 0 || checkpoints.length < read.length) {
    throw new AdminError('invalid-input', 'The anchor holds no checkpoints, or something beside them.')
  }
  const signerOf = trusted && signerAmong(trusted)
  if (signerOf && checkpoints.some(({ note }) => signerOf(note) === null)) {
    throw new AdminError('invalid-input', 'The anchor is not signed by the given key.')
  }
  return checkpoints.toSorted((one, other) => one.size - other.size)
}

function linkAfter(last: GoodLink | null, note: string, signerOf: SignerOf | null): GoodLink | BrokenLink {
  const number = (last?.number ?? 0) + 1
  const broken = (reason: string): BrokenLink => ({
    kind: 'broken',
    number,
    reason: `checkpoint ${number} ${reason}`,
  })
  const checkpoint = parseCheckpoint(note)
  if (!checkpoint) return broken('cannot be read')
  const signer = signerOf?.(checkpoint.note) ?? null
  if (!signer && signerOf) return broken('is not signed by a key of this log')
  if (signer && signer.name !== checkpoint.origin) return broken('is of another log')
  if (!isNext(last, checkpoint)) return broken('does not follow the one before it')
  return { kind: 'good', number, checkpoint, signer }
}

function isNext(last: GoodLink | null, next: ReadCheckpoint): boolean {
  if (!last || !next.previous) return !last && !next.previous
  const { checkpoint } = last
  return (
    isSame(next.previous, checkpointHash(checkpoint.note)) &&
    next.size >= checkpoint.size &&
    next.origin === checkpoint.origin
  )
}
