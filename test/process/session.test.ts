/** Putting people out from the terminal, while the server runs. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn } from '../../scripts/bench/visitor.ts'
import { castellan, type Running, SECRET, start, temporaryFolder } from './castellan.ts'

const { folder, remove } = temporaryFolder()
const environment = { CASTELLAN_SECRET_KEY: SECRET, CASTELLAN_DATABASE_URL: 'sqlite:shop.db' }
const password = 'a long and winding pass phrase'
const ana = { email: 'ana@example.com', password, totpUri: '' }
const ben = { email: 'ben@example.com', password, totpUri: '' }
let server: Running

const run = (line: string) => castellan(line.split(' '), { folder, environment })

async function added({ email }: typeof ana, role: string): Promise<string> {
  const line = ['user', 'create', '--email', email, '--name', email, '--role', role, '--password-stdin']
  const { stdout } = await castellan([...line, '--totp'], { folder, environment, input: password })
  return stdout.trim()
}

async function statusOf(cookie: string): Promise<number> {
  return (await fetch(`${server.url}/profile`, { headers: { cookie }, redirect: 'manual' })).status
}

beforeAll(async () => {
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT)')
  shop.close()
  server = await start(['serve'], { folder, environment })
  ana.totpUri = await added(ana, 'superadmin')
  ben.totpUri = await added(ben, 'support')
})
afterAll(async () => {
  await server.stop()
  remove()
})

test('lists who is signed in, and ends what is named: the next request is refused', async () => {
  const [first, second] = [await signIn(server.url, ana), await signIn(server.url, ben)]
  const listed = JSON.parse((await run('session list --json')).stdout)
  expect(listed).toMatchObject([
    { email: ben.email, roles: ['support'], address: '127.0.0.1' },
    { email: ana.email, roles: ['superadmin'] },
  ])
  expect((await run('session list --role support')).stdout).toMatch(/^ID +EMAIL.*\n\S+ +ben@example\.com /)
  expect((await run('session list --idle 30')).stdout).not.toContain('@example.com')

  expect((await run('session end --role support --email ana@example.com')).stderr).toBe(
    'No sessions are ended.\n',
  )
  expect((await run('session end --role support')).stderr).toBe('One session is ended.\n')
  expect([await statusOf(first.cookie), await statusOf(second.cookie)]).toEqual([200, 303])

  const gone = await run(`session end ${listed[0].id}`)
  expect(gone).toMatchObject({ code: 1, stderr: 'No sessions are ended.\n' })
  expect((await run(`session end ${listed[1].id}`)).code).toBe(0)
  expect(await statusOf(first.cookie)).toBe(303)
})

test('two who end everything at once end each of them once, and neither stumbles', async () => {
  const people = ['cid@example.com', 'dee@example.com'].map((email) => ({ email, password, totpUri: '' }))
  const cookies: string[] = []
  for (const person of people) {
    person.totpUri = await added(person, 'support')
    cookies.push((await signIn(server.url, person)).cookie)
  }

  const both = await Promise.all([run('session end --all'), run('session end --all')])

  expect(both.map(({ code }) => code)).toEqual([0, 0])
  const counts = both.map(
    ({ stderr }) => ({ No: 0, One: 1, '2': 2 })[stderr.split(' ')[0] ?? ''] ?? Number.NaN,
  )
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(2)
  expect(await Promise.all(cookies.map(statusOf))).toEqual([303, 303])
})

test('takes one way to say which', async () => {
  for (const line of ['session end', 'session end --all --role admin', 'session end abc --all']) {
    expect(await run(line), line).toMatchObject({ code: 2, stderr: expect.stringContaining('name an id') })
  }
  expect((await run('session end --idle soon')).code).toBe(2)
})
