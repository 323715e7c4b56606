/** Where requests come from: proxies, the allow-list, HTTPS, and debug that stays on its machine. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHouse } from '../house.ts'
import { BASE, CLIENT_ADDRESS, openProduction, PROXY, type Production, SECURE, SHOP } from './behind-proxy.ts'

let production: Production

beforeAll(async () => {
  production = await openProduction({
    allowedIps: [CLIENT_ADDRESS],
    allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'],
  })
})
afterAll(() => production.house.close())

/** Asks for the sign-in page from that client, through the proxy unless a socket is named. */
const from = (address: string, socket = PROXY, path = `${BASE}/sign-in`) =>
  production.fetch(path, { headers: { ...SECURE, 'x-forwarded-for': address } }, socket)

test('lets in the addresses and networks of the allow-list', async () => {
  for (const address of [
    CLIENT_ADDRESS,
    '192.0.2.200',
    '2001:db8::1',
    '::ffff:192.0.2.1',
    `${CLIENT_ADDRESS}:5000`,
  ]) {
    expect([address, (await from(address)).status]).toEqual([address, 200])
  }
})

test('tells everybody else the same nothing, whatever they ask for', async () => {
  const answers = []
  for (const path of ['/sign-in', '/api/v1/models', '/healthz', '/assets/app.css', '/nothing', '']) {
    answers.push(await from('203.0.113.9', PROXY, `${BASE}${path}`))
  }
  answers.push(await from('203.0.113.9', PROXY, '/'), await from('', PROXY), await from('unknown'))

  const told = await Promise.all(answers.map(async (one) => `${one.status} ${await one.text()}`))
  expect(new Set(told)).toEqual(new Set(['404 Not found\n']))
  expect(told.length).toBe(9)
})

test('does not believe a forwarded address from anyone but a trusted proxy', async () => {
  const spoofed = [
    [CLIENT_ADDRESS, '203.0.113.9'],
    [`${CLIENT_ADDRESS}, 203.0.113.9`, PROXY],
    [`${CLIENT_ADDRESS}, 203.0.113.9, ${PROXY}`, PROXY],
    [`${CLIENT_ADDRESS},203.0.113.9 `, PROXY],
    ['127.0.0.1', '203.0.113.9'],
  ] as const
  for (const [header, socket] of spoofed) {
    expect([header, socket, (await from(header, socket)).status]).toEqual([header, socket, 404])
  }
})

test('records an address that was refused', async () => {
  production.house.clock.now += 60_000
  await from('203.0.113.77')
  const [{ event }] = (await production.house.sql(
    `select event from castellan_audit_event where kind = 'guard.address' order by entry desc limit 1`,
  )) as [{ event: string }]

  expect(JSON.parse(event)).toMatchObject({
    outcome: 'refused',
    code: 'denied',
    request: { address: '203.0.113.77', addressChain: ['203.0.113.77', PROXY] },
  })
})

test('sends a plain page on to HTTPS, at the configured host and not the one that was asked', async () => {
  const plain = await production.fetch(
    'http://evil.example/admin/m/orders?q=a%20b',
    {
      headers: {
        'x-forwarded-for': CLIENT_ADDRESS,
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'evil.example',
      },
    },
    PROXY,
  )

  expect(plain.status).toBe(308)
  expect(plain.headers.get('location')).toBe('https://admin.example.com/admin/m/orders?q=a%20b')
  expect(plain.headers.getSetCookie()).toEqual([])
})

test('refuses over plain HTTP what carries a cookie, changes something, or is for programs', async () => {
  const plain = { 'x-forwarded-for': CLIENT_ADDRESS, 'x-forwarded-proto': 'http' }
  const ask = (path: string, init: RequestInit = {}) =>
    production.fetch(`http://admin.example.com${BASE}${path}`, {
      ...init,
      headers: { ...plain, ...(init.headers as Record<string, string>) },
    })

  for (const answer of [
    await ask('/sign-in', { headers: { cookie: 'a=b' } }),
    await ask('/sign-in', { method: 'POST' }),
    await ask('/api/v1/models'),
    await ask('/api/v1/models', { headers: { authorization: 'Bearer cst_x' } }),
  ]) {
    expect(answer.status).toBe(403)
    expect(answer.headers.getSetCookie()).toEqual([])
  }
})

test('ends a session whose cookies came over plain HTTP', async () => {
  const { client } = await production.signIn('superadmin')
  expect((await client.get(`${BASE}/profile`)).status).toBe(200)

  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const leaked = await production.fetch(`http://admin.example.com${BASE}`, {
    headers: { 'x-forwarded-for': CLIENT_ADDRESS, cookie },
  })

  expect(leaked.status).toBe(403)
  expect((await client.get(`${BASE}/profile`)).location).toMatch(/sign-in/)
})

test('does not take a plain request for a secure one because it says so itself', async () => {
  for (const headers of [
    { 'x-forwarded-proto': 'https' },
    { forwarded: 'proto=https' },
    { 'x-forwarded-ssl': 'on' },
    { 'front-end-https': 'on' },
  ]) {
    const answer = await production.fetch(`http://admin.example.com${BASE}/sign-in`, { headers }, '192.0.2.9')
    expect([headers, answer.status]).toEqual([headers, 308])
  }
})

test('in debug answers only this machine, and no proxy', async () => {
  const house = await openHouse({ sql: SHOP })
  const ask = (url: string, headers: Record<string, string> = {}, address = '127.0.0.1') =>
    house.admin.fetch(new Request(url, { headers }), { address })
  try {
    for (const host of ['127.0.0.1:4600', 'localhost:4600', '[::1]:4600', 'shop.localhost']) {
      expect([host, (await ask(`http://${host}${BASE}/sign-in`)).status]).toEqual([host, 200])
    }
    const refused = [
      await ask(`http://evil.example${BASE}/sign-in`),
      await ask(`http://localhost.evil.example${BASE}/sign-in`),
      await ask(`http://localhost${BASE}/sign-in`, {}, '192.0.2.7'),
      await ask(`http://localhost${BASE}/sign-in`, { 'x-forwarded-for': '127.0.0.1' }),
      await ask(`http://localhost${BASE}/sign-in`, { 'x-forwarded-proto': 'https' }),
      await ask(`http://localhost${BASE}/sign-in`, { forwarded: 'for=127.0.0.1' }),
    ]
    for (const answer of refused) {
      expect(answer.status).toBe(403)
      expect(await answer.text()).toContain('debug')
    }
  } finally {
    await house.close()
  }
})

test('in debug the cookies carry the port instead of the prefix', async () => {
  const house = await openHouse({ sql: SHOP })
  try {
    const answer = await house.visitor().get(`${BASE}/sign-in`)
    const [cookie] = answer.headers.getSetCookie()

    expect(cookie).toMatch(/^castellan-visitor-4600=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  } finally {
    await house.close()
  }
})
