/** Erasing personal values from the log: by who may, after proof, with its ground, and with the proof of the log kept. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import { openDatabase } from '../../src/database/url.ts'
import { api } from '../attack/api.ts'
import { BASE } from '../client.ts'
import { asSystem, type House, openHouse, type SignedIn } from '../house.ts'

const IBAN = 'DE89370400440532013000'
const OTHER = 'FR7630006000011234567890189'
const PATH = '/models/customers/records'

let house: House
let root: SignedIn

beforeAll(async () => {
  house = await openHouse({
    sql: `create table customers (id integer primary key, name text, iban text);
      insert into customers values (1, 'Ana', null), (2, 'Bo', null), (3, 'Cem', null);`,
    models: { customers: { fields: { iban: { sensitivity: 'personal' } } } },
  })
  root = await house.signIn({ role: 'superadmin' })
  for (const [key, iban] of [
    ['1', IBAN],
    ['2', OTHER],
    ['3', OTHER],
  ] as const) {
    await api(root.client, 'PATCH', `${PATH}/${key}`, { values: { iban } })
  }
})
afterAll(() => house.close())

async function subjects(): Promise<readonly string[]> {
  const rows = await house.sql('select subject from castellan_audit_subject order by subject')
  return rows.map((row) => String((row as { readonly subject: unknown }).subject))
}

async function events(where: string): Promise<readonly Record<string, unknown>[]> {
  const rows = await house.sql(`select event from castellan_audit_event where ${where} order by entry`)
  return rows.map((row) => JSON.parse(String((row as { readonly event: unknown }).event)))
}

async function verified(): Promise<string> {
  const database = await openDatabase(house.url, { place: 'test' })
  try {
    return (await verifyLog(await databaseReader(database.now), { now: house.clock.now })).kind
  } finally {
    await database.close()
  }
}

const erased = { model: 'customers', key: '2', ground: 'asked for on 20 November' }

test('the key of one record is erased from the terminal, those of others stay, and the log verifies', async () => {
  await asSystem(house.admin, house.clock.now, 'castellan.audit.erase', erased)

  expect(await subjects()).toEqual(['customers:1', 'customers:3'])
  expect(await events("kind = 'audit.erase' and outcome = 'done'")).toMatchObject([
    {
      severity: 'high',
      reason: 'test',
      details: erased,
      counts: { affected: 1 },
      principal: { kind: 'system' },
    },
  ])
  expect(await verified()).toBe('verified')
})

test('what was erased is not there to be erased again, as what never was', async () => {
  for (const key of ['2', '99']) {
    const erasing = asSystem(house.admin, house.clock.now, 'castellan.audit.erase', { ...erased, key })
    await expect(erasing).rejects.toMatchObject({ code: 'not-found' })
  }
})

test('a page asks for a ground, a reason, a proof and a confirmation, in this order, and erases then', async () => {
  const [event] = await events("record_key = '1' and outcome = 'done'")
  const path = `${BASE}/audit/${event?.['id']}`
  const { text } = await root.client.get(path)
  expect(text).toContain('Erase personal values')

  const send = (fields: Readonly<Record<string, string>>) =>
    root.client.post(`${path}/erase`, fields, { from: path })
  const without = await send({ ground: '  ' })
  expect([without.status, without.text]).toEqual([422, expect.stringContaining('Ground is needed')])

  house.clock.now += 6 * 60_000
  const unreasoned = await send({ ground: 'a request' })
  expect(unreasoned.text).toContain('name="_reason"')
  const unproved = await send({ ground: 'a request', _reason: 'her letter' })
  expect([unproved.status, unproved.text]).toEqual([403, expect.stringContaining('name="_code"')])
  expect(await subjects()).toContain('customers:1')

  const fields = { ground: 'a request', _reason: 'her letter' }
  const unconfirmed = await send({ ...fields, _code: root.code() })
  expect(unconfirmed.status).toBe(428)
  expect(unconfirmed.text).toContain('On the ground: a request')
  const confirmation = /name="_confirmation" value="([^"]+)"/.exec(unconfirmed.text)?.[1] ?? ''
  const done = await send({ ...fields, _confirmation: confirmation })

  expect(done.status).toBe(303)
  expect(await subjects()).toEqual(['customers:3'])
})

test.each(['admin', 'support', 'auditor'])('gives %s no way to erase', async (role) => {
  const { client } = await house.signIn({ role })
  const [event] = await events("record_key = '3' and outcome = 'done'")
  const path = `${BASE}/audit/${event?.['id']}`

  const { text } = await client.get(path)
  const answer = await api(client, 'POST', '/models/castellan.audit/actions/erase', {
    input: { ...erased, key: '3' },
    reason: 'curious',
  })

  expect(text).not.toContain('Erase personal values')
  expect(answer.status).toBe(403)
  expect(await subjects()).toEqual(['customers:3'])
})
