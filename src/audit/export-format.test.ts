import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { change, draft, openLog } from '../../test/log.ts'
import { databaseReader } from './database-reader.ts'
import { exportLog } from './export.ts'
import { exportAs } from './export-format.ts'
import { FORMATS } from './format/format.ts'

test('writes a line an event in every format, without what no checkpoint covers', async () => {
  await using world = await openLog()
  await world.fill(2)
  await world.log.appendAlone(draft())

  for (const format of FORMATS) {
    const file = join(world.folder, format)
    expect(await exportAs(await databaseReader(world.database.now), format, file)).toBe(2)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(format === 'csv' ? 3 : 2)
  }
})

test('JSON Lines are the events of an export that can be verified', async () => {
  await using world = await openLog()
  await world.log.appendAlone(draft({ changes: [change('Größe\u2028\u007f', 'internal')] }))
  await world.fill(2)
  const reader = await databaseReader(world.database.now)

  await exportLog(reader, join(world.folder, 'whole'))
  await exportAs(reader, 'jsonl', join(world.folder, 'events'))

  const whole = readFileSync(join(world.folder, 'whole', 'events.jsonl'))
  expect(readFileSync(join(world.folder, 'events'))).toEqual(whole)
  expect(whole.byteLength).toBeGreaterThan(1000)
})

test('never writes over a file, and says where the log cannot be read', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  await world.fill(2)
  world.tamper(
    'drop trigger castellan_audit_event_update',
    "update castellan_audit_event set event = '{}' where sequence = 2",
  )
  const reader = await databaseReader(world.database.now)
  const file = join(world.folder, 'events.jsonl')

  await expect(exportAs(reader, 'csv', file)).rejects.toMatchObject({
    code: 'data-source-failed',
    message: expect.stringContaining('Event 2'),
  })
  expect(await exportAs(reader, 'jsonl', file)).toBe(2)
  await expect(exportAs(reader, 'csv', file)).rejects.toMatchObject({ code: 'invalid-input' })
})
