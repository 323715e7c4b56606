/** Lists of records that are not all alike: without a whole key, deleted and kept. */

import { expect, test } from 'vitest'
import { permit } from '../policy/permit.ts'
import { openWorld, type World } from './fixture.ts'
import type { RecordList } from './records.ts'

const ALL = permit('support-does-all', { roles: ['support'], actions: ['*.*'] })

test('gives no address to a record whose key holds NULL', async () => {
  const tables = `
    create table shelves (hall text, shelf integer, note text, primary key (hall, shelf));
    insert into shelves values ('north', 1, 'full'), (null, 2, 'empty');
  `
  await using world = await openWorld({ rules: [ALL], tables })

  const { records } = await list(world, 'shelves', {})

  expect(records.map(({ key, values }) => [key, values['note']])).toEqual([
    [null, 'empty'],
    ['["north","1"]', 'full'],
  ])
})

test('records the list of what is in the trash beside that of what is not', async () => {
  const tables = `
    create table notes (id integer primary key, name text, deleted_at timestamp);
    insert into notes values (1, 'kept', null), (2, 'gone', '2026-01-01 00:00:00');
  `
  await using world = await openWorld({ rules: [ALL], tables })

  await list(world, 'notes', {})
  await list(world, 'notes', { trash: 'only' })
  await list(world, 'notes', { trash: 'only' })

  expect((await world.events()).map(({ details }) => details)).toEqual([{}, { trash: 'only' }])
})

test('refuses to set or take the mark of a deletion by an update', async () => {
  const tables = `
    create table notes (id integer primary key, name text, deleted_at timestamp);
    insert into notes values (1, 'kept', null);
  `
  await using world = await openWorld({ rules: [ALL], tables })
  const values = { deleted_at: '2026-01-01T00:00' }

  await expect(
    world.gate.perform(world.call('notes.update', { key: '1', input: { values } })),
  ).rejects.toMatchObject({ code: 'invalid-input', fields: { deleted_at: [expect.any(String)] } })
  await expect(world.gate.perform(world.call('notes.delete', { key: '1' }))).resolves.toMatchObject({
    kind: 'done',
    result: { changed: ['deleted_at'] },
  })
})

async function list(world: World, model: string, input: object): Promise<RecordList> {
  const outcome = await world.gate.perform(world.call(`${model}.list`, { input }))
  if (outcome.kind !== 'done') throw new Error(outcome.kind)
  return outcome.result as RecordList
}
