/** Reading anchors back, to hold a log against them. */

import type { Connection } from '../../database/database.ts'
import { parseCheckpoint, splitCheckpoints } from '../checkpoint.ts'
import type { LogReader } from '../log-reader.ts'
import type { VerifyReport } from '../report.ts'
import { type VerifyOptions, verifyLog } from '../verify.ts'
import { type Anchor, AnchorFault, anchorCodeOf } from './anchor.ts'
import { lastKept } from './anchoring.ts'

export interface AnchorsRead {
  /** The signed notes of all that could be read, one after the other; null where there is none. */
  readonly notes: string | null
  /** Those that could not be read, or have lost what they had kept, each with why. */
  readonly faults: readonly { readonly label: string; readonly code: string }[]
}

/** Where there are none. */
export const NO_ANCHORS: AnchorsRead = { notes: null, faults: [] }

/** What an anchor has kept is asked of the anchor, never of the store: that is what it is held against. */
export async function readAnchors(connection: Connection, anchors: readonly Anchor[]): Promise<AnchorsRead> {
  const notes: string[] = []
  const faults: { label: string; code: string }[] = []
  for (const anchor of anchors) {
    try {
      const text = await anchor.read(await lastKept(connection, anchor.label))
      if (text !== null) notes.push(mustBeNotes(text))
    } catch (error) {
      faults.push({ label: anchor.label, code: anchorCodeOf(error) })
    }
  }
  return { notes: notes.length === 0 ? null : notes.join('\n'), faults }
}

/**
 * Verifies a log against its anchors as well. One that could not be read leaves the answer incomplete.
 * @throws AdminError as `verifyLog` does.
 */
export async function verifyWithAnchors(
  reader: LogReader,
  { notes, faults }: AnchorsRead,
  options: Omit<VerifyOptions, 'anchor'>,
): Promise<VerifyReport> {
  const report = await verifyLog(reader, { ...options, ...(notes !== null && { anchor: notes }) })
  const [fault] = faults
  if (report.kind !== 'verified' || !fault) return report
  const reason = `the anchor "${fault.label}" could not be read, or has lost what it had kept (${fault.code})`
  return { ...report, kind: 'incomplete', reason }
}

function mustBeNotes(text: string): string {
  const notes = splitCheckpoints(text)
  if (notes?.every((note) => parseCheckpoint(note) !== null)) return text
  throw new AnchorFault('altered', 'It holds something beside checkpoints.', { isAltered: true })
}
