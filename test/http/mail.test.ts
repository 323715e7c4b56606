/** Letters as they really leave: over SMTP, to a server of the test, and back by the links in them. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, BASE } from '../client.ts'
import { PASSWORD } from '../house.ts'
import { linkIn, openSink, pathIn, type Sink } from '../mail.ts'
import { ORIGIN, openProduction, type Production } from './behind-proxy.ts'

const NEXT = 'four lanterns on a pier'

let sink: Sink
let production: Production
beforeEach(async () => {
  sink = await openSink()
  production = await openProduction({
    title: 'Night Shop',
    mail: { from: 'Night Shop <admin@example.com>', smtp: sink.url },
    registration: true,
  })
})
afterEach(async () => {
  await production.house.close()
  await sink.close()
})

/** Without what is new in every answer. */
function plain({ text, headers }: Answer): string {
  return text.replaceAll(/nonce="[^"]*"/g, '').replaceAll(headers.get('x-request-id') ?? '', '')
}

function forgot(email: string): Promise<Answer> {
  return production.visitor().post(`${BASE}/forgot-password`, { email })
}

test('a forgotten password is set anew by a link, ends every session, and the second factor is still asked', async () => {
  const ana = await production.signIn('support')
  expect((await forgot(ana.email.toUpperCase())).status).toBe(202)

  const [letter] = await sink.taken(1)
  if (!letter) throw new Error('No letter.')
  expect(letter).toMatchObject({ from: 'admin@example.com', to: [ana.email] })
  expect(letter.headers.get('subject')).toEqual(['Set a new password for Night Shop'])
  expect(letter.headers.get('to')).toEqual([`Production 1 <${ana.email}>`])
  expect(letter.headers.get('auto-submitted')).toEqual(['auto-generated'])
  expect(linkIn(letter)).toMatch(new RegExp(`^${ORIGIN}${BASE}/reset-password\\?token=[\\w-]{43}$`))
  expect(letter.html).toContain(`href="${linkIn(letter)}"`)
  expect(letter.html).not.toContain('class=')

  const client = production.visitor()
  const path = pathIn(letter)
  expect((await client.get(path)).text).toContain('Set a new password')
  const followed = await client.post(
    `${BASE}/reset-password`,
    { token: path.split('token=')[1] ?? '', password: NEXT, repeat: NEXT },
    { from: path },
  )
  expect(followed.location).toBe(`${BASE}/sign-in/second-factor`)
  expect((await ana.client.get(`${BASE}/profile`)).status).toBe(303)
  expect((await client.get(`${BASE}/profile`)).status).toBe(303)
  expect((await client.post(`${BASE}/sign-in/second-factor`, { code: ana.code() })).status).toBe(303)
  expect((await client.get(`${BASE}/profile`)).status).toBe(200)

  const [, notice] = await sink.taken(2)
  expect(notice?.headers.get('subject')).toEqual(['Your password at Night Shop was changed'])
  expect(notice?.text).not.toMatch(/https?:/)
  expect((await client.get(path)).status).toBe(404)
  const old = await production.visitor().post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
  expect(old.status).toBe(401)
})

test('a link from another site is asked once more from here, where the cookies come along', async () => {
  await production.signIn('support')
  await forgot('production1@example.com')
  const [letter] = await sink.taken(1)
  if (!letter) throw new Error('No letter.')

  const arrival = await production.visitor().get(pathIn(letter), { 'sec-fetch-site': 'cross-site' })
  expect(arrival.status).toBe(200)
  expect(arrival.text).toContain('http-equiv="refresh" content="0"')
  expect(arrival.headers.getSetCookie()).toEqual([])
  expect((await production.visitor().get(pathIn(letter))).text).toContain('name="repeat"')
})

test('what is wrong with the new password is said, and the link goes on working', async () => {
  const ana = await production.signIn('support')
  await forgot(ana.email)
  const [letter] = await sink.taken(1)
  if (!letter) throw new Error('No letter.')
  const token = pathIn(letter).split('token=')[1] ?? ''
  const client = production.visitor()
  const set = (password: string, repeat = password): Promise<Answer> =>
    client.post(`${BASE}/reset-password`, { token, password, repeat }, { from: pathIn(letter) })

  expect((await set('short')).text).toContain('at least 15 characters')
  expect((await set(NEXT, `${NEXT}!`)).text).toContain('differ')
  expect((await set('nightshopnightshop')).text).toContain('first that attackers try')
  expect((await set(NEXT)).status).toBe(303)
})

test('who registers confirms the address, waits, and comes in once let in', async () => {
  const root = await production.signIn('superadmin')
  const asked = await production
    .visitor()
    .post(`${BASE}/register`, { name: 'Eve Moss', email: 'eve@example.com' })
  expect(asked.status).toBe(202)
  const [letter] = await sink.taken(1)
  if (!letter) throw new Error('No letter.')
  expect(await production.house.sql("select id from castellan_person where name = 'Eve Moss'")).toEqual([])

  const client = production.visitor()
  const path = pathIn(letter)
  const waits = await client.post(
    `${BASE}/register/confirm`,
    { token: path.split('token=')[1] ?? '', password: NEXT, repeat: NEXT },
    { from: path },
  )
  expect(waits.text).toContain('Your account waits')
  const signIn = (): Promise<Answer> =>
    client.post(`${BASE}/sign-in`, { email: 'eve@example.com', password: NEXT })
  expect((await signIn()).status).toBe(401)

  const [eve] = (await production.house.sql("select id from castellan_person where name = 'Eve Moss'")) as {
    id: string
  }[]
  const page = await root.client.get(`${BASE}/people`)
  expect(page.text).toContain('Waits')
  const letIn = await root.client.post(
    `${BASE}/people/${eve?.id}/activate`,
    { _code: root.code() },
    { from: `${BASE}/profile` },
  )
  expect(letIn.status).toBe(303)
  const [, ready] = await sink.taken(2)
  expect(ready).toMatchObject({ to: ['eve@example.com'] })
  expect(ready?.headers.get('subject')).toEqual(['Your account at Night Shop is ready'])
  expect((await signIn()).location).toBe(`${BASE}/sign-in/enrol`)
})

test('who registers with the address of somebody tells that somebody, and learns nothing', async () => {
  const ana = await production.signIn('support')
  const ask = (email: string): Promise<Answer> =>
    production.visitor().post(`${BASE}/register`, { name: 'Ana', email })
  const [taken, free] = [await ask(ana.email), await ask('free@example.com')]

  expect(taken.status).toBe(202)
  expect(plain(free)).toBe(plain(taken))
  const mails = await sink.taken(2)
  expect(mails.map(({ to }) => to[0]).sort()).toEqual(['free@example.com', ana.email].sort())
})

test('a letter outlives a dead mail server and the process that made it, and is sent once', async () => {
  const { house } = production
  const ana = await production.signIn('support')
  const port = Number(new URL(sink.url).port)
  await sink.close()
  await forgot(ana.email)
  await house.admin.close()
  expect(await house.sql('select attempts from castellan_letter')).toEqual([{ attempts: 1 }])

  sink = await openSink(port)
  house.clock.now += 31_000
  await house.admin.initialize()
  const [letter] = await sink.taken(1)
  expect(letter?.to).toEqual([ana.email])
  await house.admin.close()
  expect(await house.sql('select attempts from castellan_letter')).toEqual([])
  expect(sink.mails).toHaveLength(1)
})

test('a letter that no server will ever take is given up, and the log says so', async () => {
  const ana = await production.signIn('support')
  sink.refuseWith(550)
  await forgot(ana.email)
  await sink.tried(1)
  await production.house.admin.close()
  await production.house.admin.initialize()

  expect(await production.house.sql('select id from castellan_letter')).toEqual([])
  const [row] = (await production.house.sql(
    "select event from castellan_audit_event where kind = 'mail.fail'",
  )) as { event: string }[]
  expect(JSON.parse(row?.event ?? '{}')).toMatchObject({
    outcome: 'failed',
    code: '550',
    details: { letter: 'new-password', attempts: 1 },
  })
  expect(row?.event).not.toContain(ana.email)
})

/** Until nothing waits to be looked up or sent. */
async function everythingSent(): Promise<void> {
  for (;;) {
    const rows = await production.house.sql('select id from castellan_letter')
    if (rows.length === 0) return
    await new Promise((settle) => setTimeout(settle, 20))
  }
}

test('whoever is guessed at is told once a day, with where from; of an account that is none nobody is', async () => {
  const ana = await production.signIn('support')
  const guess = async (email: string): Promise<number> => {
    const client = production.visitor('198.51.100.9')
    return (await client.post(`${BASE}/sign-in`, { email, password: 'not the password of anybody' })).status
  }
  const statuses: number[] = []
  for (let n = 0; n < 9; n += 1) statuses.push(await guess(ana.email))
  for (let n = 0; n < 9; n += 1) await guess('nobody@example.com')
  expect(statuses).toContain(429)

  await everythingSent()
  const [letter, ...more] = sink.mails
  expect(more).toEqual([])
  expect(letter?.headers.get('subject')).toEqual(['Somebody tries to sign in as you at Night Shop'])
  expect(letter?.to).toEqual([ana.email])
  expect(letter?.text).toContain('198.51.100.9')
  expect(letter?.text).not.toMatch(/https?:/)

  production.house.clock.now += 25 * 60 * 60_000
  for (let n = 0; n < 9; n += 1) await guess(ana.email)
  await everythingSent()
  expect(sink.mails.map(({ to }) => to)).toEqual([[ana.email], [ana.email]])
})

test('whoever has the password and guesses at codes is told of as well', async () => {
  const ana = await production.signIn('support')
  for (let n = 0; n < 8; n += 1) {
    const client = production.visitor('198.51.100.9')
    await client.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
    await client.post(`${BASE}/sign-in/second-factor`, { code: '000000' })
  }

  const [letter] = await sink.taken(1)
  expect(letter?.text).toContain('knows your password')
})
