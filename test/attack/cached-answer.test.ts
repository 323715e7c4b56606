/** An answer to one person is kept by something in between and given to another. */

import type { Context } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { withParts } from './assemble.ts'
import { SHOP } from './shop.ts'

let house: House
let top: SignedIn
beforeAll(async () => {
  house = await openHouse({ sql: SHOP })
  top = await house.signIn({ role: 'superadmin' })
})
afterAll(() => house.close())

const PATHS = [
  '',
  '/profile',
  '/people',
  '/roles',
  '/sessions',
  '/audit',
  '/audit/1',
  '/m/customers',
  '/m/customers/new',
  '/m/customers/~options',
  '/m/customers/1',
  '/m/customers/1/edit',
  '/m/customers/1/history',
  '/m/orders/11/delete',
  '/m/nothing',
  '/m/customers/99',
  '/sign-in',
  '/set-up?token=x',
  '/api/v1/models',
  '/api/v1/models/customers',
  '/api/v1/models/customers/records',
  '/api/v1/models/customers/records/1',
  '/api/v1/models/customers/records/99',
  '/api/v1/models/customers/records/1/history',
  '/api/v1/audit/events',
  '/api/v1/audit/checkpoint',
  '/api/v1/sessions',
  '/api/v1/nothing',
  '/nothing',
  '/healthz',
]
/** What caches take for a file that never changes, put behind an address of the admin. */
const DISGUISES = [
  '/x.css',
  '/.css',
  ';x.js',
  '%2fx.png',
  '%00.css',
  '/%2e%2e/x.js',
  '.json',
  '/..%2fx.woff2',
]

test('no answer may be kept, whoever asks and whatever it says', async () => {
  for (const path of PATHS) {
    for (const client of [top.client, house.visitor()]) {
      const { headers } = await client.get(`${BASE}${path}`)
      expect(headers.get('cache-control'), path).toMatch(/^no-store\b/)
      expect(headers.get('expires'), path).toBeNull()
    }
  }
})

test('an address that looks like a file’s is answered as no file, and may not be kept either', async () => {
  for (const path of ['/profile', '/people', '/m/customers/1', '/api/v1/models/customers/records']) {
    for (const disguise of DISGUISES) {
      const { status, headers, text } = await top.client.get(`${BASE}${path}${disguise}`)
      expect(headers.get('cache-control'), path + disguise).toMatch(/^no-store\b/)
      if (status === 200) expect(text, path + disguise).not.toContain('Amara')
    }
  }
})

test('an answer to a change may not be kept, and neither may a refusal of one', async () => {
  for (const [path, fields] of [
    ['/m/customers/1/edit', { name: 'Changed' }],
    ['/m/customers/1/edit', { region: '' }],
    ['/theme', { theme: 'dark' }],
  ] as const) {
    const { headers } = await top.client.post(`${BASE}${path}`, fields, { from: `${BASE}/profile` })
    expect(headers.get('cache-control'), path).toBe('no-store')
  }
})

test('control: an answer that a route lets be kept is seen', async () => {
  const serveAsset = (c: Context): Response => c.text('x', 200, { 'Cache-Control': 'public, max-age=60' })
  const other = await openHouse({
    sql: SHOP,
    assemble: withParts({ app: (parts) => ({ ...parts, serveAsset }) }),
  })
  try {
    const { headers } = await other.visitor().get(`${BASE}/assets/x.css`)
    expect(headers.get('cache-control')).toBe('public, max-age=60')
  } finally {
    await other.close()
  }
})
