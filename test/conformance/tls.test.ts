/** Encrypted connections to servers whose certificates an authority of our own has signed. */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMariadb } from '../../scripts/services/mariadb.ts'
import { startPostgres } from '../../scripts/services/postgres.ts'
import type { Server } from '../../scripts/services/server.ts'
import { makeAuthority, makeCertificate } from '../../scripts/services/tls.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/url.ts'
import { AdminError } from '../../src/errors.ts'

let folder: string
let ours: string
let another: string
let postgres: Server
let mariadb: Server

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-tls-'))
  // the servers run under accounts of their own, which must reach their folders
  chmodSync(folder, 0o755)
  const authority = makeAuthority(folder, 'ours')
  ours = authority.certificate
  another = makeAuthority(folder, 'another').certificate
  const tls = makeCertificate(folder, authority, 'localhost')
  ;[postgres, mariadb] = await Promise.all([startPostgres(folder, { tls }), startMariadb(folder, { tls })])
}, 120_000)

afterAll(async () => {
  await Promise.all([postgres?.stop(), mariadb?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

/** The ids of what is wrong; none: it opens, and `look` is told what it opened. */
async function mistakesOf(url: URL, look: (database: Database) => Promise<void>): Promise<readonly string[]> {
  try {
    const database = await openDatabase(url.href, { place: 'test' })
    try {
      await look(database)
      return []
    } finally {
      await database.close()
    }
  } catch (error) {
    if (!(error instanceof AdminError) || error.mistakes.length === 0) throw error
    return error.mistakes.map(({ id }) => id)
  }
}

type Options = () => Readonly<Record<string, string>>

function at(server: Server, host: string, database: string, options: Readonly<Record<string, string>>): URL {
  const url = new URL(server.url)
  url.hostname = host
  url.pathname = `/${database}`
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, value)
  return url
}

describe('PostgreSQL', () => {
  async function isEncrypted({ now }: Database): Promise<boolean> {
    const { rows } = await sql<{ ssl: boolean }>`
      SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`.execute(now)
    return Boolean(rows[0]?.ssl)
  }

  test.each<readonly [string, string, Options, boolean]>([
    [
      'verify-full with our authority',
      'localhost',
      () => ({ sslmode: 'verify-full', sslrootcert: ours }),
      true,
    ],
    ['require with our authority', 'localhost', () => ({ sslmode: 'require', sslrootcert: ours }), true],
    // controls: the very servers that are refused below let themselves be reached without the check
    ['no-verify at another name', '127.0.0.1', () => ({ sslmode: 'no-verify' }), true],
    ['disable', 'localhost', () => ({ sslmode: 'disable' }), false],
  ])('is reached by %s', async (_, host, options, expected) => {
    let encrypted: boolean | null = null
    const look = async (database: Database): Promise<void> => {
      encrypted = await isEncrypted(database)
    }

    expect(await mistakesOf(at(postgres, host, 'postgres', options()), look)).toEqual([])
    expect(encrypted).toBe(expected)
  })

  test.each<readonly [string, string, Options]>([
    ['another authority', 'localhost', () => ({ sslmode: 'verify-full', sslrootcert: another })],
    ['the authorities of the system', 'localhost', () => ({ sslmode: 'verify-full' })],
    ['a certificate of another name', '127.0.0.1', () => ({ sslmode: 'verify-full', sslrootcert: ours })],
  ])('is refused for %s', async (_, host, options) => {
    const [id, ...rest] = await mistakesOf(at(postgres, host, 'postgres', options()), async () => {})

    expect(id).toMatch(/^D13\d$/)
    expect(rest).toEqual([])
  })

  test('stops a statement over an encrypted connection as well', async () => {
    const url = at(postgres, 'localhost', 'postgres', { sslmode: 'verify-full', sslrootcert: ours })
    const database = await openDatabase(url.href, { place: 'test' })
    try {
      const slow = database.read((connection) => sql`SELECT pg_sleep(60)`.execute(connection), {
        timeoutMs: 300,
      })
      await expect(slow).rejects.toMatchObject({ code: 'data-source-failed' })
      await expect
        .poll(async () => {
          const { rows } = await sql<{ n: bigint }>`
            SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'`.execute(
            database.now,
          )
          return rows[0]?.n
        })
        .toBe(0n)
    } finally {
      await database.close()
    }
  })
})

describe('MariaDB', () => {
  async function cipherOf({ now }: Database): Promise<string> {
    const { rows } = await sql<{ Value: string }>`SHOW SESSION STATUS LIKE 'Ssl_cipher'`.execute(now)
    return rows[0]?.Value ?? ''
  }

  /** As the resolver of the system reads it, 127.0.0.1; to whoever checks a certificate, a name. */
  const OTHER_NAME = '127.1'

  test.each<readonly [string, string, Options, boolean]>([
    ['ssl-ca alone', 'localhost', () => ({ 'ssl-ca': ours }), true],
    [
      'VERIFY_IDENTITY with our authority',
      'localhost',
      () => ({ 'ssl-mode': 'VERIFY_IDENTITY', 'ssl-ca': ours }),
      true,
    ],
    ['VERIFY_CA at a number', '127.0.0.1', () => ({ 'ssl-mode': 'VERIFY_CA', 'ssl-ca': ours }), true],
    // controls: the very servers that are refused below let themselves be reached without the check
    ['VERIFY_CA at another name', OTHER_NAME, () => ({ 'ssl-mode': 'VERIFY_CA', 'ssl-ca': ours }), true],
    [
      'REQUIRED with another authority',
      'localhost',
      () => ({ 'ssl-mode': 'REQUIRED', 'ssl-ca': another }),
      true,
    ],
    ['DISABLED', 'localhost', () => ({ 'ssl-mode': 'DISABLED' }), false],
  ])('is reached by %s', async (_, host, options, expected) => {
    let cipher = ''
    const look = async (database: Database): Promise<void> => {
      cipher = await cipherOf(database)
    }

    expect(await mistakesOf(at(mariadb, host, 'mysql', options()), look)).toEqual([])
    expect(cipher !== '').toBe(expected)
  })

  test.each<readonly [string, string, Options]>([
    ['another authority', 'localhost', () => ({ 'ssl-mode': 'VERIFY_CA', 'ssl-ca': another })],
    ['the authorities of the system', 'localhost', () => ({ 'ssl-mode': 'VERIFY_IDENTITY' })],
    ['a certificate of another name', OTHER_NAME, () => ({ 'ssl-mode': 'VERIFY_IDENTITY', 'ssl-ca': ours })],
  ])('is refused for %s', async (_, host, options) => {
    expect(await mistakesOf(at(mariadb, host, 'mysql', options()), async () => {})).toEqual(['D147'])
  })
})
