/**
 * Sample databases that nobody here wrote, loaded on the engines they were
 * written for: https://github.com/lerocha/chinook-database, jpwhite3/northwind-SQLite3,
 * pthom/northwind_psql, xzilla/pagila, jOOQ/sakila, datacharmer/test_db.
 *
 * They lie outside the repository; without them the tests say so and pass.
 */

import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/url.ts'
import { openTestDatabase } from '../engine.ts'
import type { TestDatabase } from '../servers.ts'

const SAMPLES = process.env['CASTELLAN_SAMPLES'] ?? join(import.meta.dirname, '../../../shared/data')

export interface Sample {
  readonly engine: 'sqlite' | 'postgres' | 'mariadb'
  readonly name: 'chinook' | 'northwind' | 'pagila' | 'sakila'
  /** In the order in which they are loaded. */
  readonly files: readonly string[]
}

const ALL: readonly Sample[] = [
  { engine: 'sqlite', name: 'chinook', files: ['chinook/Chinook_Sqlite.sqlite'] },
  { engine: 'sqlite', name: 'northwind', files: ['northwind/northwind-sqlite.sql'] },
  { engine: 'sqlite', name: 'sakila', files: ['sakila/sakila.sqlite'] },
  { engine: 'postgres', name: 'northwind', files: ['northwind/northwind-pg.sql'] },
  { engine: 'postgres', name: 'pagila', files: ['pagila/pagila-schema.sql', 'pagila/pagila-data.sql'] },
  { engine: 'postgres', name: 'sakila', files: ['sakila/sakila-pg-schema.sql', 'sakila/sakila-pg-data.sql'] },
  {
    engine: 'mariadb',
    name: 'sakila',
    files: ['sakila/sakila-mysql-schema.sql', 'sakila/sakila-mysql-data.sql'],
  },
]

/** Those whose files are there; the first caller to find some missing is told so. */
export function samples(): readonly Sample[] {
  const present = ALL.filter(({ files }) => files.every((file) => existsSync(join(SAMPLES, file))))
  if (present.length < ALL.length)
    console.log(
      `${ALL.length - present.length} sample databases left out: set CASTELLAN_SAMPLES to their folder.`,
    )
  return present
}

export interface OpenSample {
  readonly database: Database
  /** For a server: the database that was made for this test. */
  readonly server: TestDatabase | null
  close(): Promise<void>
}

/** A copy of the sample, which the test may change. */
export async function openSample(sample: Sample): Promise<OpenSample> {
  const home = await loadSample(sample)
  try {
    const database = await openDatabase(home.url, { place: 'test' })
    return {
      database,
      server: sample.engine === 'sqlite' ? null : home,
      async close() {
        await database.close()
        await home.drop()
      },
    }
  } catch (error) {
    await home.drop()
    throw error
  }
}

/** The same as a database that nobody has opened yet. */
export async function loadSample({ engine, files }: Sample): Promise<TestDatabase> {
  const home = await openTestDatabase(engine)
  try {
    for (const file of files.map((one) => join(SAMPLES, one))) await load(engine, home, file)
    if (engine !== 'sqlite') await home.run(await analysing(engine, home))
    return home
  } catch (error) {
    await home.drop()
    throw error
  }
}

async function load(engine: Sample['engine'], home: TestDatabase, file: string): Promise<void> {
  if (engine !== 'sqlite') return await loadByClient(engine, home.url, file)
  if (file.endsWith('.sql')) return await home.run(`PRAGMA synchronous = OFF;${readFileSync(file, 'utf8')}`)
  const copy = home.url.replace(/^sqlite:/, '')
  copyFileSync(file, copy)
  chmodSync(copy, 0o644)
}

/** By the command line tools: the files use what only those understand, COPY and DELIMITER. */
async function loadByClient(engine: 'postgres' | 'mariadb', url: string, file: string): Promise<void> {
  if (engine === 'postgres') {
    return await run('psql', ['--quiet', '--no-psqlrc', '--dbname', url, '--output', '/dev/null'], file)
  }
  const { hostname, port, username, password, pathname } = new URL(url)
  const address = ['--protocol=tcp', '-h', hostname, '-P', port, '-u', username]
  const secret = password === '' ? [] : [`--password=${decodeURIComponent(password)}`]
  // the file makes a database of its own, which is not this test's
  const text = readFileSync(file, 'utf8')
    .replace(/^(?:DROP SCHEMA|CREATE SCHEMA|USE) .*$/gm, '')
    .replace(/\bsakila\./g, '')
  return await run('mariadb', [...address, ...secret, pathname.slice(1)], Readable.from([text]))
}

async function run(command: string, given: readonly string[], input: string | Readable): Promise<void> {
  const process = spawn(command, given, { stdio: ['pipe', 'ignore', 'pipe'] })
  const messages: string[] = []
  process.stderr.setEncoding('utf8').on('data', (text: string) => messages.push(text))
  const ended = new Promise<number | null>((resolve, reject) => {
    process.on('error', reject)
    process.on('close', resolve)
  })
  await pipeline(typeof input === 'string' ? createReadStream(input) : input, process.stdin)
  const code = await ended
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${messages.join('').slice(0, 2000)}`)
}

/** Servers count rows when they come to it; the tests need it done. */
async function analysing(engine: 'postgres' | 'mariadb', server: TestDatabase): Promise<string> {
  if (engine === 'postgres') return 'ANALYZE'
  const tables = await server.rows(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE'",
  )
  return `ANALYZE TABLE ${tables.map(({ name }) => `\`${name}\``).join(', ')}`
}
