/**
 * Changes through the application's ORM: its code runs, in the transaction of the
 * gate, and nothing of it is left when that is rolled back.
 */

import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, text, uuid, varchar } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { DataTypes, Sequelize } from 'sequelize'
import {
  type EntityManager,
  EntitySchema,
  type InsertEvent,
  type RemoveEvent,
  DataSource as TypeormDataSource,
  type UpdateEvent,
} from 'typeorm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSource } from '../../src/data/create-source.ts'
import type { DataSource, Transaction } from '../../src/data/data-source.ts'
import type { SourceDefinition } from '../../src/data/source-definition.ts'
import { openDatabase } from '../../src/database/url.ts'
import type { Key, Model, Values } from '../../src/model/model.ts'
import { EVERYTHING, type Predicate } from '../../src/model/predicate.ts'
import { drizzleSource } from '../../src/readers/drizzle.ts'
import { mikroOrmSource } from '../../src/readers/mikro-orm.ts'
import { sequelizeSource } from '../../src/readers/sequelize.ts'
import { typeormSource } from '../../src/readers/typeorm.ts'
import { BASE } from '../client.ts'
import { openHouse } from '../house.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

const TABLES = `
  CREATE TABLE keepers (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
  CREATE TABLE books (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title varchar(40) NOT NULL UNIQUE, slug text,
    keeper_id uuid REFERENCES keepers (id));
  CREATE TABLE hook_log (id serial PRIMARY KEY, line text NOT NULL);
  INSERT INTO keepers VALUES ('00000000-0000-4000-8000-000000000001', 'Ada');`
const ADA = '00000000-0000-4000-8000-000000000001'
const NOBODY = '00000000-0000-4000-8000-00000000ffff'

interface Application {
  readonly definition: SourceDefinition
  close(): Promise<void>
}

/** What its code writes beside the record, by kind of change; an ORM without hooks writes nothing. */
type Lines = readonly [made: readonly string[], changed: readonly string[], removed: readonly string[]]

const LINES: Lines = [['made Emma'], ['changed Emma'], ['removed Emma']]
const NO_LINES: Lines = [[], [], []]

async function sequelizeApplication(url: string): Promise<Application> {
  const sequelize = new Sequelize(url, { logging: false })
  const Line = sequelize.define(
    'Line',
    { line: DataTypes.TEXT },
    { tableName: 'hook_log', timestamps: false },
  )
  sequelize.define(
    'Book',
    {
      id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
      title: { type: DataTypes.STRING(40), allowNull: false, validate: { notIn: [['Forbidden']] } },
      slug: DataTypes.TEXT,
      keeperId: DataTypes.UUID,
    },
    {
      tableName: 'books',
      underscored: true,
      timestamps: false,
      hooks: {
        beforeCreate: (book) => void book.set('slug', 'made by code'),
        beforeUpdate: (book) => void book.set('slug', 'changed by code'),
        afterCreate: async (book, { transaction }) => {
          await Line.create({ line: `made ${book.get('title')}` }, { transaction: transaction ?? null })
        },
        afterUpdate: async (book, { transaction }) => {
          await Line.create(
            { line: `changed ${book.previous('title')}` },
            { transaction: transaction ?? null },
          )
        },
        afterDestroy: async (book, { transaction }) => {
          await Line.create({ line: `removed ${book.get('title')}` }, { transaction: transaction ?? null })
        },
      },
    },
  )
  return { definition: sequelizeSource(sequelize, { writes: 'orm' }), close: () => sequelize.close() }
}

interface BookOfTypeorm {
  id: string
  title: string
  slug: string | null
  keeper: { id: string } | null
}

class BookSubscriber {
  listenTo(): string {
    return 'Book'
  }
  beforeInsert({ entity }: InsertEvent<BookOfTypeorm>): void {
    entity.slug = 'made by code'
  }
  beforeUpdate({ entity }: UpdateEvent<BookOfTypeorm>): void {
    if (entity) entity['slug'] = 'changed by code'
  }
  afterInsert({ manager, entity }: InsertEvent<BookOfTypeorm>): Promise<void> {
    return this.#note(manager, `made ${entity.title}`)
  }
  afterUpdate({ manager, databaseEntity }: UpdateEvent<BookOfTypeorm>): Promise<void> {
    return this.#note(manager, `changed ${databaseEntity.title}`)
  }
  afterRemove({ manager, databaseEntity }: RemoveEvent<BookOfTypeorm>): Promise<void> {
    return this.#note(manager, `removed ${databaseEntity.title}`)
  }
  async #note(manager: EntityManager, line: string): Promise<void> {
    // a transaction of its own, as an application may begin one: a savepoint of ours
    await manager.transaction((inner) => inner.query('INSERT INTO hook_log (line) VALUES ($1)', [line]))
  }
}

async function typeormApplication(url: string): Promise<Application> {
  const dataSource = new TypeormDataSource({
    type: 'postgres',
    url,
    entities: [
      new EntitySchema<{ id: string; name: string }>({
        name: 'Keeper',
        tableName: 'keepers',
        columns: { id: { type: 'uuid', primary: true, generated: 'uuid' }, name: { type: 'text' } },
      }),
      new EntitySchema<BookOfTypeorm>({
        name: 'Book',
        tableName: 'books',
        columns: {
          id: { type: 'uuid', primary: true, generated: 'uuid' },
          title: { type: 'varchar', length: 40 },
          slug: { type: 'text', nullable: true },
        },
        relations: {
          keeper: {
            type: 'many-to-one',
            target: 'Keeper',
            joinColumn: { name: 'keeper_id' },
            nullable: true,
          },
        },
      }),
    ],
  })
  await dataSource.initialize()
  dataSource.subscribers.push(new BookSubscriber())
  return { definition: typeormSource(dataSource, { writes: 'orm' }), close: () => dataSource.destroy() }
}

const Keeper = defineEntity({
  name: 'Keeper',
  tableName: 'keepers',
  properties: { id: p.uuid().primary().defaultRaw('gen_random_uuid()'), name: p.text() },
})
const Line = defineEntity({
  name: 'Line',
  tableName: 'hook_log',
  properties: { id: p.integer().primary().autoincrement(), line: p.text() },
})
const MikroBook = defineEntity({
  name: 'Book',
  tableName: 'books',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    title: p.string().length(40),
    slug: p.text().nullable(),
    keeper: () => p.manyToOne(Keeper).fieldName('keeper_id').nullable(),
  },
  hooks: {
    beforeCreate: [({ entity }) => void Object.assign(entity, { slug: 'made by code' })],
    beforeUpdate: [({ entity }) => void Object.assign(entity, { slug: 'changed by code' })],
    afterCreate: [async ({ em, entity }) => void (await em.insert(Line, { line: `made ${entity.title}` }))],
    afterUpdate: [
      async ({ em, changeSet }) =>
        void (await em.insert(Line, { line: `changed ${changeSet?.originalEntity?.['title']}` })),
    ],
    afterDelete: [
      async ({ em, entity }) => void (await em.insert(Line, { line: `removed ${entity.title}` })),
    ],
  },
})

async function mikroOrmApplication(url: string): Promise<Application> {
  const orm = await MikroORM.init({ clientUrl: url, entities: [Keeper, MikroBook, Line] })
  return { definition: mikroOrmSource(orm, { writes: 'orm' }), close: () => orm.close() }
}

const drizzleBooks = pgTable('books', {
  id: uuid('id').primaryKey().defaultRandom(),
  title: varchar('title', { length: 40 }).notNull(),
  slug: text('slug')
    .$defaultFn(() => 'made by code')
    .$onUpdateFn(() => 'changed by code'),
  keeperId: uuid('keeper_id'),
})

async function drizzleApplication(url: string): Promise<Application> {
  const pool = new pg.Pool({ connectionString: url })
  const schema = { books: drizzleBooks }
  const definition = drizzleSource(drizzle(pool, { schema }), { schema, writes: 'orm' })
  return { definition, close: () => pool.end() }
}

interface World {
  readonly source: DataSource
  readonly books: Model
  readonly models: ReadonlyMap<string, Model>
}

describe.each<readonly [string, (url: string) => Promise<Application>, Lines]>([
  ['Sequelize', sequelizeApplication, LINES],
  ['TypeORM', typeormApplication, LINES],
  ['MikroORM', mikroOrmApplication, LINES],
  ['Drizzle', drizzleApplication, NO_LINES],
])('through %s', (_, start, [made, changed, removed]) => {
  let server: TestDatabase
  let application: Application
  let world: World
  let close: () => Promise<void> = async () => {}

  beforeAll(async () => {
    server = await createTestDatabase('postgres')
    await server.run(TABLES)
    application = await start(server.url)
    const { database, overlay } = await application.definition.open()
    const source = await createSource(
      { id: 'application', database, tables: 'application' },
      overlay && { overlay, writes: 'orm' },
    )
    const models = new Map((await source.introspect()).models.map((model) => [model.name, model]))
    const books = models.get('books')
    if (!books) throw new Error('There are no books.')
    world = { source, books, models }
    close = () => database.close()
  })
  afterAll(async () => {
    await close()
    await application?.close()
    await server?.drop()
  })

  const rows = () => server.rows('SELECT title, slug, keeper_id FROM books ORDER BY title')
  const lines = async () =>
    (await server.rows('SELECT line FROM hook_log ORDER BY id')).map(({ line }) => line as string)
  const change = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
    world.source.transaction(work)
  const insert = (values: Values): Promise<Key> =>
    change((transaction) => transaction.insert({ model: world.books, values }))
  const at = (key: Key, scope: Predicate = EVERYTHING) => ({
    model: world.books,
    models: world.models,
    scope,
    key,
  })

  test('makes, changes and removes a record, and its code runs each time', async () => {
    expect(world.books.writable).toEqual({ create: true, update: true, delete: true, reason: null })

    const key = await insert({ title: 'Emma', keeper_id: ADA })
    expect(await rows()).toEqual([{ title: 'Emma', slug: 'made by code', keeper_id: ADA }])
    expect(await lines()).toEqual(made)

    await change((transaction) =>
      transaction.update({ ...at(key), values: { title: 'Persuasion', keeper_id: null } }),
    )
    expect(await rows()).toEqual([{ title: 'Persuasion', slug: 'changed by code', keeper_id: null }])
    expect(await lines()).toEqual([...made, ...changed])

    await change((transaction) => transaction.update({ ...at(key), values: { title: 'Emma' } }))
    await server.run('DELETE FROM hook_log')
    expect(await change((transaction) => transaction.remove(at(key)))).toBe(1)
    expect(await rows()).toEqual([])
    expect(await lines()).toEqual(removed)
    await server.run('DELETE FROM hook_log')
  })

  test('leaves nothing behind when the transaction is rolled back, nor of what its code wrote', async () => {
    const seen: unknown[] = []
    await expect(
      change(async (transaction) => {
        const key = await transaction.insert({ model: world.books, values: { title: 'Emma' } })
        // in the same transaction: our own SQL sees what the ORM wrote
        seen.push(await transaction.get({ ...at(key), fields: ['slug'] }))
        throw new RangeError('refused afterwards')
      }),
    ).rejects.toThrow(RangeError)

    expect(seen).toMatchObject([{ slug: 'made by code' }])
    expect(await rows()).toEqual([])
    expect(await lines()).toEqual([])
  })

  test('changes nothing outside of the row scope, and runs no code for it', async () => {
    const key = await insert({ title: 'Sanditon' })
    await server.run('DELETE FROM hook_log')
    const scope: Predicate = { kind: 'compare', field: 'title', operator: 'eq', value: 'Emma' }

    await change(async (transaction) => {
      expect(await transaction.update({ ...at(key, scope), values: { title: 'Taken' } })).toBe(0)
      expect(await transaction.remove(at(key, scope))).toBe(0)
    })

    expect(await rows()).toEqual([{ title: 'Sanditon', slug: 'made by code', keeper_id: null }])
    expect(await lines()).toEqual([])
    await server.run('DELETE FROM books')
  })

  test('says at its field what the database refuses', async () => {
    await insert({ title: 'Emma' })

    await expect(insert({ title: 'Emma' })).rejects.toMatchObject({
      code: 'invalid-input',
      fields: { title: [expect.stringContaining('already taken')] },
    })
    await expect(insert({ title: 'Other', keeper_id: NOBODY })).rejects.toMatchObject({
      code: 'invalid-input',
      fields: { keeper_id: [expect.any(String)] },
    })
    await server.run('DELETE FROM books; DELETE FROM hook_log')
  })

  test('keeps the key as it is', async () => {
    const key = await insert({ title: 'Emma' })

    await expect(
      change((transaction) => transaction.update({ ...at(key), values: { id: NOBODY } })),
    ).rejects.toMatchObject({ code: 'invalid-input', fields: { id: [expect.any(String)] } })
    await server.run('DELETE FROM books; DELETE FROM hook_log')
  })
})

test('what a model of the application refuses is said at its field', async () => {
  const server = await createTestDatabase('postgres')
  await server.run(TABLES)
  const { definition, close } = await sequelizeApplication(server.url)
  const { database, overlay } = await definition.open()
  try {
    const source = await createSource(
      { id: 'application', database, tables: 'application' },
      overlay && { overlay, writes: 'orm' },
    )
    const books = (await source.introspect()).models.find(({ name }) => name === 'books')
    if (!books) throw new Error('There are no books.')

    await expect(
      source.transaction((transaction) =>
        transaction.insert({ model: books, values: { title: 'Forbidden' } }),
      ),
    ).rejects.toMatchObject({ code: 'invalid-input', fields: { title: [expect.any(String)] } })
  } finally {
    await database.close()
    await close()
    await server.drop()
  }
})

test('the record, what its code wrote and the audit event commit together or not at all', async () => {
  const home = await createTestDatabase('postgres')
  await home.run(TABLES)
  const { definition, close } = await sequelizeApplication(home.url)
  const house = await openHouse({ engine: 'postgres', home, database: definition })
  try {
    const ana = await house.signIn({ role: 'superadmin' })
    const csrf = await ana.client.csrf(`${BASE}/profile`)
    const create = async (title: string): Promise<number> => {
      const { status } = await ana.client.send('POST', `${BASE}/api/v1/models/books/records`, {
        headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
        body: JSON.stringify({ values: { title } }),
      })
      return status
    }
    const events = () =>
      house.sql("select outcome from castellan_audit_event where action = 'books.create' order by entry")

    expect(await create('Emma')).toBe(201)
    expect(await home.rows('SELECT slug FROM books')).toEqual([{ slug: 'made by code' }])
    expect(await events()).toEqual([{ outcome: 'done' }])

    // a log that takes no event: neither is there a record, nor what its hook wrote
    await home.run(`CREATE FUNCTION full_log() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.outcome = 'done' THEN RAISE EXCEPTION 'full'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER full_log BEFORE INSERT ON castellan.audit_event FOR EACH ROW EXECUTE FUNCTION full_log()`)
    expect(await create('Persuasion')).toBeGreaterThanOrEqual(500)
    expect(await home.rows('SELECT title FROM books')).toEqual([{ title: 'Emma' }])
    expect(await home.rows('SELECT line FROM hook_log')).toEqual([{ line: 'made Emma' }])
  } finally {
    await house.close()
    await close()
  }
})

test('is refused where the ORM can share no transaction', async () => {
  const database = await openDatabase('sqlite::memory:', { place: 'test' })
  try {
    const overlay = { from: 'Drizzle', models: [], writer: { over: () => Promise.reject() as never } }

    await expect(
      createSource({ id: 'application', database, tables: 'application' }, { overlay, writes: 'orm' }),
    ).rejects.toMatchObject({ code: 'misconfigured', mistakes: [{ id: 'D163', place: 'Drizzle: writes' }] })
  } finally {
    await database.close()
  }
})
