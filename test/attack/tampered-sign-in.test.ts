/** What a sign-in hands to the browser comes back changed: fields, cookies, the step, the address to go on to. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { BASE, type Client, totpCode } from '../client.ts'
import { asSystem, type House, openHouse, PASSWORD } from '../house.ts'
import { SHOP } from './shop.ts'

const EMAIL = 'victim@example.com'
const FACTOR = `${BASE}/sign-in/second-factor`

let house: House
let totpUri: string

beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
  const person = { name: 'Victim', roles: ['admin'], attributes: {}, password: PASSWORD, withTotp: true }
  for (const email of [EMAIL, 'other@example.com']) {
    const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', { ...person, email })
    if (email === EMAIL) totpUri = (made as { totpUri: string }).totpUri
  }
})
afterEach(() => house.close())

const code = (): string => {
  house.clock.now += 30_000
  return totpCode(totpUri, house.clock.now)
}
const isIn = async (client: Client): Promise<boolean> => (await client.get(`${BASE}/profile`)).status === 200
const pendingName = 'castellan-pending-4600'

/** A browser that has shown the password. */
async function halfway(email = EMAIL): Promise<Client> {
  const client = house.visitor()
  await client.post(`${BASE}/sign-in`, { email, password: PASSWORD })
  return client
}

test('a sign-in that owes a code is at no other step, whatever is asked for', async () => {
  const client = await halfway()

  const { status, location } = await client.get(`${BASE}/sign-in/enrol`)
  expect([status, location]).toEqual([303, FACTOR])
  const answer = await client.post(`${BASE}/sign-in/enrol`, { code: code() }, { from: FACTOR })
  expect(answer.status).toBe(303)
  expect(await isIn(client)).toBe(false)
})

test('fields that no form has are of no use', async () => {
  const client = await halfway()
  const extra = {
    stage: 'enrol',
    kind: 'signed-in',
    method: 'oidc:corp',
    proven: 'oidc:corp passkey',
    email: 'other@example.com',
    person: 'other',
    assurance: '3',
    roles: 'superadmin',
    skip: '1',
  }

  expect((await client.post(FACTOR, { ...extra, code: '000000' })).status).toBe(401)
  expect(await isIn(client)).toBe(false)
  await client.post(FACTOR, { ...extra, code: code() })
  expect(await isIn(client)).toBe(true)
  const rows = (await house.sql(`select email, methods from castellan_session
    join castellan_person on castellan_person.id = person_id`)) as { email: string; methods: unknown }[]
  expect(rows).toHaveLength(1)
  expect(rows[0]?.email).toBe(EMAIL)
  expect(JSON.stringify(rows[0]?.methods)).not.toContain('oidc')
})

test('control: the same sign-in with nothing changed gets in', async () => {
  const client = await halfway()
  await client.post(FACTOR, { code: code() })

  expect(await isIn(client)).toBe(true)
})

test('a token of a sign-in under way with any of it changed is none', async () => {
  const client = await halfway()
  const token = await client.csrf(FACTOR)
  const pending = client.cookies.get(pendingName) ?? ''
  expect(pending).toMatch(/^[\w-]{43}$/)
  const changed = [
    `oidc:corp.${pending}`,
    `password ${pending}`,
    pending.slice(1),
    `${pending}x`,
    `${pending.slice(0, -1)}${pending.endsWith('A') ? 'B' : 'A'}`,
    pending.toUpperCase(),
    '',
  ]

  for (const value of changed) {
    client.cookies.set(pendingName, value)
    const answer = await client.post(FACTOR, { code: code() }, { csrf: token })
    expect([answer.status, await isIn(client)], value).not.toContain(true)
  }
  client.cookies.set(pendingName, pending)
  await client.post(FACTOR, { code: code() }, { csrf: token })
  expect(await isIn(client)).toBe(true)
})

test('the code of one person finishes no sign-in of another', async () => {
  const client = await halfway('other@example.com')

  expect((await client.post(FACTOR, { code: code(), email: EMAIL })).status).toBe(401)
  expect(await isIn(client)).toBe(false)
})
