/** A person from whom a field is kept asks for its value by every road there is. */

import { expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type Attack, openAttack, ROW_RULES, WITHOUT_FIELD_RULE } from './shop.ts'

const records =
  (query: string) =>
  async ({ low }: Attack): Promise<string> =>
    (await low.client.get(`${BASE}/api/v1/models/customers/records?${query}`)).text

/** What each answers must not depend on the hidden value: it is asked once so that it fits and once so that it doesn't. */
const ORACLES: Readonly<
  Record<string, readonly [(attack: Attack) => Promise<string>, (attack: Attack) => Promise<string>]>
> = {
  'a filter that equals': [records('filter=nickname:eq:zebra-77'), records('filter=nickname:eq:zebra-78')],
  'a filter that begins': [records('filter=nickname:startsWith:z'), records('filter=nickname:startsWith:y')],
  'a filter that compares': [records('filter=nickname:gt:a'), records('filter=nickname:gt:zz')],
  'a filter for nothing': [records('filter=nickname:isNull:true'), records('filter=nickname:isNull:false')],
  'the search': [records('search=zebra'), records('search=giraffe')],
}

const withoutId = (text: string): string =>
  text.replace(/"requestId":"[^"]*"/, '').replace(/zebra-7[78]|giraffe|zebra/g, '…')

test('answers every oracle alike, whatever the hidden value is', async () => {
  await using attack = await openAttack(ROW_RULES)

  for (const [oracle, [fitting, unfitting]] of Object.entries(ORACLES)) {
    expect(withoutId(await fitting(attack)), oracle).toBe(withoutId(await unfitting(attack)))
  }
})

test('control: without the field rule every oracle tells', async () => {
  await using attack = await openAttack(WITHOUT_FIELD_RULE)

  for (const [oracle, [fitting, unfitting]] of Object.entries(ORACLES)) {
    expect(withoutId(await fitting(attack)), oracle).not.toBe(withoutId(await unfitting(attack)))
  }
})

test('refuses to sort by it in the words of a field that is not there', async () => {
  await using attack = await openAttack(ROW_RULES)
  const sorted = async (field: string): Promise<string> =>
    withoutId((await records(`sort=${field}`)(attack)).replaceAll(field, 'FIELD'))

  expect(await sorted('nickname')).toBe(await sorted('no_such_field'))
  expect(await sorted('password_hash')).toBe(await sorted('no_such_field'))
})

test('control: without the field rule it sorts', async () => {
  await using attack = await openAttack(WITHOUT_FIELD_RULE)

  expect(
    JSON.parse(await records('sort=nickname')(attack)).records.map(({ key }: { key: string }) => key),
  ).toEqual(['3', '1'])
})

const EVERYWHERE = [
  '/m/customers',
  '/m/customers/1',
  '/m/customers/1/edit',
  '/m/customers/1/history',
  '/m/customers?sort=nickname',
  '/m/customers?f=nickname:eq:zebra-77',
  '/api/v1/models/customers',
  '/api/v1/models/customers/records',
  '/api/v1/models/customers/records/1',
  '/api/v1/models/customers/records/1/history',
  '/api/v1/models/customers/records?fields=id,nickname',
]

test('names neither the field nor its value on any page or answer', async () => {
  await using attack = await openAttack(ROW_RULES)
  await attack.house.sql("update customers set nickname = 'zebra-99' where id = 1")

  for (const path of EVERYWHERE) {
    const { text } = await attack.low.client.get(`${BASE}${path}`)
    expect(text, path).not.toContain('zebra-99')
    expect(text, path).not.toContain('Nickname')
  }
})

test('control: without the field rule the record shows it', async () => {
  await using attack = await openAttack(WITHOUT_FIELD_RULE)

  expect((await attack.low.client.get(`${BASE}/m/customers/1`)).text).toContain('zebra-77')
})

test('keeps the version of a record free of hidden values', async () => {
  await using attack = await openAttack(ROW_RULES)
  const tag = async (): Promise<string | null> =>
    (await attack.low.client.get(`${BASE}/api/v1/models/customers/records/1`)).headers.get('etag')
  const before = await tag()
  await attack.house.sql("update customers set nickname = 'changed' where id = 1")

  expect(before).not.toBeNull()
  expect(await tag()).toBe(before)
})

test('writes neither the hidden field nor a secret one, whoever asks', async () => {
  await using attack = await openAttack(ROW_RULES)
  const token = await attack.low.client.csrf(`${BASE}/profile`)
  const write = async (field: string): Promise<string> => {
    const { status, text } = await attack.low.client.send(
      'PATCH',
      `${BASE}/api/v1/models/customers/records/1`,
      {
        headers: { 'content-type': 'application/json', 'x-csrf-token': token },
        body: JSON.stringify({ values: { [field]: 'x' } }),
      },
    )
    return `${status} ${withoutId(text).replaceAll(field, 'FIELD')}`
  }

  const unknown = await write('no_such_field')
  expect(unknown).toContain('422')
  expect(await write('nickname')).toBe(unknown)
  expect(await write('password_hash')).toBe(unknown)
})

test('shows a secret field to nobody, the superadmin included', async () => {
  await using attack = await openAttack(ROW_RULES)
  const top = await attack.house.signIn({ role: 'superadmin' })

  for (const path of EVERYWHERE) {
    const { text } = await top.client.get(`${BASE}${path}`)
    expect(text, path).not.toContain('hash-aaa')
  }
  const oracle = (value: string) =>
    top.client.get(`${BASE}/api/v1/models/customers/records?filter=password_hash:eq:${value}`)
  expect(withoutId((await oracle('hash-aaa')).text).replace(/hash-\w+/g, '')).toBe(
    withoutId((await oracle('hash-zzz')).text).replace(/hash-\w+/g, ''),
  )
})
