/** A link to the real sign-in page that would lead somewhere else afterwards. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, totpCode } from '../client.ts'
import { asSystem, PASSWORD } from '../house.ts'
import { BASE, ORIGIN, openProduction, type Production } from '../http/behind-proxy.ts'

const EMAIL = 'ana@example.com'

let production: Production
let totpUri: string

beforeAll(async () => {
  production = await openProduction()
  const { house } = production
  const person = { name: 'Ana', email: EMAIL, roles: ['superadmin'], password: PASSWORD, withTotp: true }
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', person)
  totpUri = (made as { totpUri: string }).totpUri
})
afterAll(() => production.house.close())

const ELSEWHERE = [
  'https://evil.example',
  'http://evil.example/admin',
  '//evil.example',
  '///evil.example',
  '////evil.example/admin',
  '/\\evil.example',
  '\\/evil.example',
  '\\\\evil.example/admin',
  '/\\/evil.example',
  '/admin\\..\\..\\\\evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:\\\\evil.example',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'javascript://evil.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  '\tjavascript:alert(1)',
  '/\t/evil.example',
  '/\n/evil.example',
  '\u0000//evil.example',
  ' //evil.example',
  '/admin\r\nLocation: https://evil.example',
  '/admin/\r\n\r\n<script>alert(1)</script>',
  '%2f%2fevil.example',
  '/%2f%2fevil.example',
  '/%5cevil.example',
  '/%252f%252fevil.example',
  '/admin/../..//evil.example',
  '/admin/..//evil.example',
  '/admin/%2e%2e//evil.example',
  '/.//evil.example',
  './/evil.example',
  '../..//evil.example',
  '/admin@evil.example',
  '@evil.example',
  `${ORIGIN}@evil.example`,
  `${ORIGIN}.evil.example/admin`,
  `${ORIGIN}%2eevil.example/admin`,
  'https://admin.example.com:443@evil.example/admin',
  '//evil.example#/admin',
  '//evil.example?/admin',
  '?next=//evil.example',
  '/adminevil',
  '/administration',
  '/other',
  '/',
  '.',
  '//evil。example',
  '/／evil.example',
  '／／evil.example',
  '//[::1]/admin',
  '//0x7f000001',
  'https://evil.example\u2028/admin',
  'x'.repeat(5000),
] as const

/** Answers where it leads when `next` is put in one place of the way through. */
type Way = (client: Client, next: string) => Promise<string | null>

const begin = (client: Client, query: string, fields: Readonly<Record<string, string>>) =>
  client.post(
    `${BASE}/sign-in${query}`,
    { email: EMAIL, password: PASSWORD, ...fields },
    { from: `${BASE}/sign-in` },
  )
const finish = (client: Client, path: string, fields: Readonly<Record<string, string>>) => {
  production.house.clock.now += 30_000
  const code = totpCode(totpUri, production.house.clock.now)
  return client.post(path, { code, ...fields }, { from: `${BASE}/sign-in/second-factor` })
}

const WAYS: Readonly<Record<string, Way>> = {
  'the address of the first page': async (client, next) => {
    const first = await begin(client, `?next=${encodeURIComponent(next)}`, {})
    return (await finish(client, first.location ?? '', {})).location
  },
  'a field of the first form': async (client, next) => {
    const first = await begin(client, '', { next })
    return (await finish(client, first.location ?? '', {})).location
  },
  'the address of the second page': async (client, next) => {
    await begin(client, '', {})
    const path = `${BASE}/sign-in/second-factor?next=${encodeURIComponent(next)}`
    return (await finish(client, path, {})).location
  },
  'a field of the second form': async (client, next) => {
    await begin(client, '', {})
    return (await finish(client, `${BASE}/sign-in/second-factor`, { next })).location
  },
  'the form for the theme': async (client, next) =>
    (await client.post(`${BASE}/theme`, { theme: 'dark', next }, { from: `${BASE}/sign-in` })).location,
}

test.each(Object.entries(WAYS))('%s leads nowhere but into this admin', async (_, way) => {
  for (const next of ELSEWHERE) {
    const location = await way(production.visitor(), next)
    expect(location, JSON.stringify(next)).not.toBeNull()
    const { origin, pathname } = new URL(location ?? '', `${ORIGIN}${BASE}/sign-in`)
    expect([origin, pathname === BASE || pathname.startsWith(`${BASE}/`)], JSON.stringify(next)).toEqual([
      ORIGIN,
      true,
    ])
    expect(location, JSON.stringify(next)).not.toMatch(/evil|[\r\n\\]|^\/\//)
  }
})

test.each(Object.entries(WAYS))('control: %s does lead to a page of this admin', async (_, way) => {
  const next = `${BASE}/m/orders?q=a%20b`

  expect(await way(production.visitor(), next)).toBe(next)
})

test('whoever is signed in already is led no further', async () => {
  const client = production.visitor()
  const first = await begin(client, '', {})
  await finish(client, first.location ?? '', {})

  for (const next of ELSEWHERE) {
    const { location } = await client.get(`${BASE}/sign-in?next=${encodeURIComponent(next)}`)
    expect(location, JSON.stringify(next)).toBe(BASE)
  }
})

test('no redirect of the admin takes its host from the request', async () => {
  for (const path of [
    '/admin/m/orders',
    '/',
    '/admin/',
    '//evil.example/admin',
    '/admin//evil.example',
    '/admin/%2f%2fevil.example/..',
  ]) {
    const answer = await production.fetch(`https://evil.example${path}`, {
      headers: {
        'x-forwarded-for': '198.51.100.7',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
        forwarded: 'host=evil.example',
      },
    })
    expect(answer.headers.get('location') ?? '', path).not.toContain('//')
    expect(await answer.text(), path).not.toContain('evil.example"')
  }
})
