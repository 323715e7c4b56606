/** The application's own actions, in pages and API. */

import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from '../../src/gate/own-action.ts'
import { api } from '../attack/api.ts'
import { BASE } from '../client.ts'
import { type HouseOptions, openHouse, type SignedIn } from '../house.ts'

const SQL = `
  create table couriers (id integer primary key, name text not null);
  create table orders (
    id integer primary key, status text not null check (status in ('open','shipped','returned')),
    courier_id integer references couriers(id), note text, shipped_at timestamp
  );
  insert into couriers values (1,'Swift'), (2,'Steady');
  insert into orders values (11,'open',null,null,null), (12,'open',null,null,null);
`

const ship = defineAction({
  name: 'ship',
  label: 'Ship',
  description: 'Hands the parcel to a courier.',
  icon: 'truck',
  on: 'record',
  input: z.object({
    courier: z.int().meta({ title: 'Courier', model: 'couriers' }),
    day: z.iso.date().meta({ title: 'Day', description: 'When it is fetched.' }),
    speed: z.enum(['slow', 'fast']).default('slow'),
    fragile: z.boolean(),
    note: z.string().max(10).optional(),
  }),
  isAccessible: ({ target }) => target.values['status'] === 'open',
  async plan({ input, target, records }) {
    const courier = await records.read('couriers', String(input.courier))
    return `Ship ${target.title} on ${input.day} with ${courier?.title ?? 'nobody'}.`
  },
  async run({ input, target }) {
    await target.update({ status: 'shipped', courier_id: input.courier, note: input.note ?? null })
    return {
      message: `Shipped by ${input.courier}, ${input.speed}, ${input.fragile ? 'fragile' : 'sturdy'}.`,
      link: { label: 'The courier', model: 'couriers', key: String(input.courier) },
    }
  },
})

const back = defineAction({
  name: 'take-back',
  label: 'Take back',
  on: 'record',
  danger: true,
  obligations: { reason: true },
  async run({ target, reason }) {
    await target.update({ status: 'returned', note: reason })
  },
})

const report = defineAction({
  name: 'report',
  label: 'Report',
  on: 'model',
  async run({ records }) {
    const { records: found } = await records.list('orders', { limit: 100 })
    const lines = found.map(({ key, values }) => `${key};${values['status']}`)
    return { file: { name: 'Aufträge.csv', type: 'text/csv; charset=utf-8', content: lines.join('\n') } }
  },
})

const archive = defineAction({
  name: 'archive',
  label: 'Archive',
  on: 'record',
  async run({ target, records }) {
    await records.delete('orders', target.key)
    return { message: 'Archived <b>whole</b>.' }
  },
})

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(role = 'superadmin', options: Partial<HouseOptions> = {}): Promise<SignedIn> {
  house = await openHouse({
    sql: SQL,
    models: { orders: { actions: [ship, back, report, archive] } },
    ...options,
  })
  return house.signIn({ role })
}

const PATH = `${BASE}/m/orders/11/actions/ship`
const INPUT = { courier: '2', day: '2026-11-24', speed: 'fast', fragile: ['false', 'true'], note: 'Call' }
const stored = async () => (await house.sql('select status, courier_id, note from orders where id = 11'))[0]

test('offers on a record what may be done with it, and on a list what may be done with the model', async () => {
  const { client } = await open()
  const record = (await client.get(`${BASE}/m/orders/11`)).text
  const list = (await client.get(`${BASE}/m/orders`)).text

  expect(record).toContain(`href="${PATH}"`)
  expect(record).toContain(`href="${BASE}/m/orders/11/actions/take-back"`)
  expect(record).toContain(`action="${BASE}/m/orders/11/actions/archive"`)
  expect(record).not.toContain('~actions')
  expect(list).toContain(`action="${BASE}/m/orders/~actions/report"`)
  expect(list).not.toContain('actions/ship')
})

test('asks for the input, shows the plan, and then does it', async () => {
  const { client } = await open()

  const form = await client.get(PATH)
  for (const part of [
    'Hands the parcel',
    'When it is fetched.',
    '>Steady<',
    'name="fragile"',
    'value="slow"',
  ])
    expect(form.text).toContain(part)
  const asked = await client.post(PATH, INPUT)
  expect(asked.status).toBe(428)
  expect(asked.text).toContain('Ship #11 on 2026-11-24 with Steady.')
  expect(await stored()).toMatchObject({ status: 'open' })

  const confirmation = /name="_confirmation" value="([^"]+)"/.exec(asked.text)?.[1] ?? ''
  const done = await client.post(PATH, { ...INPUT, _confirmation: confirmation })
  expect(done.status).toBe(303)
  expect(await stored()).toEqual({ status: 'shipped', courier_id: 2, note: 'Call' })
  const record = await client.get(done.location ?? '')
  expect(record.text).toContain('Shipped by 2, fast, fragile.')
  expect(record.text).toContain(`href="${BASE}/m/couriers/2"`)
  expect(record.text).not.toContain('actions/ship')
})

test('says at each field what is wrong, and keeps what was typed', async () => {
  const { client } = await open()

  const refused = await client.post(PATH, { ...INPUT, courier: 'two', day: '', note: 'Far too long a note' })

  expect(refused.status).toBe(422)
  for (const part of [
    'Courier must be a number',
    'Day must have a value',
    'Note must have at most 10 characters',
    'Far too long a note',
  ])
    expect(refused.text).toContain(part)
  expect(refused.text).toMatch(/value="fast"[^>]*checked|checked[^>]*value="fast"/)
})

test('says nothing to other sessions, or to links that were made up', async () => {
  const { client } = await open()
  const other = await house.signIn({ role: 'superadmin' })
  const asked = await client.post(PATH, INPUT)
  const confirmation = /name="_confirmation" value="([^"]+)"/.exec(asked.text)?.[1] ?? ''
  const { location } = await client.post(PATH, { ...INPUT, _confirmation: confirmation })

  expect((await other.client.get(location ?? '')).text).not.toContain('Shipped by 2')
  expect((await client.get(`${BASE}/m/orders?said=Send+money`)).text).not.toContain('Send money')
})

test('asks for the reason that the action obliges to', async () => {
  const { client } = await open()
  const path = `${BASE}/m/orders/11/actions/take-back`

  expect((await client.get(path)).text).toContain('name="_reason"')
  expect((await client.post(path, {})).status).toBe(422)
  expect((await client.post(path, { _reason: 'broken' })).status).toBe(303)
  expect(await stored()).toMatchObject({ status: 'returned', note: 'broken' })
})

test('goes to the list when the record is gone, and shows words as words', async () => {
  const { client } = await open()

  const done = await client.post(`${BASE}/m/orders/11/actions/archive`, {}, { from: `${BASE}/m/orders/11` })

  expect(done.location).toMatch(new RegExp(`^${BASE}/m/orders\\?said=`))
  expect((await client.get(done.location ?? '')).text).toContain('Archived &lt;b&gt;whole&lt;/b&gt;.')
})

test('hands a file over for saving', async () => {
  const { client } = await open()

  const file = await client.post(`${BASE}/m/orders/~actions/report`, {}, { from: `${BASE}/m/orders` })

  expect(file.status).toBe(200)
  expect(file.text).toBe('11;open\n12;open')
  expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(file.headers.get('content-disposition')).toBe(
    `attachment; filename="Auftr_ge.csv"; filename*=UTF-8''Auftr%C3%A4ge.csv`,
  )
  expect(file.headers.get('x-content-type-options')).toBe('nosniff')
})

test('is an action of the API, with its plan, its mistakes and its file', async () => {
  const { client } = await open()
  const input = { courier: 1, day: '2026-11-24', fragile: true }
  const send = (body: unknown) => api(client, 'POST', '/models/orders/actions/ship', body)

  expect(await send({ key: '11', input: { ...input, day: 'soon' } })).toMatchObject({
    status: 422,
    json: { code: 'invalid-input', fields: { day: ['must be a date such as 2026-11-21'] } },
  })
  const asked = await send({ key: '11', input })
  expect(asked).toMatchObject({
    status: 428,
    json: { plan: { sentence: 'Ship #11 on 2026-11-24 with Swift.' } },
  })
  const done = await send({ keys: ['11'], input, confirmation: asked.json['confirmation'] })
  expect(done).toMatchObject({
    status: 200,
    json: { result: { message: 'Shipped by 1, slow, fragile.', link: { model: 'couriers', key: '1' } } },
  })
  const file = await api(client, 'POST', '/models/orders/actions/report', {})
  expect(file.json['result']).toMatchObject({
    file: { content: Buffer.from('11;shipped\n12;open').toString('base64') },
  })
  const model = await api(client, 'GET', '/models/orders')
  expect(JSON.stringify(model.json['actions'])).toContain('"verb":"ship","label":"Ship","on":"record"')
})

test('is run by admins and superadmins, and by nobody else unless a rule says so', async () => {
  const admin = await open('admin')
  const support = await house.signIn({ role: 'support' })
  const path = `${BASE}/m/orders/11/actions/take-back`

  expect((await support.client.get(`${BASE}/m/orders/11`)).text).not.toContain('/actions/')
  expect((await support.client.get(path)).status).toBe(403)
  expect((await support.client.post(path, { _reason: 'x' }, { from: `${BASE}/profile` })).status).toBe(403)
  expect((await admin.client.post(path, { _reason: 'x' })).status).toBe(303)
})

test('names nothing that nobody declared', async () => {
  const { client } = await open()

  expect((await client.get(`${BASE}/m/orders/11/actions/vanish`)).status).toBe(404)
  expect((await client.get(`${BASE}/m/orders/11/actions/report`)).status).toBe(404)
  expect((await client.get(`${BASE}/m/orders/~actions/ship`)).status).toBe(404)
  expect((await client.get(`${BASE}/m/orders/99/actions/ship`)).status).toBe(404)
})

test('does not start with an action that can never run', async () => {
  const onMany = defineAction({ name: 'bulk-mark', label: 'Mark', on: 'records', run: () => undefined })
  const drawn = defineAction({
    name: 'draw',
    label: 'Draw',
    icon: 'trcuk',
    on: 'record',
    run: () => undefined,
  })

  await expect(
    openHouse({ sql: SQL, models: { orders: { actions: [onMany, drawn] } } }),
  ).rejects.toMatchObject({
    code: 'misconfigured',
    mistakes: [{ id: 'A102' }, { id: 'A109', remedy: 'Did you mean "truck"?' }],
  })
  await open()
})
