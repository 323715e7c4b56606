import { expect, test } from 'vitest'
import { change, draft, openLog } from '../../test/log.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { type HistoryPlace, historyOf } from './history.ts'
import { parseNote } from './note.ts'
import { lastCheckpoint, proofOf } from './proof.ts'
import { isIncluded } from './tree.ts'

test('lists what changed one record, newest first, with its number', async () => {
  await using world = await openLog()
  await world.fill(3)
  await world.log.appendAlone(draft({ changes: [change('waiting')] }))

  const { events } = await historyOf(world.database.now, query())

  expect(events.map(({ sequence }) => sequence)).toEqual([null, 3, 2, 1])
  expect(events[0]?.event.changes).toEqual([
    { field: 'note', class: 'internal', before: null, after: 'waiting' },
  ])
})

test.each([
  ['of another record', { target: { model: 'orders', key: '43', label: '#43' } }],
  ['of another model with the same key', { target: { model: 'customers', key: '42', label: 'Ana' } }],
  ['that was refused', { outcome: 'refused', code: 'denied' } as const],
  ['that only read', { kind: 'record.read', action: 'orders.read' } as const],
])('leaves out what was %s', async (_what, rest) => {
  await using world = await openLog()
  await world.log.appendAlone(draft(rest))

  expect((await historyOf(world.database.now, query())).events).toEqual([])
})

test('goes through all pages, there and back', async () => {
  await using world = await openLog()
  await world.fill(5)

  const first = await historyOf(world.database.now, query({ limit: 2 }))
  const second = await historyOf(world.database.now, query({ limit: 2, from: first.older }))
  const third = await historyOf(world.database.now, query({ limit: 2, from: second.older }))
  const back = await historyOf(world.database.now, query({ limit: 2, from: third.newer }))

  expect([first, second, third, back].map((page) => page.events.map(({ sequence }) => sequence))).toEqual([
    [5, 4],
    [3, 2],
    [1],
    [3, 2],
  ])
  expect(first.newer).toBeNull()
  expect(third.older).toBeNull()
  expect(back.newer).not.toBeNull()
})

test('proves that an event is in the log that the last checkpoint signs', async () => {
  await using world = await openLog()
  await world.fill(5)
  await world.fill(2)
  const checkpoint = parseCheckpoint((await lastCheckpoint(world.database.now))?.note ?? '')
  if (!checkpoint) throw new TypeError('There is no checkpoint.')

  for (let sequence = 1; sequence <= 7; sequence += 1) {
    const found = await proofOf(world.database.now, sequence)
    expect(
      found &&
        isIncluded({
          index: sequence - 1,
          size: found.size,
          leaf: Buffer.from(found.leaf, 'hex'),
          root: checkpoint.root,
          proof: found.proof.map((hash) => Buffer.from(hash, 'hex')),
        }),
    ).toBe(true)
  }
})

test('proves nothing that no checkpoint covers', async () => {
  await using world = await openLog()

  expect(await lastCheckpoint(world.database.now)).toBeNull()
  expect(await proofOf(world.database.now, 1)).toBeNull()
  await world.fill(2)
  expect(await proofOf(world.database.now, 3)).toBeNull()
  expect(await proofOf(world.database.now, 0)).toBeNull()
  expect(parseNote((await lastCheckpoint(world.database.now))?.note ?? '')).not.toBeNull()
})

function query({ limit = 50, from = null }: { limit?: number; from?: HistoryPlace | null } = {}) {
  return { model: 'orders', key: '42', limit, from }
}
