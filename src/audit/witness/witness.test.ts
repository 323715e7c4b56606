/** Its answers by https://c2sp.org/tlog-witness, and what it remembers on the disk. */

import { createPublicKey } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { privateKeyFrom, rawPublicKey } from '../../keys/ed25519.ts'
import { signCheckpoint } from '../checkpoint.ts'
import { formatWitnessKey, isCosigned, parseWitnessKey } from '../cosignature.ts'
import { type NoteKey, parseNote } from '../note.ts'
import { consistencyRanges, leafHash, nodeHash } from '../tree.ts'
import { witnessMemory } from './memory.ts'
import { addCheckpoint, type Witness, type WitnessAnswer } from './witness.ts'

const folder = mkdtempSync(join(tmpdir(), 'castellan-witness-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ORIGIN = 'castellan/0123456789abcdef'
const seedOf = (byte: number) => privateKeyFrom(new Uint8Array(32).fill(byte))
const publicOf = (byte: number) => rawPublicKey(createPublicKey(seedOf(byte)))
const LOG: NoteKey = { name: ORIGIN, publicKey: publicOf(1) }

function witness(logs: readonly NoteKey[] = [LOG]): Witness {
  return {
    key: { name: 'witness.example/w1', publicKey: publicOf(2) },
    privateKey: seedOf(2),
    memory: witnessMemory(folder),
    clock: () => Date.UTC(2026, 10, 21, 10),
    logs: () => logs,
  }
}

/** The hash over leaves, straight from RFC 6962. */
function root(leaves: readonly string[]): Uint8Array {
  if (leaves.length === 1) return leafHash(Buffer.from(leaves[0] ?? ''))
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1)
  return nodeHash(root(leaves.slice(0, split)), root(leaves.slice(split)))
}

function grown(count: number, word = 'event'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index}`)
}

function note(leaves: readonly string[], key = seedOf(1), name = LOG): string {
  const checkpoint = {
    ...{ origin: name.name, size: leaves.length, root: root(leaves), previous: null, nextKey: null },
    issuedAt: '2026-11-21T10:00:00.000Z',
  }
  return signCheckpoint(checkpoint, name, key)
}

function submitted(leaves: readonly string[], from: number, rest: { key?: number; proof?: string[] } = {}) {
  const ranges = from === 0 ? [] : consistencyRanges(from, leaves.length)
  const hashes = ranges.map(({ begin, end }) =>
    Buffer.from(root(leaves.slice(begin, end))).toString('base64'),
  )
  const lines = [`old ${from}`, ...(rest.proof ?? hashes)]
  return `${lines.join('\n')}\n\n${note(leaves, seedOf(rest.key ?? 1))}`
}

function add(leaves: readonly string[], from: number, by = witness()): WitnessAnswer {
  return addCheckpoint(by, submitted(leaves, from))
}

test('cosigns a log that only grows, and goes on after a start of its own', () => {
  let from = 0
  for (const size of [1, 2, 3, 7, 7, 8, 20, 33]) {
    const { status, body } = add(grown(size), from)
    expect(status).toBe(200)
    const whole = parseNote(`${note(grown(size))}${body}`)
    expect(whole && isCosigned(whole, witness().key)).toBe(true)
    from = size
  }
  expect(parseWitnessKey(formatWitnessKey(witness().key))).toEqual(witness().key)
})

test('refuses another history, whatever is said to be known of it', () => {
  add(grown(5), 0)

  expect(add(grown(9, 'other'), 5).status).toBe(422)
  expect(add(grown(5, 'other'), 5)).toEqual({ status: 409, body: '5\n', contentType: 'text/x.tlog.size' })
  expect(add(grown(9, 'other'), 0)).toEqual({ status: 409, body: '5\n', contentType: 'text/x.tlog.size' })
  expect(add(grown(3), 3)).toEqual({ status: 409, body: '5\n', contentType: 'text/x.tlog.size' })
  expect(add(grown(9), 5).status).toBe(200)
})

test('control: without what it remembered it cosigns the other history', () => {
  add(grown(5), 0)
  rmSync(folder, { recursive: true })

  expect(add(grown(9, 'other'), 0).status).toBe(200)
})

test('asks for the signature of a log that it follows', () => {
  expect(addCheckpoint(witness([]), submitted(grown(1), 0)).status).toBe(404)
  expect(addCheckpoint(witness(), submitted(grown(1), 0, { key: 3 })).status).toBe(403)
  // a key that was rotated: both are in the file
  const later: NoteKey = { name: ORIGIN, publicKey: publicOf(3) }
  const body = `old 0\n\n${note(grown(1), seedOf(3), later)}`
  expect(addCheckpoint(witness(), body).status).toBe(403)
  expect(addCheckpoint(witness([LOG, later]), body).status).toBe(200)
})

test('takes nothing that only looks like a submission', () => {
  const good = submitted(grown(4), 0)
  const bad = [
    '',
    'old 0',
    good.replace('old 0', 'old -1'),
    good.replace('old 0', 'old 01'),
    good.replace('old 0', 'new 0'),
    good.replace('old 0', `old 0\n${'A'.repeat(10)}`),
    good.replace('old 0', `old 0\n${Array.from({ length: 64 }, () => `${'A'.repeat(43)}=`).join('\n')}`),
    good.replace('\n4\n', '\n04\n'),
    submitted(grown(4), 0).replace('old 0', 'old 5'),
  ]
  for (const body of bad) expect(addCheckpoint(witness(), body).status, body.slice(0, 40)).toBe(400)
  expect(addCheckpoint(witness(), submitted(grown(4), 0, { proof: [`${'A'.repeat(43)}=`] })).status).toBe(422)
})

test('of two processes that would go on from the same checkpoint one does', () => {
  const [one, other] = [witnessMemory(folder), witnessMemory(folder)]
  one.keep(ORIGIN, null, 1, root(grown(1)))
  const last = other.last(ORIGIN)

  expect(one.keep(ORIGIN, last, 2, root(grown(2)))).toBe(true)
  expect(other.keep(ORIGIN, last, 2, root(grown(2, 'other')))).toBe(false)
  expect(other.last(ORIGIN)).toEqual({ size: 2, root: Uint8Array.from(root(grown(2))) })
})

test('keeps the last two of a log alone, and says which file was altered', () => {
  for (let size = 1; size <= 5; size += 1) add(grown(size), size - 1)
  const [place = ''] = readdirSync(folder)
  const files = readdirSync(join(folder, place))
  expect(files.toSorted()).toEqual(['4', '5'])

  const file = join(folder, place, '5')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^5 5/, '4 5'))
  expect(() => add(grown(6), 5)).toThrow(file)
})
