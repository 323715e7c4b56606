/** What must be true of a server and a pool before anything is done with them: all of it is looked at when it is opened. */

import { type Mistake, misconfigured } from '../../errors.ts'
import { timeLimit } from '../time-limit.ts'
import { codeOf, isFull, isLost, mysqlErrnoOf } from './fault.ts'
import { corePool, type Lender, type MysqlPool } from './link.ts'
import type { MysqlEngine } from './setting.ts'

export interface Found {
  readonly engine: MysqlEngine
  /** The name of the database. */
  readonly name: string
  /** The server lets nobody write, as a replica does. */
  readonly isReadOnly: boolean
}

/** The oldest versions that have everything that is used: JSON_TABLE, checked constraints, window functions. */
const OLDEST: Readonly<Record<MysqlEngine, readonly [number, number, number]>> = {
  mariadb: [10, 11, 0],
  mysql: [8, 0, 19],
}
const NAMES: Readonly<Record<MysqlEngine, string>> = { mariadb: 'MariaDB', mysql: 'MySQL' }

const QUESTION = `SELECT VERSION() AS version, DATABASE() AS name, @@GLOBAL.read_only AS isReadOnly,
  @@GLOBAL.lower_case_table_names AS folding,
  (SELECT MAX(support) FROM information_schema.engines WHERE engine = 'InnoDB') AS innodb`

/** How a borrowed pool is called: an address without account and password. */
export function labelOf(pool: MysqlPool): string {
  const { host = 'localhost', port = DEFAULT_PORT, database = '', socketPath } = configOf(pool)
  return `mysql://${socketPath ?? (port === DEFAULT_PORT ? host : `${host}:${port}`)}/${database}`
}

/** What would make a borrowed pool change statements or answers on their way; null: nothing. */
export function refusedPool(pool: MysqlPool, label: string): Error | null {
  const { queryFormat, charsetNumber = UTF8MB4_UNICODE, clientFlags = FOUND_ROWS } = configOf(pool)
  const problems: readonly (readonly [boolean, Omit<Mistake, 'place' | 'id'>])[] = [
    [
      queryFormat !== undefined,
      {
        problem: 'The pool has a queryFormat, which rewrites the text of statements.',
        remedy: 'Hand over a pool without that option, or an address.',
      },
    ],
    [
      !isUtf8(charsetNumber),
      {
        problem: 'The pool does not talk UTF-8.',
        remedy: 'Make it with the charset "utf8mb4", or hand over an address.',
      },
    ],
    [
      (clientFlags & FOUND_ROWS) === 0,
      {
        problem:
          'The pool counts changed records instead of found ones, so that saving the same again looks like failing.',
        remedy: 'Make it without the flag "-FOUND_ROWS", or hand over an address.',
      },
    ],
  ]
  const mistakes = problems
    .filter(([isWrong]) => isWrong)
    .map(([, mistake]): Mistake => ({ id: 'D149', place: label, ...mistake }))
  return mistakes.length === 0 ? null : misconfigured(mistakes)
}

const FOUND_ROWS = 2
const DEFAULT_PORT = 3306
/** Longer than that nobody waits at the start. */
const OPEN_MS = 10_000
const UTF8MB4_UNICODE = 224

/** The settings that a pool gives its connections; the driver keeps them but does not declare them. */
interface PoolConfig {
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly socketPath?: string
  readonly queryFormat?: unknown
  readonly charsetNumber?: number
  readonly clientFlags?: number
}

function configOf(pool: MysqlPool): PoolConfig {
  const { config } = corePool(pool)
  return 'connectionConfig' in config ? (config.connectionConfig as PoolConfig) : {}
}

/** The numbers that MariaDB and MySQL give to collations of utf8mb3 and utf8mb4. */
function isUtf8(collation: number): boolean {
  return RANGES.some(([from, to]) => collation >= from && collation <= to)
}

const RANGES: readonly (readonly [number, number])[] = [
  [33, 33],
  [45, 46],
  [76, 76],
  [83, 83],
  [192, 215],
  [223, 247],
  [255, 323],
  [576, 599],
  [608, 631],
  [1057, 1070],
]

/** The database that a borrowed pool is made for; null: it names none. */
export function databaseOf(pool: MysqlPool): string | null {
  return configOf(pool).database ?? null
}

/**
 * @param meant The database that the pool names: its connections may have been led to another one.
 * @throws AdminError `misconfigured` with D142 to D148.
 */
export async function inspect(
  lender: Lender,
  label: string,
  timeoutMs: number,
  meant: string | null,
): Promise<Found> {
  const limit = timeLimit(`Opening ${label}`, Math.min(timeoutMs, OPEN_MS))
  try {
    const link = await lender.lend(limit)
    try {
      const { rows } = await limit.within(link.run(QUESTION))
      link.release()
      return foundIn(rows[0] ?? {}, label, meant)
    } catch (error) {
      link.destroy()
      throw error
    }
  } catch (error) {
    throw refusalToOpen(error, label)
  } finally {
    limit.end()
  }
}

function foundIn(row: Readonly<Record<string, unknown>>, label: string, meant: string | null): Found {
  const version = String(row['version'])
  const engine: MysqlEngine = /mariadb/i.test(version) ? 'mariadb' : 'mysql'
  const mistakes: Mistake[] = []
  const add = (id: string, problem: string, remedy: string): void => {
    mistakes.push({ id, place: label, problem, remedy })
  }
  // as `DATABASE()` tells it where names are folded
  const named = row['folding'] === 1n ? meant?.toLowerCase() : meant
  const name = named ?? row['name']
  if (typeof name !== 'string') {
    add('D142', 'The pool names no database.', 'Give it the option "database".')
  }
  if (isOlder(numbersIn(version), OLDEST[engine])) {
    const [major, minor] = OLDEST[engine]
    const product = NAMES[engine]
    add('D146', `This is ${product} ${version}.`, `Use ${product} ${major}.${minor} or later.`)
  }
  if (row['innodb'] !== 'YES' && row['innodb'] !== 'DEFAULT') {
    add(
      'D148',
      'The server runs without InnoDB, so that it has no transactions.',
      'Start it with InnoDB as its storage engine.',
    )
  }
  if (mistakes.length > 0) throw misconfigured(mistakes)
  return { engine, name: String(name), isReadOnly: row['isReadOnly'] === 1n }
}

/** `5.5.5-10.11.19-MariaDB` says 5.5.5 for old replicas; what it is comes behind. */
function numbersIn(version: string): readonly number[] {
  const [, ...numbers] = /^(?:5\.5\.5-)?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []
  return numbers.map(Number)
}

function isOlder(version: readonly number[], oldest: readonly number[]): boolean {
  const index = oldest.findIndex((number, place) => number !== version[place])
  return index >= 0 && (version[index] ?? 0) < (oldest[index] ?? 0)
}

const DENIED: ReadonlySet<number> = new Set([1045, 1130, 1251, 1524, 1698, 3118, 1862, 1820, 4151])

function refusalToOpen(error: unknown, label: string): unknown {
  const mistake = mistakeOf(error)
  return mistake ? misconfigured([{ place: label, ...mistake }]) : error
}

function mistakeOf(error: unknown): Omit<Mistake, 'place'> | null {
  const errno = mysqlErrnoOf(error) ?? 0
  if (DENIED.has(errno)) {
    return {
      id: 'D144',
      problem: 'The server refuses this account.',
      remedy: 'Check its name, its password and the hosts it may come from.',
    }
  }
  if (errno === 1044 || errno === 1049) {
    return {
      id: 'D145',
      problem: 'The server has no such database, or does not let this account use it.',
      remedy: 'Check its name, make it, or grant the account its rights.',
    }
  }
  if (isFull(error)) {
    return {
      id: 'D143',
      problem: 'The server takes no more connections.',
      remedy: 'Raise its limit, or close what holds them.',
    }
  }
  if (isTls(error)) {
    return {
      id: 'D147',
      problem: 'No encrypted connection could be made that satisfies ssl-mode.',
      remedy: 'Check the certificate of the server and the option ssl-ca.',
    }
  }
  const isSlow = error instanceof Error && 'code' in error && error.code === 'data-source-failed'
  if (!isLost(error) && !isSlow) return null
  return {
    id: 'D143',
    problem: `The server can not be reached${codeOf(error) === '' ? '' : ` (${codeOf(error)})`}.`,
    remedy: 'Check its host and port, and that it is running.',
  }
}

function isTls(error: unknown): boolean {
  const code = codeOf(error)
  return code.startsWith('HANDSHAKE_') || /CERT|_TLS_|_SSL_|ALTNAME/.test(code)
}
