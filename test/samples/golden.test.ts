/** What is made of databases that nobody here wrote, with nothing configured. Every line of it was reviewed. */

import { expect, test } from 'vitest'
import type { Catalog } from '../../src/data/catalog.ts'
import { schemaOf } from '../../src/data/describe/describe.ts'
import { readMysqlCatalog } from '../../src/data/mysql/catalog.ts'
import { readPostgresCatalog } from '../../src/data/postgres/catalog.ts'
import { readSqliteCatalog } from '../../src/data/sqlite/catalog.ts'
import type { Connection } from '../../src/database/database.ts'
import { openSample, type Sample, samples } from './databases.ts'
import { readable } from './readable.ts'

const READERS: Readonly<
  Record<
    Sample['engine'],
    (connection: Connection, options: { readonly tables: 'application' }) => Promise<Catalog>
  >
> = { sqlite: readSqliteCatalog, postgres: readPostgresCatalog, mariadb: readMysqlCatalog }

const found = samples()
if (found.length === 0) test.skip('describes the sample databases')

for (const sample of found) {
  test(`describes ${sample.name} on ${sample.engine}`, async () => {
    const { database, close } = await openSample(sample)
    try {
      const read = (): Promise<Catalog> =>
        database.read((connection) => READERS[sample.engine](connection, { tables: 'application' }))
      const options = { source: 'application', tables: 'application', isReadOnly: false } as const
      const schema = schemaOf(await read(), options)

      expect(schemaOf(await read(), options).fingerprint).toBe(schema.fingerprint)
      await expect(readable(schema)).toMatchFileSnapshot(`golden/${sample.engine}-${sample.name}.txt`)
    } finally {
      await close()
    }
  }, 120_000)
}
