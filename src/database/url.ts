/**
 * Database URLs: which engine, and where.
 *
 * Never repeats a URL in a message, since it may hold a password: what is shown
 * of an address is its label, which has neither name nor password in it.
 */

import { resolve } from 'node:path'
import { misconfigured } from '../errors.ts'
import type { Database } from './database.ts'

export type DatabaseUrl = SqliteUrl | PgliteUrl | ServerUrl

export interface SqliteUrl {
  readonly engine: 'sqlite'
  /** A path, or `:memory:`. */
  readonly file: string
}

export interface PgliteUrl {
  readonly engine: 'pglite'
  /** The folder that PGlite keeps its files in. */
  readonly folder: string
}

export interface ServerUrl {
  /** As the scheme says; whether a server is MariaDB or MySQL it tells itself. */
  readonly engine: 'postgres' | 'mariadb' | 'mysql'
  readonly address: Address
}

/** The address of a server, with its password: it prints as its label. */
export class Address {
  readonly #text: string
  /** `postgres://db.example.com:5432/shop`: where, and neither who nor by which password. */
  readonly label: string

  constructor(text: string, label: string) {
    this.#text = text
    this.label = label
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return this.label
  }

  toJSON(): string {
    return this.label
  }
}

const SERVERS: Readonly<Record<string, ServerUrl['engine']>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mariadb',
}

const FORMS =
  'Write postgres://user@host/database, mariadb://user@host/database, mysql://user@host/database, ' +
  'sqlite:path.db, sqlite::memory: or pglite:folder.'

/**
 * Reads a database URL.
 * @param place Where it was written: `--database`, `CASTELLAN_DATABASE_URL`.
 * @throws AdminError `misconfigured` with D110 (not a database URL) or D111 (a part of it is missing).
 */
export function parseDatabaseUrl(text: string, place: string): DatabaseUrl {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(text.trim()) ?? []
  const engine = scheme.toLowerCase()
  const server = Object.hasOwn(SERVERS, engine) ? SERVERS[engine] : undefined
  if (server) return { engine: server, address: serverAddress(server, rest, place) }
  if (engine !== 'sqlite' && engine !== 'pglite') {
    throw refused('D110', place, 'this is not a database URL.', FORMS)
  }
  const path = rest.replace(/^\/\/(?=\/)/, '')
  if (engine === 'sqlite') {
    if (path === '') throw refused('D111', place, 'the path is missing.', 'Write sqlite:path.db.')
    return { engine, file: path }
  }
  if (path === '') throw refused('D111', place, 'the folder is missing.', 'Write pglite:folder.')
  return { engine, folder: path }
}

/** With paths made absolute, so that a change of folder changes nothing. */
export function absoluteUrl(url: DatabaseUrl): DatabaseUrl {
  switch (url.engine) {
    case 'sqlite':
      return url.file === ':memory:' ? url : { ...url, file: resolve(url.file) }
    case 'pglite':
      return { ...url, folder: resolve(url.folder) }
    default:
      return url
  }
}

/** How messages call a database: a path or an address, never a password. */
export function labelOf(url: DatabaseUrl): string {
  switch (url.engine) {
    case 'sqlite':
      return url.file
    case 'pglite':
      return url.folder
    default:
      return url.address.label
  }
}

/** Whether both name the same database over the same account, so that one connection can serve both. */
export function isSameDatabase(one: DatabaseUrl, other: DatabaseUrl): boolean {
  // every `:memory:` is a database of its own
  return textOf(one) === textOf(other) && textOf(one) !== 'sqlite::memory:'
}

function textOf(url: DatabaseUrl): string {
  switch (url.engine) {
    case 'sqlite':
      return `sqlite:${url.file}`
    case 'pglite':
      return `pglite:${url.folder}`
    default:
      return `${url.engine}:${url.address.reveal()}`
  }
}

export interface OpenOptions {
  /** Where the URL was written, for messages. */
  readonly place: string
  readonly readOnly?: boolean
  /** SQLite: `create` makes an empty database where the file is missing; by default that is a mistake. */
  readonly ifMissing?: 'refuse' | 'create'
  /** Milliseconds for one write or one read, waiting included; 30,000 by default. */
  readonly timeoutMs?: number
}

/**
 * Opens the database of a URL, in either form. Adapters and their drivers are
 * loaded on use: whoever only reads a URL, or has another engine, pays for none.
 * @throws AdminError `misconfigured` when the database can't be reached or used as it is.
 */
export async function openDatabase(given: string | DatabaseUrl, options: OpenOptions): Promise<Database> {
  const { place, ifMissing, ...limits } = options
  const url = typeof given === 'string' ? parseDatabaseUrl(given, place) : given
  switch (url.engine) {
    case 'sqlite': {
      const { openSqlite } = await import('./sqlite/sqlite.ts')
      return await openSqlite({ ...limits, ...(ifMissing && { ifMissing }), file: url.file })
    }
    case 'postgres': {
      const { openPostgres } = await import('./postgres/postgres.ts')
      return await openPostgres({ ...limits, url: url.address.reveal() })
    }
    case 'pglite': {
      const { openPglite } = await import('./pglite/pglite.ts')
      return await openPglite({ ...limits, dir: url.folder })
    }
    default: {
      const { openMysql } = await import('./mysql/mysql.ts')
      return await openMysql({ ...limits, url: url.address.reveal() })
    }
  }
}

/** Checks that host and database are there, and takes the label from them. */
function serverAddress(engine: ServerUrl['engine'], rest: string, place: string): Address {
  const text = `${engine}:${rest}`
  if (!rest.startsWith('//') || !URL.canParse(text)) {
    throw refused(
      'D110',
      place,
      'this is not a database URL.',
      `${FORMS} In a name or password, write "@", ":", "/", "?" and "#" as %40, %3A, %2F, %3F and %23.`,
    )
  }
  const { host, pathname, searchParams } = new URL(text)
  const database = decoded(pathname.slice(1))
  const socket = searchParams.get('host') ?? searchParams.get('socket')
  if (host === '' && socket === null) {
    throw refused('D111', place, 'the host is missing.', `Write ${engine}://user@host/database.`)
  }
  if (database === '' || database.includes('/')) {
    throw refused('D111', place, 'it names no database.', `Write ${engine}://user@host/database.`)
  }
  return new Address(text, `${engine}://${host || socket}/${database}`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function refused(id: string, place: string, problem: string, remedy: string): Error {
  return misconfigured([{ id, place, problem, remedy }])
}
