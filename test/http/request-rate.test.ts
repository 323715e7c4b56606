/** More requests than an address may make: told so on a page and over the API, before anything is looked up. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE, openProduction, PROXY, type Production, SECURE } from './behind-proxy.ts'

const LIMIT = 10

let production: Production
beforeAll(async () => {
  production = await openProduction({ requestsPerMinute: LIMIT })
})
afterAll(() => production.house.close())

const ask = (path: string, address: string) =>
  production.fetch(`${BASE}${path}`, { headers: { ...SECURE, 'x-forwarded-for': address } }, PROXY)

async function askedTooOften(path: string, address: string): Promise<Response> {
  for (let count = 0; count < LIMIT; count += 1) expect((await ask(path, address)).status).not.toBe(429)
  return ask(path, address)
}

test('a page says that it was too often, and when to come again', async () => {
  const answer = await askedTooOften('/sign-in', '198.51.100.20')

  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '6'])
  expect(await answer.text()).toContain('Too many requests from your address. Try again in 6 seconds.')
  expect((await ask('/', '198.51.100.20')).status).toBe(429)
  production.house.clock.now += 6000
  expect((await ask('/sign-in', '198.51.100.20')).status).toBe(200)
  expect((await ask('/sign-in', '198.51.100.20')).status).toBe(429)
})

test('the API says so as a problem', async () => {
  const answer = await askedTooOften('/api/v1/models', '198.51.100.21')

  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '6'])
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(await answer.json()).toMatchObject({ code: 'limit-exceeded', status: 429 })
})

test('another address goes on, and a network of IPv6 is one', async () => {
  await askedTooOften('/sign-in', '198.51.100.22')

  expect((await ask('/sign-in', '198.51.100.23')).status).toBe(200)
  for (let count = 0; count < LIMIT; count += 1) await ask('/sign-in', `2001:db8:0:1::${count}`)
  expect((await ask('/sign-in', '2001:DB8:0:1::ffff')).status).toBe(429)
  expect((await ask('/sign-in', '2001:db8:0:2::1')).status).toBe(200)
})

test('probes go on, and the refusal is in the log once', async () => {
  await askedTooOften('/sign-in', '198.51.100.24')
  await ask('/sign-in', '198.51.100.24')

  expect((await ask('/healthz', '198.51.100.24')).status).toBe(200)
  const rows = (await production.house.sql(
    `select event from castellan_audit_event where kind = 'guard.throttle'`,
  )) as { readonly event: string }[]
  const here = rows
    .map(({ event }) => JSON.parse(event))
    .filter(({ request }) => request.address === '198.51.100.24')
  expect(here).toMatchObject([{ outcome: 'refused', code: 'limit-exceeded', details: { check: 'requests' } }])
})
