/**
 * A second verifier, written from docs/audit-format.md and from nothing of ours:
 * a mistake that both writer and verifier share would not be found by either.
 */

import { createHash, createPublicKey, sign, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type LogWorld, openLog } from '../../test/log.ts'
import { rawPublicKey } from '../keys/ed25519.ts'
import { databaseReader } from './database-reader.ts'
import { exportLog } from './export.ts'
import { folderReader } from './folder-reader.ts'
import { verifyLog } from './verify.ts'

test('agrees that an export is what was signed', async () => {
  await using world = await openLog()
  const folder = await exported(world)

  expect(faultIn(folder)).toBeNull()
})

test('agrees that a log which was handed over is what was signed, from its first key on', async () => {
  await using world = await openLog()
  const [first = ''] = (await exportedKeys(world)).split('\n')
  await rotate(world)
  const folder = await exported(world)
  await rotate(world)
  await world.fill(1)
  const later = await exported(world, 'later')

  for (const one of [folder, later]) {
    writeFileSync(join(one, 'key.pub'), `${first}\n`)
    expect(faultIn(one)).toBeNull()
  }
})

test('agrees that nobody is handed a log by a key that it has left behind', async () => {
  await using world = await openLog()
  await world.fill(2)
  const left = world.keys.signing('checkpoint')
  await rotate(world)
  await world.fill(2)
  const folder = await exported(world)
  const text = readFileSync(join(folder, 'checkpoints.txt'), 'utf8')
  const notes = text.split(/\n\n(?=castellan\/)/)
  const last = notes.at(-1)?.split('\n\n')[0] ?? ''
  const origin = last.split('\n')[0] ?? ''
  const hash = sha256(
    Buffer.from(`${origin}\n`),
    Buffer.of(1),
    Buffer.from(rawPublicKey(left.publicKey)),
  ).subarray(0, 4)
  const signature = sign(null, Buffer.from(`${last}\n`), left.privateKey)
  const forged = `${last}\n\n— ${origin} ${Buffer.concat([hash, signature]).toString('base64')}\n`

  writeFileSync(join(folder, 'checkpoints.txt'), [...notes.slice(0, -1), forged].join('\n\n'))

  expect(faultIn(folder)).toMatch(/^signature of/)
  const report = await verifyLog(folderReader(folder), { now: world.now })
  expect(report).toMatchObject({ kind: 'tampered' })
})

test.each([
  ['an event', 'events.jsonl', 'note 3', 'note 4'],
  ['a sequence', 'events.jsonl', '"sequence":2', '"sequence":9'],
  ['a size', 'checkpoints.txt', '\n5\n', '\n6\n'],
  ['a time', 'checkpoints.txt', 'time 2026', 'time 2025'],
])('agrees that the change of %s is none', async (_what, file, from, to) => {
  await using world = await openLog()
  const folder = await exported(world)
  const text = readFileSync(join(folder, file), 'utf8')
  expect(text).toContain(from)

  writeFileSync(join(folder, file), text.replace(from, to))

  expect(faultIn(folder)).not.toBeNull()
})

/** Thirteen events under checkpoints of 5, 6 and 13. */
async function exported(world: LogWorld, name = 'export'): Promise<string> {
  for (const count of [5, 1, 7]) await world.fill(count)
  const folder = join(world.folder, name)
  await exportLog(await databaseReader(world.database.now), folder)
  return folder
}

async function exportedKeys(world: LogWorld): Promise<string> {
  await world.fill(1)
  const folder = join(world.folder, 'keys')
  await exportLog(await databaseReader(world.database.now), folder)
  return readFileSync(join(folder, 'key.pub'), 'utf8')
}

async function rotate({ database, keys }: LogWorld): Promise<void> {
  await database.write((connection) => keys.rotate(connection, 'checkpoint'))
}

function faultIn(folder: string): string | null {
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  const lines = read('events.jsonl').trimEnd().split('\n')
  const leaves: Buffer[] = []
  for (const [index, line] of lines.entries()) {
    const [, event = '', sequence] = /^\{"event":(.*),"sequence":(\d+)\}$/.exec(line) ?? []
    if (Number(sequence) !== index + 1) return `sequence ${index + 1}`
    leaves.push(sha256(Buffer.of(0), Buffer.from(event)))
  }
  let trusted = read('key.pub').split('\n')
  let previous = 'none'
  let size = 0
  for (const note of read('checkpoints.txt').split(/\n\n(?=castellan\/)/)) {
    const [body = '', signatures = ''] = note.split('\n\n')
    const text = `${body}\n`
    const [origin = '', count, root, before] = text.split('\n')
    size = Number(count)
    if (before !== `previous ${previous}`) return `previous of ${size}`
    if (root !== rootOf(leaves.slice(0, size)).toString('base64')) return `root of ${size}`
    if (!trusted.some((key) => isSigned(origin, text, signatures, key))) return `signature of ${size}`
    const [, nextKey] = /\nschema 1\nnext-key (.+)\n$/.exec(text) ?? []
    if (nextKey) trusted = [nextKey]
    previous = sha256(Buffer.from(text)).toString('base64')
  }
  return size === leaves.length ? null : 'an event that no checkpoint covers'
}

/** The definition of RFC 6962, section 2.1, word for word. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves
  if (!only) return sha256()
  if (leaves.length === 1) return only
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

function isSigned(origin: string, text: string, signatureLine: string, key: string): boolean {
  const [, name = '', encoded = ''] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(key) ?? []
  const publicKey = Buffer.from(encoded, 'base64').subarray(1)
  if (publicKey.length !== 32) return false
  const [, signer, signature = ''] = signatureLine.trimEnd().split(' ')
  const bytes = Buffer.from(signature, 'base64')
  const hash = sha256(Buffer.from(`${name}\n`), Buffer.of(1), publicKey).subarray(0, 4)
  if (name !== origin || signer !== origin || !hash.equals(bytes.subarray(0, 4))) return false
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') }
  return verify(null, Buffer.from(text), createPublicKey({ key: jwk, format: 'jwk' }), bytes.subarray(4))
}

function sha256(...parts: readonly Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}
