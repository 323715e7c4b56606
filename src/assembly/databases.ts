/**
 * Opening what a configuration names: a connection for each database, one for
 * both where the store is in a source's, and all of them or none.
 */

import type { Configuration } from '../config.ts'
import type { ConfiguredSource } from '../config-sources.ts'
import type { Laid } from '../data/create-source.ts'
import type { Database } from '../database/database.ts'
import { isSameDatabase, openDatabase } from '../database/url.ts'
import { AdminError, misconfigured } from '../errors.ts'

export interface OpenSource {
  readonly id: string
  readonly database: Database
  readonly laid: Laid | null
  /** Begins the names of its models; empty for the first source. */
  readonly prefix: string
}

export interface OpenDatabases {
  /** In the order of the configuration. */
  readonly sources: readonly OpenSource[]
  /** Where our own tables are: one of the sources', or one of its own. */
  readonly own: Database
  close(): Promise<void>
}

type Opening = Pick<Configuration, 'sources' | 'store'>

/**
 * Opens everything at once.
 * @throws AdminError `misconfigured` with the mistakes of every database that can't be used.
 */
export async function openDatabases({ sources, store }: Opening): Promise<OpenDatabases> {
  const opened: Database[] = []
  const keep = (database: Database): Database => {
    opened.push(database)
    return database
  }
  try {
    const opening = await Promise.allSettled([
      ...sources.map(async (one, index) => await openSource(one, index === 0, keep)),
    ])
    const shared = sources.findIndex(
      (one) => store === null || (one.kind === 'url' && isSameDatabase(one.url, store)),
    )
    const apart = await Promise.allSettled(
      store !== null && shared < 0
        ? [openDatabase(store, { place: 'store', ifMissing: 'create' }).then(keep)]
        : [],
    )
    refuseTogether([...opening, ...apart])
    const open = opening.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const [separate] = apart.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const own = separate ?? open[shared]?.database
    if (!own) throw new TypeError('A configuration names at least one database.')
    if (!separate) refuseUnfit(own)
    return { sources: open, own, close: () => closeAll(opened) }
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

async function openSource(
  source: ConfiguredSource,
  isFirst: boolean,
  keep: (database: Database) => Database,
): Promise<OpenSource> {
  const { id, place } = source
  const prefix = isFirst ? '' : `${id}.`
  if (source.kind === 'url') {
    return { id, prefix, database: keep(await openDatabase(source.url, { place })), laid: null }
  }
  const { database, overlay } = await source.definition.open()
  const { writes } = source.definition
  return { id, prefix, database: keep(database), laid: overlay && { overlay, writes } }
}

/** One error with the mistakes of all; what is no mistake of the configuration goes first, as it came. */
function refuseTogether(settled: readonly PromiseSettledResult<unknown>[]): void {
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (reasons.length === 0) return
  const mistakes = reasons.map((reason) => (reason instanceof AdminError ? reason.mistakes : []))
  const fault = reasons.find((_, index) => mistakes[index]?.length === 0)
  throw fault ?? misconfigured(mistakes.flat())
}

/** The configuration refuses it by its URL; a database that the application hands over says so only now. */
function refuseUnfit({ engine, isReadOnly, label }: Database): void {
  if (engine !== 'pglite' && !isReadOnly) return
  const problem =
    engine === 'pglite'
      ? "PGlite can't hold Castellan's own tables."
      : 'the database is read-only, so Castellan cannot make its own tables in it.'
  const remedy = 'Name another database for them with --store, as in --store sqlite:castellan.db.'
  const id = engine === 'pglite' ? 'C306' : 'M201'
  throw misconfigured([{ id, place: label, problem, remedy }])
}

async function closeAll(databases: readonly Database[]): Promise<void> {
  await Promise.all(databases.map((one) => one.close()))
}
