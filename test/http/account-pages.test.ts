/** The pages of one's own account: setting up, signing in and out, the profile; all as plain forms. */

import { afterEach, expect, test } from 'vitest'
import { BASE, type Client, totpCode } from '../client.ts'
import { type House, type HouseOptions, openHouse, PASSWORD } from '../house.ts'

const SQL = 'create table notes (id integer primary key, body text);'

let house: House
afterEach(() => house.close())

async function open(options: HouseOptions = {}): Promise<House> {
  house = await openHouse({ sql: SQL, ...options })
  return house
}

/** The hidden and typed values of the form on a page, by name. */
function valueIn(html: string, name: string): string | undefined {
  const tag = new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(html)?.[0]
  return tag && (/ value="([^"]*)"/.exec(tag)?.[1] ?? '')
}

/** From the set-up link to the page with the picture. */
async function setUp(visitor: Client, token: string): Promise<string> {
  const from = `${BASE}/set-up?token=${token}`
  const fields = { token, name: 'Ana Ferreira', email: 'ana@example.com', password: PASSWORD }
  const answer = await visitor.post(`${BASE}/set-up`, fields, { from })
  expect(answer.location).toBe(`${BASE}/sign-in/enrol`)
  return (await visitor.get(`${BASE}/sign-in/enrol`)).text
}

async function setUpToken(): Promise<string> {
  const { setUpToken: token } = await house.admin.initialize()
  if (token === null) throw new Error('There is a person already.')
  return token
}

function codeFor(html: string): string {
  const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(html)?.[1]?.replaceAll(' ', '') ?? ''
  expect(secret).toMatch(/^[A-Z2-7]{32,}$/)
  return totpCode(`otpauth://totp/x?secret=${secret}`, house.clock.now)
}

test('sets up the first administrator, shows the recovery codes once, and lets them in', async () => {
  await open()
  const visitor = house.visitor()

  const page = await setUp(visitor, await setUpToken())
  const codes = await visitor.post(`${BASE}/sign-in/enrol`, { code: codeFor(page) })

  expect(page).toContain('<svg class="qr"')
  expect(codes.status).toBe(200)
  expect(codes.text.match(/<li>[^<]+<\/li>/g)?.length).toBeGreaterThanOrEqual(8)
  expect(codes.text).toContain('I saved these codes')
  expect((await visitor.get(BASE)).status).toBe(200)
  expect((await visitor.get(`${BASE}/sign-in/enrol`)).location).toBe(`${BASE}/sign-in`)
})

test('keeps what was typed in a refused set-up, but never the password', async () => {
  await open()
  const token = await setUpToken()
  const fields = { token, name: 'Ana <b>', email: 'ana@example.com', password: 'short' }

  const { status, text } = await house
    .visitor()
    .post(`${BASE}/set-up`, fields, { from: `${BASE}/set-up?token=${token}` })

  expect(status).toBe(422)
  expect(valueIn(text, 'name')).toBe('Ana &lt;b&gt;')
  expect(valueIn(text, 'email')).toBe('ana@example.com')
  expect(valueIn(text, 'password')).toBe('')
  expect(text).toMatch(/Password must be at least 15 characters/)
})

test('says in a sentence of its own what a typed password lacks, to visitors too, and keeps nothing of it', async () => {
  await open()
  const ana = await house.signIn({ role: 'support', name: 'Ana Ferreira' })
  const asked = { name: 'Bo', email: 'bo@example.com', password: 'tulip' }
  const visitor = house.visitor()
  expect((await ana.client.get(`${BASE}/profile`)).text).toMatch(/id="next-strength" role="status"/)

  const short = await visitor.post(`${BASE}/password-strength`, asked, { from: `${BASE}/sign-in` })
  expect(short.text).toBe('<span>Too short: 10 characters more. Another word does well.</span>')
  const own = await ana.client.post(
    `${BASE}/password-strength`,
    { current: PASSWORD, next: 'ana ferreira ana ferreira' },
    { from: `${BASE}/profile` },
  )
  expect(own.text).toMatch(/It is one of the first that attackers try/)
  const events = JSON.stringify(await house.sql('select event from castellan_audit_event'))
  expect(events).not.toContain('tulip')
  expect(events).not.toContain('ana ferreira ana')
})

test('says the same of a used link and of one that never was', async () => {
  await open()
  const token = await setUpToken()
  await setUp(house.visitor(), token)

  const used = await house.visitor().get(`${BASE}/set-up?token=${token}`)
  const wrong = await house.visitor().get(`${BASE}/set-up?token=x`)

  expect([used.status, wrong.status]).toEqual([404, 404])
  expect(used.text).toContain('This set-up link does not work')
  expect(wrong.text).toContain('This set-up link does not work')
})

test('says the same of an unknown person and of a wrong password, and keeps the e-mail', async () => {
  await open()
  const { email } = await house.signIn({ role: 'support' })
  const words = (html: string): string | undefined =>
    /role="alert">[\s\S]*?<div>([\s\S]*?)<\/div>/.exec(html)?.[1]

  const wrong = await house.visitor().post(`${BASE}/sign-in`, { email, password: 'not the password at all' })
  const unknown = await house
    .visitor()
    .post(`${BASE}/sign-in`, { email: 'nobody@example.com', password: 'not the password at all' })

  expect([wrong.status, unknown.status]).toEqual([401, 401])
  expect(words(wrong.text)).toBeTruthy()
  expect(words(unknown.text)).toBe(words(wrong.text))
  expect(valueIn(wrong.text, 'email')).toBe(email)
  expect(valueIn(wrong.text, 'password')).toBe('')
})

test('leads back to where one was going, but never to another place', async () => {
  await open()
  const { email, code } = await house.signIn({ role: 'superadmin' })
  const goingTo = async (next: string): Promise<string | null> => {
    const visitor = house.visitor()
    const from = `${BASE}/sign-in?next=${encodeURIComponent(next)}`
    const first = await visitor.post(`${BASE}/sign-in`, { email, password: PASSWORD, next }, { from })
    const step = first.location ?? ''
    const hidden = valueIn((await visitor.get(step)).text, 'next')
    const fields = { code: code(), ...(hidden !== undefined && { next: hidden }) }
    return (await visitor.post(`${BASE}/sign-in/second-factor`, fields, { from: step })).location
  }

  expect(await goingTo(`${BASE}/m/notes?q=a`)).toBe(`${BASE}/m/notes?q=a`)
  expect(await goingTo('https://evil.example/')).toBe(BASE)
  expect(await goingTo('//evil.example')).toBe(BASE)
})

test('starts again when the second step was never begun', async () => {
  await open()

  expect((await house.visitor().get(`${BASE}/sign-in/second-factor`)).location).toBe(`${BASE}/sign-in`)
})

test('signs out for good, and has the browser forget', async () => {
  await open()
  const { client } = await house.signIn({ role: 'support' })
  const before = new Map(client.cookies)

  const answer = await client.post(`${BASE}/sign-out`, {}, { from: `${BASE}/profile` })

  expect(answer.location).toBe(`${BASE}/sign-in`)
  expect(answer.headers.get('clear-site-data')).toContain('"cache"')
  for (const [name, value] of before) client.cookies.set(name, value)
  expect((await client.get(`${BASE}/profile`)).location).toContain('/sign-in')
})

test('ends another session of one’s own, and no one else’s', async () => {
  await open()
  const ana = await house.signIn({ role: 'support' })
  const other = await house.signIn({ role: 'support' })
  const second = house.visitor()
  const step = await second.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
  await second.post(step.location ?? '', { code: ana.code() })

  const { text } = await ana.client.get(`${BASE}/profile`)
  const ends = [...text.matchAll(/action="([^"]+\/end)"/g)].map(([, path = '']) => path)
  const [theirs] = (await house.sql(`select id from castellan_session where person_id = '${other.id}'`)) as {
    id: string
  }[]

  expect(ends).toHaveLength(1)
  expect((await ana.client.post(ends[0] ?? '', {}, { from: `${BASE}/profile` })).status).toBe(303)
  expect((await second.get(`${BASE}/profile`)).status).toBe(303)
  expect(
    (await ana.client.post(`${BASE}/profile/sessions/${theirs?.id}/end`, {}, { from: `${BASE}/profile` }))
      .status,
  ).toBe(404)
  expect((await other.client.get(`${BASE}/profile`)).status).toBe(200)
})

test('changes the password only against the current one, typed twice alike', async () => {
  await open()
  const { client } = await house.signIn({ role: 'support' })
  const next = 'purple anchor basil thunder'
  const change = (current: string, repeat: string) =>
    client.post(`${BASE}/profile/password`, { current, next, repeat }, { from: `${BASE}/profile` })

  expect((await change('not the current one', next)).status).toBe(401)
  expect((await change(PASSWORD, 'something else')).status).toBe(422)
  expect((await change(PASSWORD, next)).location).toBe(`${BASE}/profile?done=password`)
  expect((await client.get(`${BASE}/profile?done=password`)).text).toContain('Password changed.')
})

test('keeps the theme in a cookie, and takes only the three there are', async () => {
  await open()
  const { client } = await house.signIn({ role: 'support' })
  const choose = (theme: string) =>
    client.post(`${BASE}/theme`, { theme, next: `${BASE}/profile` }, { from: `${BASE}/profile` })

  expect((await choose('dark')).location).toBe(`${BASE}/profile`)
  expect((await client.get(`${BASE}/profile`)).text).toContain('<html lang="en" dir="ltr" data-theme="dark">')
  await choose('"><script>')
  expect((await client.get(`${BASE}/profile`)).text).toContain('<html lang="en" dir="ltr">')
})

test('shows nothing in the navigation that the policy could not permit', async () => {
  await open()
  const support = await house.signIn({ role: 'support' })
  const boss = await house.signIn({ role: 'superadmin' })

  expect((await boss.client.get(BASE)).text).toContain(`href="${BASE}/people"`)
  expect((await support.client.get(BASE)).text).not.toContain(`href="${BASE}/people"`)
})
