/** Databases on servers from the command line: what is found, and every way in which it can't be used. */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startPostgres } from '../../scripts/services/postgres.ts'
import type { Server } from '../../scripts/services/server.ts'
import { createTestDatabase, type ServerEngine, serverUrl, type TestDatabase } from '../servers.ts'
import { castellan, filesIn, type Running, SECRET, start, temporaryFolder } from './castellan.ts'

const ENGINES: readonly ServerEngine[] = ['postgres', 'mariadb']
const PASSWORD = 'a quiet harbour at dawn'
const environment = { CASTELLAN_SECRET_KEY: SECRET }
const SHOP = `
  CREATE TABLE customers (id int PRIMARY KEY, name varchar(80) NOT NULL, password_hash varchar(80));
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers (id), total numeric(10,2));
  CREATE TABLE log (line varchar(80));
  CREATE VIEW big_orders AS SELECT * FROM orders WHERE total > 100;`

let folder = ''
let remove = (): void => undefined
let running: Running | null = null
const databases: TestDatabase[] = []

beforeEach(() => {
  const made = temporaryFolder()
  folder = made.folder
  remove = made.remove
})
afterEach(async () => {
  await running?.stop()
  running = null
  remove()
  for (const database of databases.splice(0)) await database.drop()
})

async function shopOn(engine: ServerEngine, sql: string = SHOP): Promise<TestDatabase> {
  const database = await createTestDatabase(engine)
  databases.push(database)
  if (sql !== '') await database.run(sql)
  return database
}

/** On MariaDB the catalog tells of every database of the server. */
async function ownTables({ rows }: TestDatabase, engine: ServerEngine): Promise<readonly string[]> {
  const here = engine === 'mariadb' ? 'table_schema = database()' : "table_schema IN ('public', 'castellan')"
  const found = await rows(`SELECT table_name AS name FROM information_schema.tables WHERE ${here}`)
  return found.map((row) => String(row['name'])).filter((name) => !SHOP.includes(` ${name} `))
}

/** The same address with another account, database, host or port. */
function at(
  url: string,
  differing: { user?: string; password?: string; path?: string; port?: string },
): string {
  const changed = new URL(url)
  changed.username = differing.user ?? changed.username
  changed.password = differing.password ?? changed.password
  changed.pathname = differing.path ?? changed.pathname
  changed.port = differing.port ?? changed.port
  return changed.href
}

test.each(ENGINES)('serves a database on %s with nothing configured', async (engine) => {
  const { url } = await shopOn(engine)

  running = await start(['serve', '--database', url], { folder })
  const { stdout, stderr } = running.printed()
  const answer = await fetch(`${running.url}/sign-in`)

  expect(stdout.split('\n')).toHaveLength(3)
  expect(stderr).toMatch(/^Found 4 models in .+, with about so many records:\n/)
  expect(stderr).toMatch(/^ {2}The table has no key, .+: log\.$/m)
  expect(stderr).toMatch(/^ {2}This is a view: .+: big_orders\.$/m)
  expect(stderr).toMatch(/^ {2}Never shown \(secret\): customers\.password_hash\.$/m)
  expect(stderr).toMatch(/^Castellan's own tables \((schema "castellan"|castellan_…)\) are in /m)
  expect(answer.status).toBe(200)
})

test.each(ENGINES)('does its work in the terminal over a store on %s', async (engine) => {
  const { url } = await shopOn(engine)
  const where = { folder, environment: { ...environment, CASTELLAN_DATABASE_URL: url } }
  const ana = 'user create --email ana@example.com --name Ana --role superadmin --password-stdin'

  const created = await castellan(ana.split(' '), { ...where, input: PASSWORD })
  const listed = await castellan(['user', 'list', '--json'], where)
  const verified = await castellan(['audit', 'verify'], {
    ...where,
    environment: { CASTELLAN_DATABASE_URL: url },
  })
  const exported = await castellan(['audit', 'export', '--to', 'log'], where)
  const examined = await castellan(['doctor'], where)

  expect(created).toMatchObject({ code: 0 })
  expect(JSON.parse(listed.stdout)).toMatchObject([{ email: 'ana@example.com', roles: ['superadmin'] }])
  expect(verified.stdout).toMatch(/^verified [1-9]/)
  expect(exported.code).toBe(0)
  expect(filesIn(join(folder, 'log'))).toContain('key.pub')
  expect(examined.stdout).toMatch(/^pass +audit log +verified /m)
  expect(examined.stdout).toMatch(/^pass +store file +none: /m)
})

test.each(ENGINES)('lets two processes start at once over an empty store on %s', async (engine) => {
  const { url } = await shopOn(engine)
  const where = { folder, environment }

  const finished = await Promise.all([1, 2, 3].map(() => castellan(['migrate', '--database', url], where)))

  expect(finished.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(
    Array.from({ length: 3 }, () => expect.stringMatching(/^0 .+ are up to date\.\n$/)),
  )
})

test.each(ENGINES)('keeps the own tables of a database on %s elsewhere when told', async (engine) => {
  const database = await shopOn(engine)
  const line = ['serve', '--database', database.url, '--store', 'sqlite:own.db']

  running = await start(line, { folder, environment })
  const { stderr } = running.printed()

  expect(stderr).toContain(`are in ${join(folder, 'own.db')}.`)
  expect(stderr).toMatch(/^Changes to application and their audit events commit one after the other/m)
  expect(await ownTables(database, engine)).toEqual([])
})

test('takes databases of three engines at once', async () => {
  const [first, second] = await Promise.all(ENGINES.map((engine) => shopOn(engine)))
  const urls = [first?.url ?? '', second?.url ?? '', 'sqlite::memory:']

  const finished = await castellan(['migrate', ...urls.flatMap((url) => ['--database', url])], {
    folder,
    environment,
  })

  expect(finished.stderr).toMatch(/^D120 :memory:: the database has no tables/)
  running = await start(['serve', ...urls.slice(0, 2).flatMap((url) => ['--database', url])], {
    folder,
    environment,
  })
  expect(running.printed().stderr).toMatch(/^ {2}(.*\n)? *test_\w+\.customers/m)
})

interface Trouble {
  readonly name: string
  readonly engine: ServerEngine
  readonly says: RegExp
  url(base: string): string
}

const troubles: readonly Trouble[] = [
  {
    name: 'a server that is not there',
    engine: 'postgres',
    says: /^D130 127\.0\.0\.1:1\/shop: .+ Check .+port/,
    url: (base) => at(base, { port: '1', path: '/shop' }),
  },
  {
    name: 'a host that has no address',
    engine: 'postgres',
    says: /^D130 db\.invalid/,
    url: () => 'postgres://ana:hunter2@db.invalid/shop',
  },
  {
    name: 'an unknown account',
    engine: 'postgres',
    says: /^D131 .+ Check its name and password/,
    url: (base) => at(base, { user: 'nobody', password: 'hunter2' }),
  },
  {
    name: 'an unknown database',
    engine: 'postgres',
    says: /^D132 .+no_such_shop: There is no such database\. /,
    url: (base) => at(base, { path: '/no_such_shop' }),
  },
  {
    name: 'a server that is not there',
    engine: 'mariadb',
    says: /^D143 .+:1\/shop: .+ Check its host and port/,
    url: (base) => at(base, { port: '1', path: '/shop' }),
  },
  {
    name: 'a wrong password',
    engine: 'mariadb',
    says: /^D144 .+ Check its name, its password/,
    url: (base) => at(base, { password: 'hunter2', path: '/mysql' }),
  },
  {
    name: 'an unknown database',
    engine: 'mariadb',
    says: /^D145 .+no_such_shop: /,
    url: (base) => at(base, { path: '/no_such_shop' }),
  },
]

test.each(troubles)('refuses $name on $engine', async ({ engine, says, url }) => {
  const { code, stdout, stderr } = await castellan(['serve', '--database', url(serverUrl(engine))], {
    folder,
  })

  expect(stderr).toMatch(says)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).not.toMatch(/hunter2|\n\s+at /)
  expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
  expect(filesIn(folder)).toEqual([])
})

test('tells the trouble of several databases at once', async () => {
  const urls = ENGINES.map((engine) => at(serverUrl(engine), { port: '1', path: '/shop' }))

  const { code, stderr } = await castellan(['serve', ...urls.flatMap((url) => ['--database', url])], {
    folder,
  })

  expect(stderr).toMatch(/^D130 .+\nD143 .+\n$/)
  expect(code).toBe(78)
})

test.each(ENGINES)('refuses a database without tables on %s, and makes none', async (engine) => {
  const database = await shopOn(engine, '')

  const { code, stderr } = await castellan(['serve', '--database', database.url], { folder })

  expect(stderr).toMatch(/^D120 .+ has no tables that this account may read/)
  expect(code).toBe(78)
  expect(filesIn(folder)).toEqual([])
  expect(await ownTables(database, engine)).toEqual([])
})

test.each<[ServerEngine, (name: string) => string]>([
  ['postgres', () => 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO castellan_reader'],
  ['mariadb', (name) => `GRANT SELECT ON ${name}.* TO castellan_reader`],
])('names --store to an account on %s that may make no tables', async (engine, grant) => {
  const { url, run } = await shopOn(engine)
  const reader = at(url, { user: 'castellan_reader', password: 'hunter2' })
  const [make, drop] =
    engine === 'postgres'
      ? [
          "CREATE ROLE castellan_reader LOGIN PASSWORD 'hunter2'",
          'DROP OWNED BY castellan_reader; DROP ROLE castellan_reader',
        ]
      : ["CREATE USER castellan_reader IDENTIFIED BY 'hunter2'", 'DROP USER castellan_reader']
  await run(make)
  try {
    await run(grant(new URL(url).pathname.slice(1)))

    const refused = await castellan(['serve', '--database', reader], { folder })
    running = await start(['serve', '--database', reader, '--store', 'sqlite:own.db'], { folder })

    expect(refused.code).toBe(78)
    expect(refused.stderr).toMatch(/^M20\d .+ --store sqlite:castellan\.db\.\n$/)
    expect(running.printed().stderr).not.toContain('hunter2')
    expect(running.printed().stderr).toMatch(/^ {2}.*(INSERT|right|may not).*: .*customers/m)
  } finally {
    await running?.stop()
    running = null
    await run(drop)
  }
})

let guarded: Server | null = null
const parent = mkdtempSync(join(tmpdir(), 'castellan-guarded-'))

/** The shared server asks nobody for a password; this one does. */
beforeAll(async () => {
  chmodSync(parent, 0o755) // the server runs under an account of its own
  guarded = await startPostgres(parent)
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: guarded.url })
  await client.connect()
  await client.query("ALTER ROLE postgres PASSWORD 'right'")
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
  const rules = `${rows[0]?.data_directory}/pg_hba.conf`
  await client.query(`COPY (SELECT 'host all all 127.0.0.1/32 scram-sha-256') TO '${rules}'`)
  await client.query('SELECT pg_reload_conf()')
  await client.end()
})
afterAll(async () => {
  await guarded?.stop()
  rmSync(parent, { recursive: true, force: true })
})

test('refuses a wrong password on postgres, and takes the right one', async () => {
  const url = guarded?.url ?? ''

  const wrong = await castellan(['serve', '--database', at(url, { password: 'hunter2' })], { folder })
  const right = await castellan(['serve', '--database', at(url, { password: 'right' })], { folder })

  expect(wrong.stderr).toMatch(/^D131 .+ Check its name and password/)
  expect(wrong.stderr).not.toContain('hunter2')
  expect(right.stderr).toMatch(/^D120 /)
})
