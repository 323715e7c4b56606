/** The files of an export, and the one form of its lines (docs/audit-format.md). */

/** `{"event":{…},"sequence":N}`, a line an event. */
export const EVENTS_FILE = 'events.jsonl'
/** Signed notes with an empty line between them. */
export const CHECKPOINTS_FILE = 'checkpoints.txt'
/** The public keys of the checkpoints, one a line. */
export const KEY_FILE = 'key.pub'
/** The leaf hashes in hex, one a line: tells which event was changed. Its absence is no fault. */
export const LEAVES_FILE = 'leaves.txt'

const HEAD = Buffer.from('{"event":')
const MIDDLE = Buffer.from(',"sequence":')
const NUMBER = /^[1-9][0-9]{0,15}$/

/** The line of an event, with its line end. The event's bytes stand in it as they are. */
export function eventLine(event: Uint8Array, sequence: number): Uint8Array {
  return Buffer.concat([HEAD, event, MIDDLE, Buffer.from(`${sequence}}\n`)])
}

/** The parts of a line without its line end, or null when it is none. */
export function parseEventLine(
  line: Uint8Array,
): { readonly bytes: Uint8Array; readonly sequence: number } | null {
  const buffer = Buffer.from(line.buffer, line.byteOffset, line.byteLength)
  const middle = buffer.lastIndexOf(MIDDLE)
  if (middle < HEAD.length || buffer.compare(HEAD, 0, HEAD.length, 0, HEAD.length) !== 0) return null
  const end = buffer.toString('latin1', middle + MIDDLE.length)
  if (!end.endsWith('}') || !NUMBER.test(end.slice(0, -1))) return null
  return { bytes: buffer.subarray(HEAD.length, middle), sequence: Number(end.slice(0, -1)) }
}
