/**
 * What a witness has cosigned last, of each log, in a folder: one small file for
 * each checkpoint, numbered, of which the last two stay. A file comes into being
 * whole and under a name that nobody has taken, so that of two processes that
 * would follow the same checkpoint one finds that the other has.
 */

import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** How far a log was cosigned. */
export interface Seen {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

export interface WitnessMemory {
  /** Null where nothing of that log was cosigned. @throws Error where a file was altered. */
  last(origin: string): Seen | null
  /** Keeps the next one, on the disk when it answers; false when another process has gone on from `last`. */
  keep(origin: string, last: Seen | null, size: number, root: Uint8Array): boolean
}

/** `7 5 base64`: the number of the file, size, root. */
const LINE = /^(\d+) (\d+) ([A-Za-z0-9+/]{43}=)\n$/
const NUMBERED = /^\d+$/

export function witnessMemory(folder: string): WitnessMemory {
  const folderOf = (origin: string): string =>
    join(folder, createHash('sha256').update(origin).digest('hex').slice(0, 32))

  function numbersIn(place: string): readonly number[] {
    // a folder that a power cut takes back would be a witness that has seen nothing
    if (mkdirSync(place, { recursive: true, mode: 0o700 })) syncFolder(folder)
    const names = readdirSync(place).filter((name) => NUMBERED.test(name))
    return names.map(Number).sort((one, other) => one - other)
  }

  function seenIn(place: string, number: number): Seen {
    const file = join(place, String(number))
    const [, own, size, root = ''] = LINE.exec(readFileSync(file, 'utf8')) ?? []
    if (Number(own) !== number) throw new Error(`${file} was altered: it is no longer what was cosigned.`)
    return { size: Number(size), root: Uint8Array.from(Buffer.from(root, 'base64')) }
  }

  return {
    last(origin) {
      const place = folderOf(origin)
      const number = numbersIn(place).at(-1)
      return number === undefined ? null : seenIn(place, number)
    },
    keep(origin, last, size, root) {
      const place = folderOf(origin)
      const numbers = numbersIn(place)
      const before = numbers.at(-1)
      const known = before === undefined ? null : seenIn(place, before)
      if (!isEqual(known, last)) return false
      const number = (before ?? 0) + 1
      const draft = join(place, `draft-${process.pid}`)
      writeDurably(draft, `${number} ${size} ${Buffer.from(root).toString('base64')}\n`)
      const isOurs = linked(draft, join(place, String(number)))
      rmSync(draft)
      syncFolder(place)
      // whoever was further on may have removed the file of that number meanwhile
      if (!isOurs || numbersIn(place).at(-1) !== number) return false
      for (const old of numbers.slice(0, -1)) rmSync(join(place, String(old)), { force: true })
      return true
    },
  }
}

function isEqual(one: Seen | null, other: Seen | null): boolean {
  if (!one || !other) return one === other
  return one.size === other.size && Buffer.from(one.root).equals(other.root)
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'w', 0o600)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** False where that name is taken. */
function linked(file: string, name: string): boolean {
  try {
    linkSync(file, name)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
