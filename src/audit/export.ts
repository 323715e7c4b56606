/**
 * Writing a log out as files that can be verified without any database.
 *
 * The events stand in their canonical bytes, so a leaf is a hash over what is
 * read. Only what a checkpoint covers leaves. Memory stays constant.
 */

import { mkdirSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { AdminError } from '../errors.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { CHECKPOINTS_FILE, EVENTS_FILE, eventLine, KEY_FILE, LEAVES_FILE } from './export-files.ts'
import type { LoggedEvent, LogReader } from './log-reader.ts'
import { formatNoteKey } from './note.ts'
import { leafHash } from './tree.ts'

export interface Exported {
  readonly events: number
  readonly checkpoints: number
}

const FILES = [EVENTS_FILE, CHECKPOINTS_FILE, KEY_FILE, LEAVES_FILE]

/**
 * Writes `events.jsonl`, `checkpoints.txt`, `key.pub` and `leaves.txt` into the folder, which is made
 * where it is missing. Judges nothing: verifying the export does.
 *
 * @throws AdminError `invalid-input` when one of the files is there already; `internal` when writing
 * fails. What it wrote is then removed.
 */
export async function exportLog(reader: LogReader, folder: string): Promise<Exported> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const files: FileHandle[] = []
  const made: string[] = []
  try {
    for (const name of FILES) {
      files.push(await createFile(join(folder, name)))
      made.push(join(folder, name))
    }
    return await write(reader, files)
  } catch (error) {
    for (const file of made) rmSync(file, { force: true })
    if (error instanceof AdminError) throw error
    throw new AdminError('internal', `The export to ${folder} failed.`, { cause: error })
  } finally {
    for (const file of files) await file.close()
  }
}

/** Never over a file that is there: it may be the evidence. */
export async function createFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600)
  } catch (error) {
    throw new AdminError('invalid-input', `${file} cannot be made: name a folder without an export in it.`, {
      cause: error,
    })
  }
}

async function write(reader: LogReader, files: readonly FileHandle[]): Promise<Exported> {
  const [events, checkpoints, key, leaves] = files
  if (!events || !checkpoints || !key || !leaves) throw new TypeError('An export has four files.')
  const keys = await reader.keys()
  await key.writeFile(keys.map((one) => `${formatNoteKey(one)}\n`).join(''))
  const written = await writeCheckpoints(reader, checkpoints)
  let count = 0
  for await (const page of reader.events()) {
    const covered = page.filter(({ sequence }) => sequence !== null && sequence <= written.size)
    await events.writeFile(Buffer.concat(covered.map(lineOf)))
    await leaves.writeFile(covered.map(({ bytes }) => `${hexOf(leafHash(bytes))}\n`).join(''))
    count += covered.length
  }
  for (const file of files) await file.sync()
  return { events: count, checkpoints: written.count }
}

async function writeCheckpoints(
  reader: LogReader,
  file: FileHandle,
): Promise<{ readonly count: number; readonly size: number }> {
  let [count, size] = [0, 0]
  for await (const note of reader.checkpoints()) {
    await file.writeFile(count > 0 ? `\n${note}` : note)
    size = parseCheckpoint(note)?.size ?? size
    count += 1
  }
  return { count, size }
}

function lineOf({ bytes, sequence }: LoggedEvent): Uint8Array {
  return eventLine(bytes, sequence ?? 0)
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}
