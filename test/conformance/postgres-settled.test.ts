/** Sessions of our own pool: settled for good where they are ours alone, and left as they are behind a pooler. */

import { type AddressInfo, connect, createServer } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Connection, Database } from '../../src/database/database.ts'
import { openPostgres } from '../../src/database/postgres/postgres.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

let own: TestDatabase

beforeAll(async () => {
  own = await createTestDatabase('postgres')
  await own.run("CREATE TABLE notes (id bigint PRIMARY KEY, body text); INSERT INTO notes VALUES (1, 'one')")
  // what the sessions of others begin with
  const { pathname } = new URL(own.url)
  await own.run(`ALTER DATABASE ${pathname.slice(1)} SET TimeZone = 'Asia/Tokyo'`)
})

afterAll(() => own.drop())

async function opened(url: string): Promise<Database> {
  const database = await openPostgres({ url, max: 1, label: 'shop' })
  onTestFinished(() => database.close())
  return database
}

/** Like a pooler: tells clients a process number of its own. */
async function behindPooler(): Promise<string> {
  const { hostname, port } = new URL(own.url)
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => client.write(withOtherProcess(chunk)))
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    for (const socket of [client, upstream]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const url = new URL(own.url)
  url.port = String((server.address() as AddressInfo).port)
  return url.href
}

/** BackendKeyData: `K`, a length of 12, the process, the secret (PostgreSQL, section 55.7). */
function withOtherProcess(chunk: Buffer): Buffer {
  const at = chunk.indexOf(Buffer.from([75, 0, 0, 0, 12]))
  if (at === -1) return chunk
  const changed = Buffer.from(chunk)
  changed.writeUInt32BE(changed.readUInt32BE(at + 5) ^ 1, at + 5)
  return changed
}

async function one(connection: Connection, text: string): Promise<unknown> {
  const { rows } = await sql<Record<string, unknown>>`${sql.raw(text)}`.execute(connection)
  return Object.values(rows[0] ?? {})[0]
}

const NAMED = 'SELECT count(*) FROM pg_prepared_statements'
const ZONE = "SELECT reset_val || ' ' || setting FROM pg_settings WHERE name = 'TimeZone'"
const BODY = 'SELECT * FROM notes WHERE id = 1'

test('asks for what only reads by its name, and for nothing else', async () => {
  const database = await opened(own.url)
  const named = (): Promise<unknown> => database.write((connection) => one(connection, NAMED))

  expect(await one(database.now, BODY)).toBe(1n)
  expect(await named()).toBe(0n)
  expect(await one(database.now, BODY)).toBe(1n)
  expect(await named()).toBe(1n)
  for (const _ of [1, 2, 3]) await database.read((connection) => one(connection, 'SELECT 3'))
  expect(await named()).toBe(2n)
})

test('reads the same texts as in a transaction, whatever sessions begin with', async () => {
  const database = await opened(own.url)

  expect(await one(database.now, ZONE)).toBe('Asia/Tokyo UTC')
  expect(await database.read((connection) => one(connection, ZONE))).toBe('Asia/Tokyo UTC')
  expect(await database.write((connection) => one(connection, ZONE))).toBe('Asia/Tokyo UTC')
})

test('lets a single read change nothing, and a transaction all the same', async () => {
  const database = await opened(own.url)
  const insert = "INSERT INTO notes VALUES (2, 'two') RETURNING id"

  await expect(one(database.now, insert)).rejects.toThrow('can only be read')
  await expect(database.read((connection) => one(connection, insert))).rejects.toThrow('can only be read')
  expect(await database.write((connection) => one(connection, insert))).toBe(2n)
})

test('answers a single read after its table was changed', async () => {
  const database = await opened(own.url)

  for (const _ of [1, 2]) {
    expect(await one(database.now, 'SELECT body FROM notes WHERE id = 1')).toBe('one')
  }
  await own.run('ALTER TABLE notes ALTER COLUMN body TYPE varchar(40)')
  expect(await one(database.now, 'SELECT body FROM notes WHERE id = 1')).toBe('one')
  expect(await one(database.now, 'SELECT body FROM notes WHERE id = 1')).toBe('one')
})

test('a read whose table was changed starts over, and answers', async () => {
  const database = await opened(own.url)
  const read = (): Promise<unknown> =>
    database.read((connection) => one(connection, 'SELECT body FROM notes WHERE id = 1 LIMIT 1'))

  for (const _ of [1, 2]) expect(await read()).toBe('one')
  await own.run('ALTER TABLE notes ALTER COLUMN body TYPE varchar(50)')
  for (const _ of [1, 2]) expect(await read()).toBe('one')
})

test('two of the same statement at one time are one name', async () => {
  const database = await opened(own.url)
  for (const _ of [1, 2]) {
    const both = await database.read((connection) =>
      Promise.all([1, 2, 3].map(() => one(connection, 'SELECT id + 1 FROM notes WHERE id = 1'))),
    )
    expect(both).toEqual([2n, 2n, 2n])
  }
})

test('leaves the sessions of a pooler as they are, and reads the same', async () => {
  const database = await opened(await behindPooler())

  expect(await one(database.now, BODY)).toBe(1n)
  expect(await one(database.now, ZONE)).toBe('Asia/Tokyo UTC')
  expect(await database.read((connection) => one(connection, NAMED))).toBe(0n)
  await expect(one(database.now, "INSERT INTO notes VALUES (3, 'three')")).rejects.toThrow('can only be read')
})

test('sees that a database can only be read before its sessions are settled', async () => {
  const readOnly = await createTestDatabase('postgres')
  onTestFinished(() => readOnly.drop())
  const name = new URL(readOnly.url).pathname.slice(1)

  expect((await opened(own.url)).isReadOnly).toBe(false)
  await readOnly.run(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
  const database = await openPostgres({ url: readOnly.url })
  onTestFinished(() => database.close())
  expect(database.isReadOnly).toBe(true)
})
