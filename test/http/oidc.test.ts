/** Signing in with an OpenID Connect provider, against a real one. */

import type { JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Answer, BASE, type Client, ORIGIN, totpCode } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { CLIENT_ID, CLIENT_SECRET, openProvider, type TestProvider } from '../oidc-provider.ts'
import { begin, comeBack, onwardOf, refusalOf, signInAt } from '../provider-way.ts'

const NOBODY = /^Nobody here is linked to that account of/

let house: House
let provider: TestProvider
let subjects = 0

beforeAll(async () => {
  provider = await openProvider(['corp', 'open'])
  const common = { issuer: provider.issuer, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }
  house = await openHouse({
    sql: 'create table notes (id integer primary key, body text)',
    oidc: [
      { id: 'corp', label: 'Corp', ...common },
      {
        id: 'open',
        label: 'Open',
        ...common,
        scopes: ['profile', 'email', 'groups'],
        createPeople: true,
        roles: { claim: 'groups', map: { helpers: 'support', checkers: 'auditor' } },
      },
      { id: 'gone', label: 'Gone', ...common, issuer: 'http://127.0.0.1:1' },
    ],
  })
})
afterAll(async () => {
  await house.close()
  await provider.close()
})
beforeEach(() => {
  subjects += 1
  provider.account = { sub: `subject-${subjects}`, name: 'Ana Lima' }
  provider.forge = null
})

/** Links the account of now to a person who is signed in. */
async function link({ client }: SignedIn): Promise<void> {
  const started = await client.post(`${BASE}/profile/providers/corp/link`, {}, { from: `${BASE}/profile` })
  const back = await comeBack(client, await provider.visit(onwardOf(started)))
  expect(onwardOf(back)).toBe(`${BASE}/profile?done=linked`)
}

async function methodsOf({ id }: SignedIn): Promise<readonly unknown[]> {
  const rows = await house.sql(`select methods from castellan_session where person_id = '${id}'`)
  return (rows as { methods: unknown }[]).map(({ methods }) =>
    typeof methods === 'string' ? JSON.parse(methods) : methods,
  )
}

/** The seed that the page of enrolling shows for typing. */
async function seedAt(client: Client, address: string): Promise<string> {
  const seed = /[A-Z2-7]{32}/.exec((await client.get(address)).text)?.[0]
  if (!seed) throw new Error('The page shows no seed.')
  return `otpauth://totp/x?secret=${seed}`
}

test('the sign-in page has a button for each provider, and no link begins it', async () => {
  const visitor = house.visitor()

  const { text } = await visitor.get(`${BASE}/sign-in`)
  expect(text).toContain('Sign in with Corp')
  expect(text).toContain('Sign in with Open')
  expect((await visitor.get(`${BASE}/sign-in/with/corp`)).status).toBe(405)
  expect((await visitor.post(`${BASE}/sign-in/with/nobody`, {}, { from: `${BASE}/sign-in` })).status).toBe(
    404,
  )
})

test('it begins with a state, a nonce and PKCE, asks for no more than it needs, and its cookie alone is Lax', async () => {
  const visitor = house.visitor()
  const token = await visitor.csrf(`${BASE}/sign-in`)
  const answer = await visitor.post(`${BASE}/sign-in/with/corp`, {}, { csrf: token })

  const address = new URL(onwardOf(answer))
  const query = Object.fromEntries(address.searchParams)
  expect(address.origin).toBe(provider.issuer)
  expect(query).toMatchObject({
    client_id: CLIENT_ID,
    redirect_uri: `${ORIGIN}${BASE}/sign-in/from/corp`,
    response_type: 'code',
    scope: 'openid profile email',
    code_challenge_method: 'S256',
  })
  for (const name of ['state', 'nonce', 'code_challenge']) expect(query[name]).toMatch(/^[\w-]{43}$/)
  const [cookie, ...others] = answer.headers.getSetCookie()
  expect(others).toEqual([])
  expect(cookie).toMatch(/^castellan-attempt-4600=.*; HttpOnly; SameSite=Lax$/)
  expect(answer.text).not.toContain(CLIENT_SECRET)
})

test('an e-mail address leads to nobody: only an identity that was linked does', async () => {
  const ana = await house.signIn({ role: 'superadmin', email: 'ana.lima@example.com' })
  provider.account = { ...provider.account, email: ana.email, email_verified: true }

  for (const id of ['corp', 'open']) {
    const answer = await signInAt(house.visitor(), provider, id)
    expect([answer.status, refusalOf(answer)]).toEqual([401, expect.stringMatching(NOBODY)])
  }
  expect(await house.sql(`select 1 from castellan_oidc_link where person_id = '${ana.id}'`)).toEqual([])
})

test('whoever linked it signs in with it, and with the second factor of here', async () => {
  const ana = await house.signIn({ role: 'support' })
  await link(ana)
  const browser = house.visitor()

  const address = onwardOf(
    await comeBack(browser, await provider.visit(await begin(browser, 'corp', `${BASE}/m/notes`))),
  )
  expect(address).toBe(`${BASE}/sign-in/second-factor?next=${encodeURIComponent(`${BASE}/m/notes`)}`)
  expect((await browser.get(`${BASE}/profile`)).status).toBe(303)
  const inside = await browser.post(address, { code: ana.code() })
  expect(inside.location).toBe(`${BASE}/m/notes`)
  expect(await methodsOf(ana)).toContainEqual(['oidc:corp', 'totp'])
  expect((await browser.get(`${BASE}/profile`)).text).toContain('with Corp and authenticator app')
})

test('a provider that says it asked for two factors spares the code', async () => {
  const ana = await house.signIn({ role: 'support' })
  await link(ana)
  provider.forge = (claims, { asProvider }) => asProvider({ ...claims, amr: ['pwd', 'mfa'] })
  const browser = house.visitor()

  expect(onwardOf(await signInAt(browser, provider, 'corp'))).toBe(BASE)
  expect((await browser.get(`${BASE}/profile`)).status).toBe(200)
})

test('a person who was deactivated gets the words of one whom nobody knows', async () => {
  const ana = await house.signIn({ role: 'support' })
  await link(ana)
  await house.sql(`update castellan_person set is_active = false where id = '${ana.id}'`)

  const known = await signInAt(house.visitor(), provider, 'corp')
  provider.account = { ...provider.account, sub: 'somebody else' }
  const unknown = await signInAt(house.visitor(), provider, 'corp')
  expect([known.status, refusalOf(known)]).toEqual([unknown.status, refusalOf(unknown)])
  expect(refusalOf(known)).toMatch(NOBODY)
})

test('where it may make people, the first sign-in makes one, with the roles that its claims map to', async () => {
  provider.account = {
    ...provider.account,
    email: 'new@example.com',
    email_verified: true,
    groups: ['helpers', 'superadmin', 'constructor', '__proto__'],
  }
  const browser = house.visitor()

  const address = onwardOf(await signInAt(browser, provider, 'open'))
  expect(address).toBe(`${BASE}/sign-in/enrol`)
  const code = totpCode(await seedAt(browser, address), house.clock.now)
  const enrolled = await browser.post(address, { code })
  expect(enrolled.text).toContain('recovery codes')
  expect(await rolesOf('new@example.com')).toEqual(['support'])
})

test('roles follow the claims at each sign-in, and what an administrator gave stays', async () => {
  const email = 'moving@example.com'
  provider.account = { ...provider.account, email, groups: ['helpers'] }
  await signInAt(house.visitor(), provider, 'open')
  const [person] = (await house.sql(`select id from castellan_person where email = '${email}'`)) as {
    id: string
  }[]
  await house.sql(
    `insert into castellan_role_grant (principal_kind, principal_id, role, granted_at)
     values ('person', '${person?.id}', 'admin', '2026-11-20T10:00:00.000Z')`,
  )

  provider.account = { ...provider.account, groups: ['checkers'] }
  await signInAt(house.visitor(), provider, 'open')
  expect(await rolesOf(email)).toEqual(['admin', 'auditor'])
  provider.account = { ...provider.account, groups: [] }
  await signInAt(house.visitor(), provider, 'open')
  expect(await rolesOf(email)).toEqual(['admin'])
})

test('an address that the provider has not verified makes nobody', async () => {
  provider.account = { ...provider.account, email: 'unsure@example.com', email_verified: false }

  expect((await signInAt(house.visitor(), provider, 'open')).status).toBe(401)
  expect(await house.sql(`select 1 from castellan_person where email = 'unsure@example.com'`)).toEqual([])
})

test('no token of the provider reaches the browser, and none is kept', async () => {
  const ana = await house.signIn({ role: 'support' })
  await link(ana)
  const tokens: string[] = []
  provider.forge = async (claims, { asProvider }) => {
    const token = await asProvider(claims)
    tokens.push(token)
    return token
  }
  const browser = house.visitor()
  const answer = await signInAt(browser, provider, 'corp')

  expect(tokens).toHaveLength(1)
  const kept = await Promise.all(
    (await house.ownTables()).map((table) => house.sql(`select * from ${table}`)),
  )
  const seen = [answer.text, ...browser.cookies.values(), JSON.stringify(kept)].join('\n')
  expect(seen).not.toContain(tokens[0]?.split('.')[2])
  expect(seen).not.toContain(provider.account.sub)
})

test('signing out goes on to the provider, and is done here before', async () => {
  const ana = await house.signIn({ role: 'support' })
  await link(ana)
  const browser = house.visitor()
  await browser.post(onwardOf(await signInAt(browser, provider, 'corp')), { code: ana.code() })

  const address = new URL(onwardOf(await browser.post(`${BASE}/sign-out`, {}, { from: `${BASE}/profile` })))
  expect(address.origin).toBe(provider.issuer)
  expect(address.searchParams.get('post_logout_redirect_uri')).toBe(`${ORIGIN}${BASE}/sign-in`)
  expect((await browser.get(`${BASE}/profile`)).status).toBe(303)
})

test('what was linked can be taken away, after a proof, and leads to nobody then', async () => {
  const ana = await house.signIn({ role: 'support' })
  await link(ana)
  const path = `${BASE}/profile/providers/corp/unlink`

  house.clock.now += 11 * 60_000
  expect((await ana.client.post(path, {}, { from: `${BASE}/profile` })).status).toBe(403)
  expect((await ana.client.post(path, { _code: '000000' }, { from: `${BASE}/profile` })).status).toBe(401)
  const { location } = await ana.client.post(path, { _code: ana.code() }, { from: `${BASE}/profile` })
  expect(location).toBe(`${BASE}/profile?done=unlinked`)
  expect((await signInAt(house.visitor(), provider, 'corp')).status).toBe(401)
})

test('the only way in stays', async () => {
  provider.account = { ...provider.account, email: 'only@example.com' }
  const browser = house.visitor()
  const address = onwardOf(await signInAt(browser, provider, 'open'))
  const seed = await seedAt(browser, address)
  const code = () => {
    house.clock.now += 30_000
    return totpCode(seed, house.clock.now)
  }
  await browser.post(address, { code: code() })

  const path = `${BASE}/profile/providers/open/unlink`
  const answer = await browser.post(path, {}, { from: `${BASE}/profile` })
  expect([answer.status, refusalOf(answer)]).toEqual([
    422,
    'This is the only way you can sign in. Set a password first.',
  ])
})

test('a provider that is down is said on the page, and the other ways in are there', async () => {
  const visitor = house.visitor()
  const answer = await visitor.post(`${BASE}/sign-in/with/gone`, {}, { from: `${BASE}/sign-in` })

  expect(answer.status).toBe(503)
  expect(refusalOf(answer)).toBe('Gone cannot be reached. Try again in a moment, or sign in another way.')
  expect(answer.text).toContain('Sign in with Corp')
})

async function rolesOf(email: string): Promise<readonly string[]> {
  const rows = (await house.sql(
    `select role from castellan_role_grant join castellan_person on id = principal_id
     where email = '${email}' order by role`,
  )) as { role: string }[]
  return rows.map(({ role }) => role)
}

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'

/** What a provider sends once somebody has signed out there. */
function logoutClaims(sub: string): JWTPayload {
  const iat = Math.floor(house.clock.now / 1000)
  const jti = `logout-${subjects}-${Math.random()}`
  return { iss: provider.issuer, aud: CLIENT_ID, sub, iat, exp: iat + 120, jti, events: { [LOGOUT]: {} } }
}

/** As a server sends it: without a browser's cookies and headers. */
async function sendLogout(token: string, id = 'corp', field = 'logout_token'): Promise<Answer> {
  return await house.visitor().send('POST', `${BASE}/sign-out/from/${id}`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ [field]: token }).toString(),
    isBare: true,
  })
}

/** A linked person with a session by password, and one that began with the provider. */
async function signedInTwice(): Promise<{
  readonly ana: SignedIn
  readonly other: Client
  readonly sub: string
}> {
  const { sub } = provider.account
  const ana = await house.signIn({ role: 'support' })
  await link(ana)
  const other = house.visitor()
  const back = await signInAt(other, provider, 'corp')
  expect(onwardOf(back)).toMatch(/second-factor/)
  expect((await other.post(`${BASE}/sign-in/second-factor`, { code: ana.code() })).status).toBe(303)
  expect((await other.get(`${BASE}/profile`)).status).toBe(200)
  return { ana, other, sub }
}

test('what ended at the provider ends here at once, once, and what began otherwise goes on', async () => {
  const { ana, other, sub } = await signedInTwice()
  const token = await provider.sign.asProvider(logoutClaims(sub))

  const answer = await sendLogout(token)

  expect([answer.status, answer.text, answer.headers.get('cache-control')]).toEqual([200, '', 'no-store'])
  expect((await other.get(`${BASE}/profile`)).status).toBe(303)
  expect((await ana.client.get(`${BASE}/profile`)).status).toBe(200)
  const events = await house.sql(
    `select event from castellan_audit_event where kind = 'session.end' and outcome = 'done' order by entry desc limit 1`,
  )
  expect(JSON.parse((events as { event: string }[])[0]?.event ?? '{}')).toMatchObject({
    target: { key: ana.id },
    details: { reason: 'ended at the provider', provider: 'corp', endedSessions: 1 },
  })
  // caught on its way and sent once more
  expect((await sendLogout(token)).status).toBe(400)
  // somebody nobody knows here: nothing is told of that
  expect((await sendLogout(await provider.sign.asProvider(logoutClaims('nobody-here')))).status).toBe(200)
})

test('a logout token that is not as it has to be ends nothing', async () => {
  const { other, sub } = await signedInTwice()
  const good = logoutClaims(sub)
  const { asProvider, asStranger, asNobody } = provider.sign
  const without = (name: string) =>
    asProvider(Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)))
  const now = good.iat ?? 0
  const forged: readonly (readonly [string, string])[] = [
    ['signed by another key', await asStranger(good)],
    ['signed by nobody', await asNobody(good)],
    ['an ID token', await asProvider({ ...good, events: undefined, nonce: 'n' })],
    ['with a nonce', await asProvider({ ...good, nonce: 'n' })],
    ['of another event', await asProvider({ ...good, events: { 'https://example.com/other': {} } })],
    ['for another client', await asProvider({ ...good, aud: 'another' })],
    ['of another issuer', await asProvider({ ...good, iss: 'https://example.com' })],
    ['too old', await asProvider({ ...good, iat: now - 600, exp: now + 600 })],
    ['over', await asProvider({ ...good, exp: now - 60 })],
    ...(await Promise.all(
      ['sub', 'jti', 'iat', 'exp', 'events'].map(
        async (name) => [`without ${name}`, await without(name)] as const,
      ),
    )),
    ['no token', 'x.y.z'],
  ]
  for (const [what, token] of forged) {
    // guesses are counted as those of a sign-in are, and would be slowed down
    await house.sql('delete from castellan_throttle')
    const { status, text } = await sendLogout(token)
    expect(status, what).toBe(400)
    expect(JSON.parse(text), what).toMatchObject({ error: 'invalid_request' })
  }
  const whole = await asProvider(good)
  expect((await sendLogout(whole, 'corp', 'token')).status).toBe(400)
  expect((await sendLogout(whole, 'nobody')).status).toBe(404)
  expect((await other.get(`${BASE}/profile`)).status).toBe(200)

  // control: as it is, it is taken
  expect((await sendLogout(whole)).status).toBe(200)
  expect((await other.get(`${BASE}/profile`)).status).toBe(303)
})
