/** Sessions as an open page meets them: how long they go on, and what becomes of a form when they have ended. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, BASE, type Client, csrfIn } from '../client.ts'
import { type House, openHouse, signInWith } from '../house.ts'

const MINUTE = 60_000
const SHOP = `
  create table notes (id integer primary key, body text not null);
  insert into notes values (1, 'first');
`

let house: House
beforeAll(async () => {
  house = await openHouse({ sql: SHOP, maxSessionsPerPerson: 3 })
})
afterAll(() => house.close())

interface Status {
  readonly person: string
  readonly csrf: string
  readonly endsInSeconds: number
}

async function statusOf(client: Client, path = ''): Promise<Status> {
  const { status, text } = await client.get(`${BASE}/session${path}`)
  expect(status).toBe(200)
  return JSON.parse(text) as Status
}

/** The fields of the page's form that sends again what was sent before. */
function keptFields({ text }: Answer): URLSearchParams {
  const form = /<form[^>]*action="[^"]*\/m\/notes[^"]*"[^>]*>(.*?)<\/form>/s.exec(text)?.[1] ?? ''
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
  return new URLSearchParams(fields.map(([, name = '', value = '']) => [name, unescaped(value)]))
}

async function send(client: Client, fields: URLSearchParams): Promise<Answer> {
  return client.send('POST', `${BASE}/m/notes/new`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: fields.toString(),
  })
}

test('an open page learns how long its session goes on, and asking puts nothing off', async () => {
  const { client, id } = await house.signIn({ role: 'admin' })

  expect(await statusOf(client)).toMatchObject({ person: id, endsInSeconds: 30 * 60 })
  for (let minute = 0; minute < 29; minute += 1) {
    house.clock.now += MINUTE
    await statusOf(client)
  }
  expect((await statusOf(client)).endsInSeconds).toBe(60)
  house.clock.now += MINUTE
  const ended = await client.get(`${BASE}/session`)
  expect([ended.status, ended.text]).toEqual([401, '{"ended":true}'])
  expect((await client.get(`${BASE}/profile`)).status).toBe(303)
})

test('control: staying, or any other use, puts it off', async () => {
  const { client } = await house.signIn({ role: 'admin' })
  house.clock.now += 29 * MINUTE

  expect((await statusOf(client, '/stay')).endsInSeconds).toBe(30 * 60)
  expect((await statusOf(client)).endsInSeconds).toBe(30 * 60)
})

test('nothing puts off the end that is fixed from the beginning', async () => {
  const { client } = await house.signIn({ role: 'admin' })
  for (let quarter = 0; quarter < 47; quarter += 1) {
    house.clock.now += 15 * MINUTE
    await statusOf(client, '/stay')
  }

  expect((await statusOf(client, '/stay')).endsInSeconds).toBeLessThanOrEqual(15 * 60)
})

test('a token that a page learns is that of its session, and no other site learns it', async () => {
  const { client } = await house.signIn({ role: 'admin' })
  const { csrf } = await statusOf(client)

  const foreign = await client.get(`${BASE}/session`, {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'cors',
  })
  expect([foreign.status, foreign.text.includes(csrf)]).toEqual([403, false])
  expect((await client.post(`${BASE}/theme`, { theme: 'dark' }, { csrf })).status).toBe(303)
  expect(JSON.parse((await house.visitor().get(`${BASE}/session`)).text)).toEqual({ ended: true })
})

test('a form that was open for longer than its session is sent after signing in again, with all that was typed', async () => {
  const person = await house.signIn({ role: 'admin' })
  const { client } = person
  const token = await client.csrf(`${BASE}/m/notes/new`)
  house.clock.now += 31 * MINUTE
  const typed = new URLSearchParams({ _csrf: token, body: 'a <long> "text" & more', _code: '123456' })

  const kept = await send(client, typed)
  expect(kept.status).toBe(401)
  expect(kept.text).toContain('Your session has ended')
  const early = await send(client, keptFields(kept))
  expect(early.status).toBe(401)

  await signInWith(client, person.email, person.code())
  const asked = await send(client, keptFields(early))
  expect(asked.status).toBe(403)
  expect(asked.text).toContain('Send it once more')
  const fields = keptFields(asked)
  expect(fields.has('_code')).toBe(false)
  expect(fields.get('_csrf')).toBe(csrfIn(asked.text))
  expect(await notes()).toEqual(['first'])

  expect((await send(client, fields)).status).toBe(303)
  expect(await notes()).toEqual(['first', 'a <long> "text" & more'])
})

test('what may hold a password is kept on no page', async () => {
  const { client } = await house.signIn({ role: 'admin' })
  const token = await client.csrf(`${BASE}/profile`)
  house.clock.now += 31 * MINUTE

  const answer = await client.post(
    `${BASE}/profile/password`,
    { current: 'one', next: 'two' },
    { csrf: token },
  )
  expect([answer.status, answer.text]).toEqual([303, ''])
})

test('several tabs that renew at once, and answers that are lost, end no session', async () => {
  const { client } = await house.signIn({ role: 'admin' })
  house.clock.now += 16 * MINUTE
  const before = new Map(client.cookies)
  const tab = (): Client => {
    const one = house.visitor()
    for (const [name, value] of before) one.cookies.set(name, value)
    return one
  }

  const tabs = Array.from({ length: 50 }, tab)
  const answers = await Promise.all(tabs.map((one) => one.get(`${BASE}/session/stay`)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(new Set(tabs.map((one) => one.cookies.get('castellan-refresh-4600'))).size).toBe(1)
  // every one of those answers was lost on its way, and the browser asks with what it has
  house.clock.now += 14 * MINUTE
  expect((await client.get(`${BASE}/profile`)).status).toBe(200)
  expect(await house.sql("select 1 from castellan_audit_event where kind = 'session.reuse'")).toEqual([])
})

async function notes(): Promise<readonly string[]> {
  return ((await house.sql('select body from notes order by id')) as { body: string }[]).map(
    ({ body }) => body,
  )
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
