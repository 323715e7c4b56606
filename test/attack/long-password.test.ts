/** Hashes that read only the beginning of a password: whoever knows that much would know it all. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { asSystem, type House, openHouse } from '../house.ts'
import { SHOP } from './shop.ts'

const EMAIL = 'ana@example.com'
const BEGINNING = 'seventy-two bytes of a password that somebody has seen over a shoulder..'
const PASSWORD = `${BEGINNING}and the rest of it`

let house: House
beforeAll(async () => {
  house = await openHouse({ sql: SHOP })
  await asSystem(house.admin, house.clock.now, 'castellan.people.create', {
    name: 'Ana',
    email: EMAIL,
    roles: ['admin'],
    password: PASSWORD,
  })
})
afterAll(() => house.close())

const signIn = async (password: string): Promise<number> =>
  (await house.visitor().post(`${BASE}/sign-in`, { email: EMAIL, password })).status

test('a password that is right for its first 72 bytes, or but for its last letter, is wrong', async () => {
  expect(Buffer.byteLength(BEGINNING)).toBe(72)
  for (const near of [BEGINNING, `${BEGINNING}x`, PASSWORD.slice(0, -1), `${PASSWORD}x`]) {
    expect(await signIn(near), near).toBe(401)
  }
})

test('control: the whole of it is right', async () => {
  expect(await signIn(PASSWORD)).toBe(303)
})
