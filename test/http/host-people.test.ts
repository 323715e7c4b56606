/** People whom the application itself knows: they sign in with what they have there, and are given roles here. */

import { scrypt as scryptAsync } from 'node:crypto'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { AdminError } from '../../src/errors.ts'
import type { PeopleOption } from '../../src/identity/host-people.ts'
import { api } from '../attack/api.ts'
import { BASE, type Client, totpCode } from '../client.ts'
import { type HouseOptions, openHouse } from '../house.ts'

const scrypt = promisify(scryptAsync) as (password: string, salt: string, size: number) => Promise<Buffer>
const hashOf = async (password: string): Promise<string> =>
  (await scrypt(password.normalize('NFC'), 'salt', 32)).toString('hex')

const ANA = 'ana has a long password'
const BEN = 'ben has another password'

type House = Awaited<ReturnType<typeof openHouse>>
let house: House
afterEach(() => house.close())

const SQL = async (): Promise<string> => `
  create table staff (
    id integer primary key, username varchar(100) not null unique, full_name varchar(100) not null,
    password_hash varchar(200) not null, is_admin integer not null
  );
  create table orders (id integer primary key, status varchar(20) not null);
  insert into orders values (11, 'open');
  insert into staff values (7, 'ana', 'Ana Ferreira', '${await hashOf(ANA)}', 1);
  insert into staff values (8, 'Ben', 'Ben Adler', '${await hashOf(BEN)}', 0);
`

interface Staff {
  readonly id: number
  readonly username: string
  readonly password_hash: string
}

/** As an application would write it: one hash, whoever asks. */
const PEOPLE: PeopleOption = {
  model: 'staff',
  usernameField: 'username',
  nameField: 'full_name',
  async authenticate(username, password) {
    const rows = (await house.sql('select id, username, password_hash from staff')) as Staff[]
    const found = rows.find((one) => one.username === username)
    return (await hashOf(password)) === found?.password_hash ? found.id : null
  },
  async changePassword(id, password) {
    await house.sql(`update staff set password_hash = '${await hashOf(password)}' where id = ${id}`)
  },
}

async function open(people: Partial<PeopleOption> = {}, options: Partial<HouseOptions> = {}): Promise<House> {
  house = await openHouse({ sql: await SQL(), people: { ...PEOPLE, ...people }, ...options })
  return house
}

interface In {
  readonly client: Client
  readonly uri: string
}

/** From a page that answers to username and password to the dashboard, with a new authenticator. */
async function enrol(client: Client, location: string | null): Promise<In> {
  expect(location).toBe(`${BASE}/sign-in/enrol`)
  const { text } = await client.get(location ?? '')
  const secret =
    /data-copy="([A-Z2-7]{16,})"/.exec(text)?.[1] ?? /([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})/.exec(text)?.[1] ?? ''
  const uri = `otpauth://totp/Castellan?secret=${secret.replaceAll(' ', '')}`
  const done = await client.post(`${BASE}/sign-in/enrol`, { code: totpCode(uri, house.clock.now) })
  expect(done.text).toContain('recovery codes')
  return { client, uri }
}

async function signIn(username: string, password: string): Promise<In> {
  const client = house.visitor()
  const { location } = await client.post(`${BASE}/sign-in`, { email: username, password })
  return enrol(client, location)
}

async function signInAgain({ uri }: In, username: string, password: string): Promise<Client> {
  house.clock.now += 30_000
  const client = house.visitor()
  const first = await client.post(`${BASE}/sign-in`, { email: username, password })
  const second = await client.post(first.location ?? '', { code: totpCode(uri, house.clock.now) })
  expect(second.status).toBe(303)
  return client
}

async function setUp(username = 'ana', password = ANA): Promise<In> {
  const { setUpToken } = await house.admin.initialize()
  const client = house.visitor()
  const path = `${BASE}/set-up?token=${setUpToken}`
  const fields = { token: setUpToken ?? '', email: username, password }
  const { location } = await client.post(`${BASE}/set-up`, fields, { from: path })
  return enrol(client, location)
}

const people = () => house.sql('select name, email, is_active from castellan_person order by name')

test('makes whoever has the set-up link and a password of the application the first administrator', async () => {
  await open()
  const { setUpToken } = await house.admin.initialize()
  const page = await house.visitor().get(`${BASE}/set-up?token=${setUpToken}`)
  expect(page.text).toContain('>Username<')
  expect(page.text).not.toContain('name="name"')

  const { client } = await setUp()

  expect(await people()).toEqual([{ name: 'Ana Ferreira', email: 'ana', is_active: 1 }])
  expect((await client.get(`${BASE}/m/orders`)).status).toBe(200)
  expect((await client.get(`${BASE}/profile`)).text).toContain('Superadmin')
  expect((await house.admin.initialize()).setUpToken).toBeNull()
  const kinds = await house.sql(
    "select kind, outcome from castellan_audit_event where kind like 'identity%' or kind like 'person%'",
  )
  expect(kinds).toEqual(
    expect.arrayContaining([
      { kind: 'person.create', outcome: 'done' },
      { kind: 'identity.set-up', outcome: 'done' },
      { kind: 'identity.enrol', outcome: 'done' },
      { kind: 'identity.sign-in', outcome: 'done' },
    ]),
  )
})

test('keeps the set-up link good while nobody but strangers has signed in', async () => {
  await open()
  await signIn('Ben', BEN)

  expect((await house.admin.initialize()).setUpToken).not.toBeNull()
  await setUp()
  expect(await people()).toHaveLength(2)
})

test('gives a person who signs in no role, and so nothing, until somebody does', async () => {
  await open()
  const ana = await setUp()
  const ben = await signIn('Ben', BEN)

  expect((await ben.client.get(`${BASE}/m/orders`)).status).toBe(404)
  expect((await ben.client.get(BASE)).text).not.toContain('/m/orders')
  expect((await api(ben.client, 'GET', '/models')).json['models']).toMatchObject([
    // their own
    { name: 'castellan.sessions' },
    { name: 'castellan.agents' },
  ])

  const [person] = (await house.sql("select id from castellan_person where email = 'Ben'")) as {
    id: string
  }[]
  house.clock.now += 30_000
  const path = `${BASE}/people/${person?.id}`
  const given = await ana.client.post(
    `${path}/grant-role`,
    { role: 'support', expiresAt: '', _code: totpCode(ana.uri, house.clock.now) },
    { from: path },
  )
  expect(given.status).toBe(303)
  expect((await ben.client.get(`${BASE}/m/orders`)).status).toBe(200)
})

test('is the same person at every sign-in, under the name that the application has now', async () => {
  await open()
  const ana = await setUp()
  await house.sql("update staff set full_name = 'Ana F. Silva', username = 'ana.silva' where id = 7")

  const client = await signInAgain(ana, 'ana.silva', ANA)

  expect(await people()).toEqual([{ name: 'Ana F. Silva', email: 'ana.silva', is_active: 1 }])
  expect((await client.get(`${BASE}/m/orders`)).status).toBe(200)
})

test('keeps out who was deactivated here, or is gone there, in the same words as a wrong password', async () => {
  await open()
  const ana = await setUp()
  await signIn('Ben', BEN)
  const words = async (username: string, password: string): Promise<readonly [number, string]> => {
    const { status, text } = await house.visitor().post(`${BASE}/sign-in`, { email: username, password })
    return [status, /role="alert"[^>]*>(.*?)<\/div>/.exec(text)?.[1]?.replaceAll(/<[^>]+>/g, '') ?? '']
  }
  await house.sql("update castellan_person set is_active = false where email = 'Ben'")

  const wrong = await words('ana', 'not her password')
  expect(wrong).toEqual([401, 'Username and password do not match. Check both and try again.'])
  expect(await words('Ben', BEN)).toEqual(wrong)
  expect(await words('nobody', BEN)).toEqual(wrong)
  await house.sql('delete from staff where id = 7')
  expect(await words('ana', ANA)).toEqual(wrong)

  // and a session of theirs ends when its token is renewed
  house.clock.now += 16 * 60_000
  expect((await ana.client.get(`${BASE}/profile`)).location).toContain('/sign-in')
})

test('gives and takes the roles that the application maps, and leaves those that administrators gave', async () => {
  let mapped: readonly string[] = ['support']
  await open({ roles: async (id) => (id === 8 ? mapped : ['superadmin']) })
  const roles = async (): Promise<unknown> =>
    house.sql(
      "select role from castellan_role_grant g join castellan_person p on p.id = g.principal_id where p.email = 'Ben' order by role",
    )
  const ben = await signIn('Ben', BEN)
  expect(await roles()).toEqual([{ role: 'support' }])

  const [person] = (await house.sql("select id from castellan_person where email = 'Ben'")) as {
    id: string
  }[]
  await house.sql(
    `insert into castellan_role_grant values ('person', '${person?.id}', 'security-officer', '2026-11-20T10:00:00.000Z', null)`,
  )
  mapped = ['auditor']
  await signInAgain(ben, 'Ben', BEN)
  expect(await roles()).toEqual([{ role: 'auditor' }, { role: 'security-officer' }])

  mapped = ['emperor']
  const refused = await house.visitor().post(`${BASE}/sign-in`, { email: 'Ben', password: BEN })
  expect(refused.status).toBe(401)
  expect(await roles()).toEqual([{ role: 'auditor' }, { role: 'security-officer' }])
})

test('never takes the last superadmin away', async () => {
  let mapped: readonly string[] = ['superadmin']
  await open({ roles: () => mapped })
  const ana = await signIn('ana', ANA)
  mapped = []

  const client = await signInAgain(ana, 'ana', ANA)
  expect((await client.get(`${BASE}/people`)).status).toBe(200)
})

test('changes one’s own password through the application, and ends the other sessions', async () => {
  await open()
  const ana = await setUp()
  const other = await signInAgain(ana, 'ana', ANA)
  const next = 'a quiet harbour at dawn'
  const change = (current: string, wanted: string) =>
    other.post(
      `${BASE}/profile/password`,
      { current, next: wanted, repeat: wanted },
      { from: `${BASE}/profile` },
    )

  expect((await change('not hers at all', next)).status).toBe(401)
  expect((await change(ANA, 'short')).status).toBe(422)
  expect((await change(BEN, next)).status).toBe(401)
  expect((await change(ANA, next)).status).toBe(303)

  expect((await ana.client.get(`${BASE}/profile`)).location).toContain('/sign-in')
  await signInAgain(ana, 'ana', next)
  const told = await house.sql(
    "select outcome from castellan_audit_event where kind = 'identity.password' order by entry",
  )
  expect(told).toEqual(['refused', 'refused', 'refused', 'started', 'done'].map((outcome) => ({ outcome })))
})

test('changes somebody else’s password for whoever may, after a proof, and never of who holds more', async () => {
  await open()
  const ana = await setUp()
  const ben = await signIn('Ben', BEN)
  const path = `${BASE}/m/staff/8/actions/change-password`
  const next = 'a harbour quiet at dusk'

  expect((await ana.client.get(`${BASE}/m/staff/8`)).text).toContain(path)
  house.clock.now += 6 * 60_000
  const asked = await ana.client.post(path, { password: next })
  expect(asked.text).toContain('Confirm that it is you')
  const done = await ana.client.post(path, { password: next, _code: totpCode(ana.uri, house.clock.now) })
  expect(done.status).toBe(303)
  expect((await ben.client.get(`${BASE}/profile`)).location).toContain('/sign-in')
  await signInAgain(ben, 'Ben', next)

  const own = await ana.client.post(
    `${BASE}/m/staff/7/actions/change-password`,
    { password: next },
    { from: `${BASE}/m/staff/7` },
  )
  expect(own.status).toBe(403)
  const told = await house.sql(
    "select action, outcome from castellan_audit_event where action = 'staff.change-password' order by entry",
  )
  expect(told.at(-1)).toEqual({ action: 'staff.change-password', outcome: 'refused' })
  expect(told).toContainEqual({ action: 'staff.change-password', outcome: 'done' })
  expect(JSON.stringify(await house.sql('select event from castellan_audit_event'))).not.toContain(next)
})

test('offers no change of passwords where the application takes none', async () => {
  const { changePassword: _, ...fixed } = PEOPLE
  house = await openHouse({ sql: await SQL(), people: fixed })
  const ana = await setUp()

  expect((await ana.client.get(`${BASE}/profile`)).text).not.toContain('Current password')
  expect((await ana.client.get(`${BASE}/m/staff/8`)).text).not.toContain('change-password')
  expect((await ana.client.get(`${BASE}/m/staff/8/actions/change-password`)).status).toBe(404)
})

test('says what the application says of a new password, and nothing of its faults', async () => {
  const seen: unknown[] = []
  let fault: unknown = new AdminError('invalid-input', 'No.', {
    fields: { password: ['must be changed less often'] },
  })
  await open({ changePassword: () => Promise.reject(fault) }, { onError: (error) => seen.push(error) })
  const ana = await setUp()
  const path = `${BASE}/m/staff/8/actions/change-password`
  const send = () =>
    ana.client.post(path, { password: 'a harbour quiet at dusk' }, { from: `${BASE}/m/staff/8` })

  expect((await send()).text).toContain('New password must be changed less often')
  fault = new Error('connect ECONNREFUSED 10.0.0.7 secret-host')
  const failed = await send()
  expect(failed.status).toBe(503)
  expect(failed.text).not.toContain('secret-host')
  expect(seen).toContain(fault)
})

test('hides the hash, and lets nobody add people beside those of the application', async () => {
  await open()
  const ana = await setUp()

  const record = await api(ana.client, 'GET', '/models/staff/records/7')
  expect(record.status).toBe(200)
  expect(record.text).not.toContain('password_hash')
  expect((await api(ana.client, 'GET', '/models/staff')).text).not.toContain('password_hash')
  expect((await ana.client.get(`${BASE}/m/staff/7`)).text).not.toContain(await hashOf(ANA))
  const added = await api(ana.client, 'POST', '/models/castellan.people/actions/create', {
    input: { name: 'Eve', email: 'eve@example.com' },
  })
  expect(added).toMatchObject({ status: 422, json: { fields: { email: ['cannot be added here'] } } })
})

test('does not start with a model or a field that is not there, or without authenticate', async () => {
  const start = async (people: object) =>
    openHouse({ sql: await SQL(), people: { ...PEOPLE, ...people } as PeopleOption })

  await expect(start({ model: 'stuff' })).rejects.toMatchObject({
    mistakes: [{ id: 'H101', remedy: 'Did you mean "staff"?' }],
  })
  await expect(start({ usernameField: 'user_name', passwordField: 'hash' })).rejects.toMatchObject({
    mistakes: [
      { id: 'H102', place: 'people.usernameField' },
      { id: 'H102', place: 'people.passwordField' },
    ],
  })
  await expect(start({ usernameField: 'password_hash' })).rejects.toMatchObject({
    mistakes: [{ id: 'H103' }],
  })
  await expect(start({ authenticate: undefined })).rejects.toMatchObject({
    mistakes: [{ id: 'C003', place: 'people' }],
  })
  await open()
})
