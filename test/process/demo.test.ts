/** The words of the README: start, follow the link, stop; people and tokens without a browser; the log proved. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { castellan, filesIn, type Running, start, temporaryFolder } from './castellan.ts'

const { folder, remove } = temporaryFolder()
const PASSWORD = 'a long and winding pass phrase'
let demo: Running

beforeAll(async () => {
  demo = await start(['demo'], { folder })
})
afterAll(async () => {
  await demo.stop()
  remove()
})

test('prints where it is and a set-up link, and nothing else', () => {
  const { stdout } = demo.printed()

  expect(stdout).toMatch(
    /^Castellan is ready at http:\/\/127\.0\.0\.1:\d+\/admin\nSet up the first administrator at http:\/\/127\.0\.0\.1:\d+\/admin\/set-up\?token=\S+\n$/,
  )
})

test('answers at the address it printed, and at the link', async () => {
  const signIn = await fetch(`${demo.url}/sign-in`)
  const setUp = await fetch(demo.setUpUrl ?? '')

  expect(signIn.status).toBe(200)
  expect(setUp.status).toBe(200)
  expect(await setUp.text()).toContain('name="email"')
})

test('keeps the shop and the secret for their owner alone', () => {
  const secret = join(folder, 'castellan-demo', 'secret')

  expect(statSync(secret).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'castellan-demo', 'shop.db')).mode & 0o077).toBe(0)
  expect(readFileSync(secret, 'utf8').trim().length).toBeGreaterThanOrEqual(43)
  expect(filesIn(folder).filter((file) => file.endsWith('.new'))).toEqual([])
})

test('adds a person while it runs, and prints the authenticator once', async () => {
  const line = 'user create --email ana@example.com --name Ana --role superadmin --password-stdin --totp'

  const made = await castellan(line.split(' '), { folder, input: `${PASSWORD}\n` })
  const listed = await castellan(['user', 'list'], { folder })

  expect(made.stderr).toBe('Ana may sign in as ana@example.com (superadmin).\n')
  expect(made.stdout).toMatch(/^otpauth:\/\/totp\/\S+\n$/)
  expect(made.code).toBe(0)
  expect(listed.stdout).toMatch(/^ana@example\.com +Ana +superadmin +active +yes /m)
})

test('makes nobody of a password that is too short or a role that is none', async () => {
  const create = (role: string, input: string): ReturnType<typeof castellan> =>
    castellan(
      ['user', 'create', '--email', 'ben@example.com', '--name', 'Ben', '--role', role, '--password-stdin'],
      {
        folder,
        input,
      },
    )

  const short = await create('support', 'short')
  const unknown = await create('emperor', PASSWORD)
  const listed = await castellan(['user', 'list', '--json'], { folder })

  expect(short).toMatchObject({ code: 1, stdout: '' })
  expect(short.stderr).toMatch(/password: .*15/)
  expect(unknown).toMatchObject({ code: 1, stdout: '' })
  expect(unknown.stderr).toMatch(/roles: /)
  expect(JSON.parse(listed.stdout)).toMatchObject([{ email: 'ana@example.com' }])
})

test('gives a service a token that works until it is revoked', async () => {
  const make = 'token create --name ci --role auditor --actions customers.list --expires 30d'
  const made = await castellan(make.split(' '), { folder })
  const token = made.stdout.trim()
  const ask = (model: string): Promise<Response> =>
    fetch(`${demo.url}/api/v1/models/${model}/records?limit=1`, {
      headers: { authorization: `Bearer ${token}` },
    })

  const allowed = await ask('customers')
  const beyond = await ask('orders')
  const listed = await castellan(['token', 'list'], { folder })
  const revoked = await castellan(['token', 'revoke', '--name', 'ci'], { folder })
  const after = await ask('customers')

  expect(made.stdout).toMatch(/^cst_\S+\n$/)
  expect(allowed.status).toBe(200)
  expect([403, 404]).toContain(beyond.status)
  expect(listed.stdout).toMatch(/^ci +auditor +customers\.list +live until /m)
  expect(listed.stdout).not.toContain(token)
  expect(revoked).toMatchObject({ code: 0, stdout: '' })
  expect(after.status).toBe(401)
})

test('shuts its own database out of its models, and keeps its tables beside the shop', async () => {
  const opened = new DatabaseSync(join(folder, 'castellan-demo', 'shop.db'), { readOnly: true })
  const orders = opened.prepare('SELECT count(*) AS n FROM orders').get()
  const own = opened.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE 'castellan_%'").get()
  opened.close()

  expect(Number(orders?.['n'])).toBeGreaterThan(100)
  expect(Number(own?.['n'])).toBeGreaterThan(5)
})

test('drains and exits with 0 on SIGTERM, and goes on with the same shop', async () => {
  const before = readFileSync(join(folder, 'castellan-demo', 'secret'), 'utf8')

  const stopped = await demo.stop()
  demo = await start(['demo'], { folder })

  expect(stopped.code).toBe(0)
  expect(existsSync(join(folder, 'castellan-demo', 'shop.db-wal'))).toBe(true)
  expect(demo.printed().stdout).not.toContain('Set up the first administrator')
  expect(readFileSync(join(folder, 'castellan-demo', 'secret'), 'utf8')).toBe(before)
})

test('refuses to sign keys open with another secret', async () => {
  const environment = { CASTELLAN_SECRET_KEY: 'Zz9w2pXr7tLq4VnZ8cMd1fGh5jYs3aEu6oRiTyWx' }

  const listed = await castellan(['user', 'list'], { folder, environment })

  expect(listed).toMatchObject({ code: 78, stdout: '' })
  expect(listed.stderr).toMatch(/CASTELLAN_SECRET_KEY|secret/)
})
