/** Somebody looks up in histories and events what a masked field held before, and what a secret one was changed to. */

import { expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type House, openHouse } from '../house.ts'
import { api } from './api.ts'
import { withParts } from './assemble.ts'

const SQL = `
  create table customers (id integer primary key, name text not null, iban text, password_hash text);
  insert into customers values (1, 'Amara Okafor', 'GB33BUKB1', 'hash-aaa');
`
const VALUES = /GB33BUKB1|GB44NEW/

const open = (isMasked: boolean) =>
  openHouse({
    sql: SQL,
    ...(!isMasked && {
      assemble: withParts({
        model: (model) => ({
          ...model,
          fields: model.fields.map((field) =>
            field.name === 'iban' ? { ...field, sensitivity: 'public' } : field,
          ),
        }),
      }),
    }),
  })

/** Every place that tells of the change, by the superadmin, once it was made. */
async function told(house: House): Promise<Readonly<Record<string, string>>> {
  const { client } = await house.signIn({ role: 'superadmin' })
  const values = { iban: 'GB44NEW' }
  expect((await api(client, 'PATCH', '/models/customers/records/1', { values })).status).toBe(200)
  // a sign-in waits until what is before it in the log has its number
  await house.signIn({ role: 'support' })
  const { json, text } = await api(client, 'GET', '/audit/events')
  const events = json['events'] as readonly {
    readonly event: { readonly id: string; readonly action: string }
  }[]
  const id = events.find(({ event }) => event.action === 'customers.update')?.event.id
  const event = await api(client, 'GET', `/audit/events/${id}`)
  const act = (verb: string, input: object, key?: string) =>
    api(client, 'POST', `/models/customers/actions/${verb}`, { input, ...(key && { key }) })
  const second = await api(client, 'PATCH', '/models/customers/records/1', { values: { iban: 'GB55LAST' } })
  expect(second.status).toBe(200)
  const csrf = await client.csrf(`${BASE}/profile`)
  const revert = `${BASE}/m/customers/~revert`
  return {
    'the comparison of the page': (await client.get(`${BASE}/m/customers/1/history?from=${id}`)).text,
    'the comparison of the API': (await act('history', { compare: { from: id } }, '1')).text,
    'the plan of the undoing': (await act('revert', { event: id, conflicts: 'overwrite' })).text,
    'the plan of the way back': (await act('revert', { record: '1', version: id })).text,
    'the page of the undoing': (
      await client.post(`${revert}?conflicts=overwrite`, { event: id ?? '' }, { csrf })
    ).text,
    'the page of the history': (await client.get(`${BASE}/m/customers/1/history`)).text,
    'the history of the API': (await api(client, 'GET', '/models/customers/records/1/history')).text,
    'the events of the API': text,
    'the event of the API': event.text,
    'the page of the event': (await client.get(`${BASE}/audit/${event.json['sequence']}`)).text,
  }
}

test('the history of a masked field says that it was changed, and not from what to what', async () => {
  const house = await open(true)
  try {
    for (const [place, text] of Object.entries(await told(house))) {
      expect(text, place).toMatch(/iban/i)
      expect(text, place).not.toMatch(VALUES)
      expect(text, place).not.toMatch(/hash-aaa/)
    }
    const events = JSON.stringify(await house.sql('select event from castellan_audit_event'))
    expect(events).toMatch(/iban/)
    expect(events).not.toMatch(VALUES)
  } finally {
    await house.close()
  }
})

test('control: were the field not personal, each of them would say it', async () => {
  const house = await open(false)
  try {
    for (const [place, text] of Object.entries(await told(house))) {
      expect(text, place).toMatch(VALUES)
    }
  } finally {
    await house.close()
  }
})
