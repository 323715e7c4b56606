/** Another site makes the browser of someone who is signed in send a change. */

import { expect, test } from 'vitest'
import type { HouseOptions } from '../house.ts'
import { BASE, ORIGIN, openProduction, SECURE } from '../http/behind-proxy.ts'
import { withParts } from './assemble.ts'

const EVIL = 'https://evil.example'
const OWN = { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }

interface Forgery {
  readonly headers: Readonly<Record<string, string>>
  /** Whether it has somehow got hold of the session's token. */
  readonly hasToken?: boolean
  /** The address that the browser believes it is talking to. */
  readonly at?: string
}

/** Sends with the victim's cookies; answers the status and what became of the order. */
async function forge(forgery: Forgery, options: Partial<HouseOptions> = {}): Promise<string> {
  const production = await openProduction(options)
  try {
    const { client } = await production.signIn('superadmin')
    const token = forgery.hasToken ? await client.csrf(`${BASE}/profile`) : 'guessed'
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const { status } = await production.fetch(`${forgery.at ?? ''}${BASE}/m/orders/1/edit`, {
      method: 'POST',
      headers: {
        ...SECURE,
        cookie,
        'content-type': 'application/x-www-form-urlencoded',
        ...forgery.headers,
      },
      body: new URLSearchParams({ _csrf: token, status: 'unpaid' }).toString(),
    })
    const [order] = (await production.house.sql('select status from orders where id = 1')) as {
      status: string
    }[]
    return `${status} ${order?.status}`
  } finally {
    await production.house.close()
  }
}

const NO_TOKEN_CHECK = withParts({ identity: (identity) => ({ ...identity, isCsrfToken: () => true }) })

test('a form without the token of the session changes nothing', async () => {
  expect(await forge({ headers: OWN })).toBe('403 paid')
  expect(await forge({ headers: OWN }, { assemble: withParts({}) })).toBe('403 paid')
})

test('control: with any token taken for right, the same form changes the order', async () => {
  expect(await forge({ headers: OWN }, { assemble: NO_TOKEN_CHECK })).toBe('303 unpaid')
})

test('a form of another origin changes nothing, even where every token is taken for right', async () => {
  for (const headers of [
    { origin: EVIL },
    { origin: EVIL, 'sec-fetch-site': 'cross-site' },
    { origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
    { origin: ORIGIN, 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'null' },
    {},
  ]) {
    expect(await forge({ headers }, { assemble: NO_TOKEN_CHECK }), JSON.stringify(headers)).toBe('403 paid')
  }
})

test('a site whose name an attacker points here is no site of ours, even with the right token', async () => {
  const rebound = { at: EVIL, headers: { origin: EVIL, 'sec-fetch-site': 'same-origin' }, hasToken: true }

  expect(await forge(rebound)).toBe('403 paid')
})

test('control: with the public address left open, the same request changes the order', async () => {
  const rebound = { at: EVIL, headers: { origin: EVIL, 'sec-fetch-site': 'same-origin' }, hasToken: true }
  const open = withParts({ app: (parts) => ({ ...parts, settings: { ...parts.settings, publicUrl: null } }) })

  expect(await forge(rebound, { assemble: open })).toBe('303 unpaid')
})
