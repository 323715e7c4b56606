/** Databases that nobody here wrote: every model lists as it was guessed, and every record of a sample opens by its address. */

import { expect, test } from 'vitest'
import { createSource } from '../../src/data/create-source.ts'
import type { DataSource, Page } from '../../src/data/data-source.ts'
import { decodeKey, encodeKey } from '../../src/model/key.ts'
import { keyOf, type Model, type Sort } from '../../src/model/model.ts'
import { EVERYTHING } from '../../src/model/predicate.ts'
import { openSample, type Sample, samples } from './databases.ts'

/** How many tables and views become models: what has no model is left out for a reason. */
const EXPECTED: Readonly<Record<string, { readonly tables: number; readonly views: number }>> = {
  'sqlite chinook': { tables: 11, views: 0 },
  'sqlite northwind': { tables: 13, views: 16 },
  'sqlite sakila': { tables: 16, views: 5 },
  'postgres northwind': { tables: 14, views: 0 },
  'postgres pagila': { tables: 15, views: 9 },
  'postgres sakila': { tables: 21, views: 7 },
  'mariadb sakila': { tables: 16, views: 7 },
}
const RECORDS = 200

const found = samples()
if (found.length === 0) test.skip('opens the sample databases')

for (const sample of found) {
  test(`opens every record of a sample of ${sample.name} on ${sample.engine}`, async () => {
    const opened = await openSample(sample)
    try {
      await openRecords(
        sample,
        await createSource({ id: 'main', database: opened.database, tables: 'application' }),
      )
    } finally {
      await opened.close()
    }
  }, 120_000)
}

async function openRecords({ engine, name }: Sample, source: DataSource): Promise<void> {
  const { models: list } = await source.introspect()
  const models = new Map(list.map((model) => [model.name, model]))
  const kinds = Map.groupBy(list, ({ kind }) => kind)
  let opened = 0

  for (const model of list) {
    const page = await listed(source, models, model, model.list.sort)
    // of a slow view on a busy machine there may be none
    expect(page.count?.value ?? page.records.length).toBeGreaterThanOrEqual(page.records.length)
    for (const record of page.records) {
      const key = keyOf(model, record)
      if (!key) continue
      const again = decodeKey(model, encodeKey(model, key)) ?? []
      const whole = await source.read((reader) => reader.get({ ...all(model), models, key: again }))
      expect(whole, model.name).toEqual(record)
      opened += 1
    }
  }

  const { tables, views } = EXPECTED[`${engine} ${name}`] ?? { tables: 0, views: 0 }
  expect([kinds.get('table')?.length ?? 0, kinds.get('view')?.length ?? 0]).toEqual([tables, views])
  expect(opened).toBeGreaterThan(500)
}

function listed(
  source: DataSource,
  models: ReadonlyMap<string, Model>,
  model: Model,
  sort: readonly Sort[],
): Promise<Page> {
  return source.read((reader) =>
    reader.list({
      ...all(model),
      models,
      where: EVERYTHING,
      sort,
      limit: RECORDS,
      from: null,
      count: 'capped',
    }),
  )
}

function all(model: Model): {
  readonly model: Model
  readonly scope: typeof EVERYTHING
  readonly fields: string[]
} {
  return { model, scope: EVERYTHING, fields: model.fields.map((field) => field.name) }
}
