/**
 * Where a log is read from when it is verified or exported: a database or the
 * folder of an export. A reader judges nothing; it hands over what is there.
 */

import type { NoteKey } from './note.ts'
import type { Projection } from './stored-event.ts'

/** Columns of an event as they were found, of whatever type they may be by now. */
export type FoundColumns = Readonly<Record<keyof Projection, unknown>>

export interface LoggedEvent {
  /** Null where what stands there is no number. */
  readonly sequence: number | null
  /** The bytes that the leaf is over. */
  readonly bytes: Uint8Array
  /** Hashes that were recorded for it, the one most trusted last; empty where none was. */
  readonly recorded: readonly Uint8Array[]
  /** Null where the log is kept without columns. */
  readonly columns: FoundColumns | null
}

export interface LogReader {
  /** The public keys found with the log, the current one first. */
  keys(): Promise<readonly NoteKey[]>
  /** Signed notes, in the order in which they were signed. */
  checkpoints(): AsyncIterable<string>
  /** Pages of events that have a sequence, in its order. */
  events(): AsyncIterable<readonly LoggedEvent[]>
  /** Events that no checkpoint covers yet because they have no sequence. */
  waiting(): Promise<{ readonly count: number; readonly oldestAt: string | null }>
}
