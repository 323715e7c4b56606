/** Writing the log out as one file for another program, in one of the formats. Memory stays constant. */

import { rmSync } from 'node:fs'
import { AdminError } from '../errors.ts'
import { checkEvent } from './check-event.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { createFile } from './export.ts'
import { eventLine } from './export-files.ts'
import { FORMAT, type Format, type FormatName } from './format/format.ts'
import type { LoggedEvent, LogReader } from './log-reader.ts'

/**
 * Writes every event that a checkpoint covers, and returns how many those are.
 * @throws AdminError `invalid-input` when the file is there already; `data-source-failed` when an event cannot be
 * read, which only a damaged log has; `internal` when writing fails. What it wrote is then removed.
 */
export async function exportAs(reader: LogReader, format: FormatName, path: string): Promise<number> {
  const file = await createFile(path)
  try {
    await file.writeFile(FORMAT[format].head)
    const covered = await coveredBy(reader)
    let count = 0
    for await (const page of reader.events()) {
      const leaving = page.filter(({ sequence }) => sequence !== null && sequence <= covered)
      await file.writeFile(Buffer.concat(leaving.map((one) => lineOf(one, format, FORMAT[format]))))
      count += leaving.length
    }
    await file.sync()
    return count
  } catch (error) {
    rmSync(path, { force: true })
    if (error instanceof AdminError) throw error
    throw new AdminError('internal', `The export to ${path} failed.`, { cause: error })
  } finally {
    await file.close()
  }
}

async function coveredBy(reader: LogReader): Promise<number> {
  let size = 0
  for await (const note of reader.checkpoints()) size = parseCheckpoint(note)?.size ?? size
  return size
}

function lineOf(logged: LoggedEvent, name: FormatName, { line, lineEnd }: Format): Uint8Array {
  const sequence = logged.sequence ?? 0
  if (name === 'jsonl') return eventLine(logged.bytes, sequence)
  const { event } = checkEvent(logged)
  if (event) return Buffer.from(`${line({ event, sequence })}${lineEnd}`)
  throw new AdminError(
    'data-source-failed',
    `Event ${sequence} of the log cannot be read: run "castellan audit verify", and export without --format.`,
  )
}
