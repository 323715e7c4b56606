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

const LED = [
  ['before it is lent', true],
  ['while it is lent', false],
] as const

test.each(LED)(
  'whose connection was led to another database %s reads and writes what is meant',
  async (_, isEarly) => {
    const other = await createTestDatabase('mariadb')
    const pool = mysqlPromise.createPool(poolOptions())
    try {
      const name = new URL(other.url).pathname.slice(1)
      await made.run("CREATE OR REPLACE TABLE notes (body VARCHAR(20)); INSERT INTO notes VALUES ('meant')")
      await other.run("CREATE TABLE notes (body VARCHAR(20)); INSERT INTO notes VALUES ('of another')")
      const body = sql`SELECT body FROM notes`
      const lead = async (): Promise<unknown> => await pool.query(`USE ${name}`)
      if (isEarly) await lead()
      const borrowed = await openMysql({ pool })
      if (!isEarly) await lead()
      const before = await settingsOf(pool)

      expect(await borrowed.read((connection) => rowsOf(connection, body))).toEqual([{ body: 'meant' }])
      expect(await rowsOf(borrowed.now, body)).toEqual([{ body: 'meant' }])
      await borrowed.write((connection) => sql`UPDATE notes SET body = 'changed'`.execute(connection))
      await borrowed.close()

      expect(await made.rows('SELECT body FROM notes')).toEqual([{ body: 'changed' }])
      expect(await other.rows('SELECT body FROM notes')).toEqual([{ body: 'of another' }])
      expect(await settingsOf(pool)).toEqual(before)
      // control: the connection itself, which has its way back, reads the other one
      const [own] = await pool.query<mysqlPromise.RowDataPacket[]>({
        sql: 'SELECT DATABASE(), body FROM notes',
        typeCast: (_field, next) => next(),
        rowsAsArray: true,
        nestTables: false,
      })
      expect(own).toEqual([[name, 'of another']])
    } finally {
      await pool.end()
      await other.drop()
    }
  },
)

test('asks where a connection leads in no statement of its own', async () => {
  const pool = mysqlPromise.createPool(poolOptions())
  try {
    const borrowed = await openMysql({ pool })
    const asked = async (): Promise<number> => {
      const [row] = await made.rows("SHOW GLOBAL STATUS LIKE 'Questions'")
      return Number(row?.['Value'])
    }
    const seenByItself = -((await asked()) - (await asked()))

    const before = await asked()
    await borrowed.read((connection) => rowsOf(connection, sql`SELECT 1 AS one`))
    await borrowed.close()

    // the settings, the snapshot, the query, its end, the former settings
    expect((await asked()) - before - seenByItself).toBe(5)
  } finally {
    await pool.end()
  }
})

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
