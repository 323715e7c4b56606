/** A pool that the application has: it gets its connections back as they were. */

import { type RawBuilder, sql } from 'kysely'
import mysql from 'mysql2'
import mysqlPromise from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../src/database/database.ts'
import { openMysql } from '../../src/database/mysql/mysql.ts'
import { AdminError } from '../../src/errors.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

let made: TestDatabase

beforeAll(async () => {
  made = await createTestDatabase('mariadb')
})
afterAll(() => made.drop())

async function rowsOf(connection: Connection, query: RawBuilder<unknown>): Promise<readonly unknown[]> {
  const { rows } = await query.execute(connection)
  return rows.map((row) => ({ ...(row as object) }))
}

async function mistakesOf(pool: mysql.Pool): Promise<readonly string[]> {
  try {
    const opened = await openMysql({ pool })
    await opened.close()
    return []
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    return error.mistakes.map(({ id }) => id)
  }
}

const HOST_SETTINGS = [
  "sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
  "time_zone = '+05:00'",
  'max_statement_time = 7',
  'innodb_lock_wait_timeout = 3',
  "tx_isolation = 'READ-COMMITTED'",
  "character_set_results = 'latin1'",
  'foreign_key_checks = 0',
].join(', ')

function poolOptions(): mysql.PoolOptions {
  const url = new URL(made.url)
  return {
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    database: url.pathname.slice(1),
    connectionLimit: 1,
    // what a host may have set, none of which may reach our values
    rowsAsArray: true,
    nestTables: '_',
    dateStrings: false,
    decimalNumbers: true,
    namedPlaceholders: true,
    typeCast: () => 'cast by the host',
  }
}

async function settingsOf(pool: mysqlPromise.Pool): Promise<ReadonlyMap<string, string>> {
  const [rows] = await pool.query<mysqlPromise.RowDataPacket[]>({
    sql: `SELECT variable_name, variable_value FROM information_schema.session_variables
      UNION ALL SELECT variable_name, variable_value FROM information_schema.user_variables`,
    typeCast: (_, next) => next(),
    rowsAsArray: true,
    nestTables: false,
  })
  const changing =
    /^(?:timestamp|pseudo_thread_id|last_insert_id|insert_id|rand_seed\d|last_gtid|identity|error_count|warning_count|in_transaction)$/i
  const pairs = rows.map((row) => [String(row[0]), String(row[1])] as const)
  // a variable that is NULL is as good as none
  return new Map(pairs.filter(([name, value]) => !changing.test(name) && value !== 'null'))
}

test.each(['callback', 'promise'] as const)(
  'of the %s interface gives our values, and keeps its own settings',
  async (kind) => {
    const pool = mysqlPromise.createPool(poolOptions())
    try {
      await pool.query(`SET ${HOST_SETTINGS}`)
      const before = await settingsOf(pool)
      const borrowed = await openMysql({ pool: kind === 'promise' ? pool : pool.pool })
      const mine = sql`SELECT 1 AS a, 1.50 AS b, 'ü:name?' AS c, @@time_zone AS zone, @@foreign_key_checks AS fk,
      DATE'2026-11-21' AS d, ${"o'x\\"} AS e`
      const expected = [
        { a: 1n, b: '1.50', c: 'ü:name?', zone: '+00:00', fk: 1n, d: '2026-11-21', e: "o'x\\" },
      ]

      expect(await borrowed.read((connection) => rowsOf(connection, mine))).toEqual(expected)
      expect(await borrowed.write((connection) => rowsOf(connection, mine))).toEqual(expected)
      expect(await rowsOf(borrowed.now, mine)).toEqual(expected)
      await expect(borrowed.write((connection) => sql`SELECT nothing`.execute(connection))).rejects.toThrow()
      await expect(borrowed.write(() => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError)
      await borrowed.close()

      const after = await settingsOf(pool)
      expect(after).toEqual(before)
      expect(after.get('TIME_ZONE')).toBe('+05:00')
      expect(after.size).toBeGreaterThan(300)
    } finally {
      await pool.end()
    }
  },
)

test('loses the connection of a statement that had to be stopped, and no other', async () => {
  const pool = mysqlPromise.createPool({ ...poolOptions(), connectionLimit: 2 })
  try {
    const borrowed = await openMysql({ pool })
    const slow = (connection: Connection): Promise<unknown> => sql`SELECT SLEEP(60)`.execute(connection)

    await expect(borrowed.write(slow, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'data-source-failed',
    })
    expect(await rowsOf(borrowed.now, sql`SELECT 1 AS one`)).toEqual([{ one: 1n }])
    await borrowed.close()
    const settings = await settingsOf(pool)
    expect(settings.get('TX_ISOLATION')).toBe('REPEATABLE-READ')
    expect(settings.get('SQL_AUTO_IS_NULL')).toBe('OFF')
  } finally {
    await pool.end()
  }
})

test.each<readonly [string, mysql.PoolOptions]>([
  ['rewrites statements', { queryFormat: (text: string) => text }],
  ['talks another character set', { charset: 'latin1' }],
  ['counts changed records', { flags: ['-FOUND_ROWS'] }],
])('is refused when it %s', async (_, more) => {
  const pool = mysql.createPool({ ...poolOptions(), ...more })
  const fine = mysql.createPool(poolOptions())
  try {
    expect(await mistakesOf(pool)).toEqual(['D149'])
    expect(await mistakesOf(fine)).toEqual([])
  } finally {
    pool.end()
    fine.end()
  }
})

test('is refused when it names no database', async () => {
  const { database: _, ...options } = poolOptions()
  const pool = mysql.createPool(options)
  try {
    expect(await mistakesOf(pool)).toEqual(['D142'])
  } finally {
    pool.end()
  }
})
