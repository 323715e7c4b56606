/**
 * Events in a file that only grows, and is put aside when it is full.
 *
 * It is opened for each portion, so that it may be moved away at any moment, and
 * flushed to the disk before the portion counts as delivered. A full file is
 * renamed after the number of its last event: `audit.jsonl.000000012345`.
 */

import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FORMAT, type Format } from '../format/format.ts'
import type { LeavingEvent } from '../format/leaving.ts'
import { pathOf, type SinkOption } from './option.ts'
import type { Sink } from './sink.ts'

const MEGABYTE = 1_000_000
const DIGITS = 12

export function fileSink({ name, to, format, maxMegabytes = 100, keep }: SinkOption): Sink {
  const path = pathOf(new URL(to))
  if (path === null) throw new TypeError(`The sink "${name}" names no file.`)
  const form = FORMAT[format ?? 'jsonl']
  const most = maxMegabytes * MEGABYTE
  return {
    name,
    async send(events) {
      const [first] = events
      if (!first) return
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      if ((await sizeOf(path)) >= most) await putAside(path, first.sequence - 1, keep)
      await add(path, form, events)
    },
  }
}

async function add(path: string, form: Format, events: readonly LeavingEvent[]): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600)
  try {
    const { size } = await file.stat()
    const lines = events.map((event) => `${form.line(event)}${form.lineEnd}`).join('')
    const before = size === 0 ? form.head : await missingEnd(file, size, form)
    await file.writeFile(`${before}${lines}`)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The line end, when the process, or the disk, gave up in the middle of a line: the next must not go on with it. */
async function missingEnd(file: FileHandle, size: number, { lineEnd }: Format): Promise<string> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === 0x0a ? '' : lineEnd
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/** Never over a file that is there: what was sent twice has the same number. */
async function putAside(path: string, last: number, keep: number | undefined): Promise<void> {
  const aside = `${path}.${String(last).padStart(DIGITS, '0')}`
  const isThere = (await sizeOf(aside)) > 0
  await rename(path, isThere ? `${aside}.${Date.now()}` : aside)
  if (keep === undefined) return
  const folder = dirname(path)
  const stem = `${basename(path)}.`
  const full = (await readdir(folder)).filter(
    (one) => one.startsWith(stem) && /^\d{12}(\.\d+)?$/.test(one.slice(stem.length)),
  )
  for (const oldest of full.sort().slice(0, Math.max(0, full.length - keep))) await rm(join(folder, oldest))
}
