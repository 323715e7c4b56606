/** A database for one conformance test: its tables, its models, and short ways to ask. */

import type { Count, DataSource, ListQuery, Page, Position } from '../data/data-source.ts'
import type { Connection } from '../database/database.ts'
import type { Key, Model, Value, Values } from '../model/model.ts'
import { EVERYTHING, type Predicate } from '../model/predicate.ts'

/** What an engine brings to the suite. */
export interface OpenedSource {
  readonly source: DataSource
  readonly vocabulary: Vocabulary
  /** Runs statements, one by one, outside the data source. */
  execute(statements: readonly string[]): Promise<void>
  /** A statement that takes far longer than any test waits, and yet ends by itself. */
  slowly(connection: Connection): Promise<unknown>
  close(): Promise<void>
}

/** How an engine declares the columns of the suite's tables: each is what follows the column's name. */
export interface Vocabulary {
  /** A whole number that is the key and that the database counts up, from 1000 on where it lets one say so. */
  readonly identityKey: string
  /** A whole number of 64 bits. */
  readonly integer: string
  /** A floating-point number of 64 bits. */
  readonly float: string
  readonly boolean: string
  /** Text of any length, equal and ordered by its bytes. */
  readonly text: string
  /** The same up to so many characters, such that a key may hold it. */
  varchar(length: number): string
  decimal(precision: number, scale: number): string
  readonly uuid: string
  readonly date: string
  /** This and the next two to the microsecond. */
  readonly time: string
  readonly timestamp: string
  readonly timestamptz: string
  readonly json: string
  readonly bytes: string
  /** Where an ORDER BY puts NULL by itself. */
  readonly nullsAre: 'lowest' | 'highest'
  /** A value of the suite that the engine's column can't hold: the suite asserts that it is refused at its field. */
  cannotHold(kind: Kind, value: Value): boolean
}

/** The kinds of columns whose values the suite writes and reads back. */
export type Kind =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'text'
  | 'varchar'
  | 'uuid'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'json'
  | 'bytes'

export type OpenSource = () => Promise<OpenedSource>

/** Statements that make tables, in an engine's own words. */
export type Tables = (vocabulary: Vocabulary) => readonly string[]

export interface World {
  readonly source: DataSource
  readonly vocabulary: Vocabulary
  readonly models: ReadonlyMap<string, Model>
  model(name: string): Model
  execute(statements: readonly string[]): Promise<void>
  slowly(connection: Connection): Promise<unknown>
  list(name: string, query?: Partial<ListQuery>): Promise<Page>
  /** The records that a predicate holds for, in the order of their keys. */
  where(name: string, where: Predicate): Promise<readonly Values[]>
  get(name: string, key: Key, scope?: Predicate): Promise<Values | null>
  count(name: string, where: Predicate, cap: number): Promise<Count>
  insert(name: string, values: Values): Promise<Key>
  update(name: string, key: Key, values: Values, scope?: Predicate): Promise<number>
  remove(name: string, key: Key, scope?: Predicate): Promise<number>
  /** Every page from a place on, each read by the position the one before it gave. */
  pages(name: string, query: Partial<ListQuery>, direction: Position['direction']): Promise<readonly Page[]>
}

/** Makes the tables, introspects, and runs `work`; the database is gone afterwards. */
export async function inWorld(
  open: OpenSource,
  tables: Tables,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const opened = await open()
  try {
    await opened.execute(tables(opened.vocabulary))
    const { models } = await opened.source.introspect()
    await work(worldOf(opened, new Map(models.map((model) => [model.name, model]))))
  } finally {
    await opened.close()
  }
}

function worldOf(opened: OpenedSource, models: ReadonlyMap<string, Model>): World {
  const { source } = opened

  function model(name: string): Model {
    const found = models.get(name)
    if (!found) throw new TypeError(`The database has no table "${name}".`)
    return found
  }

  async function list(name: string, query: Partial<ListQuery> = {}): Promise<Page> {
    const fields = model(name).fields.map((field) => field.name)
    const all: ListQuery = {
      model: model(name),
      models,
      scope: EVERYTHING,
      where: EVERYTHING,
      fields,
      sort: [],
      limit: 1000,
      from: null,
      count: 'none',
      ...query,
    }
    return await source.read((reader) => reader.list(all))
  }

  async function pages(
    name: string,
    query: Partial<ListQuery>,
    direction: Position['direction'],
  ): Promise<readonly Page[]> {
    const found: Page[] = []
    let from = query.from ?? null
    do {
      const page = await list(name, { ...query, from })
      found.push(page)
      from = direction === 'after' ? page.next : page.previous
    } while (from)
    return found
  }

  const change = (name: string, key: Key, scope: Predicate): Parameters<ChangeOf<'remove'>>[0] => ({
    model: model(name),
    models,
    scope,
    key,
  })

  return {
    source,
    vocabulary: opened.vocabulary,
    models,
    model,
    execute: opened.execute,
    slowly: opened.slowly,
    list,
    pages,
    where: async (name, where) => (await list(name, { where })).records,
    get: (name, key, scope = EVERYTHING) => {
      const fields = model(name).fields.map((field) => field.name)
      return source.read((reader) => reader.get({ ...change(name, key, scope), fields }))
    },
    count: (name, where, cap) =>
      source.read((reader) => reader.count({ model: model(name), models, scope: EVERYTHING, where, cap })),
    insert: (name, values) => source.transaction((one) => one.insert({ model: model(name), values })),
    update: (name, key, values, scope = EVERYTHING) =>
      source.transaction((one) => one.update({ ...change(name, key, scope), values })),
    remove: (name, key, scope = EVERYTHING) =>
      source.transaction((one) => one.remove(change(name, key, scope))),
  }
}

type ChangeOf<Name extends 'remove'> = Parameters<Parameters<DataSource['transaction']>[0]>[0][Name]
