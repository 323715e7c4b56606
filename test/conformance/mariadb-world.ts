/** Tables on MariaDB for the tests of what only it has, with short ways to ask. */

import { createMysqlSource, type MysqlSource } from '../../src/data/mysql/source.ts'
import type { Database } from '../../src/database/database.ts'
import { openMysql } from '../../src/database/mysql/mysql.ts'
import { type Field, fieldOf, type Key, type Model, type Value, type Values } from '../../src/model/model.ts'
import { EVERYTHING, type Predicate } from '../../src/model/predicate.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

export interface MariadbWorld {
  readonly made: TestDatabase
  /** The name of the database. */
  readonly name: string
  readonly database: Database
  readonly source: MysqlSource
  readonly models: ReadonlyMap<string, Model>
  introspect(): Promise<void>
  model(name: string): Model
  field(model: string, name: string): Field
  insert(name: string, values: Values): Promise<Key>
  update(name: string, key: Key, values: Values, scope?: Predicate): Promise<number>
  remove(name: string, key: Key, scope?: Predicate): Promise<number>
  get(name: string, key: Key): Promise<Values | null>
  where(name: string, predicate: Predicate): Promise<readonly Values[]>
  close(): Promise<void>
}

/** @param tables SQL text, run with the server's most forgiving settings. */
export async function openWorld(tables: string): Promise<MariadbWorld> {
  const made = await createTestDatabase('mariadb')
  await made.run(`SET sql_mode = ''; ${tables}`)
  const database = await openMysql({ url: made.url })
  const source = createMysqlSource({ id: 'main', database, tables: 'application' })
  let models: ReadonlyMap<string, Model> = new Map()

  async function introspect(): Promise<void> {
    models = new Map((await source.introspect()).models.map((one) => [one.name, one]))
  }

  function model(name: string): Model {
    const found = models.get(name)
    if (!found) throw new TypeError(`No model "${name}".`)
    return found
  }

  function fieldsOf(name: string): readonly string[] {
    return model(name).fields.map((field) => field.name)
  }

  await introspect()
  return {
    made,
    name: new URL(made.url).pathname.slice(1),
    database,
    source,
    get models() {
      return models
    },
    introspect,
    model,
    field(of, name) {
      const found = fieldOf(model(of), name)
      if (!found) throw new TypeError(`No field "${name}".`)
      return found
    },
    insert: (name, values) => source.transaction((one) => one.insert({ model: model(name), values })),
    update: (name, key, values, scope = EVERYTHING) =>
      source.transaction((one) => one.update({ model: model(name), models, scope, key, values })),
    remove: (name, key, scope = EVERYTHING) =>
      source.transaction((one) => one.remove({ model: model(name), models, scope, key })),
    get: (name, key) =>
      source.read((reader) =>
        reader.get({ model: model(name), models, scope: EVERYTHING, key, fields: fieldsOf(name) }),
      ),
    async where(name, predicate) {
      const page = await source.read((reader) =>
        reader.list({
          model: model(name),
          models,
          scope: EVERYTHING,
          where: predicate,
          fields: fieldsOf(name),
          sort: [],
          limit: 100,
          from: null,
          count: 'none',
        }),
      )
      return page.records
    },
    async close() {
      await database.close()
      await made.drop()
    },
  }
}

export function eq(field: string, value: Value): Predicate {
  return { kind: 'compare', field, operator: 'eq', value }
}

/** What was thrown; `{ code: 'none' }` when nothing was. */
export async function refusalOf(work: Promise<unknown>): Promise<object> {
  const error: unknown = await work.then(
    () => ({ code: 'none' }),
    (one: unknown) => one,
  )
  return error as object
}
