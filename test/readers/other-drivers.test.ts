/** Readers over the drivers that their suite does not run on: mysql2 on MariaDB, and PGlite. */

import { PGlite } from '@electric-sql/pglite'
import { eq, relations } from 'drizzle-orm'
import { int, mysqlTable, varchar } from 'drizzle-orm/mysql-core'
import { drizzle as drizzleOnMysql } from 'drizzle-orm/mysql2'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle as drizzleOnPglite } from 'drizzle-orm/pglite'
import mysql from 'mysql2/promise'
import { EntitySchema, DataSource as TypeormDataSource } from 'typeorm'
import { afterEach, expect, test } from 'vitest'
import { createSource } from '../../src/data/create-source.ts'
import type { DataSource } from '../../src/data/data-source.ts'
import type { SourceDefinition } from '../../src/data/source-definition.ts'
import type { Model } from '../../src/model/model.ts'
import { EVERYTHING } from '../../src/model/predicate.ts'
import { drizzleSource } from '../../src/readers/drizzle.ts'
import { typeormSource } from '../../src/readers/typeorm.ts'
import { createTestDatabase } from '../servers.ts'

const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

interface World {
  readonly source: DataSource
  readonly models: ReadonlyMap<string, Model>
}

async function opened(definition: SourceDefinition): Promise<World> {
  const { database, overlay } = await definition.open()
  cleanUps.push(() => database.close())
  const { writes } = definition
  const source = await createSource(
    { id: 'application', database, tables: 'application' },
    overlay && { overlay, writes },
  )
  const { models } = await source.introspect()
  return { source, models: new Map(models.map((model) => [model.name, model])) }
}

function modelIn({ models }: World, name: string): Model {
  const model = models.get(name)
  if (!model) throw new Error(`There is no model ${name}.`)
  return model
}

/** The names of the application are over the tables, and a book that is written is read by the ORM. */
async function proves(world: World, titleOf: (id: number) => Promise<unknown>): Promise<void> {
  const books = modelIn(world, 'books')
  expect(modelIn(world, 'staff').fields.find(({ name }) => name === 'full_name')?.label).toBe('Full name')
  expect(books.relations).toMatchObject([
    { name: 'keptBy', kind: 'one', target: 'staff', from: ['keeper_id'], to: ['id'] },
  ])

  const values = { id: 7, title: 'Emma', keeper_id: 1 }
  await world.source.transaction((transaction) => transaction.insert({ model: books, values }))
  expect(await titleOf(7)).toBe('Emma')
  const { records } = await world.source.read((reader) =>
    reader.list({
      model: books,
      models: world.models,
      scope: EVERYTHING,
      where: EVERYTHING,
      fields: ['title', 'keeper_id'],
      sort: [],
      limit: 5,
      from: null,
      count: 'none',
    }),
  )
  expect(records).toMatchObject([{ title: 'Emma', keeper_id: 1 }])
}

const ON_MARIADB = `
  CREATE TABLE staff (id INT PRIMARY KEY, full_name VARCHAR(80) NOT NULL);
  CREATE TABLE books (
    id INT PRIMARY KEY, title VARCHAR(120) NOT NULL, keeper_id INT, FOREIGN KEY (keeper_id) REFERENCES staff (id));
  INSERT INTO staff VALUES (1, 'Ada Keeper')`

async function onMariadb(): Promise<URL> {
  const made = await createTestDatabase('mariadb')
  cleanUps.push(() => made.drop())
  await made.run(ON_MARIADB)
  return new URL(made.url)
}

test('Drizzle on mysql2', async () => {
  const url = await onMariadb()
  const pool = mysql.createPool(url.href.replace(/^mariadb:/, 'mysql:'))
  cleanUps.push(() => pool.end())
  const staff = mysqlTable('staff', {
    id: int('id').primaryKey(),
    fullName: varchar('full_name', { length: 80 }).notNull(),
  })
  const books = mysqlTable('books', {
    id: int('id').primaryKey(),
    title: varchar('title', { length: 120 }).notNull(),
    keeperId: int('keeper_id'),
  })
  const schema = {
    staff,
    books,
    booksRelations: relations(books, ({ one }) => ({
      keptBy: one(staff, { fields: [books.keeperId], references: [staff.id] }),
    })),
  }
  const db = drizzleOnMysql(pool, { schema, mode: 'default' })

  await proves(await opened(drizzleSource(db, { schema })), async (id) => {
    const [book] = await db.select().from(books).where(eq(books.id, id))
    return book?.title
  })
  await expect(opened(drizzleSource(db, { schema, writes: 'orm' }))).rejects.toMatchObject({
    code: 'misconfigured',
    mistakes: [{ id: 'D163', place: 'Drizzle: writes' }],
  })
})

test('Drizzle on PGlite', async () => {
  const client = new PGlite()
  cleanUps.push(() => client.close())
  await client.exec(ON_MARIADB)
  const staff = pgTable('staff', { id: integer('id').primaryKey(), fullName: text('full_name').notNull() })
  const books = pgTable('books', {
    id: integer('id').primaryKey(),
    title: text('title').notNull(),
    keeperId: integer('keeper_id'),
  })
  const schema = {
    staff,
    books,
    booksRelations: relations(books, ({ one }) => ({
      keptBy: one(staff, { fields: [books.keeperId], references: [staff.id] }),
    })),
  }
  const db = drizzleOnPglite(client, { schema })

  await proves(await opened(drizzleSource(db, { schema })), async (id) => {
    const [book] = await db.select().from(books).where(eq(books.id, id))
    return book?.title
  })
}, 120_000)

interface Staff {
  id: number
  fullName: string
}
interface Book {
  id: number
  title: string
  keptBy: Staff | null
}

test('TypeORM on MariaDB', async () => {
  const url = await onMariadb()
  const entities = [
    new EntitySchema<Staff>({
      name: 'StaffMember',
      tableName: 'staff',
      columns: {
        id: { type: 'int', primary: true },
        fullName: { type: 'varchar', name: 'full_name', length: 80 },
      },
    }),
    new EntitySchema<Book>({
      name: 'Book',
      tableName: 'books',
      columns: { id: { type: 'int', primary: true }, title: { type: 'varchar', length: 120 } },
      relations: {
        keptBy: {
          type: 'many-to-one',
          target: 'StaffMember',
          joinColumn: { name: 'keeper_id' },
          nullable: true,
        },
      },
    }),
  ]
  const dataSource = new TypeormDataSource({
    type: 'mariadb',
    host: url.hostname,
    port: Number(url.port),
    username: url.username,
    database: url.pathname.slice(1),
    charset: 'utf8mb4',
    entities,
  })
  cleanUps.push(() => dataSource.destroy())

  await proves(await opened(typeormSource(dataSource)), async (id) => {
    const book = await dataSource.getRepository<Book>('Book').findOneBy({ id })
    return book?.title
  })
  await expect(opened(typeormSource(dataSource, { writes: 'orm' }))).rejects.toMatchObject({
    mistakes: [{ id: 'D163', place: 'TypeORM: writes' }],
  })
})
