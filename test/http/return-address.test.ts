/** Signing in leads back into this admin, whatever the link said. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { totpCode } from '../client.ts'
import { asSystem, PASSWORD } from '../house.ts'
import { BASE, ORIGIN, openProduction, type Production } from './behind-proxy.ts'

let production: Production
let totpUri: string

beforeAll(async () => {
  production = await openProduction()
  const { house } = production
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', {
    name: 'Ana',
    email: 'ana@example.com',
    roles: ['superadmin'],
    password: PASSWORD,
    withTotp: true,
  })
  totpUri = (made as { totpUri: string }).totpUri
})
afterAll(() => production.house.close())

/** Follows a sign-in from its first page to wherever it leads. */
async function signInTo(next: string): Promise<string> {
  const { house } = production
  const client = production.visitor()
  const start = `${BASE}/sign-in?next=${encodeURIComponent(next)}`
  const first = await client.post(start, { email: 'ana@example.com', password: PASSWORD, next })
  expect(first.location).toMatch(`${BASE}/sign-in/second-factor`)
  house.clock.now += 30_000
  const second = await client.post(first.location ?? '', { code: totpCode(totpUri, house.clock.now), next })
  expect(second.status).toBe(303)
  return new URL(second.location ?? '', ORIGIN).href
}

test('goes on to a page of this admin', async () => {
  expect(await signInTo(`${BASE}/m/orders?q=a%20b`)).toBe(`${ORIGIN}${BASE}/m/orders?q=a%20b`)
})

test.each([
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https:evil.example',
  'https://evil.example/admin',
  'javascript:alert(1)',
  '%2f%2fevil.example',
  '/%2f%2fevil.example',
  '/\t/evil.example',
  '/admin\r\nLocation: https://evil.example',
  '/admin/..//evil.example',
  `${ORIGIN}.evil.example/admin`,
])('goes to the front page instead of %j', async (next) => {
  expect(await signInTo(next)).toBe(`${ORIGIN}${BASE}`)
})
