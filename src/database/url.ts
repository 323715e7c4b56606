/**
 * Database URLs: which engine, and where (DESIGN.md section 13).
 * Never repeats a URL in a message, since it may hold a password.
 */

import { misconfigured } from '../errors.ts'
import type { Database } from './database.ts'
import type { OpenSqliteOptions } from './sqlite/sqlite.ts'

export interface DatabaseUrl {
  readonly engine: 'sqlite'
  /** A path, or `:memory:`. */
  readonly file: string
}

/** Engines that have a URL but no adapter yet, by scheme. */
const LATER: ReadonlyMap<string, string> = new Map([
  ['postgres', 'PostgreSQL'],
  ['postgresql', 'PostgreSQL'],
  ['mysql', 'MySQL'],
  ['mariadb', 'MariaDB'],
  ['pglite', 'PGlite'],
])

const REMEDY = 'Write sqlite:path.db, or sqlite::memory: for a private temporary database.'

/**
 * Reads `sqlite:path.db` or `sqlite::memory:`.
 * @param place Where it was written: `--database`, `CASTELLAN_DATABASE_URL`.
 * @throws AdminError `misconfigured` with D110 (not a database URL) or D111 (an engine that is not supported yet).
 */
export function parseDatabaseUrl(text: string, place: string): DatabaseUrl {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(text) ?? []
  const engine = scheme.toLowerCase()
  const later = LATER.get(engine)
  if (later) {
    const problem = `${later} is not supported yet.`
    throw misconfigured([{ id: 'D111', place, problem, remedy: REMEDY }])
  }
  if (engine !== 'sqlite' || rest === '') {
    const problem = engine === 'sqlite' ? 'The path is missing.' : 'This is not a database URL.'
    throw misconfigured([{ id: 'D110', place, problem, remedy: REMEDY }])
  }
  return { engine, file: rest.replace(/^\/\/(?=\/)/, '') }
}

/** Parses and opens. @throws AdminError `misconfigured`. */
export async function openDatabase(
  url: string,
  options: Omit<OpenSqliteOptions, 'file'> & { readonly place: string },
): Promise<Database> {
  const { place, ...rest } = options
  const { file } = parseDatabaseUrl(url, place)
  // loaded on use: whoever only reads a URL, as the command line does, has no need of Kysely
  const { openSqlite } = await import('./sqlite/sqlite.ts')
  return await openSqlite({ ...rest, file })
}
