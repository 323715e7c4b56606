import { type RawBuilder, sql } from 'kysely'
import mysqlPromise from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Connection, Database } from '../../src/database/database.ts'
import { literal } from '../../src/database/mysql/literal.ts'
import { type OpenMysqlOptions, openMysql } from '../../src/database/mysql/mysql.ts'
import { AdminError } from '../../src/errors.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

let made: TestDatabase
let database: Database

beforeAll(async () => {
  made = await createTestDatabase('mariadb')
  database = await openMysql({ url: made.url })
})
afterAll(async () => {
  await database.close()
  await made.drop()
})
beforeEach(async () => {
  await made.run(
    'CREATE OR REPLACE TABLE counters (id INT PRIMARY KEY, n INT NOT NULL); INSERT INTO counters VALUES (1, 0), (2, 0)',
  )
})

async function rowsOf(connection: Connection, query: RawBuilder<unknown>): Promise<readonly unknown[]> {
  const { rows } = await query.execute(connection)
  return rows.map((row) => ({ ...(row as object) }))
}

async function counter(connection: Connection, id = 1): Promise<bigint> {
  const { rows } = await sql<{ n: bigint }>`SELECT n FROM counters WHERE id = ${id}`.execute(connection)
  return rows[0]?.n ?? -1n
}

function set(connection: Connection, n: bigint, id = 1): Promise<unknown> {
  return sql`UPDATE counters SET n = ${n} WHERE id = ${id}`.execute(connection)
}

async function mistakesOf(options: OpenMysqlOptions): Promise<readonly string[]> {
  try {
    const opened = await openMysql(options)
    await opened.close()
    return []
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    expect(error.code).toBe('misconfigured')
    for (const { place, problem, remedy } of error.mistakes) {
      expect(place).not.toBe('')
      expect(problem).not.toBe('')
      expect(remedy).not.toBe('')
    }
    expect(error.message).not.toContain('s3cret')
    return error.mistakes.map(({ id }) => id)
  }
}

describe('values', () => {
  test('come in the types of every engine', async () => {
    const [row] = await rowsOf(
      database.now,
      sql`SELECT 1 AS whole, 18446744073709551615 AS large, 1 = 1 AS truth, 1.50 AS exact, 0.1e0 AS floating,
        NULL AS nothing, 'ä🙂' AS words, X'00ff' AS bytes, b'101' + 0 AS bits,
        TIMESTAMP'2026-11-21 10:00:00.000001' AS moment, DATE'0001-01-01' AS day, TIME'-838:59:59' AS hours`,
    )

    expect(row).toEqual({
      whole: 1n,
      large: 18446744073709551615n,
      truth: 1n,
      exact: '1.50',
      floating: 0.1,
      nothing: null,
      words: 'ä🙂',
      bytes: new Uint8Array([0, 255]),
      bits: 5n,
      moment: '2026-11-21 10:00:00.000001',
      day: '0001-01-01',
      hours: '-838:59:59',
    })
  })

  test.each(['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', 'ANSI'])(
    'mean the same under the sql_mode "%s"',
    async (mode) => {
      const texts = [
        '',
        "'",
        "''",
        '\\',
        "\\'",
        "\\' OR 1=1 -- ",
        '\0',
        '\u001a',
        '"',
        '`',
        '%_',
        '\n',
        '?',
        'ä€🙂',
        '-- ',
        '/* */',
        ';',
      ]
      const values = [
        ...texts,
        ...texts.map((text) => Buffer.from(text)),
        0.1,
        -1e-300,
        2n ** 63n,
        -(2n ** 63n),
      ]
      const statements = values.map((value) => `SELECT ${literal(value)} AS v`)
      const connection = await mysqlPromise.createConnection({
        uri: made.url.replace(/^mariadb:/, 'mysql:'),
        charset: 'UTF8MB4_BIN',
        supportBigNumbers: true,
        bigNumberStrings: true,
      })
      try {
        await connection.query('SET sql_mode = ?', [mode])
        const seen: unknown[] = []
        for (const statement of statements) {
          const [rows] = await connection.query<mysqlPromise.RowDataPacket[]>(statement)
          seen.push(rows[0]?.['v'])
        }

        expect(seen).toEqual(values.map((value) => (typeof value === 'bigint' ? String(value) : value)))
      } finally {
        await connection.end()
      }
    },
  )
})

describe('snapshots', () => {
  test('show what was there when they began, and nothing that came later', async () => {
    const seen = await database.read(async (connection) => {
      await database.write((other) => set(other, 5n))
      const before = await counter(connection)
      await database.write((other) => set(other, 6n))
      return [before, await counter(connection)]
    })

    expect(seen).toEqual([0n, 0n])
    expect(await counter(database.now)).toBe(6n)
  })

  test('refuse to write, and so do point reads', async () => {
    await expect(database.read((connection) => set(connection, 1n))).rejects.toMatchObject({
      code: 'data-source-failed',
    })
    await expect(set(database.now, 1n)).rejects.toMatchObject({ code: 'data-source-failed' })
    expect(await counter(database.now)).toBe(0n)
    await database.write((connection) => set(connection, 1n))
    expect(await counter(database.now)).toBe(1n)
  })

  test('end with the work: nothing is sent over their connection afterwards', async () => {
    const left = await database.read(async (connection) => connection)

    await expect(counter(left)).rejects.toThrow(TypeError)
  })
})

describe('transactions', () => {
  test('are as if one ran after another, however many there are', async () => {
    let runs = 0
    const writers = Array.from({ length: 20 }, () =>
      database.write(async (connection) => {
        runs += 1
        await set(connection, (await counter(connection)) + 1n)
      }),
    )
    await Promise.all(writers)

    expect(await counter(database.now)).toBe(20n)
    expect(runs).toBeGreaterThan(20)
  })

  test('roll back when the work throws', async () => {
    const failing = database.write(async (connection) => {
      await set(connection, 9n)
      throw new RangeError('no')
    })

    await expect(failing).rejects.toThrow(RangeError)
    expect(await counter(database.now)).toBe(0n)
  })

  test('are run again when the work hides the deadlock that ended them', async () => {
    const met = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    let runs = 0
    const crossing = (mine: 0 | 1): Promise<void> =>
      database.write(
        async (connection) => {
          runs += 1
          await set(connection, 1n, mine + 1)
          met[mine].resolve()
          await met[1 - mine]?.promise
          // whoever is the victim goes on as if nothing had happened
          await set(connection, 2n, 2 - mine).catch(() => {})
          await set(connection, 3n, mine + 1).catch(() => {})
        },
        { isolation: 'read-committed' },
      )
    await Promise.all([crossing(0), crossing(1)])

    expect(runs).toBe(3)
    // the last to commit has both its changes: none was made outside of a transaction
    const both = [await counter(database.now, 1), await counter(database.now, 2)]
    expect(both.toSorted()).toEqual([2n, 3n])
  })

  test('tell that others are in the way when running again does not help', async () => {
    let runs = 0
    const deadlock = database.write(async (connection) => {
      runs += 1
      await sql.raw("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213").execute(connection)
    })

    await expect(deadlock).rejects.toMatchObject({
      code: 'data-source-failed',
      message: expect.stringContaining('busy'),
    })
    expect(runs).toBe(8)
  })

  test('see each other committed only, where the work locks by itself', async () => {
    const seen = await database.write(
      async (connection) => {
        const before = await counter(connection)
        await database.write((other) => set(other, 7n), { isolation: 'read-committed' })
        return [before, await counter(connection)]
      },
      { isolation: 'read-committed' },
    )

    expect(seen).toEqual([0n, 7n])
  })
})

describe('limits', () => {
  const sleep = (connection: Connection): Promise<unknown> =>
    sql`SELECT SLEEP(60) AS slow`.execute(connection)

  async function sleeping(): Promise<bigint> {
    const { rows } = await sql<{ n: bigint }>`SELECT COUNT(*) AS n FROM information_schema.processlist
      WHERE db = DATABASE() AND info LIKE 'SELECT SLEEP%'`.execute(database.now)
    return rows[0]?.n ?? -1n
  }

  /** The server ends a stopped statement a moment after its caller was answered. */
  async function restOf(): Promise<void> {
    for (let tries = 0; tries < 500 && (await sleeping()) > 0n; tries += 1);
  }

  test.each(['read', 'write'] as const)('end a %s that takes too long, on the server too', async (kind) => {
    await expect(database[kind](sleep, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'data-source-failed',
      message: expect.stringContaining('200 ms'),
    })
    await restOf()
    expect(await sleeping()).toBe(0n)
    expect(await database[kind]((connection) => counter(connection))).toBe(0n)
  })

  test.each(['read', 'write'] as const)('end a %s that nobody waits for any more', async (kind) => {
    const controller = new AbortController()
    const given = database[kind](
      async (connection) => {
        const slow = sleep(connection)
        controller.abort()
        await slow
      },
      { signal: controller.signal },
    )

    await expect(given).rejects.toMatchObject({ code: 'data-source-failed' })
    await restOf()
    expect(await sleeping()).toBe(0n)
  })

  test('are kept by the server as well', async () => {
    const settings = sql`SELECT @@max_statement_time AS seconds, @@idle_transaction_timeout AS idle`
    const short = await openMysql({ url: made.url, timeoutMs: 1500 })
    try {
      expect(await short.read((connection) => rowsOf(connection, settings))).toEqual([
        { seconds: 1.5, idle: 12n },
      ])
      expect(await short.write((connection) => rowsOf(connection, settings), { timeoutMs: 60_000 })).toEqual([
        { seconds: 60, idle: 70n },
      ])
      expect(await short.read((connection) => rowsOf(connection, settings))).toEqual([
        { seconds: 1.5, idle: 12n },
      ])
    } finally {
      await short.close()
    }
  })

  test('leave no transaction open when the work goes on behind them', async () => {
    const late = Promise.withResolvers<unknown>()
    const given = database.write(
      async (connection) => {
        await set(connection, 4n)
        await sleep(connection).catch(() => {})
        set(connection, 5n).then(late.resolve, late.resolve)
      },
      { timeoutMs: 200 },
    )

    await expect(given).rejects.toMatchObject({ code: 'data-source-failed' })
    expect(await late.promise).toBeInstanceOf(TypeError)
    await database.write((connection) => set(connection, 6n))
    expect(await counter(database.now)).toBe(6n)
  })
})

describe('a pool with too few connections', () => {
  test('answers within the limit when all are in use, and goes on when one is free', async () => {
    const small = await openMysql({ url: made.url, connections: 1 })
    try {
      await small.read(async (connection) => {
        const waiting = small.read((other) => counter(other), { timeoutMs: 100 })
        await expect(waiting).rejects.toMatchObject({
          code: 'data-source-failed',
          message: expect.stringContaining('all are in use'),
        })
        expect(await counter(connection)).toBe(0n)
      })
      expect(await small.read((connection) => counter(connection))).toBe(0n)
      expect(await Promise.all(Array.from({ length: 20 }, () => counter(small.now)))).toEqual(
        Array.from({ length: 20 }, () => 0n),
      )
    } finally {
      await small.close()
    }
  })
})

describe('opening', () => {
  test.each<readonly [string, Partial<URL>, string]>([
    ['a server that is not there', { port: '1' }, 'D143'],
    ['an account that is not there', { username: 'nobody' }, 'D144'],
    ['a wrong password', { password: 's3cret' }, 'D144'],
    ['a database that is not there', { pathname: '/no_such_database' }, 'D145'],
    ['no database', { pathname: '/' }, 'D142'],
    ['an encrypted connection where there is none', { search: '?ssl-mode=VERIFY_CA' }, 'D147'],
  ])('says what is wrong: %s', async (_, change, id) => {
    const url = new URL(made.url)
    Object.assign(url, change)

    expect(await mistakesOf({ url: url.href })).toEqual([id])
    expect(await mistakesOf({ url: made.url })).toEqual([])
  })

  test('says that the account may not use the database', async () => {
    const name = `t${made.url.split('/').at(-1)?.slice(5)}`
    await made.run(`CREATE USER ${name} IDENTIFIED BY 's3cret'`)
    try {
      const url = new URL(made.url)
      url.username = name
      url.password = 's3cret'

      expect(await mistakesOf({ url: url.href })).toEqual(['D145'])
      await made.run(`GRANT SELECT ON ${made.url.split('/').at(-1)}.* TO ${name}`)
      expect(await mistakesOf({ url: url.href })).toEqual([])
    } finally {
      await made.run(`DROP USER ${name}`)
    }
  })

  test('tells engine and label, and no password', async () => {
    expect(database.engine).toBe('mariadb')
    expect(database.label).toBe(made.url.replace('root@', ''))
    expect(database.isReadOnly).toBe(false)
  })

  test('to read only refuses every write', async () => {
    const reading = await openMysql({ url: made.url, readOnly: true })
    try {
      expect(reading.isReadOnly).toBe(true)
      await expect(reading.write((connection) => set(connection, 1n))).rejects.toMatchObject({
        code: 'denied',
      })
      expect(await counter(reading.now)).toBe(0n)
    } finally {
      await reading.close()
    }
  })

  test('and closing: afterwards nothing is asked, and what was under way has ended', async () => {
    const other = await openMysql({ url: made.url })
    const underWay = other.write((connection) => set(connection, 8n))
    await Promise.all([other.close(), other.close()])
    await underWay

    expect(await counter(database.now)).toBe(8n)
    await expect(other.read((connection) => counter(connection))).rejects.toMatchObject({
      code: 'data-source-failed',
    })
    await expect(counter(other.now)).rejects.toMatchObject({ code: 'data-source-failed' })
  })
})
