/**
 * A record that was deleted comes back with what nobody types in a new one: as it was when it was deleted, and not as
 * it was before somebody else corrected it.
 */

import { expect, onTestFinished, test } from 'vitest'
import { permit } from '../../src/policy/permit.ts'
import { openHouse } from '../house.ts'
import { api, type Reply } from './api.ts'
import { policyWith } from './shop.ts'

const SQL = `
  create table orders (id integer primary key, note text, credit integer not null default 0);
  insert into orders values (1, 'new', 100), (2, 'new', 100);
`

/** Of role `support`: makes, deletes and puts back orders, and never says what credit they have. */
const CLERKS = permit('clerks-work', {
  roles: ['support'],
  actions: ['orders.list', 'orders.read', 'orders.create', 'orders.delete', 'orders.revert'],
})
const CLERKS_CHANGE = permit('clerks-change', {
  roles: ['support'],
  actions: ['orders.update'],
  fields: ['note'],
})

async function openWorld() {
  const house = await openHouse({
    sql: SQL,
    policy: policyWith([CLERKS, CLERKS_CHANGE]),
    models: { orders: { form: { create: { readonly: ['credit'] } } } },
  })
  onTestFinished(() => house.close())
  const [boss, clerk] = [await house.signIn({ role: 'superadmin' }), await house.signIn({ role: 'support' })]
  const confirmed = async (verb: string, body: object): Promise<Reply> => {
    const act = (more: object) =>
      api(clerk.client, 'POST', `/models/orders/actions/${verb}`, { ...body, ...more })
    const asked = await act({})
    return asked.json['code'] === 'confirmation-required'
      ? act({ confirmation: asked.json['confirmation'] })
      : asked
  }
  const change = async (key: string, values: object): Promise<string> => {
    const { json, text } = await api(boss.client, 'PATCH', `/models/orders/records/${key}`, { values })
    const event = (json['event'] as { id?: string } | undefined)?.id
    if (event === undefined) throw new Error(`Not changed: ${text}`)
    return event
  }
  return { house, clerk, confirmed, change }
}

test('an earlier version of a deleted record brings no earlier value of what its principal may not write', async () => {
  const { house, clerk, confirmed, change } = await openWorld()
  const first = await change('1', { note: 'seen' })
  await change('1', { credit: 0 })
  await change('1', { note: 'no credit any more' })
  const typed = await api(clerk.client, 'PATCH', '/models/orders/records/1', { values: { credit: 100 } })
  expect(typed.status).toBe(422)

  expect((await confirmed('delete', { key: '1', input: null })).status).toBe(200)
  const back = await confirmed('revert', { input: { record: '1', version: first } })

  expect(back.status, back.text).toBe(200)
  // control: what its principal may write is of that version
  expect(await house.sql('select note, credit from orders where id = 1')).toEqual([
    { note: 'seen', credit: 0 },
  ])
})

test('and as the deletion found it where only that is undone', async () => {
  const { house, confirmed, change } = await openWorld()
  await change('2', { credit: 30 })
  const deleted = await confirmed('delete', { key: '2', input: null })

  const { id: event } = deleted.json['event'] as { id: string }
  const back = await confirmed('revert', { input: { event } })

  expect(back.status, back.text).toBe(200)
  expect(await house.sql('select note, credit from orders where id = 2')).toEqual([
    { note: 'new', credit: 30 },
  ])
})
