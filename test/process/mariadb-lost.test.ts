/**
 * A MariaDB server that is killed, stopped, out of reach or slow: every call is
 * answered within its limit, nothing is half written, and nothing has to be
 * restarted but the server.
 */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import mysql from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startMariadb } from '../../scripts/services/mariadb.ts'
import type { Server } from '../../scripts/services/server.ts'
import type { Connection, Database } from '../../src/database/database.ts'
import { openMysql } from '../../src/database/mysql/mysql.ts'
import { isOutcomeUnknown } from '../../src/database/outcome.ts'

const LIMIT_MS = 5_000

let folder = ''
let server: Server
let database: Database

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-lost-'))
  chmodSync(folder, 0o755)
  server = await startMariadb(folder, { isDurable: true })
  const connection = await mysql.createConnection({
    uri: server.url.replace('mariadb:', 'mysql:'),
    multipleStatements: true,
  })
  await connection.query(`CREATE DATABASE shop; CREATE TABLE shop.counters (id INT PRIMARY KEY, n INT NOT NULL);
    INSERT INTO shop.counters VALUES (1, 0), (2, 0)`)
  await connection.end()
})
afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  database = await openMysql({ url: `${server.url}shop`, timeoutMs: LIMIT_MS })
  await database.write((connection) => sql`UPDATE counters SET n = 0`.execute(connection))
})
afterEach(() => database.close())

function set(connection: Connection, n: number, id = 1): Promise<unknown> {
  return sql`UPDATE counters SET n = ${n} WHERE id = ${id}`.execute(connection)
}

async function counters(connection: Connection): Promise<readonly bigint[]> {
  const { rows } = await sql<{ n: bigint }>`SELECT n FROM counters ORDER BY id`.execute(connection)
  return rows.map(({ n }) => n)
}

const failed = { code: 'data-source-failed' }

test('killed in the middle of a change, it keeps nothing of it, and the next change succeeds', async () => {
  const change = database.write(async (connection) => {
    await set(connection, 1)
    await server.kill()
    await set(connection, 1, 2)
  })

  await expect(change).rejects.toMatchObject(failed)
  await expect(database.write((connection) => set(connection, 1))).rejects.toMatchObject(failed)
  await expect(database.read(counters)).rejects.toMatchObject(failed)
  await expect(counters(database.now)).rejects.toMatchObject(failed)
  await server.start()
  expect(await database.read(counters)).toEqual([0n, 0n])
  await database.write((connection) => set(connection, 2))
  expect(await counters(database.now)).toEqual([2n, 0n])
})

test('restarted while nobody asks, it is found again: not one call fails', async () => {
  // as many connections as there are, all of which die
  await Promise.all(
    Array.from({ length: 10 }, () =>
      database.read((connection) => sql`SELECT SLEEP(0.05)`.execute(connection)),
    ),
  )
  await server.stop()
  await server.start()
  const answers = await Promise.all([
    ...Array.from({ length: 12 }, () => database.read(counters)),
    ...Array.from({ length: 12 }, () => counters(database.now)),
  ])

  expect(answers).toEqual(Array.from({ length: 24 }, () => [0n, 0n]))
  await database.write((connection) => set(connection, 3))
  expect(await counters(database.now)).toEqual([3n, 0n])
})

test('changes that were acknowledged are there after a kill, and no others', async () => {
  let acknowledged = 0
  const writer = (async () => {
    for (let n = 1; ; n += 1) {
      await database.write(async (connection) => {
        await set(connection, n)
        await set(connection, n, 2)
      })
      acknowledged = n
      if (n === 20) void server.kill()
    }
  })()

  await expect(writer).rejects.toMatchObject(failed)
  await server.start()
  const [one, two] = await database.read(counters)
  expect(one).toBe(two)
  expect(Number(one)).toBeGreaterThanOrEqual(acknowledged)
  expect(acknowledged).toBeGreaterThanOrEqual(20)
})

test('a connection that is killed by somebody else fails its own work alone', async () => {
  const killed = database.read(async (connection) => {
    const { rows } = await sql<{ id: bigint }>`SELECT CONNECTION_ID() AS id`.execute(connection)
    await Promise.all([
      sql`SELECT SLEEP(60)`.execute(connection),
      database.write((other) => sql`KILL ${rows[0]?.id ?? 0n}`.execute(other)),
    ])
  })

  await expect(killed).rejects.toMatchObject(failed)
  expect(await database.read(counters)).toEqual([0n, 0n])
})

test('with no connection left, it says so, and serves again when there is one', async () => {
  const root = await mysql.createConnection({ uri: server.url.replace('mariadb:', 'mysql:') })
  await root.query('CREATE USER few WITH MAX_USER_CONNECTIONS 1')
  await root.query('GRANT SELECT ON shop.* TO few')
  const few = await openMysql({ url: `${server.url}shop`.replace('root@', 'few@'), timeoutMs: LIMIT_MS })
  try {
    await few.read(async (connection) => {
      await expect(few.read(counters)).rejects.toMatchObject({
        ...failed,
        message: expect.stringContaining('no more connections'),
      })
      expect(await counters(connection)).toEqual([0n, 0n])
    })
    expect(await few.read(counters)).toEqual([0n, 0n])
  } finally {
    await few.close()
    await root.query('DROP USER few')
    await root.end()
  }
})

/** A way to the server that can lose what passes it. */
interface Way {
  readonly url: string
  /** Whether what a client sends is passed on. */
  passes(bytes: Buffer): boolean
  /** Whether what the server answers is. */
  passesBack(): boolean
  /** Closes every connection over it. */
  cut(): void
  close(): Promise<void>
}

async function wayTo(port: number): Promise<Way> {
  const sockets = new Set<Socket>()
  const proxy: NetServer = createServer((client) => {
    const there = connect(port, '127.0.0.1')
    for (const socket of [client, there]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (bytes) => way.passes(bytes) && there.write(bytes))
    there.on('data', (bytes) => way.passesBack() && client.write(bytes))
    client.on('close', () => there.destroy())
    there.on('close', () => client.destroy())
  })
  await new Promise<void>((settle) => proxy.listen(0, '127.0.0.1', settle))
  const address = proxy.address() as AddressInfo // a TCP server has no other kind of address
  const way: Way = {
    url: `mariadb://root@127.0.0.1:${address.port}/shop`,
    passes: () => true,
    passesBack: () => true,
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      way.cut()
      await new Promise((settle) => proxy.close(settle))
    },
  }
  return way
}

test.each([
  ['before it arrives', [0n, 0n]],
  ['behind its arrival', [5n, 0n]],
] as const)(
  'a commit whose connection is lost %s is told as one that nobody knows of',
  async (when, after) => {
    const way = await wayTo(server.port)
    const far = await openMysql({ url: way.url, timeoutMs: LIMIT_MS })
    let runs = 0
    let isSent = false
    way.passes = (bytes) => {
      if (!bytes.includes('COMMIT')) return true
      isSent = true
      if (when === 'before it arrives') way.cut()
      return when !== 'before it arrives'
    }
    way.passesBack = () => {
      if (isSent) way.cut()
      return !isSent
    }
    const change = far.write(async (connection) => {
      runs += 1
      await set(connection, 5)
    })
    const error: unknown = await change.catch((one: unknown) => one)
    try {
      expect(error).toMatchObject(failed)
      expect(isOutcomeUnknown(error)).toBe(true)
      expect(runs).toBe(1)
      expect(await database.read(counters)).toEqual(after)
    } finally {
      await far.close()
      await way.close()
    }
  },
)

test('a server that takes statements and never answers is given up within the limit', async () => {
  const way = await wayTo(server.port)
  const far = await openMysql({ url: way.url, timeoutMs: LIMIT_MS })
  try {
    expect(await far.read(counters)).toEqual([0n, 0n])
    way.passesBack = () => false
    const outcomes = await Promise.allSettled([
      far.read(counters, { timeoutMs: 300 }),
      far.write((connection) => set(connection, 1), { timeoutMs: 300 }),
      far.read(counters, { signal: AbortSignal.timeout(200) }),
    ])

    expect(outcomes).toMatchObject(outcomes.map(() => ({ status: 'rejected', reason: failed })))
    expect(outcomes.map((one) => 'reason' in one && isOutcomeUnknown(one.reason))).toEqual([
      false,
      false,
      false,
    ])
    way.passesBack = () => true
    way.cut()
    expect(await far.read(counters)).toEqual([0n, 0n])
  } finally {
    await far.close()
    await way.close()
  }
})
