/** Step-up, confirmation and reason on the pages: each asked for inside the flow, with everything typed kept. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { permit } from '../../src/policy/permit.ts'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { BASE, csrfIn } from '../client.ts'
import { type House, openHouse } from '../house.ts'

const SHOP = `
  create table customers (id integer primary key, name text not null, tax_number text);
  create table orders (id integer primary key, customer_id integer not null references customers(id) on delete cascade, note text);
  insert into customers values (1,'Amara Okafor','GB-1'), (2,'Jonas Lindqvist','SE-2');
  insert into orders values (11,1,'first'), (12,1,'second');
`
const MINUTE = 60_000

let house: House
beforeAll(async () => {
  house = await openHouse({ sql: SHOP })
})
afterAll(() => house.close())

/** The fields of the form that the page asks to send again. */
function fieldsOf(html: string): Record<string, string> {
  const main = html.slice(html.indexOf('<main'))
  return Object.fromEntries(
    [...main.matchAll(/<input type="hidden" name="(?!_csrf)([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  )
}

test('asks for a code when the last proof is too old, and goes on with what was typed', async () => {
  const boss = await house.signIn({ name: 'Ana', role: 'superadmin' })
  const helper = await house.signIn({ name: 'Noor', role: 'support' })
  const path = `${BASE}/people/${helper.id}/grant-role`
  const form = { role: 'admin', _reason: 'promoted' }
  house.clock.now += 6 * MINUTE

  const asked = await boss.client.post(path, form, { from: `${BASE}/people/${helper.id}` })
  expect(asked.status).toBe(403)
  expect(fieldsOf(asked.text)).toMatchObject(form)

  const wrong = await boss.client.post(
    path,
    { ...fieldsOf(asked.text), _code: '000000' },
    { csrf: csrfIn(asked.text) },
  )
  expect(wrong.status).not.toBe(303)
  expect(fieldsOf(wrong.text)).toMatchObject(form)

  const before = new Map(boss.client.cookies)
  const done = await boss.client.post(
    path,
    { ...fieldsOf(wrong.text), _code: boss.code() },
    { csrf: csrfIn(wrong.text) },
  )
  expect(done.status).toBe(303)
  expect(
    await house.sql(
      `select role from castellan_role_grant where principal_id = '${helper.id}' order by role`,
    ),
  ).toMatchObject([{ role: 'admin' }, { role: 'support' }])
  // The session goes on under other tokens; those from before the proof are dead.
  expect((await boss.client.get(`${BASE}/people`)).status).toBe(200)
  boss.client.cookies.clear()
  for (const [name, value] of before) boss.client.cookies.set(name, value)
  expect((await boss.client.get(`${BASE}/api/v1/models`)).status).toBe(401)
})

test('shows what a deletion takes along before it is confirmed, and deletes nothing before', async () => {
  const admin = await house.signIn({ role: 'admin' })

  const shown = await admin.client.get(`${BASE}/m/customers/1/delete`)
  expect(shown.text).toContain('2 orders are deleted too.')
  const bare = await admin.client.post(`${BASE}/m/customers/1/delete`, {}, { csrf: csrfIn(shown.text) })
  expect(bare.status).toBe(428)
  expect(await house.sql('select count(*) as n from customers where id = 1')).toMatchObject([{ n: 1 }])

  const done = await admin.client.post(`${BASE}/m/customers/1/delete`, fieldsOf(bare.text), {
    csrf: csrfIn(bare.text),
  })
  expect(done.status).toBe(303)
  expect(
    await house.sql(
      'select (select count(*) from customers where id = 1) + (select count(*) from orders) as n',
    ),
  ).toMatchObject([{ n: 0 }])
})

test('asks why before it reveals a masked value, and records the reason', async () => {
  const admin = await house.signIn({ role: 'admin' })
  const record = `${BASE}/m/customers/2`
  expect((await admin.client.get(record)).text).not.toContain('SE-2')

  const form = `${record}/reveal?field=tax_number`
  const without = await admin.client.post(form, {})
  expect(without.status).toBe(422)
  const revealed = await admin.client.post(
    form,
    { _reason: 'asked by the customer' },
    { csrf: csrfIn(without.text) },
  )
  expect(revealed.text).toContain('SE-2')
  expect(
    await house.sql(
      "select reason from castellan_audit_event where kind = 'record.reveal' and outcome = 'done'",
    ),
  ).toEqual([{ reason: 'asked by the customer' }])
  expect(JSON.stringify(await house.sql('select event from castellan_audit_event'))).not.toContain('SE-2')
})

test('a file that was chosen goes through the proof with everything else', async () => {
  const stepUp = permit('photos-change-after-step-up', {
    roles: ['superadmin'],
    actions: ['photos.update'],
    obligations: { stepUpWithin: '5m' },
  })
  const own = await openHouse({
    engine: 'sqlite',
    sql: "create table photos (id integer primary key, name text not null, photo blob); insert into photos values (1, 'Old', null);",
    policy: { ...SEEDED_POLICY, rules: [...SEEDED_POLICY.rules, stepUp] },
  })
  try {
    const { client, code } = await own.signIn({ role: 'superadmin' })
    own.clock.now += 6 * MINUTE
    const path = `${BASE}/m/photos/1/edit`
    const form = new FormData()
    form.append('_csrf', await client.csrf(path))
    form.append('name', 'New')
    form.append('photo', new File([Uint8Array.from([0, 255, 13, 10, 60])], 'photo.bin'))
    const multipart = new Request('http://localhost', { method: 'POST', body: form })
    const headers = { 'content-type': multipart.headers.get('content-type') ?? '' }
    const body = Buffer.from(await multipart.arrayBuffer())

    const asked = await client.send('POST', path, { headers, body })
    expect(asked.status).toBe(403)
    expect(fieldsOf(asked.text)).toMatchObject({ name: 'New', photo: 'AP8NCjw=' })
    const fields = { ...fieldsOf(asked.text), _code: code() }
    expect((await client.post(path, fields, { csrf: csrfIn(asked.text) })).status).toBe(303)

    expect(await own.sql('select name, hex(photo) as photo from photos')).toEqual([
      { name: 'New', photo: '00FF0D0A3C' },
    ])
  } finally {
    await own.close()
  }
})
