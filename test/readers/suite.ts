/**
 * What every ORM reader is held to, on a schema that its own ORM has made on
 * PostgreSQL: two tables, `staff` and `books`, under the names of the
 * application's entities.
 */

import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSource } from '../../src/data/create-source.ts'
import type { DataSource } from '../../src/data/data-source.ts'
import type { SourceDefinition } from '../../src/data/source-definition.ts'
import type { Database } from '../../src/database/database.ts'
import type { Key, Model, Values } from '../../src/model/model.ts'
import { EVERYTHING } from '../../src/model/predicate.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

/** An application that uses the ORM, with its tables made. */
export interface Application {
  /** What the reader gives for it. */
  source(writes: SourceDefinition['writes']): SourceDefinition
  /** The title of the book with that id, read through the ORM. */
  titleOf(id: string): Promise<unknown>
  close(): Promise<void>
}

export interface Expected {
  /** How the label of `staff` reads: the entity's name. */
  readonly staffLabel: string
  /** The names of the relations between the two, as the application calls them. */
  readonly keeper: string
  readonly books: string
  /** Part of the sentence that says why books can't be written. */
  readonly refusal: RegExp
  /** Whether the ORM itself hides the password hash; elsewhere its name makes it secret. */
  readonly isHashHidden: boolean
  /** The column that code of the application fills in. */
  readonly made: string
}

/** The tables for ORMs that do not make them by themselves. */
export const TABLES = `
  CREATE TYPE staff_role AS ENUM ('admin', 'clerk');
  CREATE TABLE staff (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), full_name varchar(80) NOT NULL, role staff_role NOT NULL DEFAULT 'clerk',
    password_hash text);
  CREATE TABLE books (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title varchar(120) NOT NULL, price numeric(10, 2), keeper_id uuid REFERENCES staff (id),
    slug text, changed_at timestamptz);`

export function describeReader(
  name: string,
  start: (url: string) => Promise<Application>,
  expected: Expected,
): void {
  describe(name, () => {
    let server: TestDatabase
    let application: Application
    beforeAll(async () => {
      server = await createTestDatabase('postgres')
      application = await start(server.url)
      await server.run(`INSERT INTO staff (id, full_name, role) VALUES
        ('00000000-0000-4000-8000-000000000001', 'Ada Keeper', 'admin')`)
    })
    afterAll(async () => {
      await application?.close()
      await server?.drop()
    })

    test('names models and fields as the application does', async () => {
      await opened(application, 'refuse', async ({ model }) => {
        expect(model('staff').label).toBe(expected.staffLabel)
        expect(model('staff').fields.find(({ name: one }) => one === 'full_name')).toMatchObject({
          label: 'Full name',
          maxLength: 80,
        })
        expect(model('staff').fields.find(({ name: one }) => one === 'role')?.choices).toMatchObject([
          { value: 'admin' },
          { value: 'clerk' },
        ])
      })
    })

    test('relates them both ways under the names of the application', async () => {
      await opened(application, 'refuse', async ({ model }) => {
        expect(model('books').relations).toMatchObject([
          { name: expected.keeper, kind: 'one', target: 'staff', from: ['keeper_id'], to: ['id'] },
        ])
        expect(model('staff').relations).toMatchObject([
          { name: expected.books, kind: 'many', target: 'books', from: ['id'], to: ['keeper_id'] },
        ])
      })
    })

    test('keeps what proves who someone is out of every read', async () => {
      await opened(application, 'refuse', async ({ model }) => {
        const hash = model('staff').fields.find(({ name: one }) => one === 'password_hash')

        expect(hash?.sensitivity).toBe('secret')
        expect(hash?.hidden).toBe(expected.isHashHidden)
      })
    })

    test('keeps a model with code of its own read-only until the owner chooses', async () => {
      await opened(application, 'refuse', async ({ model, source }) => {
        const books = model('books')

        expect(books.writable).toMatchObject({ create: false, update: false, delete: false })
        expect(books.writable.reason).toMatch(expected.refusal)
        await expect(insert(source, books, { title: 'Emma' })).rejects.toMatchObject({ code: 'denied' })
      })
    })

    test('writes by SQL when the owner says so, with the values that code makes', async () => {
      await opened(application, 'sql', async ({ model, source }) => {
        const books = model('books')
        const [id = ''] = await insert(source, books, { title: 'Emma', price: '12.50' })
        const [row] = await server.rows(`SELECT ${expected.made} AS made FROM books WHERE id = '${id}'`)

        expect(row?.['made']).toEqual(expect.anything())
        expect(await application.titleOf(String(id))).toBe('Emma')
      })
    })

    test('leaves the pool of the application open and its settings as they were', async () => {
      await opened(application, 'refuse', async ({ source, model }) => {
        await source.read((reader) => reader.count(countOf(model('staff'))))
      })
      await opened(application, 'refuse', async ({ source, model }) => {
        const { value } = await source.read((reader) => reader.count(countOf(model('staff'))))

        expect(value).toBe(1)
      })
      expect(await application.titleOf('00000000-0000-4000-8000-00000000ffff')).toBeUndefined()
    })
  })
}

interface Opened {
  readonly source: DataSource
  model(table: string): Model
}

async function opened(
  application: Application,
  writes: SourceDefinition['writes'],
  work: (opened: Opened) => Promise<void>,
): Promise<void> {
  const { database, overlay } = await application.source(writes).open()
  try {
    const source = await sourceOver(database, overlay && { overlay, writes })
    const { models } = await source.introspect()
    const model = (table: string): Model => {
      const found = models.find((one) => one.table === table)
      if (!found) throw new Error(`There is no model of ${table}.`)
      return found
    }
    await work({ source, model })
  } finally {
    await database.close()
  }
}

function sourceOver(database: Database, laid: Parameters<typeof createSource>[1]): Promise<DataSource> {
  return createSource({ id: 'application', database, tables: 'application' }, laid)
}

function insert(source: DataSource, model: Model, values: Values): Promise<Key> {
  return source.transaction((transaction) => transaction.insert({ model, values }))
}

function countOf(model: Model) {
  return { model, models: new Map([[model.name, model]]), scope: EVERYTHING, where: EVERYTHING, cap: 9 }
}

/** The one row of a query through a pool of the application. */
export async function firstRow(pool: pg.Pool, text: string, values: readonly unknown[]): Promise<unknown> {
  const { rows } = await pool.query(text, [...values])
  return rows[0]
}
