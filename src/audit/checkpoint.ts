/**
 * Checkpoints: what fixes the log. Each signs the size and the root of the tree
 * at one moment, and names the checkpoint before it.
 *
 * The text is a tlog-checkpoint (https://c2sp.org/tlog-checkpoint): origin, size
 * and root, and three extension lines of our own: `previous`, `time`, `schema`.
 * A fourth, `next-key`, hands the log over: from the following checkpoint on, only
 * that key signs.
 */

import { createHash, type KeyObject } from 'node:crypto'
import { formatNoteKey, type NoteKey, parseNote, parseNoteKey, type SignedNote, signNote } from './note.ts'

export interface Checkpoint {
  /** `castellan/` and the id of the installation. */
  readonly origin: string
  /** How many events it covers. */
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  /** SHA-256 of the text of the checkpoint before, without its signatures; null for the first. */
  readonly previous: Uint8Array | null
  /** RFC 3339, UTC, milliseconds. */
  readonly issuedAt: string
  /** The key that signs from the next checkpoint on, and the only one; null: as before. */
  readonly nextKey: NoteKey | null
}

export interface ReadCheckpoint extends Checkpoint {
  readonly note: SignedNote
}

const SCHEMA = '1'
const DECIMAL = /^(0|[1-9][0-9]{0,15})$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** The origin of an installation's log: the first line of its checkpoints and the name of its key. */
export function originOf(installation: string): string {
  return `castellan/${installation}`
}

/** The signed note of a checkpoint. */
export function signCheckpoint(checkpoint: Checkpoint, key: NoteKey, privateKey: KeyObject): string {
  return signNote(textOf(checkpoint), key, privateKey)
}

/** What a note says, or null when it is no checkpoint of this schema. Checks no signature. */
export function parseCheckpoint(text: string): ReadCheckpoint | null {
  const note = parseNote(text)
  if (!note) return null
  const [origin = '', size = '', root = '', previous = '', time = '', schema = '', ...rest] =
    note.text.split('\n')
  const [handOver = '', ...more] = rest
  const nextKey = parseNoteKey(handOver.replace(/^next-key /, ''))
  const checkpoint: Checkpoint = {
    origin,
    size: Number(size),
    root: bytesOf(root),
    previous: previous === 'previous none' ? null : bytesOf(previous.replace(/^previous /, '')),
    issuedAt: time.replace(/^time /, ''),
    nextKey,
  }
  const isWhole =
    origin !== '' &&
    DECIMAL.test(size) &&
    checkpoint.root.length === 32 &&
    (checkpoint.previous === null || checkpoint.previous.length === 32) &&
    INSTANT.test(checkpoint.issuedAt) &&
    schema === `schema ${SCHEMA}` &&
    // the text ends with a line end, so with an empty piece
    (nextKey ? more.length === 1 && nextKey.name === origin : rest.length === 1)
  // Written again it must be the same text, or two readers could read two things from it.
  return isWhole && textOf(checkpoint) === note.text ? { ...checkpoint, note } : null
}

/** What the next checkpoint names as its `previous`. */
export function checkpointHash(note: SignedNote): Uint8Array {
  return createHash('sha256').update(note.text).digest()
}

/** The notes of a file of checkpoints, each ended by an empty line or the end of the file; null when something else is in it. */
export function splitCheckpoints(text: string): readonly string[] | null {
  const parts = text.split(/(?<=\n— [^\n]+\n)(?!— )\n*/)
  const notes = parts.filter((part) => part !== '')
  return notes.every((note) => parseNote(note) !== null) ? notes : null
}

function textOf({ origin, size, root, previous, issuedAt, nextKey }: Checkpoint): string {
  const lines = [
    origin,
    String(size),
    Buffer.from(root).toString('base64'),
    `previous ${previous ? Buffer.from(previous).toString('base64') : 'none'}`,
    `time ${issuedAt}`,
    `schema ${SCHEMA}`,
    ...(nextKey ? [`next-key ${formatNoteKey(nextKey)}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'))
}
