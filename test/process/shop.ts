/** A shop of a few orders on any engine, for processes that share it, on a server of its own where there is one. */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startMariadb } from '../../scripts/services/mariadb.ts'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { openTestDatabase, type StoreEngine } from '../engine.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'

export interface Shop {
  readonly url: string
  /** Ends the database server as a power failure would; nothing where the database is a file. */
  killServer(): Promise<void>
  /** Starts it again and waits until it answers. */
  startServer(): Promise<void>
  /** Our own tables are called `castellan_…` on every engine. */
  rows(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<void>
}

/** What it commits survives the end of every process, its server's own included. */
export async function openShop(engine: StoreEngine, orders: number): Promise<Shop> {
  const home = await homeOf(engine)
  const { database } = home
  await database.run('create table orders (id integer primary key, note varchar(100))')
  for (let id = 1; id <= orders; id += 1) await database.run(`insert into orders (id) values (${id})`)
  const isApart = engine === 'postgres'
  return {
    url: database.url,
    killServer: home.kill,
    startServer: home.start,
    rows: (text) => database.rows(isApart ? text.replaceAll(/\bcastellan_(\w+)/g, 'castellan.$1') : text),
    close: home.close,
  }
}

interface Home {
  readonly database: TestDatabase
  kill(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

async function homeOf(engine: StoreEngine): Promise<Home> {
  if (engine === 'sqlite') {
    const database = await openTestDatabase(engine)
    return { database, kill: nothing, start: nothing, close: database.drop }
  }
  const folder = mkdtempSync(join(tmpdir(), 'castellan-durable-'))
  chmodSync(folder, 0o755)
  const begin = engine === 'postgres' ? startPostgres : startMariadb
  const server = await begin(folder, { isDurable: true })
  const database = await patiently(() => createTestDatabase(engine, server.url))
  return {
    database,
    kill: server.kill,
    async start() {
      await server.start()
      await patiently(() => database.rows('select 1'))
    },
    async close() {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function nothing(): Promise<void> {}

const PATIENCE_MS = 30_000

/** A server takes connections before it answers them. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await delay(100)
    }
  }
}
