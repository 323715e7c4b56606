/**
 * Whoever holds an export can change every file of it. Both verifiers, ours and
 * one in Python that was written from the specification alone, must then name
 * the same first event that is not what was signed.
 */

import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  checkpointHash,
  parseCheckpoint,
  signCheckpoint,
  splitCheckpoints,
} from '../../src/audit/checkpoint.ts'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { exportLog } from '../../src/audit/export.ts'
import { eventLine, parseEventLine } from '../../src/audit/export-files.ts'
import { folderReader, readKeyFile } from '../../src/audit/folder-reader.ts'
import { formatNoteKey, parseNoteKey } from '../../src/audit/note.ts'
import type { VerifyReport } from '../../src/audit/report.ts'
import { frontier, leafHash } from '../../src/audit/tree.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import { privateKeyFrom, rawPublicKey } from '../../src/keys/ed25519.ts'
import { change, draft, type LogWorld, openLog } from '../log.ts'
import { runs } from '../runs.ts'
import { type SecondVerifier, startSecondVerifier } from '../verifier/run.ts'

let world: LogWorld
let second: SecondVerifier
/** Nine events under checkpoints of 3, 4 and 9, as they were exported, and the export from when there were four. */
let evidence = ''
let earlier = ''
let copies = 0

beforeAll(async () => {
  second = startSecondVerifier()
  world = await openLog({ engine: 'sqlite' })
  for (const count of [3, 1]) await world.fill(count)
  earlier = await exported('earlier')
  await world.log.appendAlone(
    draft({
      dataSubject: 'customers:7',
      changes: [
        { ...change('Ana Šimić 🙂', 'personal'), field: 'name', before: 'Ana' },
        change('é \u2028 "\\'),
      ],
    }),
  )
  await world.fill(4)
  evidence = await exported('evidence')
})
afterAll(async () => {
  second.stop()
  await world[Symbol.asyncDispose]()
})

test('both verify what nobody touched, with and without its key', async () => {
  const pinned = join(evidence, 'key.pub')

  for (const options of [{}, { pinned }]) {
    const { ours, theirs } = await verified(evidence, options)
    expect(ours).toMatchObject({ kind: 'verified', events: 9, checkpoints: 3 })
    expect(theirs).toMatchObject({ kind: 'verified', events: 9, checkpoints: 3, root: ours.root })
  }
})

test('both find the change of any byte of any event', async () => {
  const lines = eventLines(evidence)
  const cases = fc.record({
    at: fc.integer({ min: 0, max: 8 }),
    place: fc.nat(),
    bit: fc.integer({ min: 0, max: 7 }),
  })

  for (const { at, place, bit } of fc.sample(cases, { numRuns: runs(8, 0.2), seed: 42 })) {
    const folder = copy()
    const line = Buffer.from(lines[at] ?? '')
    const within = 9 + (place % (line.lastIndexOf(',"sequence"') - 9))
    line[within] = (line[within] ?? 0) ^ (1 << bit)
    // a line end would make two lines of one, which is found where the second begins
    if (line[within] === 0x0a) continue
    const changed = lines.map((one, index) => (index === at ? line : Buffer.from(one)))
    writeFileSync(
      join(folder, 'events.jsonl'),
      Buffer.concat(changed.flatMap((one) => [one, Buffer.from('\n')])),
    )
    await mustBeTampered(folder, at + 1)
  }
})

/** What is done to the lines of a file, and the first sequence that is wrong for it. */
const EDITS: readonly [string, string, (lines: readonly string[]) => readonly string[], number][] = [
  ['the first event is gone', 'events.jsonl', (lines) => lines.slice(1), 1],
  ['an event in the middle is gone', 'events.jsonl', (lines) => lines.toSpliced(5, 1), 6],
  ['the last event is gone', 'events.jsonl', (lines) => lines.slice(0, -1), 9],
  ['two events have changed places', 'events.jsonl', swapped, 2],
  ['two events have changed places and numbers', 'events.jsonl', (lines) => renumbered(swapped(lines)), 2],
  ['an event stands twice', 'events.jsonl', (lines) => lines.toSpliced(4, 0, lines[3] ?? ''), 4],
  [
    'an event was put in, and those after it moved up',
    'events.jsonl',
    (lines) => renumbered(lines.toSpliced(4, 0, forged(lines[6] ?? ''))),
    5,
  ],
  ['an event was added', 'events.jsonl', (lines) => renumbered([...lines, forged(lines[6] ?? '')]), 10],
  ['a commitment was changed', 'events.jsonl', (lines) => lines.map(otherCommitment), 5],
  ['the origin of a checkpoint is another', 'checkpoints.txt', otherOrigin, 1],
  ['the last checkpoint is gone', 'checkpoints.txt', (lines) => lines.slice(0, 17), 5],
  ['a checkpoint in the middle is gone', 'checkpoints.txt', (lines) => lines.toSpliced(9, 9), 4],
  ['a signature is another', 'checkpoints.txt', (lines) => lines.map(otherSignature), 1],
]

test.each(EDITS)('both find that %s', async (_what, file, edit, sequence) => {
  const folder = copy()
  const before = readFileSync(join(folder, file), 'utf8')
  const after = `${edit(before.trimEnd().split('\n')).join('\n')}\n`
  expect(after).not.toBe(before)

  writeFileSync(join(folder, file), after)

  await mustBeTampered(folder, sequence)
})

test('both find a log that was cut off with its checkpoints, or rolled back, by an anchor alone', async () => {
  const anchor = join(evidence, 'checkpoints.txt')

  expect(await verified(earlier, {})).toMatchObject({
    ours: { kind: 'verified' },
    theirs: { kind: 'verified' },
  })
  await mustBeTampered(earlier, 5, { anchor })
})

test('both find a log computed anew under another key, when the key is pinned', async () => {
  const privateKey = privateKeyFrom(randomBytes(32))
  const folder = computedAnew(privateKey)

  expect(await verified(folder, {})).toMatchObject({
    ours: { kind: 'verified' },
    theirs: { kind: 'verified' },
  })
  await mustBeTampered(folder, 1, { pinned: join(evidence, 'key.pub') })
})

test('both find a log computed anew under the stolen key by an anchor, and by nothing else', async () => {
  const folder = computedAnew(world.keys.signing('checkpoint').privateKey)
  const pinned = join(evidence, 'key.pub')

  expect(await verified(folder, { pinned })).toMatchObject({
    ours: { kind: 'verified' },
    theirs: { kind: 'verified' },
  })
  await mustBeTampered(folder, 1, { pinned, anchor: join(earlier, 'checkpoints.txt') })
})

test('both follow a log to the key that it was handed over to, and not back', async () => {
  await using handed = await openLog({ engine: 'sqlite' })
  await handed.fill(2)
  const left = handed.keys.signing('checkpoint')
  await handed.database.write((connection) => handed.keys.rotate(connection, 'checkpoint'))
  await handed.fill(2)
  const folder = await exported('handed-over', handed)
  const pinned = join(handed.folder, 'first.pub')
  const name = originIn(folder)
  writeFileSync(pinned, `${formatNoteKey({ name, publicKey: rawPublicKey(left.publicKey) })}\n`)

  expect(await verified(folder, { pinned })).toMatchObject({
    ours: { kind: 'verified', events: 4 },
    theirs: { kind: 'verified', events: 4 },
  })
  const notes = notesOf(folder)
  const last = parseCheckpoint(notes.at(-1) ?? '')
  if (!last) throw new TypeError('No checkpoint.')
  const key = { name, publicKey: rawPublicKey(left.publicKey) }
  const resigned = [...notes.slice(0, -1), signCheckpoint(last, key, left.privateKey)]
  writeFileSync(join(folder, 'checkpoints.txt'), resigned.join('\n'))
  await mustBeTampered(folder, 3, { pinned })
})

interface Options {
  /** Files. */
  readonly pinned?: string
  readonly anchor?: string
}

async function mustBeTampered(folder: string, sequence: number, options: Options = {}): Promise<void> {
  const { ours, theirs } = await verified(folder, options)
  expect(ours).toMatchObject({ kind: 'tampered', sequence })
  expect(theirs).toMatchObject({ kind: 'tampered', sequence })
}

async function verified(
  folder: string,
  { pinned, anchor }: Options,
): Promise<{ readonly ours: VerifyReport; readonly theirs: Readonly<Record<string, unknown>> }> {
  const ours = await verifyLog(folderReader(folder), {
    now: world.now,
    ...(pinned !== undefined && { pinned: readKeyFile(pinned) }),
    ...(anchor !== undefined && { anchor: readFileSync(anchor, 'utf8') }),
  })
  const words = [
    folder,
    ...(pinned === undefined ? [] : ['--key', pinned]),
    ...(anchor === undefined ? [] : ['--anchor', anchor]),
  ]
  const { code, report } = await second.ask(...words)
  expect(code).toBe(report['kind'] === 'verified' ? 0 : 1)
  return { ours, theirs: report }
}

async function exported(name: string, from: LogWorld = world): Promise<string> {
  const folder = join(from.folder, name)
  await exportLog(await databaseReader(from.database.now), folder)
  return folder
}

function copy(): string {
  copies += 1
  const folder = join(world.folder, `copy-${copies}`)
  cpSync(evidence, folder, { recursive: true })
  return folder
}

function eventLines(folder: string): readonly string[] {
  return readFileSync(join(folder, 'events.jsonl'), 'utf8').trimEnd().split('\n')
}

function notesOf(folder: string): readonly string[] {
  return splitCheckpoints(readFileSync(join(folder, 'checkpoints.txt'), 'utf8')) ?? []
}

function originIn(folder: string): string {
  return parseNoteKey(readFileSync(join(folder, 'key.pub'), 'utf8').split('\n')[0] ?? '')?.name ?? ''
}

function swapped(lines: readonly string[]): readonly string[] {
  return lines.toSpliced(1, 2, ...lines.slice(1, 3).toReversed())
}

function renumbered(lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => line.replace(/"sequence":\d+\}$/, `"sequence":${index + 1}}`))
}

function forged(line: string): string {
  return line.replace('Ana', 'Eve')
}

function otherCommitment(line: string): string {
  return line.replace(/"after":"[0-9a-f]{64}"/, `"after":"${'ab'.repeat(32)}"`)
}

function otherOrigin(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace('castellan/', 'castellan/0'))
}

function otherSignature(line: string): string {
  return line.startsWith('— ') ? `${line.slice(0, -8)}AAAAAAA=` : line
}

/** Event 2 is another, and every file fits it: leaves, roots and checkpoints, signed with that key. */
function computedAnew(privateKey: KeyObject): string {
  copies += 1
  const folder = join(world.folder, `copy-${copies}`)
  mkdirSync(folder)
  const key = { name: originIn(evidence), publicKey: rawPublicKey(createPublicKey(privateKey)) }
  const events = eventLines(evidence).map((line, index) => {
    const { bytes } = parseEventLine(Buffer.from(index === 1 ? forged(line) : line)) ?? {}
    if (!bytes) throw new TypeError(`No event ${index + 1}.`)
    return bytes
  })
  let previous: Uint8Array | null = null
  const notes: string[] = []
  for (const note of notesOf(evidence)) {
    const checkpoint = parseCheckpoint(note)
    if (!checkpoint) throw new TypeError('No checkpoint.')
    const tree = frontier()
    for (const event of events.slice(0, checkpoint.size)) tree.append(leafHash(event))
    const signed: string = signCheckpoint({ ...checkpoint, root: tree.root(), previous }, key, privateKey)
    const read = parseCheckpoint(signed)
    previous = read && checkpointHash(read.note)
    notes.push(signed)
  }
  const leaves = events.map((event) => Buffer.from(leafHash(event)).toString('hex'))
  const lines = events.map((event, index) => eventLine(event, index + 1))
  writeFileSync(join(folder, 'events.jsonl'), Buffer.concat(lines))
  writeFileSync(join(folder, 'leaves.txt'), `${leaves.join('\n')}\n`)
  writeFileSync(join(folder, 'checkpoints.txt'), notes.join('\n'))
  writeFileSync(join(folder, 'key.pub'), `${formatNoteKey(key)}\n`)
  return folder
}
