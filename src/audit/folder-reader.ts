/** A log in the folder of an export. */

import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AdminError } from '../errors.ts'
import { splitCheckpoints } from './checkpoint.ts'
import { CHECKPOINTS_FILE, EVENTS_FILE, KEY_FILE, LEAVES_FILE, parseEventLine } from './export-files.ts'
import type { LoggedEvent, LogReader } from './log-reader.ts'
import { type NoteKey, parseNoteKeys } from './note.ts'
import { parseProof, type ReadProof } from './proof-file.ts'

const PAGE = 1_000
const LINE_END = 0x0a

/** @throws AdminError `not-found` when the events or the checkpoints are not there. */
export function folderReader(folder: string): LogReader {
  for (const file of [EVENTS_FILE, CHECKPOINTS_FILE]) {
    if (existsSync(join(folder, file))) continue
    throw new AdminError('not-found', `The folder ${folder} is no export of an audit log: it has no ${file}.`)
  }
  return {
    keys: async () => keysIn(join(folder, KEY_FILE)),
    checkpoints: () => checkpointsIn(join(folder, CHECKPOINTS_FILE)),
    events: () => eventsIn(folder),
    waiting: async () => ({ count: 0, oldestAt: null }),
  }
}

/** The keys of a file, for `--key` as well. @throws AdminError `invalid-input` when it holds something else. */
export function readKeyFile(file: string): readonly NoteKey[] {
  const keys = parseNoteKeys(read(file))
  if (keys) return keys
  throw new AdminError('invalid-input', `${file} is no key of a log: its lines read name+hash+base64.`)
}

/** The text of a file of checkpoints, for `--anchor`. @throws AdminError `not-found`. */
export function readAnchorFile(file: string): string {
  return read(file)
}

/** The proof in a file. @throws AdminError `not-found`; `invalid-input` when it holds something else. */
export function readProofFile(file: string): ReadProof {
  const proof = parseProof(read(file))
  if (proof) return proof
  throw new AdminError(
    'invalid-input',
    `${file} is no proof of an event: it begins otherwise, or was cut off.`,
  )
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new AdminError('not-found', `${file} cannot be read.`, { cause: error })
  }
}

function keysIn(file: string): readonly NoteKey[] {
  return existsSync(file) ? readKeyFile(file) : []
}

/** A file that is not made of notes is handed over whole: verification then says that it cannot be read. */
async function* checkpointsIn(file: string): AsyncGenerator<string> {
  const text = read(file)
  yield* splitCheckpoints(text) ?? [text]
}

async function* eventsIn(folder: string): AsyncGenerator<readonly LoggedEvent[]> {
  const leaves = leavesIn(join(folder, LEAVES_FILE))
  let page: LoggedEvent[] = []
  for await (const line of linesOf(join(folder, EVENTS_FILE))) {
    const { value } = await leaves.next()
    page.push(loggedEvent(line, value ?? null))
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

function loggedEvent(line: Uint8Array, leaf: Uint8Array | null): LoggedEvent {
  const parsed = parseEventLine(line)
  return {
    sequence: parsed?.sequence ?? null,
    bytes: parsed?.bytes ?? line,
    recorded: leaf ? [leaf] : [],
    columns: null,
  }
}

async function* leavesIn(file: string): AsyncGenerator<Uint8Array> {
  if (!existsSync(file)) return
  for await (const line of linesOf(file)) yield Buffer.from(Buffer.from(line).toString('latin1'), 'hex')
}

/** Lines as bytes, without their ends: decoding could make two different lines the same. */
async function* linesOf(file: string): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.concat([rest, chunk as Buffer])
    let start = 0
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      yield bytes.subarray(start, end)
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
  if (rest.length > 0) yield rest
}
