/** Keys that a thief may have: replaced here, they are worth nothing with the next request, in any process. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KeyPurpose } from '../../src/identity/identity.ts'
import { BASE, type Client, createClient } from '../client.ts'
import { asSystem, type House, openHouse, PASSWORD, type SignedIn, signInWith } from '../house.ts'
import { withoutWordOfKeys } from './loosened.ts'
import { SHOP } from './shop.ts'

const ACCESS = 'castellan-4600'
const RINGS: readonly KeyPurpose[] = ['access', 'checkpoint', 'seal', 'credential', 'subject']

let house: House
let ana: SignedIn
/** At the other process. */
let elsewhere: (cookies?: Iterable<readonly [string, string]>) => Client

beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
  const other = await house.second()
  ana = await house.signIn({ role: 'superadmin' })
  elsewhere = (cookies = []) => {
    const client = createClient((request) => other.fetch(request, { address: '127.0.0.1' }))
    for (const [name, value] of cookies) client.cookies.set(name, value)
    return client
  }
})
afterEach(() => house.close())

const rotate = (purposes: readonly KeyPurpose[] = RINGS) =>
  asSystem(house.admin, house.clock.now, 'castellan.keys.rotate', { purposes })
const revoke = (purpose: KeyPurpose) =>
  asSystem(house.admin, house.clock.now, 'castellan.keys.revoke', { purpose })
/** The access token alone, as it would have been stolen. */
const stolen = () => elsewhere([[ACCESS, ana.client.cookies.get(ACCESS) ?? '']])
const visit = async (client: Client): Promise<number> => (await client.get(`${BASE}/profile`)).status

test('a token that a revoked key signed is refused with the next request, in every process', async () => {
  const thief = stolen()
  expect(await visit(thief)).toBe(200)

  await revoke('access')

  expect(await visit(thief)).toBe(303)
  expect(await visit(stolen())).toBe(303)
})

test('control: where word of it does not get through, the other process goes on taking it', async () => {
  await withoutWordOfKeys(house)
  const thief = stolen()
  await revoke('access')

  expect(await visit(thief)).toBe(200)
})

test('whoever has the refresh token as well goes on under the new key', async () => {
  const owner = elsewhere(ana.client.cookies)
  await revoke('access')

  expect(await visit(owner)).toBe(200)
  expect(owner.cookies.get(ACCESS)).not.toBe(ana.client.cookies.get(ACCESS))
  expect(await visit(owner)).toBe(200)
})

test('with the key that makes refresh tokens every session ends, in every process', async () => {
  const [here, there] = [ana.client, elsewhere(ana.client.cookies)]
  expect([await visit(here), await visit(there)]).toEqual([200, 200])

  expect(await revoke('seal')).toMatchObject({ purpose: 'seal', endedSessions: 1 })

  expect([await visit(there), await visit(here)]).toEqual([303, 303])
  const again = elsewhere()
  await signInWith(again, ana.email, ana.code())
  expect(await visit(again)).toBe(200)
})

test('seeds of authenticators are sealed anew, and their codes go on', async () => {
  const secrets = async () =>
    (await house.sql("select secret from castellan_credential where kind = 'totp'")) as {
      secret: string
    }[]
  const before = await secrets()

  const { after } = (await revoke('credential')) as { after: string }

  expect(before[0]?.secret.startsWith(after)).toBe(false)
  expect((await secrets()).every(({ secret }) => secret.startsWith(`${after}.`))).toBe(true)
  const there = elsewhere()
  await signInWith(there, ana.email, ana.code())
  expect(await visit(there)).toBe(200)
})

/** The recovery codes of somebody, and their rows, which a thief writes into the store again. */
async function recoveryCodes(): Promise<{ readonly code: string; putBack(): Promise<void> }> {
  const { text } = await ana.client.post(`${BASE}/profile/recovery-codes`, {}, { from: `${BASE}/profile` })
  const [code = ''] = /\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b/.exec(text) ?? []
  expect(code).not.toBe('')
  const rows = (await house.sql("select * from castellan_credential where kind = 'recovery'")) as Readonly<
    Record<string, string | null>
  >[]
  return {
    code,
    async putBack() {
      await house.sql("delete from castellan_credential where kind = 'recovery'")
      for (const { id, person_id, secret, created_at } of rows) {
        await house.sql(
          `insert into castellan_credential (id, person_id, kind, secret, created_at)
           values ('${id}', '${person_id}', 'recovery', '${secret}', '${created_at}')`,
        )
      }
    },
  }
}

/** The status that somebody gets with the password and then this code: 303 is in. */
async function enter(code: string): Promise<number> {
  const client = elsewhere()
  const { location } = await client.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
  return (await client.post(location ?? '', { code })).status
}

test('what a revoked key marked is not taken, though it is put into the store again', async () => {
  const { code, putBack } = await recoveryCodes()
  await revoke('credential')
  expect(await house.sql("select id from castellan_credential where kind = 'recovery'")).toEqual([])

  await putBack()

  expect(await enter(code)).toBe(401)
})

test('control: with the key rotated, and not revoked, the same row lets them in', async () => {
  const { code, putBack } = await recoveryCodes()
  await rotate(['credential'])
  await putBack()

  expect(await enter(code)).toBe(303)
})

test('after three rotations what was open before still works: pages, forms and sessions', async () => {
  const there = elsewhere(ana.client.cookies)
  const csrf = await there.csrf(`${BASE}/profile`)

  for (let round = 0; round < 3; round += 1) await rotate()

  expect([await visit(there), await visit(ana.client)]).toEqual([200, 200])
  expect(
    (await there.post(`${BASE}/theme`, { theme: 'dark', next: `${BASE}/profile` }, { csrf })).status,
  ).toBe(303)
  house.clock.now += 20 * 60_000
  expect([await visit(there), await visit(ana.client)]).toEqual([200, 200])
})

test('a form is not taken with the token of a key that was revoked', async () => {
  const there = elsewhere()
  const csrf = await there.csrf(`${BASE}/sign-in`)
  await revoke('seal')

  const answer = await there.post(`${BASE}/sign-in`, { email: ana.email, password: 'x'.repeat(20) }, { csrf })

  expect(answer.status).toBe(403)
})

test('each change of keys is in the log, with the rings and the keys by their ids', async () => {
  await rotate(['access', 'seal'])
  const { before, after } = (await revoke('access')) as { before: string; after: string }

  const rows = (await house.sql(
    "select event from castellan_audit_event where kind in ('key.rotate', 'key.revoke') order by entry",
  )) as { event: string }[]
  const [rotated, revoked] = rows.map(
    ({ event }) => JSON.parse(event) as { details: object; severity: string },
  )

  expect(rows).toHaveLength(2)
  expect(rotated).toMatchObject({ severity: 'high', details: { access: before } })
  expect(Object.keys(rotated?.details ?? {}).sort()).toEqual(['access', 'seal'])
  expect(revoked).toMatchObject({ severity: 'high', details: { purpose: 'access', before, after } })
})

test('the page of keys shows each ring, and changes one for a proof and a reason', async () => {
  const active = async (ring: string) =>
    house.sql(`select id from castellan_key where purpose = '${ring}' and state = 'active'`)
  const before = await Promise.all(RINGS.map(active))
  house.clock.now += 6 * 60_000
  const change = (ring: string, verb: string, fields: Readonly<Record<string, string>> = {}) =>
    ana.client.post(`${BASE}/keys/${ring}/${verb}`, fields, { from: `${BASE}/keys` })

  const { text } = await ana.client.get(`${BASE}/keys`)
  for (const ring of RINGS) expect(text).toContain(`action="${BASE}/keys/${ring}/rotate"`)
  expect((await change('credential', 'rotate')).text).toContain('name="_reason"')
  const _reason = 'once a quarter'
  expect((await change('credential', 'rotate', { _reason })).text).toContain('name="_code"')
  expect(await Promise.all(RINGS.map(active))).toEqual(before)

  expect((await change('credential', 'rotate', { _reason, _code: ana.code() })).status).toBe(303)
  const after = await Promise.all(RINGS.map(active))
  const isChanged = RINGS.map((_, index) => JSON.stringify(after[index]) !== JSON.stringify(before[index]))
  expect(RINGS.filter((_, index) => isChanged[index])).toEqual(['credential'])
  expect((await change('subject', 'revoke', { _reason })).status).toBe(303)
  expect((await change('nothing', 'rotate', { _reason })).status).toBe(422)
})

test('nobody but those who keep them sees or changes keys', async () => {
  const statuses = async (role: string): Promise<readonly number[]> => {
    const headers = {
      authorization: `Bearer ${await house.token([role])}`,
      'content-type': 'application/json',
    }
    const [visitor, path] = [house.visitor(), `${BASE}/api/v1/models/castellan.keys`]
    const change = (verb: string, input: object) =>
      visitor.send('POST', `${path}/actions/${verb}`, {
        headers,
        body: JSON.stringify({ input, reason: 'why' }),
      })
    const list = await visitor.get(`${path}/records`, headers)
    expect(list.text).not.toMatch(/wrapped|public_key/)
    return [
      list.status,
      (await change('rotate', { purposes: ['access'] })).status,
      (await change('revoke', { purpose: 'access' })).status,
    ]
  }

  expect(await statuses('admin')).toEqual([404, 404, 404])
  expect(await statuses('auditor')).toEqual([200, 403, 403])
  // a service cannot prove again who it is
  expect(await statuses('superadmin')).toEqual([200, 403, 403])
})
