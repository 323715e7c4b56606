import { expect, test } from 'vitest'
import { type LogWorld, openLog } from '../../test/log.ts'
import { fingerprint, rawPublicKey } from '../keys/ed25519.ts'
import { inStore } from '../store/tables.ts'
import { originOf, parseCheckpoint } from './checkpoint.ts'
import { databaseReader } from './database-reader.ts'
import type { NoteKey } from './note.ts'
import { verifyLog } from './verify.ts'

test('goes on to verify by the key that was pinned before the first of three rotations', async () => {
  await using world = await openLog()
  await world.fill(3)
  const pinned = [await activeKey(world)]

  for (let round = 0; round < 3; round += 1) {
    await rotate(world)
    await world.fill(2)
  }

  const now = fingerprint(rawPublicKey(world.keys.signing('checkpoint').publicKey))
  expect(await verify(world, pinned)).toMatchObject({ kind: 'verified', events: 9, fingerprint: now })
  expect((await verify(world, pinned)).handOvers).toHaveLength(3)
  expect((await verify(world, pinned)).handOvers.at(-1)).toMatchObject({ fingerprint: now })
  expect(await verify(world)).toMatchObject({ kind: 'verified' })
})

test('hands over by one checkpoint that the old key signs, whoever seals next', async () => {
  await using world = await openLog()
  await using other = await world.second()
  await world.fill(3)
  const before = await activeKey(world)
  await rotate(world)

  await other.fill(1)

  const notes = await notesOf(world)
  const [first, handOver, last] = notes.map(parseCheckpoint)
  expect(notes).toHaveLength(3)
  expect(handOver).toMatchObject({ size: 3, root: first?.root, nextKey: await activeKey(other) })
  expect(handOver?.note.signatures).toEqual([expect.objectContaining({ name: before.name })])
  expect(last).toMatchObject({ size: 4, nextKey: null })
  expect(await verify(world, [before])).toMatchObject({ kind: 'verified', events: 4 })
})

test('hands over once, to the last of several keys that came in between', async () => {
  await using world = await openLog()
  await world.fill(1)
  const pinned = [await activeKey(world)]

  await rotate(world)
  await rotate(world)
  await replace(world)
  await world.fill(1)

  expect(await notesOf(world)).toHaveLength(3)
  expect(await verify(world, pinned)).toMatchObject({ kind: 'verified', events: 2 })
})

test('destroys the private half of a key that has handed over, and keeps the public one', async () => {
  await using world = await openLog()
  await world.fill(1)
  await rotate(world)
  await world.fill(1)

  const rows = await inStore(world.database.now)
    .selectFrom('castellan_key')
    .selectAll()
    .where('purpose', '=', 'checkpoint')
    .execute()

  const [retired, ...others] = rows.toSorted((one, next) => one.wrapped.length - next.wrapped.length)
  expect(retired).toMatchObject({ state: 'retiring', wrapped: { length: 0 } })
  expect(retired?.public_key).toHaveLength(32)
  expect(others.map(({ wrapped }) => wrapped.length)).toEqual([60, 60])
  await using later = await world.second()
  await later.fill(1)
  expect(await verify(world)).toMatchObject({ kind: 'verified', events: 3 })
})

test('adds nothing to a log whose key is gone, rather than go on under another', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  await world.fill(1)
  await rotate(world)
  world.tamper("delete from castellan_key where purpose = 'checkpoint' and state = 'retiring'")

  await expect(world.fill(1)).rejects.toThrow('until it is back')
  expect(await notesOf(world)).toHaveLength(1)
})

test('takes an anchor that a later key signed, from whoever has pinned the first', async () => {
  await using world = await openLog()
  await world.fill(1)
  const pinned = [await activeKey(world)]
  await rotate(world)
  await world.fill(1)
  const anchor = (await notesOf(world)).at(-1) ?? ''

  expect(await verify(world, pinned, anchor)).toMatchObject({ kind: 'verified' })

  await using stranger = await openLog()
  const other = [await activeKey(stranger)]
  await expect(verify(world, other, anchor)).rejects.toMatchObject({ code: 'invalid-input' })
})

async function rotate({ database, keys }: LogWorld): Promise<void> {
  await database.write((connection) => keys.rotate(connection, 'checkpoint'))
}

async function replace({ database, keys }: LogWorld): Promise<void> {
  await database.write((connection) => keys.replace(connection, 'checkpoint'))
}

async function activeKey({ store, keys }: LogWorld): Promise<NoteKey> {
  const { publicKey } = keys.signing('checkpoint')
  return { name: originOf(await store.installation()), publicKey: rawPublicKey(publicKey) }
}

async function notesOf({ database }: LogWorld): Promise<readonly string[]> {
  const rows = await inStore(database.now)
    .selectFrom('castellan_audit_checkpoint')
    .select('note')
    .orderBy('number')
    .execute()
  return rows.map(({ note }) => note)
}

async function verify(world: LogWorld, pinned?: readonly NoteKey[], anchor?: string) {
  const reader = await databaseReader(world.database.now)
  return await verifyLog(reader, {
    now: world.now,
    ...(pinned && { pinned }),
    ...(anchor !== undefined && { anchor }),
  })
}
