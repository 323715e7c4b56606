/** Whoever owns the database can change it; verification must then name the first event that is not what was signed. */

import { createPublicKey, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../src/audit/canonical.ts'
import { originOf, signCheckpoint } from '../../src/audit/checkpoint.ts'
import { databaseReader } from '../../src/audit/database-reader.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import type { NoteKey } from '../../src/audit/note.ts'
import type { VerifyReport } from '../../src/audit/report.ts'
import { parseEvent } from '../../src/audit/stored-event.ts'
import { frontier, leafHash } from '../../src/audit/tree.ts'
import { type VerifyOptions, verifyLog } from '../../src/audit/verify.ts'
import { privateKeyFrom, rawPublicKey } from '../../src/keys/ed25519.ts'
import { inStore } from '../../src/store/tables.ts'
import { draft, type LogWorld, openLog } from '../log.ts'

/** What an owner of the database does first. */
const WITHOUT_TRIGGERS = ['event', 'node', 'checkpoint'].flatMap((table) =>
  ['insert', 'update', 'delete'].map((verb) => `drop trigger castellan_audit_${table}_${verb}`),
)

test('verifies a log that nobody touched', async () => {
  await using world = await sevenEvents()

  expect(await verify(world)).toMatchObject({
    kind: 'verified',
    events: 7,
    checkpoints: 3,
    isPinned: false,
    handOvers: [],
    warnings: [],
  })
})

test('finds the change of any byte of an event', async () => {
  await using world = await sevenEvents()
  const bytes = Buffer.from(await textOf(world, 5))
  world.tamper(...WITHOUT_TRIGGERS)
  let looked = 0

  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes)
    changed[index] = (changed[index] ?? 0) ^ 0x01
    world.tamper(setEvent(5, changed))
    expect(await verify(world), `byte ${index}`).toMatchObject({ kind: 'tampered', sequence: 5 })
    looked += 1
  }

  expect(looked).toBeGreaterThan(500)
  world.tamper(setEvent(5, bytes))
  expect(await verify(world)).toMatchObject({ kind: 'verified' })
})

test('finds the change of any column beside the event', async () => {
  await using world = await sevenEvents()
  world.tamper(...WITHOUT_TRIGGERS)
  const columns = Object.keys(await rowOf(world, 4)).filter(
    (name) => !['entry', 'sequence', 'event'].includes(name),
  )
  expect(columns.length).toBeGreaterThan(18)

  for (const column of columns) {
    world.tamper('create table kept as select * from castellan_audit_event')
    world.tamper(`update castellan_audit_event set ${column} = 'forged' where sequence = 4`)
    expect(await verify(world), column).toMatchObject({ kind: 'tampered', sequence: 4 })
    world.tamper(
      `update castellan_audit_event set ${column} = (select ${column} from kept where sequence = 4) where sequence = 4`,
      'drop table kept',
    )
  }

  expect(await verify(world)).toMatchObject({ kind: 'verified' })
})

test.each([
  ['the first event', 1, 'delete from castellan_audit_event where sequence = 1'],
  ['a middle event', 4, 'delete from castellan_audit_event where sequence = 4'],
  ['the last event', 7, 'delete from castellan_audit_event where sequence = 7'],
  ['every event', 1, 'delete from castellan_audit_event'],
  [
    'an event, with those after it moved up',
    4,
    'delete from castellan_audit_event where sequence = 4; update castellan_audit_event set sequence = sequence - 1 where sequence > 4',
  ],
])('finds that %s is gone', async (_what, sequence, statement) => {
  await using world = await sevenEvents()

  world.tamper(...WITHOUT_TRIGGERS, statement)

  expect(await verify(world)).toMatchObject({ kind: 'tampered', sequence })
})

test('finds that two events have changed places', async () => {
  await using world = await sevenEvents()

  world.tamper(
    ...WITHOUT_TRIGGERS,
    'update castellan_audit_event set sequence = 99 where sequence = 3',
    'update castellan_audit_event set sequence = 3 where sequence = 6',
    'update castellan_audit_event set sequence = 6 where sequence = 99',
  )

  expect(await verify(world)).toMatchObject({ kind: 'tampered', sequence: 3 })
})

test.each([
  ['at the end', 8, 8],
  ['under a number that is taken', 4, 4],
  ['before the first', 0, 1],
  ['under no whole number', 4.5, 5],
])('finds a forged event %s', async (_where, sequence, first) => {
  await using world = await sevenEvents()
  world.tamper(...WITHOUT_TRIGGERS)
  const forged = { ...(await eventOf(world, 4)), id: 'f0'.repeat(16) }

  await dropUniqueSequence(world)
  world.tamper(insertEvent(sequence, forged))

  expect(await verify(world)).toMatchObject({ kind: 'tampered', sequence: first })
})

test('finds an event that was changed with its leaf', async () => {
  await using world = await sevenEvents()
  world.tamper(...WITHOUT_TRIGGERS)
  const event = { ...(await eventOf(world, 5)), reason: 'forged' }

  world.tamper(...rewrite(5, event))

  expect(await verify(world)).toMatchObject({ kind: 'tampered', sequence: 5 })
})

test('names the first event that no good checkpoint covers, when every recorded hash was changed too', async () => {
  await using world = await sevenEvents()
  world.tamper(...WITHOUT_TRIGGERS)
  const event = { ...(await eventOf(world, 5)), reason: 'forged' }

  world.tamper(...rewrite(5, event), setNode(4, event))

  // Checkpoints stand at 3 and 6, and nothing is left that tells the three events apart.
  expect(await verify(world)).toMatchObject({
    kind: 'tampered',
    sequence: 4,
    reason: expect.stringContaining('4 to 6'),
  })
})

test.each([
  [
    'its root',
    'update castellan_audit_checkpoint set note = replace(note, substr(note, 48, 1), "x") where number = 2',
    4,
  ],
  [
    'its size',
    "update castellan_audit_checkpoint set note = replace(note, char(10) || '6' || char(10), char(10) || '5' || char(10)) where number = 2",
    4,
  ],
  [
    'its origin',
    "update castellan_audit_checkpoint set note = replace(note, 'castellan/', 'castellan/0') where number = 1",
    1,
  ],
  [
    'its signature',
    "update castellan_audit_checkpoint set note = substr(note, 1, length(note) - 8) || 'AAAAAA=' || char(10) where number = 3",
    7,
  ],
  ['the whole of it', "update castellan_audit_checkpoint set note = 'nothing' where number = 2", 4],
  ['that it is there', 'delete from castellan_audit_checkpoint where number = 1', 1],
  ['that it is there, in the middle', 'delete from castellan_audit_checkpoint where number = 2', 4],
  ['that it is there, at the end', 'delete from castellan_audit_checkpoint where number = 3', 7],
])('finds that a checkpoint was changed: %s', async (_what, statement, sequence) => {
  await using world = await sevenEvents()

  world.tamper(...WITHOUT_TRIGGERS, statement.replaceAll('"x"', "'x'"))

  expect(await verify(world)).toMatchObject({ kind: 'tampered', sequence })
})

test('finds a log that was computed anew under another key, when the key is pinned', async () => {
  await using world = await sevenEvents()
  const pinned = await keysOf(world)
  const event = { ...(await eventOf(world, 2)), reason: 'forged' }

  await computeAnew(world, 2, event)

  expect(await verify(world)).toMatchObject({ kind: 'verified', isPinned: false })
  expect(await verify(world, { pinned })).toMatchObject({ kind: 'tampered', sequence: 1, isPinned: true })
})

test('finds a log that was cut off with its checkpoints, when an older checkpoint is at hand', async () => {
  await using world = await sevenEvents()
  const anchor = (await notesOf(world)).join('\n')

  world.tamper(
    ...WITHOUT_TRIGGERS,
    'delete from castellan_audit_event where sequence > 3',
    'delete from castellan_audit_node where position >= 3 or (level > 0 and position > 0)',
    'delete from castellan_audit_checkpoint where number > 1',
  )

  expect(await verify(world)).toMatchObject({ kind: 'verified', events: 3 })
  expect(await verify(world, { anchor })).toMatchObject({ kind: 'tampered', sequence: 4 })
})

test('finds a log that was cut off and has grown again, when an older checkpoint is at hand', async () => {
  await using world = await sevenEvents()
  const anchor = (await notesOf(world)).join('\n')
  world.tamper(
    ...WITHOUT_TRIGGERS,
    'delete from castellan_audit_event where sequence > 3',
    'delete from castellan_audit_node where level = 0 and position >= 3',
    'delete from castellan_audit_node where level = 1 and position >= 1',
    'delete from castellan_audit_node where level > 1',
    'delete from castellan_audit_checkpoint where number > 1',
  )

  await world.fill(9)

  expect(await verify(world)).toMatchObject({ kind: 'verified', events: 12 })
  expect(await verify(world, { anchor })).toMatchObject({ kind: 'tampered', sequence: 4 })
})

test('goes on verifying a log that has grown since its anchor', async () => {
  await using world = await sevenEvents()
  const anchor = (await notesOf(world)).slice(0, 2).join('\n')

  expect(await verify(world, { anchor })).toMatchObject({ kind: 'verified' })
})

test('finds that the log is not the one of the anchor', async () => {
  await using world = await sevenEvents()
  await using other = await sevenEvents()

  const anchor = (await notesOf(other)).join('\n')

  expect(await verify(world, { anchor })).toMatchObject({ kind: 'tampered', sequence: 1 })
})

test('refuses an anchor that is none, or that the pinned key did not sign', async () => {
  await using world = await sevenEvents()
  await using other = await sevenEvents()
  const pinned = await keysOf(world)

  await expect(verify(world, { anchor: 'nothing' })).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(verify(world, { pinned, anchor: (await notesOf(other)).join('\n') })).rejects.toMatchObject({
    code: 'invalid-input',
  })
})

test('warns of a clock that went back, and of nothing worse', async () => {
  await using world = await sevenEvents()
  world.now -= 3_600_000
  await world.fill(1)

  expect(await verify(world)).toMatchObject({
    kind: 'verified',
    warnings: ['the clock went back at sequence 8', 'the clock went back at checkpoint 4'],
  })
})

test('is incomplete while an event has waited for longer than a few seconds', async () => {
  await using world = await sevenEvents()
  await world.log.appendAlone(draft())

  expect(await verify(world, { now: world.now + 4_999 })).toMatchObject({ kind: 'verified' })
  expect(await verify(world, { now: world.now + 5_001 })).toMatchObject({
    kind: 'incomplete',
    events: 7,
    reason: expect.stringContaining('1 events wait'),
  })
})

test('verifies a log in which nothing has happened yet', async () => {
  await using world = await openLog({ engine: 'sqlite' })

  expect(await verify(world)).toMatchObject({ kind: 'verified', events: 0, checkpoints: 0 })
})

/** Seven events under checkpoints of 3, 6 and 7. */
async function sevenEvents(): Promise<LogWorld> {
  const world = await openLog({ engine: 'sqlite' })
  for (const count of [3, 3, 1]) await world.fill(count)
  return world
}

async function verify(world: LogWorld, options: Partial<VerifyOptions> = {}): Promise<VerifyReport> {
  return verifyLog(await databaseReader(world.database.now), { now: world.now, ...options })
}

async function rowOf({ database }: LogWorld, sequence: number) {
  return inStore(database.now)
    .selectFrom('castellan_audit_event')
    .selectAll()
    .where('sequence', '=', sequence)
    .executeTakeFirstOrThrow()
}

async function textOf(world: LogWorld, sequence: number): Promise<string> {
  return (await rowOf(world, sequence)).event
}

async function eventOf(world: LogWorld, sequence: number): Promise<AuditEvent> {
  const event = parseEvent(await textOf(world, sequence))
  if (!event) throw new TypeError(`No event ${sequence}.`)
  return event
}

async function keysOf({ database }: LogWorld): Promise<readonly NoteKey[]> {
  return (await databaseReader(database.now)).keys()
}

async function notesOf({ database }: LogWorld): Promise<readonly string[]> {
  const reader = await databaseReader(database.now)
  const notes: string[] = []
  for await (const note of reader.checkpoints()) notes.push(note)
  return notes
}

function setEvent(sequence: number, bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return `update castellan_audit_event set event = cast(x'${hex}' as text) where sequence = ${sequence}`
}

/** The event and its leaf, as its writer would have written them. */
function rewrite(sequence: number, event: AuditEvent): readonly string[] {
  const text = canonicalJson(event)
  const leaf = Buffer.from(leafHash(Buffer.from(text))).toString('hex')
  return [
    setEvent(sequence, Buffer.from(text)),
    `update castellan_audit_event set leaf = x'${leaf}', reason = 'forged' where sequence = ${sequence}`,
  ]
}

function setNode(position: number, event: AuditEvent): string {
  const leaf = Buffer.from(leafHash(Buffer.from(canonicalJson(event)))).toString('hex')
  return `update castellan_audit_node set hash = x'${leaf}' where level = 0 and position = ${position}`
}

/** A copy of event 4 with another id and text, as its writer would have written it. */
function insertEvent(sequence: number, event: AuditEvent): string {
  const text = Buffer.from(canonicalJson(event))
  const leaf = Buffer.from(leafHash(text)).toString('hex')
  return `
    create table forged as select * from castellan_audit_event where sequence = 4;
    update forged set entry = 999, sequence = ${sequence}, id = '${event.id}', leaf = x'${leaf}',
      event = cast(x'${text.toString('hex')}' as text);
    insert into castellan_audit_event select * from forged;
    drop table forged`
}

/** The constraint stands in the table's own definition, so the table is made anew without it. */
async function dropUniqueSequence(world: LogWorld): Promise<void> {
  world.tamper(
    'create table copy as select * from castellan_audit_event',
    'drop table castellan_audit_event',
    'alter table copy rename to castellan_audit_event',
  )
}

/** All that an attacker with the database and time can do: events, leaves, nodes and checkpoints, under a key of their own. */
async function computeAnew(world: LogWorld, sequence: number, event: AuditEvent): Promise<void> {
  const privateKey = privateKeyFrom(randomBytes(32))
  const publicKey = rawPublicKey(createPublicKey(privateKey))
  const origin = originOf(await world.store.installation())
  world.tamper(...WITHOUT_TRIGGERS, ...rewrite(sequence, event), 'delete from castellan_audit_node')
  const tree = frontier()
  const statements: string[] = []
  for (let at = 1; at <= 7; at += 1) {
    const { leaf } = await rowOf(world, at)
    for (const node of tree.append(leaf)) {
      const hash = Buffer.from(node.hash).toString('hex')
      statements.push(`insert into castellan_audit_node values (${node.level}, ${node.position}, x'${hash}')`)
    }
  }
  const issuedAt = new Date(world.now).toISOString()
  const note = signCheckpoint(
    { origin, size: 7, root: tree.root(), previous: null, issuedAt, nextKey: null },
    { name: origin, publicKey },
    privateKey,
  )
  world.tamper(
    ...statements,
    'delete from castellan_audit_checkpoint',
    `insert into castellan_audit_checkpoint values (1, 7, x'${Buffer.from(tree.root()).toString('hex')}', '${issuedAt}', '${note}')`,
    `update castellan_key set public_key = x'${Buffer.from(publicKey).toString('hex')}' where purpose = 'checkpoint' and state = 'active'`,
  )
}
