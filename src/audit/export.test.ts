import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { draft, type LogWorld, NOW, openLog } from '../../test/log.ts'
import { databaseReader } from './database-reader.ts'
import { exportLog } from './export.ts'
import { folderReader, readAnchorFile, readKeyFile } from './folder-reader.ts'
import { exitCodeOf, reportLines } from './report.ts'
import { verifyLog } from './verify.ts'

test('writes an export that verifies without its database, with its key pinned', async () => {
  await using world = await openLog()
  const folder = await exported(world)

  const report = await verifyLog(folderReader(folder), {
    now: NOW,
    pinned: readKeyFile(join(folder, 'key.pub')),
    anchor: readAnchorFile(join(folder, 'checkpoints.txt')),
  })

  expect(readdirSync(folder).sort()).toEqual(['checkpoints.txt', 'events.jsonl', 'key.pub', 'leaves.txt'])
  expect(report).toMatchObject({ kind: 'verified', events: 7, checkpoints: 3, isPinned: true })
  expect(exitCodeOf(report)).toBe(0)
})

test('writes each event as it was signed, with its number beside it', async () => {
  await using world = await openLog()
  const folder = await exported(world)

  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trimEnd().split('\n')

  const events: unknown[] = lines.map((line) => JSON.parse(line))
  expect(events).toHaveLength(7)
  expect(events[4]).toMatchObject({ sequence: 5, event: { kind: 'record.update', schema: 1 } })
  expect(lines[4]).toMatch(/^\{"event":\{"action":"orders\.update",.*\},"sequence":5\}$/)
})

test('leaves out what no checkpoint covers', async () => {
  await using world = await openLog()
  await world.fill(2)
  await world.log.appendAlone(draft())

  const reader = await databaseReader(world.database.now)

  expect(await exportLog(reader, join(world.folder, 'out'))).toEqual({ events: 2, checkpoints: 1 })
})

test('verifies more events than one page holds', async () => {
  await using world = await openLog()
  await world.database.write(async (connection) => {
    for (let index = 0; index < 2_345; index += 1) await world.log.append(connection, draft())
  })
  await world.log.seal()
  const folder = join(world.folder, 'out')
  await exportLog(await databaseReader(world.database.now), folder)

  expect(await verifyLog(folderReader(folder), { now: NOW })).toMatchObject({
    kind: 'verified',
    events: 2_345,
    checkpoints: 3,
  })
})

test('never writes over an export that is there', async () => {
  await using world = await openLog()
  const folder = await exported(world)
  const before = readFileSync(join(folder, 'events.jsonl'))

  const again = exportLog(await databaseReader(world.database.now), folder)

  await expect(again).rejects.toMatchObject({ code: 'invalid-input' })
  expect(readFileSync(join(folder, 'events.jsonl'))).toEqual(before)
})

test('removes what it wrote when it fails', async () => {
  await using world = await openLog()
  await world.fill(1)
  const folder = join(world.folder, 'out')
  mkdirSync(folder)
  writeFileSync(join(folder, 'leaves.txt'), 'kept')

  const failing = exportLog(await databaseReader(world.database.now), folder)

  await expect(failing).rejects.toMatchObject({ code: 'invalid-input' })
  expect(readdirSync(folder)).toEqual(['leaves.txt'])
})

test.each([
  ['a byte of an event', 2, (text: string) => text.replace('note 1"', 'note 9"'), 'events.jsonl'],
  ['a line taken out', 3, (text: string) => text.split('\n').toSpliced(2, 1).join('\n'), 'events.jsonl'],
  [
    'the last line taken out',
    7,
    (text: string) => `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`,
    'events.jsonl',
  ],
  [
    'two lines changed about',
    2,
    (text: string) =>
      text
        .split('\n')
        .toSpliced(1, 2, ...text.split('\n').slice(1, 3).toReversed())
        .join('\n'),
    'events.jsonl',
  ],
  ['a line that is none', 8, (text: string) => `${text}and more\n`, 'events.jsonl'],
  ['a checkpoint', 1, (text: string) => text.replace('\n3\n', '\n2\n'), 'checkpoints.txt'],
  ['something between the checkpoints', 1, (text: string) => `${text}more\n`, 'checkpoints.txt'],
  ['the key', 1, (text: string) => text.split('\n').slice(1).join('\n'), 'key.pub'],
])('finds the change of %s', async (_what, sequence, edit, file) => {
  await using world = await openLog()
  const folder = await exported(world)
  const before = readFileSync(join(folder, file), 'utf8')
  const after = edit(before)
  expect(after).not.toBe(before)

  writeFileSync(join(folder, file), after)

  const report = await verifyLog(folderReader(folder), { now: NOW })
  expect(report).toMatchObject({ kind: 'tampered', sequence })
  expect(exitCodeOf(report)).toBe(1)
})

test('names the first event that might be the changed one, without the leaves', async () => {
  await using world = await openLog()
  const folder = await exported(world)
  const file = join(folder, 'events.jsonl')
  writeFileSync(file, readFileSync(file, 'utf8').replace('note 1"', 'note 9"'))

  rmSync(join(folder, 'leaves.txt'))

  expect(await verifyLog(folderReader(folder), { now: NOW })).toMatchObject({
    kind: 'tampered',
    sequence: 1,
    reason: expect.stringContaining('1 to 3'),
  })
})

test('is incomplete without any key', async () => {
  await using world = await openLog()
  const folder = await exported(world)
  rmSync(join(folder, 'key.pub'))

  const report = await verifyLog(folderReader(folder), { now: NOW })

  expect(report).toMatchObject({ kind: 'incomplete', reason: expect.stringContaining('no key') })
  expect(exitCodeOf(report)).toBe(2)
})

test('refuses a folder that is no export, and a key file that holds no key', async () => {
  await using world = await openLog()
  appendFileSync(join(world.folder, 'key.pub'), 'not a key')

  expect(() => folderReader(world.folder)).toThrow('no export')
  expect(() => readKeyFile(join(world.folder, 'key.pub'))).toThrow('no key')
  expect(() => readKeyFile(join(world.folder, 'nowhere'))).toThrow('cannot be read')
})

test('prints the outcome first, then the key and whether it is pinned', () => {
  const seen = {
    events: 7,
    checkpoints: 3,
    root: 'ab'.repeat(32),
    fingerprint: 'cd'.repeat(32),
    isPinned: false,
    handOvers: [{ checkpoint: 2, fingerprint: 'ef'.repeat(32) }],
    warnings: ['the clock went back at sequence 2'],
  }

  expect(reportLines({ ...seen, kind: 'verified' })).toEqual([
    `verified 7 events, 3 checkpoints, root ${'ab'.repeat(32)}`,
    `key ${'cd'.repeat(32)} not pinned`,
    `handed over by checkpoint 2 to key ${'ef'.repeat(32)}`,
    'warning: the clock went back at sequence 2',
  ])
  expect(
    reportLines({ ...seen, kind: 'tampered', sequence: 5, reason: 'the event is missing', warnings: [] })[0],
  ).toBe('TAMPERED at sequence 5: the event is missing')
  expect(reportLines({ ...seen, isPinned: true, kind: 'verified' })[1]).toBe(`key ${'cd'.repeat(32)} pinned`)
})

/** Seven events under checkpoints of 3, 6 and 7, exported. */
async function exported(world: LogWorld): Promise<string> {
  for (const count of [3, 3, 1]) await world.fill(count)
  const folder = join(world.folder, 'export')
  await exportLog(await databaseReader(world.database.now), folder)
  return folder
}
