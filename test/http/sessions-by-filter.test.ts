/** The sessions that a filter shows are ended at once, over all pages of the list, and no others. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

/** Presses "End all that match" and confirms what is shown then. */
async function endMatching(client: Client, fields: Readonly<Record<string, string>>): Promise<Answer> {
  const address = `${BASE}/sessions/end-matching`
  const from = `${BASE}/sessions`
  const asked = await client.post(address, fields, { from })
  if (asked.status !== 428) return asked
  expect(asked.text).toContain('End sessions')
  const inside = /<form[^>]*end-matching"[^>]*>([\s\S]*?)<\/form>/.exec(asked.text)?.[1] ?? ''
  const hidden = [...inside.matchAll(/<(?:input|button)[^>]*\sname=[^>]*>/g)].map(
    ([tag]): [string, string] => [
      /name="([^"]*)"/.exec(tag)?.[1] ?? '',
      (/value="([^"]*)"/.exec(tag)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
    ],
  )
  const { _csrf: csrf = '', ...kept } = Object.fromEntries(hidden)
  const done = await client.post(address, kept, { csrf })
  return { ...done, text: asked.text }
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
