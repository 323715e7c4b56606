/** A person and a service have the same id: nothing of the one is anything of the other's. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { SHOP } from './shop.ts'

let house: House
let person: SignedIn
let token: string

beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
  person = await house.signIn({ role: 'security-officer' })
  token = await house.token(['support'])
  const [service] = (await house.sql('select id from castellan_service_token')) as { id: string }[]
  await house.sql(`update castellan_service_token set id = '${person.id}'`)
  await house.sql(
    `update castellan_role_grant set principal_id = '${person.id}' where principal_id = '${service?.id}'`,
  )
})
afterEach(() => house.close())

const asPerson = async (path: string): Promise<number> => (await person.client.get(`${BASE}${path}`)).status
const asService = async (path: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` }
  return (await house.visitor().send('GET', `${BASE}${path}`, { headers, isBare: true })).status
}

test('neither holds the roles of the other', async () => {
  expect(await asPerson('/api/v1/models/orders/records')).toBe(404)
  expect(await asService('/api/v1/models/orders/records')).toBe(200)
  expect(await asPerson('/api/v1/models/castellan.sessions/records')).toBe(200)
  expect(await asService('/api/v1/models/castellan.sessions/records')).not.toBe(200)
})

test('control: with the kind of the service’s grant taken for a person’s, the person holds its role', async () => {
  await house.sql("update castellan_role_grant set principal_kind = 'person' where role = 'support'")

  expect(await asPerson('/api/v1/models/orders/records')).toBe(200)
  expect(await asService('/api/v1/models/orders/records')).not.toBe(200)
})

test('ending every session of the person ends nothing of the service', async () => {
  await house.sql(`update castellan_person set is_active = false where id = '${person.id}'`)

  expect(await asPerson('/api/v1/models/castellan.sessions/records')).toBe(401)
  expect(await asService('/api/v1/models/orders/records')).toBe(200)
})
