/** Someone guesses at, or lies through, the application that says who people are. */

import { afterEach, expect, test } from 'vitest'
import type { HostPeople, PeopleOption } from '../../src/identity/host-people.ts'
import { permit } from '../../src/policy/permit.ts'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { type Answer, BASE, type Client, totpCode } from '../client.ts'
import { type HouseOptions, openHouse } from '../house.ts'
import { act, api } from './api.ts'
import { withParts } from './assemble.ts'

const SQL = `
  create table staff (id integer primary key, username varchar(100) not null, password_hash varchar(100));
  create table orders (id integer primary key, status varchar(20) not null);
  insert into orders values (11, 'open');
  insert into staff values (7, 'ana', 'hash-aaa'), (8, 'ben', 'hash-bbb'), (9, 'ana@example.com', 'hash-ccc');
`
const PASSWORD = 'a password of the application'
const IDS: Readonly<Record<string, number>> = { ana: 7, ben: 8, 'ana@example.com': 9 }

let house: Awaited<ReturnType<typeof openHouse>>
let asked: string[]
afterEach(() => house.close())

async function open(
  authenticate: PeopleOption['authenticate'] = (username, password) =>
    password === PASSWORD ? (IDS[username] ?? null) : null,
  options: Partial<HouseOptions> = {},
  more: Partial<PeopleOption> = {},
): Promise<void> {
  asked = []
  const people: PeopleOption = {
    model: 'staff',
    usernameField: 'username',
    authenticate(username, password) {
      asked.push(`${username}:${password.length}`)
      return authenticate(username, password)
    },
    ...more,
  }
  house = await openHouse({ sql: SQL, people, ...options })
}

const knock = (email: string, password: string, client = house.visitor()): Promise<Answer> =>
  client.post(`${BASE}/sign-in`, { email, password })

/** What stands on the page, without what is new in every answer. */
const seen = ({ status, text }: Answer): readonly [number, string] => [
  status,
  text
    .replaceAll(/nonce="[^"]*"|name="_csrf" value="[^"]*"/g, '')
    .replace(/(name="email"[^>]*value=")[^"]*/, '$1')
    .replace(/value="[^"]*"([^>]*name="email")/, '$1'),
]

interface In {
  readonly client: Client
  readonly uri: string
}

async function enrol(client: Client): Promise<In> {
  const { text } = await client.get(`${BASE}/sign-in/enrol`)
  const secret = /([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})/.exec(text)?.[1]?.replaceAll(' ', '') ?? ''
  const uri = `otpauth://totp/Castellan?secret=${secret}`
  const done = await client.post(`${BASE}/sign-in/enrol`, { code: totpCode(uri, house.clock.now) })
  expect(done.status).toBe(200)
  return { client, uri }
}

async function signIn(username: string): Promise<In> {
  const client = house.visitor()
  expect((await knock(username, PASSWORD, client)).status).toBe(303)
  return enrol(client)
}

async function setUp(): Promise<In> {
  const { setUpToken: token } = await house.admin.initialize()
  const client = house.visitor()
  const fields = { token: token ?? '', email: 'ana', password: PASSWORD }
  await client.post(`${BASE}/set-up`, fields, { from: `${BASE}/set-up?token=${token}` })
  return enrol(client)
}

test('guesses are counted, and from then on the application is not even asked', async () => {
  await open()
  await setUp()
  asked.length = 0

  const answers: number[] = []
  for (let guess = 0; guess < 8; guess++) answers.push((await knock('ben', `guess number ${guess}`)).status)
  expect(answers).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  expect(asked).toHaveLength(5)
  // no spelling of the name is another account
  for (const name of ['BEN', ' ben ', 'Ben', 'bén', 'b\u0065\u0301n', 'b\u200ben', 'ｂｅｎ'])
    expect([name, (await knock(name, PASSWORD)).status]).toEqual([name, 429])
  // a name that nobody has is counted all the same
  const nobody: number[] = []
  for (let guess = 0; guess < 6; guess++) nobody.push((await knock('nobody', `guess ${guess}`)).status)
  expect(nobody).toEqual([401, 401, 401, 401, 401, 429])
  house.clock.now += 16 * 60_000
  expect((await knock('ben', PASSWORD)).status).toBe(303)
})

test('guesses with a set-up link are counted too', async () => {
  await open()
  const { setUpToken: token } = await house.admin.initialize()
  const from = `${BASE}/set-up?token=${token}`

  const answers: number[] = []
  for (let guess = 0; guess < 7; guess++) {
    const fields = { token: token ?? '', email: 'ana', password: `guess number ${guess}` }
    answers.push((await house.visitor().post(`${BASE}/set-up`, fields, { from })).status)
  }
  expect(answers).toEqual([401, 401, 401, 401, 401, 429, 429])
})

test('every failure looks the same, whatever became of it in the application', async () => {
  let fault: (() => never) | null = null
  await open((username, password) => {
    fault?.()
    if (username === 'ghost') return 4711
    return password === PASSWORD ? (IDS[username] ?? null) : null
  })
  await setUp()
  await signIn('ben')
  await house.sql("update castellan_person set is_active = false where email = 'ben'")

  const wrong = seen(await knock('ana', 'not the password of ana'))
  expect(wrong[0]).toBe(401)
  expect(seen(await knock('nobody', PASSWORD))).toEqual(wrong)
  expect(seen(await knock('ben', PASSWORD))).toEqual(wrong)
  expect(seen(await knock('ghost', PASSWORD))).toEqual(wrong)
  fault = () => {
    throw new Error('no connection to 10.0.0.7 as admin:hunter2')
  }
  expect(seen(await knock('ana', PASSWORD))).toEqual(wrong)
  expect(seen(await knock('', PASSWORD))[0]).toBe(401)
  const told = JSON.stringify(await house.sql('select event from castellan_audit_event'))
  for (const typed of ['hunter2', 'nobody', 'ghost', PASSWORD]) expect(told).not.toContain(typed)
})

test('the application is asked once for each attempt, whoever it is, and never with an empty password', async () => {
  await open()
  await setUp()
  await signIn('ben')
  await house.sql("update castellan_person set is_active = false where email = 'ben'")
  asked.length = 0

  for (const name of ['ana', 'ben', 'nobody']) await knock(name, PASSWORD)
  expect(asked).toEqual(['ana', 'ben', 'nobody'].map((name) => `${name}:${PASSWORD.length}`))
  for (const password of ['', 'x'.repeat(1025)]) expect((await knock('ana', password)).status).toBe(401)
  expect(asked).toHaveLength(3)
})

const FORGED: readonly unknown[] = [
  99,
  -1,
  7.5,
  Number.NaN,
  '',
  ' ',
  '7 or 1=1',
  "7'; drop table staff; --",
  '7,8',
  '../7',
  true,
  false,
  {},
  [7],
  { id: 7 },
  () => 7,
  Symbol.iterator,
  undefined,
  Number.MAX_SAFE_INTEGER,
  2n ** 70n,
  'x'.repeat(10_000),
]

test('an answer that names no record lets nobody in, whatever it is', async () => {
  let answer: unknown = 7
  await open(() => answer as number)
  await setUp()
  const before = await house.sql('select id from castellan_person')

  for (const forged of FORGED) {
    answer = forged
    house.clock.now += 24 * 3_600_000
    expect([String(forged), (await knock('ana', PASSWORD)).status]).toEqual([String(forged), 401])
  }
  expect(await house.sql('select id from castellan_person')).toEqual(before)
  expect(await house.sql('select id from staff')).toHaveLength(3)
})

test('control: the same id as a number, a text or a bigint lets its person in', async () => {
  let answer: unknown = 7
  await open(() => answer as number)
  await setUp()

  for (const right of [7, '7', 7n]) {
    answer = right
    expect((await knock('ana', PASSWORD)).status).toBe(303)
  }
})

test('a stranger with a password of the application gets a page with nothing on it', async () => {
  await open()
  await setUp()
  const { client } = await signIn('ben')

  for (const path of ['/m/orders', '/m/orders/11', '/m/staff', '/people', '/audit', '/roles'])
    expect([path, [403, 404].includes((await client.get(`${BASE}${path}`)).status)]).toEqual([path, true])
  for (const action of [
    'orders.update',
    'orders.delete',
    'castellan.people.grant-role',
    'castellan.tokens.create',
  ]) {
    const { status } = await act(client, action, { role: 'superadmin', values: {} }, { key: '11' })
    expect([action, [403, 404].includes(status)]).toEqual([action, true])
  }
  expect((await api(client, 'GET', '/models/orders/records')).status).toBe(404)
})

test('control: with a role the same person sees records', async () => {
  await open(undefined, {}, { roles: (id) => (id === 8 ? ['support'] : []) })
  const { client } = await signIn('ben')

  expect((await client.get(`${BASE}/m/orders/11`)).status).toBe(200)
})

test('a username that looks like somebody’s address is not that somebody', async () => {
  const secretKeys = ['tK3vQ9xZ1pL7mR5wY2cB8nF4hJ6gD0sA']
  house = await openHouse({ sql: SQL, secretKeys })
  const own = await house.signIn({ name: 'Ana', email: 'ana@example.com', role: 'superadmin' })
  const authenticate = (username: string): number | null => IDS[username] ?? null
  const people = { model: 'staff', usernameField: 'username', authenticate }
  const before = house
  house = await openHouse({ sql: SQL, secretKeys, people, store: before.url })
  const { client } = await signIn('ana@example.com')

  expect((await client.get(`${BASE}/people`)).status).not.toBe(200)
  const ids = await before.sql("select id from castellan_person where email = 'ana@example.com'")
  expect(ids).toHaveLength(2)
  expect(own.id).toBeTruthy()
  await before.close()
})

const SETS_PASSWORDS = {
  ...SEEDED_POLICY,
  rules: [
    ...SEEDED_POLICY.rules,
    permit('support-sets-passwords', {
      roles: ['support'],
      actions: ['staff.change-password', 'staff.read', 'staff.list'],
    }),
  ],
}
const NEW_PASSWORD = { password: 'a harbour quiet at dusk' }
const MAPPED: Readonly<Record<number, readonly string[]>> = { 7: ['superadmin'], 8: ['support'] }

test('whoever may set passwords takes over nobody who holds more', async () => {
  const set: unknown[] = []
  await open(
    undefined,
    { policy: SETS_PASSWORDS },
    { roles: (id) => MAPPED[Number(id)] ?? [], changePassword: (id) => void set.push(id) },
  )
  await signIn('ana')
  const { client } = await signIn('ben')

  const { status } = await act(client, 'staff.change-password', NEW_PASSWORD, { key: '7' })
  expect(status).toBe(403)
  expect(set).toEqual([])
  // control: of somebody without any role here, it may
  expect((await act(client, 'staff.change-password', NEW_PASSWORD, { key: '9' })).status).toBe(200)
  expect(set).toEqual([9])
})

/** Ana has never been here; at her first sign-in the application makes her a superadmin. */
async function asksForAna(assemble?: HouseOptions['assemble']): Promise<readonly [number, unknown[]]> {
  const set: unknown[] = []
  await open(
    undefined,
    { policy: SETS_PASSWORDS, ...(assemble && { assemble }) },
    { roles: (id) => MAPPED[Number(id)] ?? [], changePassword: (id) => void set.push(id) },
  )
  const { client } = await signIn('ben')
  const { status } = await act(client, 'staff.change-password', NEW_PASSWORD, { key: '7' })
  return [status, set]
}

test('nor anybody who will hold more from their first sign-in on', async () => {
  expect(await asksForAna()).toEqual([403, []])
})

test('control: with the roles that the application maps forgotten, their password is set', async () => {
  const forgets = withParts({
    identity: (identity) => ({
      ...identity,
      host: identity.host && { ...identity.host, rolesOf: async () => [] },
    }),
  })
  expect(await asksForAna(forgets)).toEqual([200, [7]])
})

test('sets no password of somebody whose roles the application can not say', async () => {
  const set: unknown[] = []
  let isBroken = false
  const roles = (id: unknown): readonly string[] => {
    if (isBroken) throw new Error('no connection')
    return MAPPED[Number(id)] ?? []
  }
  await open(undefined, { policy: SETS_PASSWORDS }, { roles, changePassword: (id) => void set.push(id) })
  const { client } = await signIn('ben')
  isBroken = true

  const { status } = await act(client, 'staff.change-password', NEW_PASSWORD, { key: '9' })
  expect([status, set]).toEqual([503, []])
  isBroken = false
  expect((await act(client, 'staff.change-password', NEW_PASSWORD, { key: '9' })).status).toBe(200)
})

/** Ben's record is deleted, and the database gives its id to Carl, who knows nothing of it. */
async function carlFollowsBen(): Promise<void> {
  await house.sql("delete from staff where username = 'ben'")
  await house.sql("insert into staff values (8, 'carl', 'hash-ddd')")
}
const carlIsEight: PeopleOption['authenticate'] = (username, password) =>
  password === PASSWORD ? ({ ana: 7, ben: 8, carl: 8 }[username] ?? null) : null

async function makeAdmin(name: string): Promise<string> {
  const [row] = await house.sql(`select id from castellan_person where email = '${name}'`)
  const { id } = row as { id: string }
  await house.sql(`insert into castellan_role_grant
    (principal_kind, principal_id, role, expires_at, granted_at)
    values ('person', '${id}', 'admin', null, '2026-11-20T10:00:00.000Z')`)
  return id
}
const orders = async (client: Client): Promise<number> => (await client.get(`${BASE}/m/orders/11`)).status

test('an id that is given to somebody else brings them nothing of who had it', async () => {
  await open(carlIsEight)
  await knock('ben', PASSWORD)
  await makeAdmin('ben')
  await carlFollowsBen()

  const carl = await signIn('carl')
  expect(await orders(carl.client)).not.toBe(200)
  expect(await house.sql("select is_active from castellan_person where email = 'ben'")).toMatchObject([
    { is_active: 0 },
  ])
})

test('control: with the name of the record overlooked, Carl has what Ben was given', async () => {
  const overlooks = withParts({
    host: (host) => ({
      ...host,
      async find(id) {
        const record = await host.find(id)
        return record && { ...record, username: 'ben' }
      },
    }),
  })
  await open(carlIsEight, { assemble: overlooks })
  await knock('ben', PASSWORD)
  await makeAdmin('ben')
  await carlFollowsBen()

  expect(await orders((await signIn('carl')).client)).toBe(200)
})

test('control: the same person, whose id it stays, has what was given', async () => {
  await open(carlIsEight)
  await knock('ben', PASSWORD)
  await makeAdmin('ben')

  expect(await orders((await signIn('ben')).client)).toBe(200)
})

test('where who had it has a second factor, that is asked for, and resetting it gives nothing away', async () => {
  await open(carlIsEight)
  const ben = await signIn('ben')
  const id = await makeAdmin('ben')
  await carlFollowsBen()

  const client = house.visitor()
  expect((await knock('carl', PASSWORD, client)).headers.get('location')).toContain('/sign-in/second-factor')
  // what Ben still has open ended with that
  expect(await orders(ben.client)).not.toBe(200)
  expect(await house.sql(`select name from castellan_person where id = '${id}'`)).toEqual([{ name: 'ben' }])
  await house.sql(`delete from castellan_credential where person_id = '${id}'`)
  expect(await orders((await signIn('carl')).client)).not.toBe(200)
})

test('control: who has a new name proves with the second factor that they are the same', async () => {
  await open(carlIsEight)
  const { uri } = await signIn('ben')
  const id = await makeAdmin('ben')
  await house.sql("update staff set username = 'carl' where id = 8")

  const client = house.visitor()
  await knock('carl', PASSWORD, client)
  house.clock.now += 30_000
  await client.post(`${BASE}/sign-in/second-factor`, { code: totpCode(uri, house.clock.now) })
  expect(await orders(client)).toBe(200)
  expect(await house.sql(`select email from castellan_person where id = '${id}'`)).toEqual([
    { email: 'carl' },
  ])
})

test('control: were the record not looked for, a forged id would make a person', async () => {
  const believed: HostPeople['find'] = async (id) => ({
    key: String(id),
    id: String(id),
    name: 'Forged',
    username: 'forged',
  })
  await open(() => 99, { assemble: withParts({ host: (host) => ({ ...host, find: believed }) }) })

  expect((await knock('ana', PASSWORD)).status).toBe(303)
})
