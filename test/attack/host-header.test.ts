/** A request names another host, in whatever header takes one: no answer repeats it, and none is made for it. */

import { afterEach, expect, test } from 'vitest'
import { BASE, openProduction, type Production, SECURE } from '../http/behind-proxy.ts'

let production: Production
afterEach(() => production.house.close())

const EVIL = 'evil.example'
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { host: EVIL },
  { 'x-forwarded-host': EVIL },
  { 'x-forwarded-server': EVIL, 'x-host': EVIL, 'x-original-host': EVIL },
  { forwarded: `for=1.2.3.4;host=${EVIL};proto=https` },
  { 'x-forwarded-port': '1337', 'x-forwarded-prefix': `//${EVIL}` },
  { 'x-original-url': `//${EVIL}/`, 'x-rewrite-url': `//${EVIL}/` },
  { origin: `https://${EVIL}`, referer: `https://${EVIL}/` },
]
const PATHS = [
  '',
  '/sign-in',
  '/m/customers',
  '/m/customers/1',
  '/profile',
  '/nothing',
  '/api/v1/models',
  '/healthz',
]

/** Everything an answer says. */
async function said(answer: Response): Promise<string> {
  return JSON.stringify([...answer.headers]) + (await answer.text())
}

test('no header’s host stands in any answer, signed in or not', async () => {
  production = await openProduction()
  const { client } = await production.signIn('superadmin')
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')

  for (const path of PATHS) {
    for (const headers of HEADERS) {
      for (const session of [{}, { cookie }] as Record<string, string>[]) {
        const answer = await production.fetch(`${BASE}${path}`, {
          headers: { ...SECURE, ...headers, ...session },
        })
        expect(await said(answer), `${path} ${JSON.stringify(headers)}`).not.toContain(EVIL)
      }
    }
  }
})

test('a request in plain text is sent on to the address that was configured', async () => {
  production = await openProduction()
  const answer = await production.fetch(`http://${EVIL}${BASE}/sign-in`, {
    headers: { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'http' },
  })

  expect(answer.status).toBe(308)
  expect(answer.headers.get('location')).toBe(`https://admin.example.com${BASE}/sign-in`)
})

test('control: without a configured address the request’s own host is taken', async () => {
  const { publicUrl: _, ...options } = { publicUrl: 'left out' }
  production = await openProduction({ ...options, publicUrl: undefined } as object)
  const answer = await production.fetch(`http://${EVIL}${BASE}/sign-in`, {
    headers: { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'http' },
  })

  expect(answer.headers.get('location')).toBe(`https://${EVIL}${BASE}/sign-in`)
})

test('a proxy that nobody named makes no plain request a secure one', async () => {
  production = await openProduction()
  const { client } = await production.signIn('support')
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const ask = (socket: string): Promise<Response> =>
    production.fetch(`http://admin.example.com${BASE}/profile`, { headers: { ...SECURE, cookie } }, socket)

  expect((await ask('10.0.0.1')).status).toBe(200)
  expect((await ask('192.0.2.66')).status).toBe(403)
})

test('control: named as a proxy, the same address makes it one', async () => {
  production = await openProduction({ trustedProxies: ['10.0.0.1', '192.0.2.66'] })
  const { client } = await production.signIn('support')
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const headers = { ...SECURE, cookie }

  const answer = await production.fetch(`http://admin.example.com${BASE}/profile`, { headers }, '192.0.2.66')

  expect(answer.status).toBe(200)
})
