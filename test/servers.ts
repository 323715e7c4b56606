/** A database of its own on one of the private servers, for one test. */

import { randomBytes } from 'node:crypto'
import mysql from 'mysql2/promise'
import pg from 'pg'

export interface TestDatabase {
  /** `postgres://…/test_…`, `mariadb://…/test_…`. */
  readonly url: string
  /** Runs SQL text, several statements too, as the server's superuser. */
  run(text: string): Promise<void>
  /** The rows of one statement, as the driver gives them. */
  rows(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  drop(): Promise<void>
}

export type ServerEngine = 'postgres' | 'mariadb'

/** Makes an empty database. Databases of different tests know nothing of each other. */
export function createTestDatabase(
  engine: ServerEngine,
  at: string = serverUrl(engine),
): Promise<TestDatabase> {
  return engine === 'postgres' ? onPostgres(at) : onMariadb(at)
}

/** Where a server of the test run is. @throws Error outside of `npm test` and without `npm run services`. */
export function serverUrl(engine: ServerEngine): string {
  const name = engine === 'postgres' ? 'TEST_POSTGRES_URL' : 'TEST_MARIADB_URL'
  const url = process.env[name]
  if (!url) throw new Error(`${name} is not set: run "npm test", or "npm run services" and what it prints.`)
  return url
}

function newName(): string {
  return `test_${randomBytes(6).toString('hex')}`
}

async function onPostgres(at: string): Promise<TestDatabase> {
  const name = newName()
  const url = new URL(at)
  await withPostgres(url.href, (client) => client.query(`CREATE DATABASE ${name} STRATEGY file_copy`))
  const own = new URL(`/${name}`, url).href
  return {
    url: own,
    run: (text) => withPostgres(own, async (client) => void (await client.query(text))),
    rows: (text) => withPostgres(own, async (client) => (await client.query(text)).rows),
    drop: () => withPostgres(url.href, async (client) => void (await dropped(client, name))),
  }
}

/** PostgreSQL itself waits a few seconds for connections that are closing; what a test left open is cut off. */
async function dropped(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`DROP DATABASE ${name}`)
  } catch {
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`)
  }
}

async function withPostgres<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function onMariadb(at: string): Promise<TestDatabase> {
  const name = newName()
  const url = new URL(at)
  await withMariadb(url.href, (client) => client.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`))
  const own = new URL(`/${name}`, url).href
  return {
    url: own,
    run: (text) => withMariadb(own, async (client) => void (await client.query(text))),
    rows: (text) =>
      withMariadb(
        own,
        async (client) => (await client.query(text))[0] as Readonly<Record<string, unknown>>[],
      ),
    drop: () => withMariadb(url.href, (client) => droppedFromMariadb(client, name)),
  }
}

/** Files that the server is still writing may be in the way of the first attempt. */
async function droppedFromMariadb(client: mysql.Connection, name: string): Promise<void> {
  try {
    await client.query(`DROP DATABASE ${name}`)
  } catch {
    await client.query(`DROP DATABASE IF EXISTS ${name}`)
  }
}

async function withMariadb<T>(url: string, work: (client: mysql.Connection) => Promise<T>): Promise<T> {
  const client = await mysql.createConnection({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    multipleStatements: true,
  })
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
