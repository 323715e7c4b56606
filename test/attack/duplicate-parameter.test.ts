/** A name that stands twice, or as a list or an object: a check reads one of them and what follows the other. */

import { expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { PASSWORD } from '../house.ts'
import { api } from './api.ts'
import { openAttack, ROW_RULES, WITHOUT_ROW_RULE } from './shop.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

test('a parameter that stands twice is refused, on pages and over the API', async () => {
  await using attack = await openAttack(ROW_RULES)

  for (const name of ['q', 'sort', 'cursor', 'per', 'search', 'limit', 'count', 'fields', 'trash', 'by']) {
    for (const path of ['/m/customers', '/api/v1/models/customers/records', '/m/customers/~options']) {
      const { status } = await attack.low.client.get(`${BASE}${path}?${name}=1&${name}=1`)
      expect([path, name, status]).toEqual([path, name, 422])
    }
  }
})

test('control: the same parameters once are taken', async () => {
  await using attack = await openAttack(ROW_RULES)

  for (const query of ['q=A', 'sort=id', 'per=50'])
    expect((await attack.low.client.get(`${BASE}/m/customers?${query}`)).status, query).toBe(200)
  for (const query of ['search=A', 'sort=id', 'limit=1', 'count=exact', 'fields=id'])
    expect((await api(attack.low.client, 'GET', `/models/customers/records?${query}`)).status, query).toBe(
      200,
    )
})

test('filters may stand more than once, and each narrows', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)
  const found = async (query: string): Promise<number> =>
    ((await api(attack.low.client, 'GET', `/models/customers/records?${query}`)).json['records'] as unknown[])
      .length

  expect(await found('filter=region:eq:north')).toBe(2)
  expect(await found('filter=region:eq:north&filter=region:eq:south')).toBe(0)
})

test('a field of a form that stands twice changes nothing', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)
  const { client } = attack.low
  const token = await client.csrf(`${BASE}/m/customers/1/edit`)

  for (const twice of [
    'name=A&name=B',
    'name=A&region=x&region=y',
    'name=A&_version=1&_version=2',
    'name=A&_confirmation=a&_confirmation=b',
    'name=A&_reason=a&_reason=b',
  ]) {
    const body = `_csrf=${encodeURIComponent(token)}&${twice}`
    const { status } = await client.send('POST', `${BASE}/m/customers/1/edit`, { headers: FORM, body })
    expect([twice, status]).toEqual([twice, 422])
  }
  const { status } = await client.send('POST', `${BASE}/m/customers/1/edit`, {
    headers: FORM,
    body: `_csrf=${encodeURIComponent(token)}&_csrf=${encodeURIComponent(token)}&name=A`,
  })
  expect(status).toBe(403)
  expect(await attack.house.sql('select name, region from customers where id = 1')).toEqual([
    { name: 'Amara Okafor', region: 'north' },
  ])
})

test('control: the same field once changes it', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  expect((await attack.low.client.post(`${BASE}/m/customers/1/edit`, { name: 'A' })).status).toBe(303)
  expect(await attack.house.sql('select name from customers where id = 1')).toEqual([{ name: 'A' }])
})

test('a sign-in with two addresses, or with lists, signs nobody in', async () => {
  await using attack = await openAttack(ROW_RULES)
  const visitor = attack.house.visitor()
  const token = await visitor.csrf(`${BASE}/sign-in`)
  const { email } = attack.low

  for (const fields of [
    `email=other@example.com&email=${email}&password=${PASSWORD}`,
    `email[]=${email}&password=${PASSWORD}`,
    `email[eq]=${email}&password[ne]=x`,
    `email=${email}&password=x&password=y`,
    `email=${email},other@example.com&password=${PASSWORD}`,
    `email=${email}%0aother@example.com&password=${PASSWORD}`,
  ]) {
    const body = `_csrf=${encodeURIComponent(token)}&${fields}`
    const { status } = await visitor.send('POST', `${BASE}/sign-in`, { headers: FORM, body })
    expect([401, 422], fields).toContain(status)
  }
})

test('JSON of another type than a field’s is refused, and the last of two members counts nowhere twice', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)
  const path = '/models/customers/records/1'

  for (const value of [['a', 'b'], { eq: 'a' }, { toString: 'x' }, [['a']], true, 12])
    expect(
      (await api(attack.low.client, 'PATCH', path, { values: { name: value } })).status,
      JSON.stringify(value),
    ).toBe(422)
  const body = '{"values":{"name":"First"},"values":{"name":"Second"}}'
  expect((await api(attack.low.client, 'PATCH', path, body)).status).toBe(200)
  const [row] = (await attack.house.sql(
    "select event from castellan_audit_event where action = 'customers.update' and outcome = 'done'",
  )) as { event: string }[]
  expect(await attack.house.sql('select name from customers where id = 1')).toEqual([{ name: 'Second' }])
  expect(row?.event).toContain('Second')
  expect(row?.event).not.toContain('First')
})
