/** Whoever may only look tries everything that changes something: as a person, and as a service with a token. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { OWN_VERBS } from '../../src/policy/verbs.ts'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { act, api } from './api.ts'
import { SHOP } from './shop.ts'

let house: House
let auditor: SignedIn
let top: SignedIn
beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
  top = await house.signIn({ role: 'superadmin' })
  auditor = await house.signIn({ role: 'auditor' })
})
afterEach(() => house.close())

const LOOKING = /^(list|read|checkpoint|verify|export|activity)$/
const WRITES = Object.entries(OWN_VERBS).flatMap(([model, verbs]) =>
  verbs.filter((verb) => !LOOKING.test(verb)).map((verb) => `${model}.${verb}`),
)
const INPUTS: Readonly<Record<string, object>> = {
  'castellan.people.create': { name: 'Eve', email: 'eve@example.com' },
  'castellan.people.invite': { name: 'Eve', email: 'eve@example.com' },
  'castellan.people.grant-role': { role: 'auditor' },
  'castellan.people.revoke-role': { role: 'superadmin' },
  'castellan.tokens.create': { name: 'eve', roles: ['auditor'] },
  'castellan.tokens.revoke': { token: 'ci' },
}
const RECORDS: readonly [method: string, path: string, body: object][] = [
  ['POST', '/models/customers/records', { values: { name: 'Eve', region: 'emea' } }],
  ['PATCH', '/models/customers/records/1', { values: { name: 'Eve' } }],
  ['DELETE', '/models/customers/records/1', {}],
]

async function everything(): Promise<string> {
  const tables = ['customers', 'castellan_person', 'castellan_role_grant', 'castellan_service_token']
  const rows = await Promise.all(tables.map((table) => house.sql(`select * from ${table}`)))
  return JSON.stringify(rows).replaceAll(/"last_(seen|used)_at":"[^"]*"/g, '')
}

test('a person who may only look changes nothing by any action', async () => {
  const before = await everything()

  expect(WRITES.length).toBeGreaterThan(12)
  for (const action of WRITES) {
    const { status } = await act(auditor.client, action, INPUTS[action] ?? {}, { key: top.id })
    expect([action, [403, 404, 422].includes(status)]).toEqual([action, true])
  }
  for (const [method, path, body] of RECORDS)
    expect([path, (await api(auditor.client, method, path, body)).status]).toEqual([path, 403])
  expect(await everything()).toBe(before)
})

test('control: who may do more invites, and changes a record, with the same calls', async () => {
  const before = await everything()

  const invited = await act(top.client, 'castellan.people.invite', INPUTS['castellan.people.invite'] ?? {})
  expect(invited.status).toBe(200)
  const [method, path, body] = RECORDS[1] ?? ['', '', {}]
  expect((await api(top.client, method, path, body)).status).toBe(200)
  expect(await everything()).not.toBe(before)
})

test('a service that may only look invites nobody either', async () => {
  const token = await house.token(['auditor'])
  for (const action of ['castellan.people.invite', 'castellan.tokens.create']) {
    const at = action.lastIndexOf('.')
    const answer = await house
      .visitor()
      .send('POST', `${BASE}/api/v1/models/${action.slice(0, at)}/actions/${action.slice(at + 1)}`, {
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ input: INPUTS[action] }),
      })
    expect([action, answer.status]).toEqual([action, 403])
  }
})
