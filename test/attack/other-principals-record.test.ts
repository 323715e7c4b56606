/** A person with a row rule looks for records outside of it, on every surface that shows records. */

import { expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type Attack, openAttack, ROW_RULES, WITHOUT_ROW_RULE } from './shop.ts'

/** Each answers what it saw, as text; `Jonas` and his order 12 lie outside of the rule. */
const SURFACES: Readonly<Record<string, (attack: Attack) => Promise<string>>> = {
  'the list page': async ({ low }) => (await low.client.get(`${BASE}/m/customers`)).text,
  'the list page of what belongs to them': async ({ low }) => (await low.client.get(`${BASE}/m/orders`)).text,
  'the search on a page': async ({ low }) =>
    rowsOf((await low.client.get(`${BASE}/m/customers?q=Jonas`)).text),
  'the search through a relation': async ({ low }) =>
    rowsOf((await low.client.get(`${BASE}/m/orders?q=lindq`)).text),
  'a filter by key': async ({ low }) => rowsOf((await low.client.get(`${BASE}/m/customers?f=id:eq:2`)).text),
  'the record’s address': async ({ low }) => (await low.client.get(`${BASE}/m/customers/2`)).text,
  'the address of its order': async ({ low }) => (await low.client.get(`${BASE}/m/orders/12`)).text,
  'the form’s address': async ({ low }) => (await low.client.get(`${BASE}/m/customers/2/edit`)).text,
  'the history’s address': async ({ low }) => (await low.client.get(`${BASE}/m/customers/2/history`)).text,
  'the picker': async ({ low }) => (await low.client.get(`${BASE}/m/customers/~options?q=Jonas`)).text,
  'the list of the API': async ({ low }) =>
    (await low.client.get(`${BASE}/api/v1/models/customers/records`)).text,
  'the search of the API': async ({ low }) =>
    (await low.client.get(`${BASE}/api/v1/models/customers/records?search=Jonas`)).text,
  'the record of the API': async ({ low }) =>
    (await low.client.get(`${BASE}/api/v1/models/customers/records/2`)).text,
  'the order of the API': async ({ low }) =>
    `${(await low.client.get(`${BASE}/api/v1/models/orders/records`)).text}`.replaceAll(
      '"key":"12"',
      'Jonas',
    ),
}

/** Only the table: what was searched for stands in the search box in any case. */
function rowsOf(html: string): string {
  return /<tbody[\s\S]*<\/tbody>/.exec(html)?.[0] ?? ''
}

test('shows nothing of it on any surface', async () => {
  await using attack = await openAttack(ROW_RULES)

  for (const [surface, look] of Object.entries(SURFACES)) {
    expect(await look(attack), surface).not.toMatch(/Jonas|Omar/)
  }
})

test('control: without the row rule every surface shows it', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  for (const [surface, look] of Object.entries(SURFACES)) {
    expect(await look(attack), surface).toMatch(/Jonas/)
  }
})

const count = async ({ low }: Attack): Promise<unknown> =>
  JSON.parse((await low.client.get(`${BASE}/api/v1/models/customers/records?count=exact`)).text).count

test('does not count it', async () => {
  await using attack = await openAttack(ROW_RULES)

  expect(await count(attack)).toEqual({ value: 2, kind: 'exact' })
})

test('control: without the row rule it is counted', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  expect(await count(attack)).toEqual({ value: 4, kind: 'exact' })
})

test('answers a record out of reach in the bytes of one that does not exist', async () => {
  await using attack = await openAttack(ROW_RULES)
  const answer = async (key: string): Promise<string> => {
    const { status, text } = await attack.low.client.get(`${BASE}/api/v1/models/customers/records/${key}`)
    const { requestId: _requestId, ...problem } = JSON.parse(text)
    return `${status} ${JSON.stringify(problem)}`.replaceAll(key, 'KEY')
  }

  expect(await answer('2')).toBe(await answer('99'))
  expect(await answer('2')).toContain('404')
})

const change = async ({ low, house }: Attack): Promise<unknown> => {
  const token = await low.client.csrf(`${BASE}/profile`)
  await low.client.send('PATCH', `${BASE}/api/v1/models/customers/records/2`, {
    headers: { 'content-type': 'application/json', 'x-csrf-token': token },
    body: JSON.stringify({ values: { name: 'Changed' } }),
  })
  return await house.sql('select name from customers where id = 2')
}

test('does not change it', async () => {
  await using attack = await openAttack(ROW_RULES)

  expect(await change(attack)).toMatchObject([{ name: 'Jonas Lindqvist' }])
})

test('control: without the row rule the same request changes it', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  expect(await change(attack)).toMatchObject([{ name: 'Changed' }])
})
