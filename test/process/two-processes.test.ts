/** Two processes over one store: what one ends, the other refuses at the very next request. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn } from '../../scripts/bench/visitor.ts'
import { castellan, type Running, SECRET, start, temporaryFolder } from './castellan.ts'

const { folder, remove } = temporaryFolder()
const environment = { CASTELLAN_SECRET_KEY: SECRET }
const where = ['--database', 'sqlite:shop.db']
const ana = { email: 'ana@example.com', password: 'a long and winding pass phrase' }
let one: Running
let other: Running
let totpUri = ''
let token = ''

beforeAll(async () => {
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec(
    'CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO orders (note) VALUES (NULL)',
  )
  shop.close()
  const create = ['user', 'create', ...where, '--email', ana.email, '--name', 'Ana', '--role', 'superadmin']
  const person = await castellan([...create, '--password-stdin', '--totp'], {
    folder,
    environment,
    input: ana.password,
  })
  totpUri = person.stdout.trim()
  const made = await castellan(['token', 'create', ...where, '--name', 'ci', '--role', 'superadmin'], {
    folder,
    environment,
  })
  token = made.stdout.trim()
  one = await start(['serve', ...where], { folder, environment })
  other = await start(['serve', ...where], { folder, environment })
})
afterAll(async () => {
  await one.stop()
  await other.stop()
  remove()
})

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${token}` })

test('a session that one process ends is refused by the other at once', async () => {
  const { cookie } = await signIn(one.url, { ...ana, totpUri })
  // in debug a cookie's name ends in the port of its process
  const [onePort, otherPort] = [new URL(one.url).port, new URL(other.url).port]
  const atOther = cookie.replaceAll(onePort, otherPort)
  const visit = (): Promise<Response> =>
    fetch(`${other.url}/m/orders`, { headers: { cookie: atOther }, redirect: 'manual' })

  const before = await visit()
  const { sessions } = (await (await fetch(`${one.url}/api/v1/sessions`, { headers: bearer() })).json()) as {
    sessions: { key: string }[]
  }
  const ended = await fetch(`${one.url}/api/v1/sessions/${sessions[0]?.key}`, {
    method: 'DELETE',
    headers: bearer(),
  })
  const after = await visit()

  expect(before.status).toBe(200)
  expect(sessions).toHaveLength(1)
  expect(ended.status).toBeLessThan(300)
  expect(after.status).toBeGreaterThanOrEqual(302)
  expect(after.headers.get('location')).toContain('/sign-in')
})

test('changes from both keep one log that verifies', async () => {
  const change = (server: Running, note: string): Promise<Response> =>
    fetch(`${server.url}/api/v1/models/orders/records/1`, {
      method: 'PATCH',
      headers: { ...bearer(), 'content-type': 'application/json' },
      body: JSON.stringify({ values: { note } }),
    })

  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => change(n % 2 === 0 ? one : other, `change ${n}`)),
  )

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  const shop = new DatabaseSync(join(folder, 'shop.db'), { readOnly: true })
  const events = shop
    .prepare("SELECT count(*) AS n FROM castellan_audit_event WHERE action = 'orders.update'")
    .get()
  shop.close()
  expect(Number(events?.['n'])).toBe(40)
})

test('a token that is revoked is refused by both', async () => {
  const ask = async (server: Running): Promise<number> =>
    (await fetch(`${server.url}/api/v1/models`, { headers: bearer() })).status

  const before = [await ask(one), await ask(other)]
  await castellan(['token', 'revoke', ...where, '--name', 'ci'], { folder, environment })

  expect(before).toEqual([200, 200])
  expect([await ask(one), await ask(other)]).toEqual([401, 401])
})
