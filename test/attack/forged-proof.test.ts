/**
 * A proof that one event is in the log stands by itself: whoever hands it on can
 * change each line of it. Both verifiers refuse it then, and they trust a key
 * under the name of its log and under no other.
 */

import { createPublicKey, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signCheckpoint } from '../../src/audit/checkpoint.ts'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { exportLog } from '../../src/audit/export.ts'
import { folderReader, readKeyFile } from '../../src/audit/folder-reader.ts'
import { formatNoteKey, type NoteKey } from '../../src/audit/note.ts'
import { checkProof, parseProof, type ReadProof } from '../../src/audit/proof-file.ts'
import { proveEvent } from '../../src/audit/prove.ts'
import { proofLines } from '../../src/audit/report.ts'
import { eventId, eventProof } from '../../src/audit/stored-proof.ts'
import { leafHash, nodeHash } from '../../src/audit/tree.ts'
import { privateKeyFrom, rawPublicKey } from '../../src/keys/ed25519.ts'
import { type LogWorld, openLog } from '../log.ts'
import { type SecondVerifier, startSecondVerifier } from '../verifier/run.ts'

let world: LogWorld
let second: SecondVerifier
let keyFile = ''
let keys: readonly NoteKey[] = []
/** Of event 6 among 11, under hashes of both sides. */
let proof = ''

beforeAll(async () => {
  second = startSecondVerifier()
  world = await openLog({ engine: 'sqlite' })
  for (const count of [7, 4]) await world.fill(count)
  const folder = join(world.folder, 'export')
  await exportLog(await databaseReader(world.database.now), folder)
  keyFile = join(folder, 'key.pub')
  keys = readKeyFile(keyFile)
  proof = await proveEvent(folderReader(folder), { sequence: 6 })
})
afterAll(async () => {
  second.stop()
  await world[Symbol.asyncDispose]()
})

test('every event is proved alike from the tables and from an export, and both verifiers take it', async () => {
  for (let sequence = 1; sequence <= 11; sequence += 1) {
    const id = await eventId(world.database.now, { sequence })
    const text = await eventProof(world.database.now, id)

    expect(await proveEvent(folderReader(join(world.folder, 'export')), { id })).toBe(text)
    expect(checked(text)).toMatchObject({ kind: 'verified', sequence, size: 11, event: { id } })
    expect(await second.ask('--proof', written(text), '--key', keyFile)).toMatchObject({ code: 0 })
  }
})

test('what no checkpoint covers, or is not there, is not proved', async () => {
  const folder = join(world.folder, 'export')

  for (const wanted of [{ sequence: 12 }, { id: 'ab'.repeat(16) }]) {
    await expect(proveEvent(folderReader(folder), wanted)).rejects.toMatchObject({ code: 'not-found' })
    await expect(eventId(world.database.now, wanted)).rejects.toMatchObject({ code: 'not-found' })
  }
})

test('a proof of which any bit was changed, or a line left out, is refused', async () => {
  const lines = proof.split('\n')
  const forged = [
    // the event, its place, and every hash of the path
    ...lines.slice(1, 7).flatMap((line, at) => {
      const [label, text] = at < 2 ? line.split(' ') : ['', line]
      const start = label ? `${label} ` : ''
      return flipsOf(label === 'index' ? null : (text ?? ''), text ?? '').map((other) =>
        lines.toSpliced(at + 1, 1, `${start}${other}`),
      )
    }),
    ...[3, 4, 5, 6].map((at) => lines.toSpliced(at, 1)),
    lines.toSpliced(3, 0, lines[3] ?? ''),
    lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? ''),
  ].map((one) => one.join('\n'))
  expect(forged.length).toBeGreaterThan(12)

  for (const text of forged) {
    expect(text).not.toBe(proof)
    expect(checked(text)?.kind ?? 'none').not.toBe('verified')
    expect((await second.ask('--proof', written(text), '--key', keyFile)).code).not.toBe(0)
  }
})

test('control: a checkpoint over what the forged hashes lead to passes, where its key is trusted', () => {
  const read = parsed(proof)
  const forged = { ...read, hashes: read.hashes.map(() => leafHash(Buffer.from('forged'))) }
  expect(checkProof(forged, keys)).toMatchObject({ kind: 'tampered' })

  // as of a verifier that does not hold the path against the root that was signed
  const own = privateKeyFrom(randomBytes(32))
  const key = { name: read.checkpoint.origin, publicKey: rawPublicKey(createPublicKey(own)) }
  const checkpoint = { ...read.checkpoint, root: rootOf(forged) }
  const text = withNote(proof, signCheckpoint(checkpoint, key, own))

  expect(checkProof({ ...parsed(text), hashes: forged.hashes }, [key])).toMatchObject({ kind: 'verified' })
})

test('a proof of another log is refused, though the same key has signed it', async () => {
  const { text, key } = ofAnotherLog()

  expect(checked(text)).toMatchObject({ kind: 'tampered' })
  expect(await second.ask('--proof', written(text), '--key', keyFile)).toMatchObject({ code: 1 })
  // not even where a key of that name is trusted beside it, which did not sign
  const other = { name: key.name, publicKey: rawPublicKey(createPublicKey(privateKeyFrom(randomBytes(32)))) }
  expect(checkProof(parsed(text), [...keys, other])).toMatchObject({ kind: 'tampered' })
})

test('control: trusted under the name of that other log, the same key would pass it', async () => {
  const { text, key } = ofAnotherLog()
  const file = join(world.folder, 'other.pub')
  writeFileSync(file, `${formatNoteKey(key)}\n`)

  expect(checkProof(parsed(text), [key])).toMatchObject({ kind: 'verified', origin: key.name })
  expect(await second.ask('--proof', written(text), '--key', file)).toMatchObject({ code: 0 })
})

test('a file that is no proof is none', () => {
  for (const text of [
    '',
    'nothing\n\n',
    proof.replace('@v1', '@v2'),
    proof.slice(0, -20),
    proof.slice(0, 200),
  ]) {
    expect(parseProof(text)).toBeNull()
  }
  expect(parseProof(proof)).not.toBeNull()
})

test('the lines for a terminal hold no character that turns them around', () => {
  const [first, , last] = proofLines({
    kind: 'verified',
    sequence: 6,
    size: 11,
    issuedAt: '2026-11-21T10:00:00.000Z',
    origin: 'castellan/0',
    fingerprint: 'ab',
    event: { label: 'a\u202eb' },
  })

  expect(first).toBe('verified event 6 of 11 in castellan/0, signed at 2026-11-21T10:00:00.000Z')
  expect(last).toBe('{"label":"a\\u202eb"}')
})

function checked(text: string) {
  const read = parseProof(text)
  return read && checkProof(read, keys)
}

function parsed(text: string): ReadProof {
  const read = parseProof(text)
  if (!read) throw new TypeError('No proof.')
  return read
}

function written(text: string): string {
  const file = join(world.folder, 'event.tlog-proof')
  writeFileSync(file, text)
  return file
}

function withNote(text: string, note: string): string {
  return `${text.slice(0, text.indexOf('\n\n'))}\n\n${note}`
}

/** The same proof under a checkpoint that names another log, signed by the key of this one. */
function ofAnotherLog(): { readonly text: string; readonly key: NoteKey } {
  const { privateKey, publicKey } = world.keys.signing('checkpoint')
  const key = { name: 'castellan/another', publicKey: rawPublicKey(publicKey) }
  const { checkpoint } = parsed(proof)
  return { text: withNote(proof, signCheckpoint({ ...checkpoint, origin: key.name }, key, privateKey)), key }
}

/** A text of base64 with one bit of what it says changed, at both ends and in the middle; another number where it is none. */
function flipsOf(base64: string | null, text: string): readonly string[] {
  if (base64 === null) return ['0', '4', '6', '11']
  const bytes = Buffer.from(text, 'base64')
  return [0, bytes.length >> 1, bytes.length - 1].map((at) => {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    return changed.toString('base64')
  })
}

/** The root that the path of event 6 among 11 leads to: its hashes stand left, right, left and right. */
function rootOf({ event, hashes }: ReadProof): Uint8Array {
  const [one, two, three, four] = hashes
  if (!one || !two || !three || !four) throw new TypeError('Four hashes lead from event 6 to the root.')
  const pair = nodeHash(one, leafHash(event))
  return nodeHash(nodeHash(three, nodeHash(pair, two)), four)
}
