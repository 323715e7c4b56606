/** Someone uses an action or a page of the application to reach what the policy keeps from them. */

import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { OwnPage } from '../../src/faces/own-page.ts'
import { defineAction } from '../../src/gate/own-action.ts'
import type { Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { act, api, type Reply } from './api.ts'
import { withParts } from './assemble.ts'
import { type Attack, openAttack, ROW_RULES, WITHOUT_ROW_RULE } from './shop.ts'

/** Trusts its input as far as a careless developer would. */
const settle = defineAction({
  name: 'settle',
  label: 'Settle',
  on: 'record',
  input: z.object({
    customer: z.int().optional(),
    field: z.enum(['name', 'nickname']).default('name'),
    text: z.string().optional(),
    values: z.record(z.string(), z.unknown()).optional(),
  }),
  async run({ input, target, records }) {
    await target.update({ status: 'paid', ...input.values })
    if (input.customer)
      await records.update('customers', String(input.customer), { [input.field]: input.text })
    const { records: seen } = await records.list('customers', { limit: 100 })
    return { message: seen.map(({ title }) => title).join(' ') }
  },
})

const board: OwnPage = {
  path: '/board',
  title: 'Board',
  async render({ records, query }) {
    const one = await records.read('customers', query.get('key') ?? '')
    const { records: all } = await records.list('customers', { limit: 100 })
    return JSON.stringify([one, all], (_, value) => (typeof value === 'bigint' ? String(value) : value))
  },
}

/** The same reach for the action as for reading. */
function actionRules(rules: readonly Rule[], fields?: readonly string[]): readonly Rule[] {
  return rules.map((rule) =>
    rule.actions.includes('orders.read')
      ? { ...rule, actions: [...rule.actions, 'orders.settle'], ...(fields && { fields }) }
      : rule,
  )
}

let attack: Attack
afterEach(() => attack[Symbol.asyncDispose]())

async function open(rules: readonly Rule[], more: readonly Rule[] = []): Promise<Attack> {
  const options = { models: { orders: { actions: [settle] } }, pages: [board] }
  attack = await openAttack([...rules, ...more], options)
  return attack
}

const run = (key: string, input: unknown = {}): Promise<Reply> =>
  act(attack.low.client, 'orders.settle', input, { key })
const stored = async (): Promise<string> =>
  JSON.stringify([
    await attack.house.sql('select * from orders order by id'),
    await attack.house.sql('select * from customers order by id'),
  ])

test('another’s record is not there for an action either, byte for byte', async () => {
  await open(actionRules(ROW_RULES))
  const before = await stored()

  const foreign = await run('12')
  const missing = await run('99')
  expect([foreign.status, missing.status]).toEqual([404, 404])
  const plain = ({ text }: Reply): string =>
    text.replaceAll(/"requestId":"[^"]+"/g, '').replaceAll(/12|99/g, '#')
  expect(plain(foreign)).toBe(plain(missing))
  for (const method of ['get', 'post'] as const) {
    const path = `${BASE}/m/orders/12/actions/settle`
    const { client } = attack.low
    const { status } =
      method === 'get' ? await client.get(path) : await client.post(path, {}, { from: `${BASE}/profile` })
    expect(status).toBe(404)
  }
  expect(await stored()).toBe(before)
})

test('control: without the row condition the same call runs', async () => {
  await open(actionRules(WITHOUT_ROW_RULE))

  expect((await run('12')).status).toBe(200)
})

test('a key in the input leads the code of the action no further than its user may go', async () => {
  await open(actionRules(ROW_RULES))
  const before = await stored()

  // out of reach; and within reach, but by a field that the rule does not grant
  expect((await run('11', { customer: 2, text: 'mine' })).status).toBe(404)
  expect((await run('11', { customer: 1, text: 'mine', field: 'nickname' })).status).toBe(422)
  expect(await stored()).toBe(before)
  expect((await run('11')).json['result']).toEqual({ message: 'Amara Okafor Sofia Rossi' })
})

test('control: without condition and field rule the same input changes the record', async () => {
  await open(actionRules(WITHOUT_ROW_RULE.map(({ fields: _, ...rule }) => rule)))

  expect((await run('11', { customer: 2, text: 'mine' })).status).toBe(200)
  expect(await stored()).toContain('mine')
})

test('names that the schema does not have are refused, in API and form, whatever they are called', async () => {
  await open(actionRules(ROW_RULES))
  const before = await stored()
  const path = `${BASE}/m/orders/11/actions/settle`

  for (const name of ['status', 'key', 'target', 'principal', 'constructor', 'toString', 'roles']) {
    expect([name, (await run('11', { [name]: 'x' })).status]).toEqual([name, 422])
    const form = await attack.low.client.post(path, { [name]: 'x' })
    expect([name, form.status]).toEqual([name, 422])
  }
  const raw = '{"key":"11","input":{"__proto__":{"customer":2}}}'
  expect((await api(attack.low.client, 'POST', '/models/orders/actions/settle', raw)).status).toBe(422)
  for (const body of [
    { key: '11', principal: { id: 'x' } },
    { key: '11', roles: ['superadmin'] },
    { key: '11', keys: ['13'] },
  ]) {
    expect((await api(attack.low.client, 'POST', '/models/orders/actions/settle', body)).status).toBe(422)
  }
  expect(await stored()).toBe(before)
})

test('what the code passes on from its input is held to the fields of the rule and to its rows', async () => {
  await open(actionRules(ROW_RULES, ['status', 'customer_id']))
  const before = await stored()

  for (const values of [
    { total: '0.00' },
    { customer_id: 2 },
    { id: 99 },
    { password_hash: 'x' },
    { status: 'lost' },
    { 'customers.region': 'south' },
    { constructor: 'x' },
  ]) {
    const { status } = await run('11', { values })
    expect([values, [403, 404, 422].includes(status)]).toEqual([values, true])
  }
  expect(await stored()).toBe(before)
})

test('control: with the field granted the same input writes it', async () => {
  await open(actionRules(ROW_RULES))

  expect((await run('11', { values: { total: '0.50' } })).status).toBe(200)
  expect(await stored()).toContain('0.5')
})

test('an action that no rule permits is refused, however it is asked for', async () => {
  await open(ROW_RULES)
  const before = await stored()
  const { client } = attack.low

  expect((await run('11')).status).toBe(403)
  expect((await client.get(`${BASE}/m/orders/11/actions/settle`)).status).toBe(403)
  expect(
    (await client.post(`${BASE}/m/orders/11/actions/settle`, {}, { from: `${BASE}/profile` })).status,
  ).toBe(403)
  expect((await client.get(`${BASE}/m/orders/11`)).text).not.toMatch(/\bSettle\b/)
  expect((await api(client, 'GET', '/models/orders')).text).not.toContain('settle')
  expect(await stored()).toBe(before)
})

test('a link from elsewhere runs nothing', async () => {
  await open(actionRules(ROW_RULES))
  const before = await stored()
  const { client } = attack.low
  const path = `${BASE}/m/orders/11/actions/settle`

  expect((await client.get(`${path}?_confirmation=x&customer=1`)).status).toBe(200)
  const forged = await client.send('POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' },
    body: '',
  })
  expect(forged.status).toBe(403)
  expect(await stored()).toBe(before)
})

const MAY_SEE_BOARD: Rule = {
  id: 'support-sees-board',
  effect: 'permit',
  roles: ['support'],
  actions: ['castellan.pages.board'],
}

test('a page is not there for whom no rule permits it, by any method and in the API', async () => {
  await open(ROW_RULES)
  const { client } = attack.low

  expect((await client.get(`${BASE}/board`)).status).toBe(404)
  expect((await client.get(`${BASE}/board/`)).status).not.toBe(200)
  expect((await client.get(`${BASE}/BOARD`)).status).toBe(404)
  expect((await client.post(`${BASE}/board`, {}, { from: `${BASE}/profile` })).text).not.toContain('Amara')
  expect((await act(client, 'castellan.pages.board')).status).toBe(404)
  expect((await api(client, 'GET', '/models/castellan.pages/records')).status).toBe(404)
})

test('a page shows no more than its reader may read', async () => {
  await open(ROW_RULES, [MAY_SEE_BOARD])
  const { text } = await attack.low.client.get(`${BASE}/board?key=2`)

  expect(text).toContain('[null,[')
  expect(text).toContain('Amara Okafor')
  for (const kept of ['Jonas', 'zebra', 'hash-']) expect(text).not.toContain(kept)
})

test('control: without the row condition the same page shows them', async () => {
  await open(WITHOUT_ROW_RULE, [MAY_SEE_BOARD])

  expect((await attack.low.client.get(`${BASE}/board?key=2`)).text).toContain('Jonas')
})

test('control: were the gate not asked, the page would be there', async () => {
  const assemble = withParts({
    gate: (parts) => ({
      ...parts,
      policy: {
        ...parts.policy,
        access: (request) =>
          parts.policy.access(
            request.action === 'castellan.pages.board'
              ? { ...request, subject: { ...request.subject, roles: ['superadmin'] } }
              : request,
          ),
        decide: (request, resource) =>
          parts.policy.decide(
            { ...request, subject: { ...request.subject, roles: ['superadmin'] } },
            resource,
          ),
      },
    }),
  })
  attack = await openAttack(ROW_RULES, { pages: [board], assemble })

  expect((await attack.low.client.get(`${BASE}/board`)).status).toBe(200)
})
