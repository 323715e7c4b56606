import { expect, test } from 'vitest'
import { ownModels } from '../../src/actions/own-models.ts'
import { createSource } from '../../src/data/create-source.ts'
import { openDatabase } from '../../src/database/url.ts'
import type { Model } from '../../src/model/model.ts'
import { createStore } from '../../src/store/store.ts'
import { openTestDatabase, STORE_ENGINES, type StoreEngine } from '../engine.ts'

/** As the store on that engine shows them, but for where the tables are. */
async function modelsOn(engine: StoreEngine): Promise<readonly Omit<Model, 'schema' | 'table'>[]> {
  const home = await openTestDatabase(engine)
  const database = await openDatabase(home.url, { place: 'test' })
  try {
    await createStore(database).migrate()
    const source = await createSource({ id: 'castellan', database, tables: 'own' })
    const { models } = await source.introspect()
    return ownModels(models).map(({ schema: _schema, table: _table, ...model }) => model)
  } finally {
    await database.close()
    await home.drop()
  }
}

test('the own models are the same on every engine', async () => {
  const [first, ...others] = await Promise.all(STORE_ENGINES.map(modelsOn))

  expect(first?.flatMap(({ fields }) => fields).length).toBeGreaterThan(40)
  expect(others).toHaveLength(2)
  for (const other of others) expect(other).toEqual(first)
})
