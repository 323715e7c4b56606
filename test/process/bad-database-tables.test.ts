/**
 * Tables that are changed while an admin over them runs: a sentence that says
 * so and what to do, nothing written elsewhere, and the other tables as before.
 */

import { afterEach, describe, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { STORE_ENGINES } from '../engine.ts'
import { EDIT, kept, LIST, openShelves, RECORD, ROOMS, SHELVES, type Shelves, said } from './shelves.ts'

const CHANGED = 'has other tables than when they were read. Start Castellan again to read them anew.'
const FAILED = { outcome: 'failed', code: 'data-source-failed' }

let shelves: Shelves | null = null
afterEach(async () => {
  await shelves?.house.close()
  shelves = null
})

describe.each(STORE_ENGINES)('on %s', (engine) => {
  const opened = async (sql: string): Promise<Shelves> => {
    shelves = await openShelves({ engine })
    await shelves.house.sql(sql)
    return shelves
  }

  test.each([
    ['a column that is dropped', 'ALTER TABLE shelves DROP COLUMN color'],
    ['a column that is renamed', 'ALTER TABLE shelves RENAME COLUMN color TO paint'],
    ['a table that is dropped', 'DROP TABLE shelves'],
    ['a table that is renamed', 'ALTER TABLE shelves RENAME TO racks'],
  ])('%s is told by list, record, form and API, and what was typed is kept', async (_, sql) => {
    const { client, save, create, api, events, verified } = await opened(sql)
    const pages = [await client.get(LIST), await client.get(`${LIST}?q=oak`), await client.get(RECORD)]
    const saved = await save({ name: 'Elm', weight: '11', color: 'green' })
    const created = await create({ id: '3', name: 'Elm', weight: '11', color: 'green' })
    const problem = await api('GET', '/models/shelves/records')

    for (const page of [...pages, saved, created]) {
      expect(page.status).toBe(503)
      expect(said(page)).toContain(CHANGED)
      expect(said(page)).not.toMatch(/SELECT|UPDATE|INSERT|no such|does not exist/)
    }
    expect(said(saved)).toContain('The database could not do this')
    expect(said(saved)).toContain('Nothing was changed. What you sent is kept on this page.')
    expect([kept(saved, 'name'), kept(saved, 'color')]).toEqual(['Elm', 'green'])
    expect(said(created)).toContain('Nothing was saved.')
    expect([kept(created, 'name'), kept(created, 'color')]).toEqual(['Elm', 'green'])
    expect(problem).toMatchObject({ status: 503, code: 'data-source-failed' })
    expect(problem.detail).toContain(CHANGED)
    expect(await events('shelves.create')).toMatchObject([FAILED])
    expect((await client.get(ROOMS)).status).toBe(200)
    expect(await verified()).toMatch(/^verified /)
  })

  test('a form whose table was away for a while is sent again as it was', async () => {
    const { house, save, client } = await opened('ALTER TABLE shelves RENAME TO racks')
    const failed = await save({ name: 'Elm', weight: '11', color: 'green' })
    await house.sql('ALTER TABLE racks RENAME TO shelves')
    const fields = Object.fromEntries(
      ['name', 'weight', 'color', '_original', '_version'].map((name) => [
        name,
        (kept(failed, name) ?? '').replaceAll('&quot;', '"'),
      ]),
    )

    const again = await client.post(EDIT, fields, { csrf: kept(failed, '_csrf') ?? '' })

    expect(again.status).toBe(303)
    expect(await house.sql('SELECT name, weight, color FROM shelves WHERE id = 1')).toEqual([
      { name: 'Elm', weight: 11, color: 'green' },
    ])
  })

  test('a column that is added stays hidden, and records keep what it holds', async () => {
    const { house, client, save, api } = await opened(
      "ALTER TABLE shelves ADD COLUMN secret VARCHAR(20) DEFAULT 'hush'",
    )
    const pages = [await client.get(LIST), await client.get(RECORD), await client.get(EDIT)]
    const record = await api('GET', '/models/shelves/records/1')

    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(pages.some(({ text }) => text.includes('hush'))).toBe(false)
    expect(JSON.stringify(record)).toContain('Oak')
    expect(JSON.stringify(record)).not.toContain('hush')
    expect((await save({ name: 'Elm', weight: '10', color: 'brown' })).status).toBe(303)
    expect(await house.sql('SELECT name, secret FROM shelves WHERE id = 1')).toEqual([
      { name: 'Elm', secret: 'hush' },
    ])
  })

  test('a unique index that appears refuses what is taken, and nothing else', async () => {
    const { house, save, events } = await opened('CREATE UNIQUE INDEX only_once ON shelves (name)')

    const refused = await save({ name: 'Ash', weight: '10', color: 'green' })
    const taken = await save({ name: 'Elm', weight: '10', color: 'brown' })

    expect(refused.status).toBe(422)
    expect(said(refused)).toContain('Nothing was saved. Shelf: something of it is already taken')
    expect(kept(refused, 'color')).toBe('green')
    expect(taken.status).toBe(303)
    expect(await house.sql('SELECT name, color FROM shelves WHERE id = 1')).toEqual([
      { name: 'Elm', color: 'brown' },
    ])
    expect(await events('shelves.update')).toMatchObject([
      { outcome: 'refused', code: 'invalid-input' },
      { outcome: 'done' },
    ])
  })

  test('a column of another type is shown as it is, and never makes an error of ours', async () => {
    if (engine === 'sqlite') {
      // its columns take any type without a change of the table
      const { client } = await opened("UPDATE shelves SET weight = 'w10'")
      expect(said(await client.get(LIST))).toContain('w10')
      return
    }
    const retype = engine === 'postgres' ? 'ALTER weight TYPE text' : 'MODIFY weight VARCHAR(20)'
    const { house, client, save } = await opened(`ALTER TABLE shelves ${retype}`)
    await house.sql("UPDATE shelves SET weight = 'w10'")
    const pages = [await client.get(LIST), await client.get(RECORD), await client.get(EDIT)]
    const filtered = await client.get(`${LIST}?f=weight:gt:5`)
    const saved = await save({ name: 'Oak', weight: '11', color: 'brown' })

    for (const page of pages) expect(page.status).toBe(200)
    expect(said(await client.get(LIST))).toContain('w10')
    expect([200, 503]).toContain(filtered.status)
    // somebody else changed what it holds
    expect(saved.status).toBe(409)
  })
})

// SQLite adds no such column to a table that has records
test.each(['postgres', 'mariadb'] as const)(
  'on %s a column that must have a value refuses new records alone',
  async (engine) => {
    shelves = await openShelves({ engine })
    const { house, save, create } = shelves
    await house.sql('ALTER TABLE shelves ADD COLUMN must INT NOT NULL DEFAULT 0')
    await house.sql('ALTER TABLE shelves ALTER COLUMN must DROP DEFAULT')

    const created = await create({ id: '3', name: 'Elm', weight: '', color: '' })

    expect(created.status).toBe(422)
    expect(said(created)).toContain('Nothing was saved. Shelf: something of it must have a value.')
    expect(kept(created, 'name')).toBe('Elm')
    expect((await save({ name: 'Elm', weight: '10', color: 'brown' })).status).toBe(303)
    expect(await house.sql('SELECT id FROM shelves ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }])
  },
)

const LOAD = 'CREATE VIEW loads AS SELECT id, weight / 10 AS share FROM shelves'

test.each([
  [
    'postgres',
    'CREATE OR REPLACE VIEW loads AS SELECT id, weight / 0 AS share FROM shelves',
    'could not compute a value of a table or a view. Its own log says which.',
  ],
  ['postgres', 'DROP VIEW loads', CHANGED],
  ['mariadb', 'ALTER TABLE shelves DROP COLUMN weight', CHANGED],
  ['sqlite', 'ALTER TABLE shelves RENAME TO racks; DROP VIEW loads', CHANGED],
] as const)('a view on %s that breaks says so, and its tables stay: %s', async (engine, sql, sentence) => {
  shelves = await openShelves({ engine, sql: `${SHELVES}; ${LOAD}` })
  const { client, house, events } = shelves
  const before = await client.get(`${BASE}/m/loads`)
  await house.sql(sql)

  const page = await client.get(`${BASE}/m/loads`)

  expect(before.status).toBe(200)
  expect(page.status).toBe(503)
  expect(said(page)).toContain(sentence)
  expect((await events('loads.list')).at(-1)).toMatchObject(FAILED)
  expect((await client.get(ROOMS)).status).toBe(200)
})
