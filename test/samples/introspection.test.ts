/** Databases that nobody here wrote: every model lists, and every record of a sample opens by its address. */

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSqliteSource } from '../../src/data/sqlite/source.ts'
import { openSqlite } from '../../src/database/sqlite/sqlite.ts'
import { decodeKey, encodeKey } from '../../src/model/key.ts'
import { keyOf, type Model } from '../../src/model/model.ts'
import { EVERYTHING } from '../../src/model/predicate.ts'

const SAMPLES = process.env['CASTELLAN_SAMPLES'] ?? join(import.meta.dirname, '../../../shared/data')
const DATABASES = [
  { name: 'chinook', from: 'chinook/Chinook_Sqlite.sqlite', tables: 11, views: 0 },
  { name: 'sakila', from: 'sakila/sakila.sqlite', tables: 16, views: 5 },
  { name: 'northwind', from: 'northwind/northwind-sqlite.sql', tables: 13, views: 16 },
]
const RECORDS = 200

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-samples-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** A copy of the sample, which the test may change. */
function copyOf(name: string, from: string): string {
  const file = join(folder, `${name}.db`)
  if (!from.endsWith('.sql')) {
    copyFileSync(join(SAMPLES, from), file)
    return file
  }
  const database = new DatabaseSync(file)
  database.exec(readFileSync(join(SAMPLES, from), 'utf8'))
  database.close()
  return file
}

const present = DATABASES.filter(({ from }) => existsSync(join(SAMPLES, from)))
if (present.length < DATABASES.length) {
  console.log(
    `${DATABASES.length - present.length} sample databases left out: set CASTELLAN_SAMPLES to their folder.`,
  )
}

if (present.length === 0) test.skip('opens the sample databases')

for (const { name, from, tables, views } of present) {
  test(`opens every record of a sample of ${name}`, async () => {
    const database = await openSqlite({ file: copyOf(name, from) })
    const source = createSqliteSource({ id: 'main', database, tables: 'application' })
    const { models: list } = await source.introspect()
    const models = new Map(list.map((model) => [model.name, model]))
    let opened = 0

    for (const model of list) {
      const page = await source.read((reader) =>
        reader.list({
          ...whole(model),
          models,
          where: EVERYTHING,
          sort: model.list.sort,
          limit: RECORDS,
          from: null,
          count: 'capped',
        }),
      )
      expect(page.count?.value).toBeGreaterThanOrEqual(page.records.length)
      for (const record of page.records) {
        const key = keyOf(model, record)
        if (!key) continue
        const address = encodeKey(model, key)
        const again = decodeKey(model, address) ?? []
        expect(await source.read((reader) => reader.get({ ...whole(model), models, key: again }))).toEqual(
          record,
        )
        opened += 1
      }
    }

    expect(list.filter(({ kind }) => kind === 'table')).toHaveLength(tables)
    expect(list.filter(({ kind }) => kind === 'view')).toHaveLength(views)
    expect(opened).toBeGreaterThan(500)
    await database.close()
  })
}

function whole(model: Model): {
  readonly model: Model
  readonly scope: typeof EVERYTHING
  readonly fields: string[]
} {
  return { model, scope: EVERYTHING, fields: model.fields.map((field) => field.name) }
}
