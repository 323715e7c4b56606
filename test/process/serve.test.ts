/** `serve` over a database that nobody here configured, `doctor`, and what the terminal says of itself. */

import { readFileSync, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { castellan, filesIn, type Running, SECRET, start, temporaryFolder } from './castellan.ts'

let folder = ''
let remove = (): void => undefined
let running: Running | null = null

beforeEach(() => {
  const made = temporaryFolder()
  folder = made.folder
  remove = made.remove
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec(`
    CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT);
    CREATE VIEW big_orders AS SELECT * FROM orders WHERE total > 100;`)
  shop.close()
})
afterEach(async () => {
  await running?.stop()
  running = null
  remove()
})

const SERVE = ['serve', '--database', 'sqlite:shop.db']

test('says what it found, what cannot be edited and where its own tables are', async () => {
  running = await start(SERVE, { folder })
  const { stdout, stderr } = running.printed()

  expect(stdout.split('\n')).toHaveLength(3)
  expect(stderr).toMatch(
    /^Found 2 models in .+shop\.db, with about so many records:\n {2}orders 0, big_orders\.$/m,
  )
  expect(stderr).toMatch(/^ {2}This is a view: .+: big_orders\.$/m)
  expect(stderr).toContain(join(folder, 'shop.db'))
  expect(stderr).toContain('Debug is on')
})

test('keeps a generated secret for its owner alone, on loopback', async () => {
  running = await start(SERVE, { folder })
  const secret = join(folder, '.castellan', 'secret')
  const first = readFileSync(secret, 'utf8')
  await running.stop()

  running = await start(SERVE, { folder })

  expect(statSync(secret).mode & 0o777).toBe(0o600)
  expect(readFileSync(secret, 'utf8')).toBe(first)
})

test('runs without debug in production, and redirects plain HTTP', async () => {
  const environment = { NODE_ENV: 'production', CASTELLAN_SECRET_KEY: SECRET }

  running = await start(SERVE, { folder, environment })
  const answer = await fetch(`${running.url}/sign-in`, { redirect: 'manual' })

  expect(running.printed().stderr).not.toContain('Debug')
  expect(answer.status).toBeGreaterThanOrEqual(301)
  expect(answer.status).toBeLessThan(400)
  expect(answer.headers.get('location')).toMatch(/^https:/)
  expect(filesIn(folder)).not.toContain('.castellan')
})

test('speaks TLS by a throw-away certificate, with the cookies of production', async () => {
  running = await start([...SERVE, '--tls', 'adhoc'], { folder })
  expect(running.url).toMatch(/^https:\/\//)

  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${running?.url}/sign-in`, { rejectUnauthorized: false }, resolve).once('error', reject)
  })
  answer.resume()

  expect(answer.statusCode).toBe(200)
  expect(answer.headers['strict-transport-security']).toMatch(/^max-age=/)
  expect(answer.headers['set-cookie']?.join()).toMatch(/^__Host-castellan.*; Secure/)
})

test('keeps its own tables in another file when told, and the database as it was', async () => {
  running = await start([...SERVE, '--store', 'sqlite:own.db', '--base-path', '/'], { folder })

  expect(new URL(running.url).pathname).toBe('/')
  expect((await fetch(new URL('/sign-in', running.url))).status).toBe(200)
  const shop = new DatabaseSync(join(folder, 'shop.db'), { readOnly: true })
  expect(shop.prepare('SELECT name FROM sqlite_schema ORDER BY name').all()).toEqual([
    { name: 'big_orders' },
    { name: 'orders' },
  ])
  shop.close()
})

test('stops on SIGINT as on SIGTERM', async () => {
  running = await start(SERVE, { folder })

  expect(await running.stop('SIGINT')).toMatchObject({ code: 0 })
})

test('migrates and stops', async () => {
  const environment = { CASTELLAN_SECRET_KEY: SECRET }

  const first = await castellan(['migrate', '--database', 'sqlite:shop.db'], { folder, environment })
  const second = await castellan(['migrate', '--database', 'sqlite:shop.db'], { folder, environment })

  expect(first).toMatchObject({ code: 0, stdout: '' })
  expect(second).toMatchObject({ code: 0, stdout: '' })
})

test('examines an installation on a line for each point', async () => {
  const environment = { NODE_ENV: 'production', CASTELLAN_SECRET_KEY: SECRET }
  const where = ['--database', 'sqlite:shop.db']

  const before = await castellan(['doctor', ...where], { folder, environment })
  const untouched = filesIn(folder)
  await castellan(['migrate', ...where], { folder, environment })
  const after = await castellan(['doctor', ...where], { folder, environment })

  expect(untouched).toEqual(['shop.db'])
  expect(before.code).toBe(1)
  expect(before.stdout).toMatch(/^fail +audit log +Castellan's own tables are not there yet/m)
  expect(after.stdout.trim().split('\n')).toHaveLength(15)
  expect(after.stdout).toMatch(/^pass +secret /m)
  expect(after.stdout).toMatch(/^pass +keys +every ring was turned today\./m)
  expect(after.stdout).toMatch(/^pass +transport /m)
  expect(after.stdout).toMatch(/^warn +mail +off: /m)
  expect(after.stdout).toMatch(/^pass +audit log +verified /m)
  expect(after.stdout).toMatch(/^fail +superadmins +none/m)
})

test('lists the fields that appeared later, and says how sensitive one is', async () => {
  const environment = { NODE_ENV: 'production', CASTELLAN_SECRET_KEY: SECRET }
  const where = ['--database', 'sqlite:shop.db']
  const typed = (...line: string[]) => castellan([...line, ...where], { folder, environment })
  running = await start([...SERVE], { folder, environment })
  await running.stop()
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec('ALTER TABLE orders ADD COLUMN iban TEXT; ALTER TABLE orders ADD COLUMN remark TEXT')
  shop.close()

  const examined = await typed('doctor')
  const listed = await typed('classify')
  const said = await typed('classify', '--field', 'orders.iban', '--as', 'guess')
  await typed('classify', '--model', 'orders', '--model', 'big_orders', '--as', 'public')
  const after = await typed('doctor')

  expect(examined.stdout).toMatch(/^warn +schema +another one .* application \(since .* UTC\)/m)
  expect(examined.stdout).toMatch(/^fail +fields +.*orders\.iban \(personal\?\), orders\.remark/m)
  expect(listed.stdout).toMatch(/^orders\.iban +TEXT +personal$/m)
  expect(said.stderr).toContain('orders.iban is personal.')
  expect(after.stdout).toMatch(/^pass +fields +every one is classified/m)
  expect(await typed('classify', '--field', 'orders.id', '--as', 'secret')).toMatchObject({ code: 1 })
}, 180_000)

test('examines a configuration that does not start', async () => {
  const environment = { NODE_ENV: 'production' }

  const { code, stdout } = await castellan(['doctor', '--database', 'sqlite:shop.db'], {
    folder,
    environment,
  })

  expect(stdout).toMatch(/^fail +configuration +C101 CASTELLAN_SECRET_KEY: /)
  expect(code).toBe(1)
})

test.each([
  ['in development', {}],
  ['in production', { NODE_ENV: 'production', CASTELLAN_SECRET_KEY: SECRET, CASTELLAN_HTTPS_PORT: '8443' }],
])('sends plain HTTP on to HTTPS from a port of its own, %s', async (_when, environment) => {
  running = await start([...SERVE, '--tls', 'adhoc', '--http-port', '0'], { folder, environment })
  const [, plain = ''] = /^Plain HTTP at (\S+) is sent on to HTTPS\.$/m.exec(running.printed().stderr) ?? []
  const secure = new URL(running.url)
  if ('CASTELLAN_HTTPS_PORT' in environment) secure.port = environment.CASTELLAN_HTTPS_PORT

  const page = await fetch(`${plain}/admin/sign-in?next=%2Fadmin`, { redirect: 'manual' })
  const sent = await fetch(`${plain}/admin/sign-in`, { method: 'POST', redirect: 'manual' })

  expect([page.status, page.headers.get('location')]).toEqual([
    308,
    `${secure.origin}/admin/sign-in?next=%2Fadmin`,
  ])
  expect(sent.status).toBe(403)
})

test('prints a fresh secret, alone', async () => {
  const first = await castellan(['secret'], { folder })
  const second = await castellan(['secret'], { folder })

  expect(first.stdout).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
  expect(first.stderr).toBe('')
  expect(first.stdout).not.toBe(second.stdout)
})

test('says its version and helps with every command', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

  expect((await castellan(['--version'], { folder })).stdout).toBe(`${version}\n`)
  expect((await castellan([], { folder })).stdout).toContain('token create')
  expect((await castellan(['user', 'create', '--help'], { folder })).stdout).toContain('--password-stdin')
})
