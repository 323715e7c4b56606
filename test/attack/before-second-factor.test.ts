/** What the password alone opens: whoever owes the second factor is nobody yet, at every address and whatever is sent. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE, type Client } from '../client.ts'
import { type House, openHouse, PASSWORD } from '../house.ts'
import { ROUTES } from './routes.ts'
import { SHOP } from './shop.ts'

let house: House
let email: string
let code: () => string
let signedIn: Client
beforeAll(async () => {
  house = await openHouse({ sql: SHOP })
  const person = await house.signIn({ role: 'superadmin' })
  email = person.email
  code = person.code
  signedIn = person.client
})
afterAll(() => house.close())

/** Pages that are read without a session: they show nothing but how to get one. */
const OPEN = Object.entries(ROUTES).flatMap(([route, { kind }]) => (kind === 'open' ? [route] : []))

/** Every address that is read, with values in its places. */
const PATHS = Object.keys(ROUTES)
  .filter((route) => route.startsWith('GET ') && !OPEN.includes(route))
  .map((route) =>
    route
      .replace('GET ', BASE)
      .replace(':model', 'customers')
      .replaceAll(/:(?:key|id|sequence|field|action)/g, '1'),
  )

/** A browser that has shown the password, with what it was given in every cookie that a session has. */
async function begun(): Promise<Client> {
  const client = house.visitor()
  await client.post(`${BASE}/sign-in`, { email, password: PASSWORD })
  const names = [...signedIn.cookies.keys()].filter((name) => !/pending|visitor/.test(name))
  const pending = [...client.cookies].find(([name]) => name.includes('pending'))?.[1] ?? ''
  expect(names.length).toBe(2)
  expect(pending).toMatch(/^[\w-]{43}$/)
  for (const name of names) client.cookies.set(name, pending)
  return client
}

test('what a password alone gives opens no address but the next step', async () => {
  expect(PATHS.length).toBeGreaterThan(25)
  const client = await begun()

  for (const path of PATHS) {
    const { status, location } = await client.get(path)
    // what a script asks for is answered, and not led to a page
    const isOfScript = path.startsWith(`${BASE}/api`) || path === `${BASE}/session`
    expect([path, status], path).toEqual([path, isOfScript ? 401 : 303])
    if (!isOfScript) expect(location).toMatch(/^\/admin\/sign-in/)
  }
})

test('control: with the second factor the same browser is somebody at each of them', async () => {
  const client = await begun()
  await client.post(`${BASE}/sign-in/second-factor`, { code: code() })

  for (const path of PATHS) expect([path, (await client.get(path)).status]).not.toEqual([path, 401])
  expect((await client.get(`${BASE}/people`)).status).toBe(200)
})

test('nor is it a bearer token', async () => {
  const client = await begun()
  const pending = [...client.cookies].find(([name]) => name.includes('pending'))?.[1] ?? ''
  const authorization = `Bearer ${pending}`

  expect((await house.visitor().get(`${BASE}/api/v1/models`, { authorization })).status).toBe(401)
})
