/** Whoever is not signed in asks for a new password in somebody's name: to learn of them, to be them, or to keep them out. */

import { afterEach, expect, test } from 'vitest'
import type { Configuration } from '../../src/config.ts'
import { AdminError } from '../../src/errors.ts'
import type { Identity } from '../../src/identity/identity.ts'
import type { Message } from '../../src/mail/message.ts'
import { type Answer, BASE, type Client } from '../client.ts'
import { countingHashes } from '../hashes.ts'
import { asSystem, type House, type HouseOptions, PASSWORD, type SignedIn } from '../house.ts'
import { ORIGIN, openProduction, type Production, SECURE } from '../http/behind-proxy.ts'
import { act } from './api.ts'
import { type Replaced, withParts } from './assemble.ts'

const NEXT = 'four lanterns on a pier'

let production: Production
let house: House
let letters: Message[]
const watchers: (() => void)[] = []
afterEach(() => house.close())

/** A house whose letters are kept here, with the parts replaced that a control takes away. */
async function open(replaced: Replaced = {}, options: Partial<HouseOptions> = {}): Promise<void> {
  letters = []
  production = await openProduction({
    mail: {
      from: 'admin@example.com',
      async send(letter) {
        letters.push(letter)
        for (const watcher of watchers.splice(0)) watcher()
      },
    },
    assemble: withParts(replaced),
    ...options,
  })
  house = production.house
}

/** Every account that an address may have, and one that nobody has. */
const ACCOUNTS = ['nobody', 'active', 'closed', 'invited', 'simple'].map((name) => `${name}@example.com`)

async function addAccounts(): Promise<void> {
  const top = await production.signIn('superadmin')
  const add = (email: string, more: object): Promise<unknown> =>
    asSystem(house.admin, house.clock.now, 'castellan.people.create', { name: 'One', email, ...more })
  await add('active@example.com', { password: PASSWORD, withTotp: true })
  const { id: key } = (await add('closed@example.com', { password: PASSWORD })) as { id: string }
  await add('invited@example.com', {})
  await add('simple@example.com', { password: PASSWORD })
  expect((await act(top.client, 'castellan.people.deactivate', {}, { key })).status).toBe(200)
}

function forgot(email: string, client: Client = production.visitor()): Promise<Answer> {
  return client.post(`${BASE}/forgot-password`, { email })
}

/** What an answer says and costs, but for what is new in every one. */
async function seenBy(email: string): Promise<string> {
  const client = production.visitor()
  const csrf = await client.csrf(`${BASE}/forgot-password`)
  const { result, hashes } = await countingHashes(() =>
    client.post(`${BASE}/forgot-password`, { email }, { csrf }),
  )
  const { status, headers, text } = result
  const nonce = /nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '')?.[1] ?? ''
  const kept = [...headers].filter(([name]) => name !== 'set-cookie')
  return JSON.stringify([status, hashes, kept, text])
    .replaceAll(nonce, 'NONCE')
    .replaceAll(email, 'EMAIL')
    .replaceAll(headers.get('x-request-id') ?? '', 'ID')
    .replace(/name=\\"_csrf\\" value=\\"[^"]*\\"/g, 'CSRF')
}

async function seen(): Promise<ReadonlySet<string>> {
  const all = new Set<string>()
  for (const email of ACCOUNTS) all.add(await seenBy(email))
  return all
}

/** Ends the process after the letters that wait, and starts another. */
async function settled(): Promise<readonly Message[]> {
  await house.admin.close()
  return letters
}

const tells = (identity: Identity): Identity => ({
  ...identity,
  async forgotPassword(input, origin) {
    if (input.email.startsWith('nobody')) throw new AdminError('invalid-input', 'There is no such account.')
    await identity.forgotPassword(input, origin)
  },
})

test('every account, and none, answers in the same bytes and after the same hashes', async () => {
  await open()
  await addAccounts()

  expect([...(await seen())]).toEqual([expect.stringMatching(/^\[202,0,/)])
})

test('control: where nobody is told apart from somebody, one answer is another', async () => {
  await open({ identity: tells })
  await addAccounts()

  expect((await seen()).size).toBe(2)
})

test('a mail server that is down is not seen in the answer', async () => {
  const down = async (): Promise<void> => {
    throw new Error('connect ECONNREFUSED')
  }
  await open({}, { mail: { from: 'admin@example.com', send: down } })
  await addAccounts()

  expect([...(await seen())]).toEqual([expect.stringMatching(/^\[202,0,/)])
})

test('control: were a letter sent within the request, a server that is down would be seen', async () => {
  await open({
    // nobody sends but the request itself
    mail: (configuration) => ({ ...configuration, mail: null }),
    identity: (identity) => ({
      ...identity,
      async forgotPassword(input, origin) {
        await identity.forgotPassword(input, origin)
        if (await identity.letters.next()) throw new Error('connect ECONNREFUSED')
      },
    }),
  })
  await addAccounts()

  expect((await seen()).size).toBe(2)
})

const LOOK_ALIKES = [
  'active@exämple.com',
  'actıve@example.com',
  'ａctive@example.com',
  'active@example.com.',
  'active@example.co\u006d\u0301',
  'aсtive@example.com',
]

test('an address that only looks like somebody’s gets no letter, and neither does the typed spelling', async () => {
  await open()
  await addAccounts()

  for (const email of LOOK_ALIKES) await forgot(email, production.visitor('203.0.113.9'))
  await forgot(' ACTIVE@Example.com ')
  expect((await settled()).map(({ to }) => to.email)).toEqual(['active@example.com'])
})

test('control: with addresses folded as a database might, the look-alike would get one', async () => {
  const folded = (email: string): string => email.normalize('NFKD').replaceAll(/\p{M}/gu, '')
  await open({
    identity: (identity) => ({
      ...identity,
      forgotPassword: ({ email }, origin) => identity.forgotPassword({ email: folded(email) }, origin),
    }),
  })
  await addAccounts()

  await forgot('active@exämple.com')
  expect(await settled()).toHaveLength(1)
})

const TWO_ADDRESSES = [
  'email=active@example.com&email=eve@example.com',
  'email=eve@example.com&email=active@example.com',
  'email[]=active@example.com&email[]=eve@example.com',
  'email=active@example.com,eve@example.com',
  'email=active@example.com%0aBcc:eve@example.com',
  'email=active@example.com%0d%0aeve@example.com',
  'email=active@example.com%20eve@example.com',
  'email=%22active@example.com%22%20%3Ceve@example.com%3E',
  'email={"to":"eve@example.com"}',
]

async function forgotRaw(body: string): Promise<Answer> {
  const client = production.visitor()
  const csrf = await client.csrf(`${BASE}/forgot-password`)
  return client.send('POST', `${BASE}/forgot-password`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `_csrf=${encodeURIComponent(csrf)}&${body}`,
  })
}

test('two addresses in one request, or none, are refused, and nobody gets a letter', async () => {
  await open()
  await addAccounts()

  for (const body of TWO_ADDRESSES) expect([body, (await forgotRaw(body)).status]).toEqual([body, 422])
  expect(await settled()).toEqual([])
})

test('control: one address in the same form is taken', async () => {
  await open()
  await addAccounts()

  expect((await forgotRaw('email=active@example.com')).status).toBe(202)
  expect(await settled()).toHaveLength(1)
})

async function forgotAsEvil(): Promise<Answer['status']> {
  const client = production.visitor()
  const csrf = await client.csrf(`${BASE}/forgot-password`)
  const answer = await production.fetch(`https://evil.example${BASE}/forgot-password`, {
    method: 'POST',
    headers: {
      ...SECURE,
      'content-type': 'application/x-www-form-urlencoded',
      cookie: [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      'sec-fetch-site': 'same-origin',
      origin: ORIGIN,
      referer: 'https://evil.example/',
      forwarded: 'host=evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-prefix': '//evil.example',
      'x-original-url': 'https://evil.example/',
    },
    body: new URLSearchParams({ _csrf: csrf, email: 'active@example.com' }).toString(),
  })
  return answer.status
}

test('no header of the request has a say in where the link leads', async () => {
  await open()
  await addAccounts()

  expect(await forgotAsEvil()).toBe(202)
  const [letter] = await settled()
  expect(letter?.text).toContain(`${ORIGIN}${BASE}/reset-password?token=`)
  expect(JSON.stringify(letter)).not.toContain('evil')
})

test('control: were links to begin with the host that a request names, the same request would lead elsewhere', async () => {
  const named = { host: '' }
  const loose = withParts({ mail: (configuration) => linkedBy(configuration, named) })
  await open(
    {},
    {
      assemble(options, ports) {
        const admin = loose(options, ports)
        return {
          ...admin,
          fetch(request, connection) {
            named.host = request.headers.get('x-forwarded-host') ?? named.host
            return admin.fetch(request, connection)
          },
        }
      },
    },
  )
  await addAccounts()

  expect(await forgotAsEvil()).toBe(202)
  expect((await settled())[0]?.text).toContain(`https://evil.example${BASE}/reset-password?token=`)
})

/** Letters whose links begin with the host that the last request named, in place of `publicUrl`. */
function linkedBy(configuration: Configuration, named: { readonly host: string }): Configuration {
  const { mail } = configuration
  const send = mail?.send
  if (!send) throw new TypeError('This house sends letters itself.')
  const rewritten = (text: string): string => text.replaceAll(ORIGIN, `https://${named.host}`)
  return {
    ...configuration,
    mail: { ...mail, send: (letter) => send({ ...letter, text: rewritten(letter.text) }) },
  }
}

/** A person with two sessions, and what sets their password anew with these further fields. */
async function resetOf(
  more: Readonly<Record<string, string>>,
  { isUndone = false } = {},
): Promise<readonly Client[]> {
  const ana: SignedIn = await production.signIn('support')
  const other = production.visitor()
  await other.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
  await other.post(`${BASE}/sign-in/second-factor`, { code: ana.code() })
  for (const client of [ana.client, other]) expect((await client.get(`${BASE}/profile`)).status).toBe(200)

  await forgot(ana.email)
  const path = await linkTo(ana.email)
  const token = path.split('token=')[1] ?? ''
  const sessions = (await house.sql('select * from castellan_session')) as Row[]
  const answer = await production
    .visitor()
    .post(`${BASE}/reset-password`, { ...more, token, password: NEXT, repeat: NEXT }, { from: path })
  expect(answer.location).toBe(`${BASE}/sign-in/second-factor`)
  if (isUndone) for (const session of sessions) await putBack(session)
  return [ana.client, other]
}

type Row = Readonly<Record<string, string | number | null>>

async function putBack(row: Row): Promise<void> {
  const values = Object.values(row).map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
  const columns = Object.keys(row).join(', ')
  await house.sql(`insert into castellan_session (${columns}) values (${values.join(', ')})`)
}

/** The path of the newest link to that address, once its letter is out. */
async function linkTo(email: string): Promise<string> {
  for (;;) {
    const letter = letters.findLast(({ to, text }) => to.email === email && /https:/.test(text))
    const link = /https:\S+/.exec(letter?.text ?? '')?.[0]
    if (link) return link.slice(ORIGIN.length)
    await new Promise<void>((resolve) => watchers.push(resolve))
  }
}

const PARAMETERS = [{}, { deviceId: 'this' }, { keepSessions: 'true', session: '1' }]

test('a new password ends every session and every refresh token, whatever else is sent', async () => {
  await open()
  for (const more of PARAMETERS) {
    for (const client of await resetOf(more)) {
      expect((await client.get(`${BASE}/profile`)).location).toMatch(/sign-in/)
    }
  }
  expect(await house.sql('select id from castellan_session')).toEqual([])
})

test('control: with the ending of the sessions undone, they go on with the old tokens', async () => {
  await open()

  for (const client of await resetOf({}, { isUndone: true }))
    expect((await client.get(`${BASE}/profile`)).status).toBe(200)
})

test('strangers who ask in somebody’s name fill no mailbox and keep nobody from asking', async () => {
  await open()
  await addAccounts()

  for (let round = 0; round < 12; round += 1) {
    await forgot('active@example.com', production.visitor(`203.0.${round}.9`))
  }
  for (let round = 0; round < 12; round += 1)
    await forgot('active@example.com', production.visitor('192.0.2.66'))
  expect((await forgot('active@example.com', production.visitor('192.0.2.66'))).status).toBe(429)
  expect((await forgot('active@example.com')).status).toBe(202)
  expect(await settled()).toHaveLength(1)
})

test('of fifty uses of one link at once, one sets a password', async () => {
  await open()
  const { link } = (await asSystem(house.admin, house.clock.now, 'castellan.people.invite', {
    name: 'Bo',
    email: 'bo@example.com',
    roles: ['support'],
  })) as { link: string }
  const token = link.split('token=')[1] ?? ''
  const visitors = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const client = production.visitor(`203.0.${index}.7`)
      return { client, csrf: await client.csrf(`${BASE}${link}`) }
    }),
  )

  const answers = await Promise.all(
    visitors.map(({ client, csrf }) =>
      client.post(`${BASE}/invitation`, { token, password: NEXT, repeat: NEXT }, { csrf }),
    ),
  )
  expect(answers.filter(({ location }) => location === `${BASE}/sign-in/enrol`)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(49)
})

test('a link is of no use late, after a newer one, or once its person is kept out', async () => {
  await open()
  const top = await production.signIn('superadmin')
  const { id: key, link: first } = (await asSystem(house.admin, house.clock.now, 'castellan.people.invite', {
    name: 'Bo',
    email: 'bo@example.com',
  })) as { id: string; link: string }
  const works = async (link: string): Promise<boolean> =>
    (await production.visitor().get(`${BASE}${link}`)).status === 200
  const renew = async (): Promise<string> => {
    const { json } = await act(top.client, 'castellan.people.renew-password', { by: 'link' }, { key })
    return (json['result'] as { link: string }).link
  }
  expect(await works(first)).toBe(true)

  const second = await renew()
  expect([await works(first), await works(second)]).toEqual([false, true])
  await act(top.client, 'castellan.people.deactivate', {}, { key })
  await act(top.client, 'castellan.people.activate', {}, { key })
  expect(await works(second)).toBe(false)
  const third = await renew()
  house.clock.now += 24 * 3_600_000 - 1
  expect(await works(third)).toBe(true)
  house.clock.now += 1
  expect(await works(third)).toBe(false)
})

test('no link can be read from the store', async () => {
  await open()
  const ana = await production.signIn('support')
  await forgot(ana.email)
  const token = (await linkTo(ana.email)).split('token=')[1] ?? ''
  const tables = await Promise.all(
    (await house.ownTables()).map(
      async (table) => [table, await house.sql(`select * from ${table}`)] as const,
    ),
  )

  expect(token).toMatch(/^[\w-]{43}$/)
  expect(tables.filter(([, rows]) => rows.length > 0).map(([table]) => table)).toContain('castellan_link')
  expect(JSON.stringify(tables)).not.toContain(token)
})
