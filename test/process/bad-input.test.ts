/** Whatever is wrong gets one clear message, a remedy and its exit code, and leaves nothing behind. */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { castellan, filesIn, SECRET, temporaryFolder } from './castellan.ts'

let folder = ''
let remove = (): void => undefined

beforeEach(() => {
  const made = temporaryFolder()
  folder = made.folder
  remove = made.remove
})
afterEach(() => remove())

function database(name: string, sql: string): void {
  const made = new DatabaseSync(join(folder, name))
  made.exec(sql)
  made.close()
}

function config(text: string): void {
  writeFileSync(join(folder, 'castellan.config.ts'), text)
}

const SHOP = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT)'

interface Bad {
  readonly name: string
  readonly line: string
  readonly code: number
  readonly says: RegExp
  readonly environment?: Readonly<Record<string, string>>
  arrange?(): void
}

const bad: readonly Bad[] = [
  {
    name: 'a file that is missing',
    line: 'serve --database sqlite:shop.db',
    code: 78,
    says: /^D101 sqlite:.*shop\.db: The file does not exist\. Check the path/,
  },
  {
    name: 'a file that may not be read',
    line: 'serve --database sqlite:shop.db',
    code: 78,
    says: /^D103 sqlite:.*shop\.db: .*read/,
    arrange: () => {
      database('shop.db', SHOP)
      chmodSync(join(folder, 'shop.db'), 0o000)
    },
  },
  {
    name: 'a file that is no database',
    line: 'serve --database sqlite:notes.txt',
    code: 78,
    says: /^D104 sqlite:.*notes\.txt: The file is no SQLite database/,
    arrange: () => writeFileSync(join(folder, 'notes.txt'), 'Remember the milk, and some more text.'),
  },
  {
    name: 'a folder in place of a file',
    line: 'serve --database sqlite:shop',
    code: 78,
    says: /^D102 sqlite:.*shop: /,
    arrange: () => mkdirSync(join(folder, 'shop')),
  },
  {
    name: 'a database that is read-only',
    line: 'serve --database sqlite:shop.db',
    code: 78,
    says: /read-only.*--store/,
    arrange: () => {
      database('shop.db', SHOP)
      chmodSync(join(folder, 'shop.db'), 0o444)
    },
  },
  {
    name: 'a database without tables',
    line: 'serve --database sqlite:shop.db',
    code: 78,
    says: /no tables/,
    arrange: () => writeFileSync(join(folder, 'shop.db'), ''),
  },
  {
    name: 'a secret that is too short',
    line: 'serve --database sqlite:shop.db',
    code: 78,
    says: /^C102 CASTELLAN_SECRET_KEY: the secret has 5 bytes and needs 32\. Make one with "castellan secret"/,
    environment: { CASTELLAN_SECRET_KEY: 'short' },
    arrange: () => database('shop.db', SHOP),
  },
  {
    name: 'no secret, in production',
    line: 'serve --database sqlite:shop.db',
    code: 78,
    says: /^C101 CASTELLAN_SECRET_KEY: /,
    environment: { NODE_ENV: 'production' },
    arrange: () => database('shop.db', SHOP),
  },
  {
    name: 'three mistakes at once',
    line: 'serve --database sqlite:shop.db --base-path admin',
    code: 78,
    says: /^C003 basePath: .*\nC102 CASTELLAN_SECRET_KEY: .*\nD101 sqlite:.*shop\.db: .*\n$/,
    environment: { CASTELLAN_SECRET_KEY: 'short' },
  },
  {
    name: 'a mistyped variable',
    line: 'serve --database sqlite:shop.db',
    code: 78,
    says: /^C001 CASTELLAN_ALOWED_IPS: there is no such variable\. Did you mean "CASTELLAN_ALLOWED_IPS"\?/,
    environment: { CASTELLAN_ALOWED_IPS: '192.0.2.7' },
    arrange: () => database('shop.db', SHOP),
  },
  {
    name: 'an option that does not exist',
    line: 'serve --databse sqlite:shop.db',
    code: 2,
    says: /^castellan serve: there is no option "--databse"\. Did you mean "--database"\?\n$/,
  },
  { name: 'a command that does not exist', line: 'sreve', code: 2, says: /Did you mean "serve"\?\n$/ },
  { name: 'a command that is not built yet', line: 'evidence', code: 2, says: /not built yet/ },
  {
    name: 'a port of plain HTTP beside nothing that speaks TLS',
    line: 'serve --http-port 80',
    code: 2,
    says: /--http-port sends on to TLS\. Give --tls-cert and --tls-key as well\./,
  },
  {
    name: 'TLS by another word than there is',
    line: 'serve --tls letsencrypt',
    code: 2,
    says: /--tls takes the word adhoc; it is "letsencrypt"/,
  },
  {
    name: 'a certificate without its key',
    line: 'serve --tls-cert a.pem',
    code: 2,
    says: /--tls-cert and --tls-key belong together/,
  },
  {
    name: 'a certificate that is not there',
    line: 'serve --tls-cert a.pem --tls-key a.key',
    code: 78,
    says: /^T102 --tls-cert: the file \/.*\/a\.pem cannot be read/,
  },
  {
    name: 'a configuration file that is missing',
    line: 'serve --config a.ts',
    code: 78,
    says: /^C401 \/.*\/a\.ts: the file does not exist\. Check the path/,
  },
  {
    name: 'a configuration file that is no TypeScript',
    line: 'serve',
    code: 78,
    says: /^C402 \/.*\/castellan\.config\.ts:2: it is no module that Node\.js can read: .+ Correct it there\.\n$/,
    arrange: () => config("const title: string = 'Shop'\nconst port: = 3\nexport default { title }"),
  },
  {
    name: 'a configuration file with what only a compiler understands',
    line: 'serve',
    code: 78,
    says: /^C402 .+ leave out enums, namespaces and parameter properties\.\n$/,
    arrange: () => config('enum Mode { On }\nexport default { title: Mode[0] }'),
  },
  {
    name: 'a configuration file without a default export',
    line: 'user list',
    code: 78,
    says: /^C405 .+castellan\.config\.ts: it has no default export\. Write "export default/,
    arrange: () => config('export const title = "Shop"'),
  },
  {
    name: 'every mistake of a configuration file at once',
    line: 'serve',
    code: 78,
    says: /^C001 titel: .*"title"\?\nC002 theme: .*\nC003 accessTokenMinutes: .*\nC101 .*\nC304 sources\.Crm: .*\nD101 .*\n$/,
    arrange: () =>
      config(
        "export default { titel: 'x', theme: {}, accessTokenMinutes: 900, sources: { Crm: 'sqlite:no.db' } }",
      ),
  },
  {
    name: 'the same database twice',
    line: 'serve --database sqlite:shop.db --database sqlite:./shop.db',
    code: 78,
    says: /^C305 sources\.shop_2: it is the same database as "sources\.shop"\./,
    arrange: () => database('shop.db', SHOP),
  },
  {
    name: 'several databases of which one is missing and one has no tables',
    line: 'serve --database sqlite:shop.db --database sqlite:crm.db',
    code: 78,
    says: /^D101 sqlite:.*crm\.db: /,
    arrange: () => database('shop.db', SHOP),
  },
  {
    name: 'a new project without a database',
    line: 'init',
    code: 2,
    says: /^castellan init: No database was found here\. Name it, as in: castellan init --database postgres:\/\/user:password@localhost\/shop\.\n$/,
  },
  { name: 'a port that is none', line: 'demo --port 70000', code: 2, says: /--port must be a whole number/ },
  {
    name: 'an address without a database',
    line: 'serve --database postgres://ana:hunter2@localhost',
    code: 78,
    says: /^D111 database: it names no database\. Write postgres:/,
  },
  {
    name: 'a folder of PGlite without a place for our own tables',
    line: 'serve --database pglite:data',
    code: 78,
    says: /^C306 database: .* --store sqlite:castellan\.db\.\n$/,
    arrange: () => mkdirSync(join(folder, 'data')),
  },
  { name: 'no database at all', line: 'user list', code: 78, says: /^C301 database: .*castellan demo/ },
  {
    name: 'debug where others can reach it',
    line: 'demo --host 0.0.0.0',
    code: 78,
    says: /^C202 debug: .*"0\.0\.0\.0"/,
  },
  {
    name: 'debug in production',
    line: 'demo',
    code: 78,
    says: /^C201 debug: /,
    environment: { NODE_ENV: 'production' },
  },
  {
    name: 'a person without a password',
    line: 'user create --email ana@example.com --name Ana --role admin',
    code: 2,
    says: /--password-stdin/,
  },
]

test.each(bad)('refuses $name', async ({ line, code, says, environment, arrange }) => {
  arrange?.()
  const before = filesIn(folder)

  const finished = await castellan(line.split(' '), { folder, ...(environment && { environment }) })

  expect(finished.stderr).toMatch(says)
  expect(finished.stderr).not.toMatch(/hunter2|\n\s+at /)
  expect(finished.stdout).toBe('')
  expect(finished.code).toBe(code)
  expect(filesIn(folder)).toEqual(before)
})

test('refuses a port that is in use, before the demo makes anything', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? String(address.port) : ''

  const finished = await castellan(['demo', '--port', port], { folder })
  await new Promise((resolve) => other.close(resolve))

  expect(finished).toMatchObject({ code: 1, stdout: '' })
  expect(finished.stderr).toBe(
    `Port ${port} of 127.0.0.1 is in use. Stop the program that uses it, or choose another with --port.\n`,
  )
  expect(filesIn(folder)).toEqual([])
})

test('leaves a database that is served in production but lacks a secret as it was', async () => {
  database('shop.db', SHOP)
  const environment = { CASTELLAN_SECRET_KEY: SECRET, CASTELLAN_HTTPS_PORT: 'many' }

  const finished = await castellan(['serve', '--database', 'sqlite:shop.db'], { folder, environment })

  expect(finished.code).toBe(78)
  const opened = new DatabaseSync(join(folder, 'shop.db'), { readOnly: true })
  expect(opened.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'orders' }])
  opened.close()
})
