/** A database for one conformance test: its tables, its models, and short ways to ask. */

import type { Count, DataSource, ListQuery, Page, Position } from '../data/data-source.ts'
import type { Key, Model, Values } from '../model/model.ts'
import { EVERYTHING, type Predicate } from '../model/predicate.ts'

/** What an engine brings to the suite. */
export interface OpenedSource {
  readonly source: DataSource
  /** Runs statements, one by one, outside the data source. */
  execute(statements: readonly string[]): Promise<void>
  close(): Promise<void>
}

export type OpenSource = () => Promise<OpenedSource>

export interface World {
  readonly source: DataSource
  readonly models: ReadonlyMap<string, Model>
  model(name: string): Model
  execute(statements: readonly string[]): Promise<void>
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
  statements: readonly string[],
  work: (world: World) => Promise<void>,
): Promise<void> {
  const opened = await open()
  try {
    await opened.execute(statements)
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
    models,
    model,
    execute: opened.execute,
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
