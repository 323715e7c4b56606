/** Passkeys and one's own authenticators on the pages, as plain forms; the browser's part is in test/browser. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeKey, type Otherwise, type SoftwareKey } from '../authenticator.ts'
import { BASE, type Client, createClient, csrfIn, totpCode } from '../client.ts'
import { asSystem, type House, openHouse, PASSWORD } from '../house.ts'

/** In debug `localhost` is the one name that passkeys work at. */
const ORIGIN = 'http://localhost:4600'
const HERE: Otherwise = { origin: ORIGIN, rpId: 'localhost' }
const MINUTE = 60_000

let house: House
let people = 0
beforeAll(async () => {
  house = await openHouse({ sql: 'create table notes (id integer primary key, body text);' })
})
afterAll(() => house.close())

function visitor(): Client {
  return createClient((request) => house.admin.fetch(request, { address: '127.0.0.1' }), ORIGIN)
}

/** What the page hands to the browser: the options of its passkey, or null where it offers none. */
function optionsIn(html: string): unknown {
  const text = / data-options="([^"]*)"/.exec(html)?.[1]
  return text === undefined ? null : JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&amp;', '&'))
}

/** The fields that the page asks to send again. */
function fieldsOf(html: string): Record<string, string> {
  const main = html.slice(html.indexOf('<main'))
  return Object.fromEntries(
    [...main.matchAll(/<input type="hidden" name="(?!_csrf)([^"]+)" value="([^"]*)"(?! disabled)/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  )
}

interface Someone {
  readonly id: string
  readonly email: string
  readonly client: Client
  /** A code that was not used before. */
  code(): string
}

async function someone(role = 'superadmin'): Promise<Someone> {
  people += 1
  const email = `someone${people}@example.com`
  const fields = { name: `Someone ${people}`, email, roles: [role], password: PASSWORD, withTotp: true }
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', fields)
  const { id, totpUri } = made as { id: string; totpUri: string }
  const code = (): string => {
    house.clock.now += 30_000
    return totpCode(totpUri, house.clock.now)
  }
  const client = visitor()
  await client.post(`${BASE}/sign-in`, { email, password: PASSWORD })
  expect((await client.post(`${BASE}/sign-in/second-factor`, { code: code() })).status).toBe(303)
  return { id, email, client, code }
}

async function addPasskey({ client }: Someone, name = 'Laptop'): Promise<SoftwareKey> {
  const page = await client.get(`${BASE}/profile/passkeys/new`)
  const { key, answer } = makeKey(optionsIn(page.text), HERE)
  const fields = { name, passkey: answer }
  const added = await client.post(`${BASE}/profile/passkeys`, fields, { csrf: csrfIn(page.text) })
  expect(added.location).toBe(`${BASE}/profile?done=passkey#authenticators`)
  return key
}

async function signInAlone(key: SoftwareKey, otherwise: Otherwise = {}) {
  const client = visitor()
  const page = await client.get(`${BASE}/sign-in`)
  const passkey = key.sign(optionsIn(page.text), { ...HERE, ...otherwise })
  const answer = await client.post(
    `${BASE}/sign-in`,
    { email: '', password: '', passkey },
    { csrf: csrfIn(page.text) },
  )
  return { client, answer }
}

test('sets up the first administrator with a passkey, who then signs in with nothing else', async () => {
  const own = await openHouse({ sql: 'create table notes (id integer primary key, body text);' })
  try {
    const client = createClient((request) => own.admin.fetch(request, { address: '127.0.0.1' }), ORIGIN)
    const { setUpToken: token } = await own.admin.initialize()
    const from = `${BASE}/set-up?token=${token}`
    const fields = { token: token ?? '', name: 'Ana', email: 'ana@example.com', password: PASSWORD }
    await client.post(`${BASE}/set-up`, fields, { from })
    const page = await client.get(`${BASE}/sign-in/enrol`)
    const { key, answer } = makeKey(optionsIn(page.text), HERE)

    const codes = await client.post(
      `${BASE}/sign-in/enrol`,
      { passkey: answer, code: '' },
      { csrf: csrfIn(page.text) },
    )

    expect(codes.text).toContain('Save your recovery codes')
    expect((await client.get(BASE)).status).toBe(200)
    await client.post(`${BASE}/sign-out`, {}, { from: `${BASE}/profile` })
    const signIn = await client.get(`${BASE}/sign-in`)
    const passkey = key.sign(optionsIn(signIn.text), HERE)
    const csrf = csrfIn(signIn.text)
    expect((await client.post(`${BASE}/sign-in`, { passkey }, { csrf })).location).toBe(BASE)
    expect((await client.get(`${BASE}/profile`)).text).toContain('with passkey')
  } finally {
    await own.close()
  }
})

test('offers everybody the same, with a fresh challenge, and nothing at an address without a name', async () => {
  const client = visitor()
  const first = optionsIn((await client.get(`${BASE}/sign-in`)).text) as Record<string, unknown>
  const again = await client.get(`${BASE}/sign-in/passkey`)
  const { challenge, ...rest } = JSON.parse(again.text) as Record<string, unknown>

  expect(rest).toEqual({ rpId: 'localhost', timeout: 300_000, userVerification: 'required' })
  expect(challenge).not.toBe(first['challenge'])
  expect((await client.get(`${BASE}/sign-in`)).text).toContain('Passkeys need JavaScript')
  const elsewhere = house.visitor()
  expect((await elsewhere.get(`${BASE}/sign-in`)).text).not.toContain('data-passkey')
  expect((await elsewhere.get(`${BASE}/sign-in/passkey`)).text).toBe('null')
})

test('refuses a wrong passkey in the page, with the same words for every cause', async () => {
  const person = await someone()
  const key = await addPasskey(person)
  const shown = async (otherwise: Otherwise) => {
    const { answer } = await signInAlone(key, otherwise)
    expect(answer.status).toBe(401)
    return /<div class="note bad"[^>]*>[\s\S]*?<\/div>/.exec(answer.text)?.[0]
  }

  const unknown = await shown({ id: 'AAAA' })
  expect(unknown).toContain('This passkey was not accepted')
  for (const otherwise of [
    { origin: 'http://localhost:4601' },
    { rpId: 'example.com' },
    { isVerified: false },
    { challenge: 'AAAA' },
    { userHandle: 'AAAA' },
  ]) {
    expect(await shown(otherwise)).toBe(unknown)
  }
  expect((await signInAlone(key)).answer.status).toBe(303)
})

test('a challenge that another browser was shown is worth nothing', async () => {
  const key = await addPasskey(await someone())
  const [mine, other] = [visitor(), visitor()]
  const passkey = key.sign(optionsIn((await other.get(`${BASE}/sign-in`)).text), HERE)

  expect((await mine.post(`${BASE}/sign-in`, { passkey })).status).toBe(401)
})

test('asks for either of both second factors, and takes the passkey', async () => {
  const person = await someone()
  const key = await addPasskey(person)
  const client = visitor()
  await client.post(`${BASE}/sign-in`, { email: person.email, password: PASSWORD })
  const page = await client.get(`${BASE}/sign-in/second-factor`)

  expect(page.text).toContain('Use your passkey')
  expect(page.text).toContain('autocomplete="one-time-code"')
  const passkey = key.sign(optionsIn(page.text), HERE)
  const csrf = csrfIn(page.text)
  expect((await client.post(`${BASE}/sign-in/second-factor`, { passkey, code: '' }, { csrf })).status).toBe(
    303,
  )
  expect((await client.get(`${BASE}/profile`)).text).toContain('with password and passkey')
})

test('lists, renames and removes what one has, and keeps the last one', async () => {
  const person = await someone()
  await addPasskey(person, 'Old <laptop>')
  const { client } = person
  const profile = (await client.get(`${BASE}/profile`)).text
  const path = /\/admin\/profile\/passkeys\/[0-9a-f]{32}/.exec(profile)?.[0] ?? ''

  expect(profile).toContain('Old &lt;laptop&gt;')
  expect(profile).toContain('On one device')
  const refused = await client.post(path, { name: ' ' })
  expect(refused.status).toBe(422)
  expect((await client.post(path, { name: 'Work laptop' })).location).toContain('done=renamed')
  expect((await client.get(`${BASE}/profile`)).text).toContain('Work laptop')

  const removal = { from: `${BASE}/profile` }
  expect((await client.post(`${BASE}/profile/authenticators/app/remove`, {}, removal)).location).toContain(
    'done=removed',
  )
  const id = path.slice(path.lastIndexOf('/') + 1)
  const last = await client.post(`${BASE}/profile/authenticators/${id}/remove`, {}, removal)
  expect(last.status).toBe(422)
  expect(last.text).toContain('This is your last authenticator. Add another one first.')
})

test('asks who it is before authenticators change, and keeps what was typed', async () => {
  const person = await someone()
  await addPasskey(person)
  const { client } = person
  const path = /\/admin\/profile\/passkeys\/[0-9a-f]{32}/.exec(
    (await client.get(`${BASE}/profile`)).text,
  )?.[0]
  house.clock.now += 11 * MINUTE

  for (const page of ['/profile/passkeys/new', '/profile/app']) {
    expect((await client.get(`${BASE}${page}`)).text, page).toContain('Confirm that it is you')
  }
  const asked = await client.post(path ?? '', { name: 'Second laptop' })
  expect(asked.status).toBe(403)
  expect(fieldsOf(asked.text)).toMatchObject({ name: 'Second laptop' })
  const done = await client.post(
    path ?? '',
    { ...fieldsOf(asked.text), _code: person.code() },
    { csrf: csrfIn(asked.text) },
  )
  expect(done.location).toContain('done=renamed')
  expect((await client.get(`${BASE}/profile`)).text).toContain('Second laptop')
})

test('makes new recovery codes, and sets up another app', async () => {
  const person = await someone()
  const { client } = person
  const shown = await client.post(`${BASE}/profile/recovery-codes`, {}, { from: `${BASE}/profile` })
  expect(shown.text.match(/<li>[\w-]{8,}<\/li>/g)).toHaveLength(10)

  const page = await client.get(`${BASE}/profile/app`)
  const { app = '' } = fieldsOf(page.text)
  const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1]?.replaceAll(' ', '') ?? ''
  const csrf = csrfIn(page.text)
  const wrong = await client.post(`${BASE}/profile/app/confirm`, { app, code: '000000' }, { csrf })
  expect(wrong.status).toBe(401)
  const code = totpCode(`otpauth://totp/x?secret=${secret}`, house.clock.now)
  const done = await client.post(`${BASE}/profile/app/confirm`, { app, code }, { csrf })
  expect(done.location).toContain('done=app')

  const again = visitor()
  await again.post(`${BASE}/sign-in`, { email: person.email, password: PASSWORD })
  expect((await again.post(`${BASE}/sign-in/second-factor`, { code: person.code() })).status).toBe(401)
})

test('a passkey proves who asks for what was shown, and for nothing else', async () => {
  const boss = await someone()
  const key = await addPasskey(boss)
  const other = await someone('support')
  const path = `${BASE}/people/${other.id}/grant-role`
  const form = { role: 'admin', note: 'two\r\nlines' }
  house.clock.now += 6 * MINUTE

  const ask = () => boss.client.post(path, form, { from: `${BASE}/people/${other.id}` })
  const send = async ({ text }: { readonly text: string }, more: Readonly<Record<string, string>>) => {
    // a browser sends line ends as they are in `form`, whatever the page holds
    const fields = { ...fieldsOf(text), note: form.note, ...more }
    const _passkey = key.sign(optionsIn(text), HERE)
    return boss.client.post(path, { ...fields, _passkey }, { csrf: csrfIn(text) })
  }

  const changed = await send(await ask(), { role: 'superadmin' })
  expect(changed.status).toBe(401)
  expect(changed.text).toContain('This passkey was not accepted')

  expect((await send(await ask(), {})).status).toBe(303)
})

test('asks holders of privileged roles for a second authenticator, and others not', async () => {
  const boss = await someone()
  const other = await someone('support')

  expect((await boss.client.get(`${BASE}/profile`)).text).toContain('Add a second authenticator.')
  expect((await other.client.get(`${BASE}/profile`)).text).not.toContain('Add a second authenticator.')
  expect((await boss.client.get(BASE)).text).toContain('Add a second authenticator')
  expect((await other.client.get(BASE)).text).not.toContain('Add a second authenticator')
  await addPasskey(boss)
  expect((await boss.client.get(`${BASE}/profile`)).text).not.toContain('Add a second authenticator.')
  expect((await boss.client.get(BASE)).text).not.toContain('Add a second authenticator')
})
