/**
 * Which databases a configuration names, and what can be said against them
 * before one is opened.
 */

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SourceDefinition } from './data/source-definition.ts'
import { shortNames } from './database/short-name.ts'
import { inspectFile } from './database/sqlite/file.ts'
import { absoluteUrl, type DatabaseUrl, isSameDatabase, parseDatabaseUrl } from './database/url.ts'
import { AdminError, type Mistake, misconfigured } from './errors.ts'
import { type AdminOptions, OPTIONS, type SourceOption } from './options.ts'

/** A database whose records are administered. The first of them gives its models their plain names. */
export type ConfiguredSource = { readonly id: string; readonly place: string } & (
  | { readonly kind: 'url'; readonly url: DatabaseUrl }
  | { readonly kind: 'definition'; readonly definition: SourceDefinition }
)

export interface ConfiguredDatabases {
  readonly sources: readonly ConfiguredSource[]
  /** Null: in the first source's database. */
  readonly store: DatabaseUrl | null
}

/** The id of the one source of the option `database`. */
const ONLY_SOURCE = 'application'
/** Castellan's own models are of this source. */
const RESERVED = 'castellan'
const ID = /^[a-z][a-z0-9_-]{0,39}$/
/** A file on a disk that hangs must not hold up the list of mistakes for ever. */
const INSPECTION_MS = 1_000

/** Reads what the options name and adds what is wrong with it to `mistakes`. */
export function databasesOf(
  given: Pick<AdminOptions, 'database' | 'sources' | 'store'>,
  mistakes: Mistake[],
): ConfiguredDatabases {
  const isReported = (option: 'database' | 'sources'): boolean =>
    mistakes.some(({ place }) => place === option || place === OPTIONS[option].variable)
  const named = namedSources(given)
  if (named.length === 0 && !isReported('database') && !isReported('sources')) {
    const remedy = `Name it: --database URL, or ${OPTIONS.database.variable}.`
    mistakes.push({ id: 'C301', place: 'database', problem: 'no database was named.', remedy })
  }
  if (given.database !== undefined && given.sources !== undefined) {
    const problem = 'there is an option "sources" as well, and either names the databases.'
    mistakes.push({
      id: 'C303',
      place: 'database',
      problem,
      remedy: 'Put it into "sources", or leave one out.',
    })
  }
  const sources = named.flatMap(([id, option, place]) => sourceOf(id, option, place, mistakes) ?? [])
  const store = given.store === undefined ? null : (urlOf(given.store, 'store', mistakes) ?? null)
  mistakes.push(
    ...sources.flatMap((one, index) => sourceMistakes(one, sources.slice(0, index))),
    ...storeMistakes(sources[0], given.store === undefined, store),
  )
  return { sources, store }
}

function namedSources({
  database,
  sources,
}: Pick<AdminOptions, 'database' | 'sources'>): readonly (readonly [string, SourceOption, string])[] {
  const several = Object.entries(sources ?? {}).map(([id, one]) => [id, one, `sources.${id}`] as const)
  if (several.length > 0 || database === undefined) return several
  return [[ONLY_SOURCE, database, 'database']]
}

function sourceOf(
  id: string,
  option: SourceOption,
  place: string,
  mistakes: Mistake[],
): ConfiguredSource | undefined {
  if (typeof option !== 'string') return { id, place, kind: 'definition', definition: option }
  const url = urlOf(option, place, mistakes)
  return url && { id, place, kind: 'url', url }
}

function urlOf(text: string, place: string, mistakes: Mistake[]): DatabaseUrl | undefined {
  try {
    return absoluteUrl(parseDatabaseUrl(text, place))
  } catch (error) {
    if (!(error instanceof AdminError) || error.mistakes.length === 0) throw error
    mistakes.push(...error.mistakes)
    return undefined
  }
}

function sourceMistakes(source: ConfiguredSource, before: readonly ConfiguredSource[]): readonly Mistake[] {
  const { id, place } = source
  const found: Mistake[] = []
  if (!ID.test(id) || id === RESERVED) {
    const problem =
      id === RESERVED ? 'this id is taken by our own tables.' : `the id "${id}" can't begin names of models.`
    const remedy = 'Use up to 40 lower-case letters, digits, "_" and "-", beginning with a letter.'
    found.push({ id: 'C304', place, problem, remedy })
  }
  if (source.kind === 'definition') return found
  const twin = before.find((one) => one.kind === 'url' && isSameDatabase(one.url, source.url))
  if (twin) {
    const problem = `it is the same database as "${twin.place}".`
    found.push({ id: 'C305', place, problem, remedy: 'Name each database once.' })
  }
  return [...found, ...fileMistakes(source.url, 'must exist'), ...folderMistakes(source.url, place)]
}

/** A database must exist already; a store is made when it is missing, in a folder that exists. */
function fileMistakes(url: DatabaseUrl, wanted: 'must exist' | 'may be made'): readonly Mistake[] {
  if (url.engine !== 'sqlite' || url.file === ':memory:') return []
  const folder = dirname(url.file)
  if (wanted === 'may be made' && !existsSync(url.file)) {
    if (existsSync(folder)) return []
    const problem = `the folder "${folder}" does not exist.`
    return [{ id: 'C302', place: 'store', problem, remedy: 'Make the folder, or name another file.' }]
  }
  try {
    inspectFile(url.file, { readOnly: false, timeoutMs: INSPECTION_MS })
    return []
  } catch (error) {
    if (error instanceof AdminError && error.mistakes.length > 0) return error.mistakes
    throw error
  }
}

/** PGlite would make one that is missing, and an empty database in it. */
function folderMistakes(url: DatabaseUrl, place: string): readonly Mistake[] {
  if (url.engine !== 'pglite' || existsSync(url.folder)) return []
  const problem = `the folder "${url.folder}" does not exist.`
  return [{ id: 'C307', place, problem, remedy: 'Check the path, or make the database first.' }]
}

/** PGlite has one connection and no server behind it: good to read a database with, not to keep a log in. */
function storeMistakes(
  first: ConfiguredSource | undefined,
  isAbsent: boolean,
  store: DatabaseUrl | null,
): readonly Mistake[] {
  const remedy = "Name a database for Castellan's own tables with --store, as in --store sqlite:castellan.db."
  if (store?.engine === 'pglite') {
    return [{ id: 'C306', place: 'store', problem: "PGlite can't hold Castellan's own tables.", remedy }]
  }
  if (isAbsent && first?.kind === 'url' && first.url.engine === 'pglite') {
    const problem = "PGlite can't hold Castellan's own tables, which would be in the first database."
    return [{ id: 'C306', place: first.place, problem, remedy }]
  }
  return store === null ? [] : fileMistakes(store, 'may be made')
}

/**
 * The one that holds our own tables, as it is written; null: the first source's, which the application hands over.
 * @throws AdminError `misconfigured` when none is named or it can't be read.
 */
export function storeOf(
  given: Pick<AdminOptions, 'database' | 'sources' | 'store'>,
): DatabaseUrl | ConfiguredSource {
  const mistakes: Mistake[] = []
  const { sources, store } = databasesOf(given, mistakes)
  const first = store ?? sources[0]
  if (first && mistakes.every(({ place }) => place !== 'store')) return first
  throw misconfigured(mistakes)
}

/**
 * The option for databases that are named by their URLs alone, as on a command line: one is the `database`,
 * several are `sources` whose ids come from the names of databases and files.
 */
export function namedByUrl(urls: readonly string[]): Pick<AdminOptions, 'database' | 'sources'> {
  const [first] = urls
  if (first === undefined) return {}
  if (urls.length === 1) return { database: first }
  const ids = shortNames(urls)
  return { sources: Object.fromEntries(urls.map((url, index) => [ids[index] ?? '', url])) }
}
