import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { privateKeyFrom, rawPublicKey } from '../keys/ed25519.ts'
import {
  type Checkpoint,
  checkpointHash,
  originOf,
  parseCheckpoint,
  signCheckpoint,
  splitCheckpoints,
} from './checkpoint.ts'
import { formatNoteKey, parseNote, parseNoteKeys, signerAmong, signNote } from './note.ts'
import { emptyRoot } from './tree.ts'

/** The key and note of the example in Go's sumdb/note, which the C2SP format was taken from. */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const NOTE =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n" +
  '\n' +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

const privateKey = privateKeyFrom(new Uint8Array(32).fill(7))
const key = {
  name: originOf('00112233445566778899aabbccddeeff'),
  publicKey: rawPublicKey(createPublicKey(privateKey)),
}
const checkpoint: Checkpoint = {
  origin: key.name,
  size: 42,
  root: emptyRoot(),
  previous: null,
  issuedAt: '2026-11-21T10:00:00.000Z',
  nextKey: null,
}

test('checks the published example of a signed note', () => {
  const keys = parseNoteKeys(PETER) ?? []
  const note = parseNote(NOTE)

  expect(keys.map(formatNoteKey)).toEqual([PETER])
  expect(note && signerAmong(keys)(note)).toEqual(keys[0])
})

test('refuses a note in which any byte is another', () => {
  const keys = parseNoteKeys(PETER) ?? []
  const bytes = Buffer.from(NOTE)
  let looked = 0

  for (const index of bytes.keys()) {
    const changed = Buffer.from(bytes)
    changed[index] = (changed[index] ?? 0) ^ 1
    const note = parseNote(changed.toString())
    expect(note && signerAmong(keys)(note)).toBeNull()
    looked += 1
  }

  expect(looked).toBe(bytes.length)
})

test('refuses the signature of another key under the same name', () => {
  const other = generateKeyPairSync('ed25519')
  const note = parseNote(signNote('text\n', key, other.privateKey))

  expect(note && signerAmong([key])(note)).toBeNull()
})

test('refuses a key whose hash does not fit', () => {
  expect(parseNoteKeys(PETER.replace('c74f20a3', 'c74f20a4'))).toBeNull()
  expect(parseNoteKeys('')).toBeNull()
})

test('writes a checkpoint as the lines of its specification', () => {
  const note = signCheckpoint(checkpoint, key, privateKey)

  expect(note.split('\n').slice(0, 7)).toEqual([
    'castellan/00112233445566778899aabbccddeeff',
    '42',
    '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    'previous none',
    'time 2026-11-21T10:00:00.000Z',
    'schema 1',
    '',
  ])
})

test('reads what it wrote', () => {
  const first = parseCheckpoint(signCheckpoint(checkpoint, key, privateKey))
  const previous = first && checkpointHash(first.note)

  const second = parseCheckpoint(signCheckpoint({ ...checkpoint, previous }, key, privateKey))

  const { note: _note, ...read } = second ?? { note: null }
  expect(plain(read)).toEqual(plain({ ...checkpoint, previous }))
  expect(second && signerAmong([key])(second.note)).toEqual(key)
})

test.each([
  ['a size with a leading zero', '\n42\n', '\n042\n'],
  ['a size that is no number', '\n42\n', '\nmany\n'],
  ['a root that is too short', '47DEQpj8HBSa', 'SBSa'],
  ['another schema', 'schema 1', 'schema 2'],
  ['one line more', 'schema 1\n', 'schema 1\nmore\n'],
  ['no time', 'time 2026-11-21T10:00:00.000Z', 'time yesterday'],
])('reads nothing from %s', (_name, from, to) => {
  const note = signCheckpoint(checkpoint, key, privateKey)

  expect(parseCheckpoint(note)).not.toBeNull()
  expect(note).toContain(from)
  expect(parseCheckpoint(note.replace(from, to))).toBeNull()
})

test('splits a file of checkpoints and refuses one that holds something else', () => {
  const notes = [1, 2, 3].map((size) => signCheckpoint({ ...checkpoint, size }, key, privateKey))

  expect(splitCheckpoints(notes.join('\n'))).toEqual(notes)
  expect(splitCheckpoints(notes.join(''))).toEqual(notes)
  expect(splitCheckpoints('')).toEqual([])
  expect(splitCheckpoints(`${notes.join('\n')}\nand more`)).toBeNull()
})

/** Bytes as hex, so that a Buffer equals the Uint8Array of the same bytes. */
function plain(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      one instanceof Uint8Array ? Buffer.from(one).toString('hex') : one,
    ]),
  )
}
