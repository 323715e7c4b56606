/** The sessions that a filter shows are ended at once, over all pages of the list, and no others. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { permit } from '../../src/policy/permit.ts'
import { policyWith } from '../attack/shop.ts'
import { type Answer, BASE, type Client } from '../client.ts'
import { type House, openHouse, type SignedIn, signInWith } from '../house.ts'

const HOUR = 3_600_000

const folder = mkdtempSync(join(tmpdir(), 'castellan-sessions-'))
const places = join(folder, 'places.csv')
writeFileSync(places, '0.0.0.0/0,Lisbon office\n::/0,Lisbon office\n')

let house: House
let admin: SignedIn
beforeAll(async () => {
  house = await openHouse({ sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY)', places })
  admin = await house.signIn({ name: 'Ana', role: 'superadmin' })
})
afterAll(async () => {
  await house.close()
  rmSync(folder, { recursive: true })
})

async function again({ email, code }: SignedIn): Promise<Client> {
  const client = house.visitor()
  await signInWith(client, email, code())
  return client
}

async function isIn(client: Client): Promise<boolean> {
  return (await client.get(`${BASE}/profile`)).status === 200
}

const ENDING = `${BASE}/sessions/end-matching`

/** Presses "End all that match". */
function press(client: Client, fields: Readonly<Record<string, string>>): Promise<Answer> {
  return client.post(ENDING, fields, { from: `${BASE}/sessions` })
}

/** Sends the form of the page that came instead, with what is typed there. */
function goOn(
  client: Client,
  { text }: Answer,
  typed: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const inside = /<form[^>]*end-matching"[^>]*>([\s\S]*?)<\/form>/.exec(text)?.[1] ?? ''
  const fields = [...inside.matchAll(/<(?:input|button)[^>]*\sname=[^>]*>/g)].map(
    ([tag]): [string, string] => [
      /name="([^"]*)"/.exec(tag)?.[1] ?? '',
      (/value="([^"]*)"/.exec(tag)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
    ],
  )
  const { _csrf: csrf = '', ...kept } = Object.fromEntries(fields)
  return client.post(ENDING, { ...kept, ...typed }, { csrf })
}

/** Ends what matches, and what was shown before. */
async function endMatching(client: Client, fields: Readonly<Record<string, string>>): Promise<Answer> {
  const asked = await press(client, fields)
  if (asked.status !== 428) return asked
  expect(asked.text).toContain('End sessions')
  return { ...(await goOn(client, asked)), text: asked.text }
}

/** So many more sessions of a person as one sign-in has made. */
async function multiply(at: House, { id }: SignedIn, count: number): Promise<void> {
  await at.sql(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
    insert into castellan_session
      (id, token_hash, refresh_family, person_id, methods, assurance, address, user_agent, created_at, proved_at,
       last_seen_at, expires_at, refresh_generation, refresh_key)
    select printf('%032x', i), printf('%064x', i), printf('%032x', i), person_id, methods, assurance, address,
      user_agent, created_at, proved_at, last_seen_at, expires_at, refresh_generation, refresh_key
    from n, castellan_session where person_id = '${id}'`)
}

async function liveSessions(at: House, { id }: SignedIn): Promise<unknown> {
  return at.sql(`select count(*) as n from castellan_session where person_id = '${id}'`)
}

test('a filter says whose sessions, and the plan how many they are', async () => {
  const ben = await house.signIn({ name: 'Ben', role: 'admin' })
  const bens = [ben.client, await again(ben)]
  const cleo = await house.signIn({ name: 'Cleo', role: 'admin' })

  const list = await admin.client.get(`${BASE}/sessions?q=Ben`)
  const ended = await endMatching(admin.client, { q: 'Ben' })

  expect(list.text).toContain('2 sessions')
  expect(list.text).toContain('End all that match')
  expect(ended.text).toContain('End 2 sessions of 1 person.')
  expect(ended.status).toBe(303)
  expect(await Promise.all(bens.map(isIn))).toEqual([false, false])
  expect(await Promise.all([admin.client, cleo.client].map(isIn))).toEqual([true, true])
  const events = await house.sql(
    `SELECT count(*) AS n FROM castellan_audit_event WHERE kind = 'session.end' AND outcome = 'done'`,
  )
  expect(events).toMatchObject([{ n: 3 }])
})

test('those that nobody has used for a while, and never the one that asks', async () => {
  const dan = await house.signIn({ name: 'Dan', role: 'admin' })
  const old = await again(admin)
  house.clock.now += 20 * 60_000
  expect(await isIn(admin.client)).toBe(true)
  expect(await isIn(dan.client)).toBe(true)
  house.clock.now += 20 * 60_000
  expect(await isIn(admin.client)).toBe(true)

  const page = await admin.client.get(`${BASE}/sessions?idle=1h`)
  expect(page.text).toContain('No session matches')
  expect(page.text).not.toContain('End all that match')
  const nobody = await endMatching(admin.client, { idle: '1h' })
  expect([nobody.status, nobody.location]).toEqual([303, `${BASE}/sessions?idle=1h`])

  const all = await endMatching(admin.client, { q: 'a' })
  expect(all.text).toContain('The one that you ask from goes on.')
  expect(await Promise.all([dan.client, old].map(isIn))).toEqual([false, false])
  expect(await isIn(admin.client)).toBe(true)
})

test('by how they were signed in', async () => {
  const eve = await house.signIn({ name: 'Eve', role: 'admin' })
  expect((await admin.client.get(`${BASE}/sessions?method=passkey`)).text).toContain('No session matches')
  expect((await admin.client.get(`${BASE}/sessions?method=totp&q=Eve`)).text).toContain('1 session')
  house.clock.now += HOUR / 4

  await endMatching(admin.client, { method: 'totp', q: 'Eve' })
  expect(await isIn(eve.client)).toBe(false)
})

test('an address has its place beside it, where the operator has written it down', async () => {
  expect((await admin.client.get(`${BASE}/sessions`)).text).toContain('Lisbon office')
  expect((await admin.client.get(`${BASE}/profile`)).text).toContain('Lisbon office')
})

test('for who may not see the sessions of others none matches, and nothing ends', async () => {
  const fay = await house.signIn({ name: 'Fay', role: 'admin' })
  const gus = await house.signIn({ name: 'Gus', role: 'support' })

  const page = await gus.client.get(`${BASE}/sessions?q=Fay`)
  const from = `${BASE}/profile`
  const refused = await gus.client.post(`${BASE}/sessions/end-matching`, { q: 'Fay' }, { from })

  expect(page.text).not.toContain('End all that match')
  expect([refused.status, refused.location]).toEqual([303, `${BASE}/sessions?q=Fay`])
  expect(await isIn(fay.client)).toBe(true)
})

test('all that match are those of every page of the list', async () => {
  const hal = await house.signIn({ name: 'Hal', role: 'admin' })
  await multiply(house, hal, 119)

  const { text } = await admin.client.get(`${BASE}/sessions?q=Hal`)
  expect(text).toContain('120 sessions')
  expect(text).toContain('Next page')
  const ended = await endMatching(admin.client, { q: 'Hal' })

  expect(ended.text).toContain('End 120 sessions of 1 person.')
  expect(await liveSessions(house, hal)).toEqual([{ n: 0 }])
  expect(await isIn(admin.client)).toBe(true)
})

const SEES: Rule = permit('support-sees-sessions', {
  roles: ['support'],
  actions: [
    'castellan.sessions.list',
    'castellan.sessions.read',
    'castellan.people.list',
    'castellan.people.read',
  ],
})
const ENDS: Rule = permit('support-ends-sessions', {
  roles: ['support'],
  actions: ['castellan.sessions.end'],
})

/** What happens to 120 sessions of somebody, where support has that rule. */
async function endedUnder(rule: Rule): Promise<{ readonly status: number; readonly left: unknown }> {
  const strict = await openHouse({
    sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY)',
    policy: policyWith([SEES, rule]),
  })
  try {
    const ida = await strict.signIn({ name: 'Ida', role: 'admin' })
    await multiply(strict, ida, 119)
    const { client } = await strict.signIn({ name: 'Jo', role: 'support' })
    const { status } = await endMatching(client, { q: 'Ida' })
    return { status, left: await liveSessions(strict, ida) }
  } finally {
    await strict.close()
  }
}

test('more than 100 take a right of their own', async () => {
  expect(await endedUnder(ENDS)).toEqual({ status: 403, left: [{ n: 120 }] })
})

test('control: who has it ends them', async () => {
  const actions = [...ENDS.actions, 'castellan.sessions.bulk-end']

  expect(await endedUnder({ ...ENDS, actions })).toEqual({ status: 303, left: [{ n: 0 }] })
})

test('a rule that asks for a reason is answered on the page, and the log has it', async () => {
  const policy = policyWith([SEES, { ...ENDS, obligations: { reason: true } }])
  const strict = await openHouse({ sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY)', policy })
  try {
    const ida = await strict.signIn({ name: 'Ida', role: 'admin' })
    const { client } = await strict.signIn({ name: 'Jo', role: 'support' })

    const asked = await press(client, { q: 'Ida' })
    expect([asked.status, asked.text.includes('End 1 session of 1 person.')]).toEqual([200, true])
    const empty = await goOn(client, asked, { _reason: ' ' })
    expect([empty.status, await liveSessions(strict, ida)]).toEqual([200, [{ n: 1 }]])
    const done = await goOn(client, asked, { _reason: 'Her laptop is gone.' })

    expect([done.status, await liveSessions(strict, ida)]).toEqual([303, [{ n: 0 }]])
    const reasons = await strict.sql(
      `select distinct reason from castellan_audit_event where kind = 'session.end' and outcome = 'done'`,
    )
    expect(reasons).toEqual([{ reason: 'Her laptop is gone.' }])
  } finally {
    await strict.close()
  }
})
