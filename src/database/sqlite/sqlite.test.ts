import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connection, Database } from '../database.ts'
import { sqliteCodeOf } from './fault.ts'
import { openSqlite } from './sqlite.ts'

let folder: string
let file: string
const open: Database[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-test-'))
  file = join(folder, 'shop.db')
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()))
  rmSync(folder, { recursive: true })
})

/** A database with one counter at 0. */
async function counter(options: { readonly timeoutMs?: number } = {}): Promise<Database> {
  const database = await openSqlite({ file, ifMissing: 'create', ...options })
  open.push(database)
  await database.write(async (connection) => {
    await sql`CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)`.execute(
      connection,
    )
    await sql`INSERT OR IGNORE INTO counter VALUES (1, 0)`.execute(connection)
  })
  return database
}

async function count(connection: Connection): Promise<bigint> {
  const { rows } = await sql<{ value: bigint }>`SELECT value FROM counter`.execute(connection)
  return rows[0]?.value ?? -1n
}

/** Reads, lets others run, and writes: loses updates unless writers exclude each other. */
async function increment(connection: Connection): Promise<void> {
  const value = await count(connection)
  await Promise.resolve()
  await sql`UPDATE counter SET value = ${value + 1n}`.execute(connection)
}

test('keeps what a write committed, and nothing of one that threw', async () => {
  const database = await counter()

  await database.write(increment)
  const failing = database.write(async (connection) => {
    await increment(connection)
    throw new RangeError('no')
  })

  await expect(failing).rejects.toThrow(RangeError)
  expect(await database.read(count)).toBe(1n)
  expect(await count(database.now)).toBe(1n)
})

test('lets writers of one process go one after the other', async () => {
  const database = await counter()

  await Promise.all(Array.from({ length: 50 }, () => database.write(increment)))

  expect(await count(database.now)).toBe(50n)
})

test('lets writers of two processes both succeed', async () => {
  const database = await counter()
  const code = `
    import { sql } from 'kysely'
    import { openSqlite } from ${JSON.stringify(join(import.meta.dirname, 'sqlite.ts'))}
    const database = await openSqlite({ file: process.argv[1] })
    for (let i = 0; i < 100; i += 1) {
      await database.write(async (connection) => {
        const { rows } = await sql\`SELECT value FROM counter\`.execute(connection)
        await sql\`UPDATE counter SET value = \${rows[0].value + 1n}\`.execute(connection)
      })
    }
    await database.close()`
  const child = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code, file])

  for (let i = 0; i < 100; i += 1) await database.write(increment)
  await child

  expect(await database.read(count)).toBe(200n)
})

test('rolls back and lets the next writer in when the time limit passes', async () => {
  const database = await counter()
  let late: Connection | undefined

  const stuck = database.write(
    async (connection) => {
      late = connection
      await increment(connection)
      await new Promise<never>(() => {})
    },
    { timeoutMs: 30 },
  )
  const next = database.write(increment)

  await expect(stuck).rejects.toMatchObject({ code: 'data-source-failed' })
  await next
  expect(await count(database.now)).toBe(1n)
  expect(late).toBeDefined()
  if (late) await expect(increment(late)).rejects.toThrow('has ended')
})

test('refuses a writer whose time passes while it queues, and still runs the others', async () => {
  const database = await counter()
  const gate = Promise.withResolvers<void>()

  const first = database.write(async (connection) => {
    await gate.promise
    await increment(connection)
  })
  const impatient = database.write(increment, { timeoutMs: 20 })
  const patient = database.write(increment)

  await expect(impatient).rejects.toMatchObject({ code: 'data-source-failed' })
  gate.resolve()
  await Promise.all([first, patient])
  expect(await count(database.now)).toBe(2n)
})

test('serves others between the writers of a queue', async () => {
  const database = await counter()
  let rounds = 0
  let isDone = false
  const round = (): void => {
    rounds += 1
    if (!isDone) setImmediate(round)
  }
  setImmediate(round)

  await Promise.all(
    Array.from({ length: 50 }, () =>
      database.write((connection) => sql`UPDATE counter SET value = value + 1`.execute(connection)),
    ),
  )
  isDone = true

  expect(await database.read(count)).toBe(50n)
  expect(rounds).toBeGreaterThanOrEqual(48)
})

test('gives up on a lock that another program keeps', async () => {
  const database = await counter()
  const other = await openSqlite({ file })
  open.push(other)
  const gate = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const holding = other.write(async () => {
    held.resolve()
    await gate.promise
  })
  await held.promise

  await expect(database.write(increment, { timeoutMs: 40 })).rejects.toMatchObject({
    code: 'data-source-failed',
  })
  gate.resolve()
  await holding
  await database.write(increment)
  expect(await count(database.now)).toBe(1n)
})

test('reads one snapshot however others write meanwhile', async () => {
  const database = await counter()

  const seen = await database.read(async (connection) => {
    const before = await count(connection)
    await database.write(increment)
    return [before, await count(connection)]
  })

  expect(seen).toEqual([0n, 0n])
  expect(await database.read(count)).toBe(1n)
})

test('can not write on a connection that reads', async () => {
  const database = await counter()

  await expect(database.read(increment)).rejects.toMatchObject({ code: 'data-source-failed' })
  await expect(increment(database.now)).rejects.toMatchObject({ code: 'data-source-failed' })
  await database.write(increment)
  expect(await database.read(count)).toBe(1n)
})

test('keeps the extended code of an error, on this thread and from a worker', async () => {
  const database = await counter()
  const code = async (work: Promise<unknown>): Promise<number | null> =>
    sqliteCodeOf(await work.catch((error: unknown) => error))

  expect(
    await code(database.write((connection) => sql`INSERT INTO counter VALUES (1, 0)`.execute(connection))),
  ).toBe(1555)
  expect(
    await code(database.read((connection) => sql`SELECT nothing FROM counter`.execute(connection))),
  ).toBe(1)
})

test('serves more readers than it has workers', async () => {
  const database = await counter()

  const values = await Promise.all(Array.from({ length: 20 }, () => database.read(count)))

  expect(values).toHaveLength(20)
  expect(new Set(values)).toEqual(new Set([0n]))
})

test('gives a read up at its time limit, and reads on with another worker', async () => {
  const database = await counter({ timeoutMs: 2000 })

  const stuck = database.read(async (connection) => {
    await count(connection)
    await new Promise<never>(() => {})
  })

  await expect(stuck).rejects.toMatchObject({ code: 'data-source-failed' })
  expect(await Promise.all([1, 2, 3].map(() => database.read(count)))).toEqual([0n, 0n, 0n])
})

test('refuses a connection kept beyond its snapshot', async () => {
  const database = await counter()

  const kept = await database.read(async (connection) => connection)

  await expect(count(kept)).rejects.toThrow('has ended')
})

test('names the file in its faults, and never where it lies', async () => {
  const database = await counter()
  const faultOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: Error) => error.message)

  expect(await faultOf(increment(database.now))).toBe(
    'The database shop.db can only be read: check the permissions of its file and folder.',
  )
  expect(await faultOf(database.read(increment))).toMatch(/^The database shop\.db can only be read/)
  await database.close()
  expect(await faultOf(database.write(increment))).toBe('The database shop.db is closed.')
})

test('refuses work after it is closed, and leaves only the file', async () => {
  const database = await counter()
  await database.read(count)

  await Promise.all([database.close(), database.close()])

  await expect(database.read(count)).rejects.toMatchObject({ code: 'data-source-failed' })
  await expect(database.write(increment)).rejects.toMatchObject({ code: 'data-source-failed' })
  expect(readdirSync(folder)).toEqual(['shop.db'])
})

test('finishes what is under way before it closes', async () => {
  const database = await counter()

  const work = Promise.all([database.write(increment), database.read(count), database.write(increment)])
  await database.close()

  await work
  const again = await openSqlite({ file })
  open.push(again)
  expect(await count(again.now)).toBe(2n)
})

test('keeps a private database in a temporary file of its own', async () => {
  const one = await openSqlite({ file: ':memory:' })
  const two = await openSqlite({ file: ':memory:' })
  open.push(one, two)

  await one.write((connection) => sql`CREATE TABLE a (x)`.execute(connection))

  expect((await one.read((connection) => sql`SELECT * FROM a`.execute(connection))).rows).toEqual([])
  await expect(two.read((connection) => sql`SELECT * FROM a`.execute(connection))).rejects.toThrow(
    'has other tables',
  )
})

test('is set up for durability and against a hostile schema', async () => {
  const database = await counter()
  const pragma = (name: string): Promise<unknown> =>
    database.write(async (connection) => {
      const { rows } = await sql<Record<string, unknown>>`SELECT * FROM ${sql.raw(`pragma_${name}`)}`.execute(
        connection,
      )
      return Object.values(rows[0] ?? {})[0]
    })

  expect(await pragma('journal_mode')).toBe('wal')
  expect(await pragma('synchronous')).toBe(2n)
  expect(await pragma('foreign_keys')).toBe(1n)
  expect(await pragma('trusted_schema')).toBe(0n)
})
