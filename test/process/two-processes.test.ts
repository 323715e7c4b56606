/** Two processes over one store: what one ends, the other refuses at the very next request. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signIn } from '../../scripts/bench/visitor.ts'
import { act } from '../attack/api.ts'
import { BASE, type Client, createClient, totpCode } from '../client.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { PASSWORD, signInWith } from '../house.ts'
import { isDeep } from '../runs.ts'
import { castellan, type Running, SECRET, start, temporaryFolder } from './castellan.ts'
import { openShop, type Shop } from './shop.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)

interface Signed {
  readonly id: string
  /** At the first process. */
  readonly here: Client
  /** What both answer, one after the other. */
  visits(): Promise<readonly number[]>
}

const environment = { CASTELLAN_SECRET_KEY: SECRET }
const ana = { email: 'ana@example.com', password: 'a long and winding pass phrase' }

/** Two servers in earnest share a store on PostgreSQL; a deep run looks at all engines. */
const ENGINES: readonly StoreEngine[] = isDeep ? STORE_ENGINES : ['postgres']

describe.each(ENGINES)('on %s', (engine) => {
  let shop: Shop
  let where: readonly string[] = []
  let one: Running
  let other: Running
  let totpUri = ''
  let token = ''

  beforeAll(async () => {
    shop = await openShop(engine, 1)
    where = ['--database', shop.url]
    // both at once: one of them makes our own tables, and the keys in them
    ;[one, other] = await Promise.all([
      start(['serve', ...where], { folder, environment }),
      start(['serve', ...where], { folder, environment }),
    ])
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
  })
  afterAll(async () => {
    await one.stop()
    await other.stop()
    await shop.close()
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
    const { sessions } = (await (
      await fetch(`${one.url}/api/v1/sessions`, { headers: bearer() })
    ).json()) as {
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

  /** A person of their own, since a code works once: with the same session at both processes. */
  async function signedIn(name: string, role: string): Promise<Signed> {
    const email = `${name}@example.com`
    const line = ['user', 'create', ...where, '--email', email, '--name', name, '--role', role]
    const made = await castellan([...line, '--password-stdin', '--totp'], {
      folder,
      environment,
      input: PASSWORD,
    })
    const [here, there] = [one, other].map(({ url }) =>
      createClient((request) => fetch(request), new URL(url).origin),
    )
    if (!here || !there) throw new TypeError('There are two processes.')
    await signInWith(here, email, totpCode(made.stdout.trim(), Date.now()))
    for (const [cookie, value] of here.cookies) {
      there.cookies.set(cookie.replace(new URL(one.url).port, new URL(other.url).port), value)
    }
    const [person] = await shop.rows(`select id from castellan_person where email = '${email}'`)
    return {
      id: String(person?.['id']),
      here,
      visits: async () => [
        (await here.get(`${BASE}/m/orders`)).status,
        (await there.get(`${BASE}/m/orders`)).status,
      ],
    }
  }

  test('what is taken from a person at one process counts in both with the next request', async () => {
    const [officer, bo] = [await signedIn('officer', 'superadmin'), await signedIn('bo', 'support')]
    const change = (verb: string, input: object = {}) =>
      act(officer.here, `castellan.people.${verb}`, input, { key: bo.id })

    expect(await bo.visits()).toEqual([200, 200])
    expect((await change('revoke-role', { role: 'support' })).status).toBe(200)
    expect(await bo.visits()).toEqual([404, 404])
    expect((await change('grant-role', { role: 'support', expiresAt: null })).status).toBe(200)
    expect(await bo.visits()).toEqual([200, 200])
    expect((await change('deactivate')).status).toBe(200)
    expect(await bo.visits()).toEqual([303, 303])
  })

  test('keys that the terminal rotates and revokes count in both with the next request', async () => {
    const cy = await signedIn('cy', 'support')
    const keys = (verb: string, ...options: string[]) =>
      castellan(['keys', verb, ...where, ...options], { folder, environment })

    expect(await cy.visits()).toEqual([200, 200])
    expect((await keys('rotate')).code).toBe(0)
    expect((await keys('rotate', '--ring', 'access', '--ring', 'seal')).code).toBe(0)
    expect(await cy.visits()).toEqual([200, 200])
    const revoked = await keys('revoke', '--ring', 'seal')
    expect(await cy.visits()).toEqual([303, 303])

    expect(revoked.stderr).toMatch(/^[1-9]\d* sessions and sign-ins under way have ended\.$/m)
    const listed = JSON.parse((await keys('list', '--json')).stdout) as { ring: string; state: string }[]
    const states = listed.filter(({ ring }) => ring === 'seal').map(({ state }) => state)
    expect(states.sort()).toEqual(['active', 'next'])
    const verified = await castellan(['audit', 'verify', ...where], { folder, environment })
    expect(verified.stdout).toMatch(/^handed over by checkpoint \d+ to key [0-9a-f]{64}$/m)
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
    const [events] = await shop.rows(
      "select count(*) as n from castellan_audit_event where action = 'orders.update'",
    )
    expect(Number(events?.['n'])).toBe(40)
    const verified = await castellan(['audit', 'verify', ...where], { folder, environment })
    expect(verified.stdout).toMatch(/^verified \d+ events/)
  })

  test('a token that is revoked is refused by both', async () => {
    const ask = async (server: Running): Promise<number> =>
      (await fetch(`${server.url}/api/v1/models`, { headers: bearer() })).status

    const before = [await ask(one), await ask(other)]
    await castellan(['token', 'revoke', ...where, '--name', 'ci'], { folder, environment })

    expect(before).toEqual([200, 200])
    expect([await ask(one), await ask(other)]).toEqual([401, 401])
  })
})
