/** Secrets typed, sent and made everywhere, and then looked for in the log, in every event, and in every table of ours. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Logger, pino } from 'pino'
import { expect, test } from 'vitest'
import { FORMATS } from '../../src/audit/format/format.ts'
import { deliver } from '../../src/audit/sink/deliver.ts'
import { sinkOf } from '../../src/audit/sink/sink-of.ts'
import { openDatabase } from '../../src/database/url.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { BASE, totpCode } from '../client.ts'
import { asSystem, type House, type HouseOptions, openHouse, PASSWORD } from '../house.ts'
import { act, api } from './api.ts'
import { withParts } from './assemble.ts'

const SQL = `
  create table accounts (
    id integer primary key, name text not null, password_hash text, api_token text, card_number text, iban text
  );
  insert into accounts values (1, 'Ana', 'stored-hash-canary', 'stored-token-canary', '4111111111111111', 'DE89370400440532013000');
`

interface World {
  readonly house: House
  readonly lines: string[]
  /** Everything that must not be found, by what it is. */
  readonly secrets: Map<string, string>
}

/** A house whose log is kept, at its most talkative. */
async function open(
  identity: (identity: Identity, log: Logger) => Identity = (one) => one,
  options: Partial<HouseOptions> = {},
): Promise<World> {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const installation = randomBytes(32).toString('base64url')
  const assemble = withParts({
    app: (parts) => ({ ...parts, log }),
    identity: (plain) => identity(plain, log),
  })
  const house = await openHouse({ sql: SQL, secretKeys: [installation], assemble, ...options })
  return { house, lines, secrets: new Map([['the installation’s secret', installation]]) }
}

/** Uses the admin as people do who mistype, and as attackers do. */
async function live({ house, secrets }: World): Promise<void> {
  const { setUpToken } = await house.admin.initialize()
  secrets.set('the set-up token', setUpToken ?? '')
  await house.visitor().get(`${BASE}/set-up?token=${setUpToken}`)
  const fields = { name: 'X', email: 'x', password: 'set-up-password-canary', token: setUpToken ?? '' }
  await house.visitor().post(`${BASE}/set-up`, fields, { from: `${BASE}/sign-in` })
  secrets.set('a password of a set-up', 'set-up-password-canary')

  const top = await house.signIn({ role: 'superadmin', email: 'ana@example.com' })
  secrets.set('the password', PASSWORD)
  for (const [name, value] of top.client.cookies)
    if (value.length > 20) secrets.set(`the cookie ${name}`, value)
  secrets.set('the token of forms', await top.client.csrf(`${BASE}/profile`))

  const typed = 'typed-password-canary'
  secrets.set('a password that was typed', typed)
  const visitor = house.visitor()
  for (const email of ['ana@example.com', 'nobody@example.com', typed])
    await visitor.post(`${BASE}/sign-in`, { email, password: typed, [typed]: typed })
  await visitor.get(`${BASE}/sign-in?password=${typed}&next=/${typed}`)
  await visitor.get(`${BASE}/${typed}?token=${typed}`, {
    'user-agent': 'Test',
    authorization: `Bearer ${typed}`,
  })
  await visitor.send('GET', `${BASE}/api/v1/models?access_token=${typed}`, {
    headers: { authorization: `Bearer cst_${typed}`, 'x-api-key': typed, cookie: `castellan-4600=${typed}` },
  })

  const next = 'changed-password-canary'
  secrets.set('a password that was chosen', next)
  for (const current of [typed, PASSWORD])
    await top.client.post(
      `${BASE}/profile/password`,
      { current, next, repeat: next },
      { from: `${BASE}/profile` },
    )
  await top.client.post(`${BASE}/people/x/deactivate`, { _code: '918273' }, { from: `${BASE}/profile` })
  secrets.set('a wrong code', '918273')

  const person = {
    name: 'New',
    email: 'new@example.com',
    roles: ['support'],
    password: 'given-password-canary',
    withTotp: true,
  }
  const refused = await act(top.client, 'castellan.people.create', person)
  expect(refused.status).toBe(422)
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', person)
  const { totpUri } = made as { totpUri: string }
  secrets.set('a password that was given', 'given-password-canary')
  secrets.set('a seed', new URL(totpUri).searchParams.get('secret') ?? '')
  const other = house.visitor()
  await other.post(`${BASE}/sign-in`, { email: 'new@example.com', password: 'given-password-canary' })
  secrets.set('a sign-in under way', other.cookies.get('castellan-pending-4600') ?? '')
  const code = totpCode(totpUri, house.clock.now)
  await other.post(`${BASE}/sign-in/second-factor`, { code })

  const token = (await asSystem(house.admin, house.clock.now, 'castellan.tokens.create', {
    name: 'reader',
    roles: ['support'],
    actions: null,
    expiresAt: null,
  })) as { token: string }
  secrets.set('a service token', token.token)
  const bearer = { headers: { authorization: `Bearer ${token.token}` }, isBare: true }
  await house.visitor().send('GET', `${BASE}/api/v1/models/accounts/records`, bearer)

  for (const field of ['password_hash', 'api_token'])
    await api(top.client, 'PATCH', '/models/accounts/records/1', {
      values: { [field]: 'written-secret-canary' },
    })
  await top.client.post(`${BASE}/m/accounts/1/edit`, { name: 'Ana', password_hash: 'written-secret-canary' })
  await api(top.client, 'POST', '/models/accounts/records', '{"values": {"name": "broken-json-canary"')
  await api(top.client, 'PATCH', '/models/accounts/records/1', { values: { name: 'Ana B.' } })
  await api(top.client, 'DELETE', '/models/accounts/records/1')
  secrets.set('a secret that was written', 'written-secret-canary')
  secrets.set('a body that was no JSON', 'broken-json-canary')
  secrets.set('a stored secret', 'stored-hash-canary')
  secrets.set('a stored token', 'stored-token-canary')
}

/** Every value of every table of ours, bytes also as the text that they may be. */
async function tables({ house }: World): Promise<string> {
  const names = await house.ownTables()
  expect(names.length).toBeGreaterThan(10)
  const rows = (await Promise.all(names.map((name) => house.sql(`select * from ${name}`)))).flat()
  return JSON.stringify(rows, (_, value) =>
    value instanceof Uint8Array
      ? `${Buffer.from(value).toString('hex')} ${Buffer.from(value).toString()}`
      : value,
  )
}

/** What files hold of the log when it is sent on, in every format. */
async function sentTo(folder: string, { url, clock }: House): Promise<string> {
  const database = await openDatabase(url, { place: 'test' })
  try {
    const parts = { database, clock: () => clock.now, tell: async () => {} }
    for (const format of FORMATS) {
      const sink = sinkOf({ name: format, to: pathToFileURL(join(folder, format)).href, format })
      while ((await deliver(parts, sink)) === 'delivered');
    }
  } finally {
    await database.close()
  }
  return FORMATS.map((format) => readFileSync(join(folder, format), 'utf8')).join('')
}

/** What of the secrets stands there, as it is or as it would be encoded. */
function found(secrets: ReadonlyMap<string, string>, text: string): readonly string[] {
  return [...secrets]
    .filter(([what, secret]) => {
      if (secret === '') throw new Error(`There is no ${what}.`)
      const forms = [secret, encodeURIComponent(secret), btoa(secret), Buffer.from(secret).toString('hex')]
      return forms.some((form) => text.includes(form))
    })
    .map(([what]) => what)
}

test('none of them is there', async () => {
  const world = await open()
  try {
    await live(world)

    expect(world.lines.length).toBeGreaterThan(40)
    expect(world.secrets.size).toBeGreaterThan(15)
    expect(found(world.secrets, world.lines.join('\n'))).toEqual([])
    expect(found(world.secrets, await tables(world))).toEqual([])
  } finally {
    await world.house.close()
  }
})

test('none of them is in a file of any format that the log is sent on in', async () => {
  const world = await open()
  const folder = mkdtempSync(join(tmpdir(), 'castellan-canary-'))
  try {
    await live(world)
    // closing seals what waits
    await world.house.admin.close()

    const sent = await sentTo(folder, world.house)

    expect(sent.length).toBeGreaterThan(20_000)
    expect(found(world.secrets, sent)).toEqual([])
    expect(found(new Map([['a known name', 'superadmin']]), sent)).toEqual(['a known name'])
  } finally {
    await world.house.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('control: a sign-in that logs what was typed is found out', async () => {
  const world = await open((identity, log) => ({
    ...identity,
    signIn(input, origin) {
      log.debug({ input }, 'sign-in')
      return identity.signIn(input, origin)
    },
  }))
  try {
    await live(world)

    expect(found(world.secrets, world.lines.join('\n'))).toContain('a password that was typed')
  } finally {
    await world.house.close()
  }
})

test('control: a table that keeps a token in plain text is found out', async () => {
  const world = await open()
  try {
    await live(world)
    const token = world.secrets.get('a service token') ?? ''
    await world.house.sql(`update castellan_service_token set token_hash = '${token}'`)

    expect(found(world.secrets, await tables(world))).toEqual(['a service token'])
  } finally {
    await world.house.close()
  }
})

test('a fault of the database says no value and no statement, to its caller and to the log', async () => {
  const world = await open(undefined, { engine: 'sqlite' })
  try {
    const top = await world.house.signIn({ role: 'superadmin' })
    await world.house.sql(
      "create trigger broken before update on accounts begin select raise(abort, 'out of order'); end",
    )
    const { status, text } = await api(top.client, 'PATCH', '/models/accounts/records/1', {
      values: { name: 'value-canary' },
    })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toMatch(/at .*\.ts|stack|update "|value-canary|sqlite/i)
    expect(world.lines.join('\n')).not.toContain('value-canary')
  } finally {
    await world.house.close()
  }
})
