import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite } from './sqlite.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-test-'))
})

afterEach(() => {
  chmodSync(folder, 0o700)
  rmSync(folder, { recursive: true })
})

/** A database with one table, closed. */
function shop({ wal = true }: { wal?: boolean } = {}): string {
  const file = join(folder, 'shop.db')
  const database = new DatabaseSync(file)
  database.exec(
    `PRAGMA journal_mode = ${wal ? 'WAL' : 'DELETE'}; CREATE TABLE a (x); INSERT INTO a VALUES (1)`,
  )
  database.close()
  return file
}

/** The mistake that opening the file ends in; everything in the folder stays as it was. */
async function mistakeOf(file: string): Promise<unknown> {
  const before = readdirSync(folder)
  const error = await openSqlite({ file }).catch((reason: unknown) => reason)
  expect(readdirSync(folder)).toEqual(before)
  return error
}

const mistake = (id: string): object => ({ code: 'misconfigured', mistakes: [{ id }] })

test('names a missing file, and does not make it', async () => {
  expect(await mistakeOf(join(folder, 'missing.db'))).toMatchObject(mistake('D101'))
  expect(await mistakeOf(join(folder, 'no-folder', 'missing.db'))).toMatchObject(mistake('D101'))
})

test('names a folder, an unreadable file and a file that is no database', async () => {
  mkdirSync(join(folder, 'dir'))
  writeFileSync(join(folder, 'secret.db'), 'SQLite format 3\0')
  chmodSync(join(folder, 'secret.db'), 0)
  writeFileSync(join(folder, 'notes.txt'), 'Once upon a time')

  expect(await mistakeOf(join(folder, 'dir'))).toMatchObject(mistake('D102'))
  expect(await mistakeOf(join(folder, 'secret.db'))).toMatchObject(mistake('D103'))
  expect(await mistakeOf(join(folder, 'notes.txt'))).toMatchObject(mistake('D104'))
})

test('names a file that begins like a database and is none', async () => {
  writeFileSync(join(folder, 'damaged.db'), `SQLite format 3\0${'x'.repeat(5000)}`)

  expect(await mistakeOf(join(folder, 'damaged.db'))).toMatchObject(mistake('D105'))
})

test('gives each mistake a problem and a remedy in sentences', async () => {
  await expect(openSqlite({ file: join(folder, 'missing.db') })).rejects.toThrow(
    /^D101 sqlite:.*missing\.db: The file does not exist\. Check the path/,
  )
})

test('opens an empty file as an empty database', async () => {
  const file = join(folder, 'empty.db')
  writeFileSync(file, '')

  const database = await openSqlite({ file })

  expect(database.isReadOnly).toBe(false)
  await database.close()
})

test.each([
  { what: 'asked to', wal: true, forbid: () => {}, readOnly: true },
  { what: 'the file has no write bit', wal: true, forbid: () => chmodSync(join(folder, 'shop.db'), 0o444) },
  { what: 'the folder has no write bit', wal: true, forbid: () => chmodSync(folder, 0o555) },
  { what: 'it has no WAL', wal: false, forbid: () => chmodSync(folder, 0o555) },
])('only reads, and makes no file, when $what', async ({ wal, forbid, readOnly = false }) => {
  const file = shop({ wal })
  forbid()

  const database = await openSqlite({ file, readOnly })
  const { rows } = await database.read((connection) => sql`SELECT x FROM a`.execute(connection))

  expect(database.isReadOnly).toBe(true)
  expect(rows).toEqual([{ x: 1n }])
  await expect(database.write(async () => {})).rejects.toMatchObject({ code: 'denied' })
  expect(readdirSync(folder)).toEqual(['shop.db'])
  await database.close()
  expect(readdirSync(folder)).toEqual(['shop.db'])
})

test('reads what another program has not yet moved out of its WAL', async () => {
  const file = shop()
  const other = new DatabaseSync(file)
  other.exec('INSERT INTO a VALUES (2)')

  const database = await openSqlite({ file, readOnly: true })
  const { rows } = await database.read((connection) => sql`SELECT x FROM a`.execute(connection))

  expect(rows).toHaveLength(2)
  await database.close()
  other.close()
})

test('names a lock that is not given up', async () => {
  const file = shop({ wal: false })
  const other = new DatabaseSync(file)
  other.exec('BEGIN EXCLUSIVE')

  expect(await openSqlite({ file, timeoutMs: 20 }).catch((error: unknown) => error)).toMatchObject(
    mistake('D106'),
  )
  other.close()
})

test('turns a database to WAL and keeps what it holds', async () => {
  const file = shop({ wal: false })
  const copy = join(folder, 'copy # ?100%.db')
  copyFileSync(file, copy)

  const database = await openSqlite({ file: copy })
  const { rows } = await database.read((connection) => sql`SELECT x FROM a`.execute(connection))

  expect(rows).toEqual([{ x: 1n }])
  expect(existsSync(`${copy}-wal`)).toBe(true)
  await database.close()
})
