/** Whoever is not signed in asks which accounts there are, and what has become of them. */

import { afterEach, expect, test } from 'vitest'
import { AdminError } from '../../src/errors.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { BASE, type Client } from '../client.ts'
import { countingHashes } from '../hashes.ts'
import { asSystem, type House, openHouse, PASSWORD } from '../house.ts'
import { act } from './api.ts'
import { withParts } from './assemble.ts'
import { SHOP } from './shop.ts'

let house: House
afterEach(() => house.close())

const WRONG = 'another quiet harbour'
/** Of one length, so that nothing but the account differs. */
const ACCOUNTS = {
  unknown: ['nobody@example.com', WRONG],
  'wrong password': ['active@example.com', WRONG],
  'deactivated, wrong password': ['closed@example.com', WRONG],
  'deactivated, right password': ['closed@example.com', PASSWORD],
  'without a password': ['invite@example.com', WRONG],
  'without a second factor': ['simple@example.com', WRONG],
} as const

async function open(identity: (identity: Identity) => Identity = (one) => one): Promise<void> {
  house = await openHouse({ sql: SHOP, assemble: withParts({ identity }) })
  const top = await house.signIn({ role: 'superadmin' })
  const add = (email: string, more: object): Promise<unknown> =>
    asSystem(house.admin, house.clock.now, 'castellan.people.create', {
      name: email,
      email,
      roles: ['support'],
      ...more,
    })
  await add('active@example.com', { password: PASSWORD, withTotp: true })
  const closed = await add('closed@example.com', { password: PASSWORD, withTotp: true })
  await add('invite@example.com', {})
  await add('simple@example.com', { password: PASSWORD })
  const { id: key } = closed as { id: string }
  expect((await act(top.client, 'castellan.people.deactivate', {}, { key })).status).toBe(200)
}

/** All that an answer says, but the ids that are new for every one. */
async function answerTo(email: string, password: string, client: Client = house.visitor()): Promise<string> {
  const { status, headers, text } = await client.post(`${BASE}/sign-in`, { email, password })
  const nonce = /nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '')?.[1] ?? ''
  const kept = [...headers].filter(([name]) => name !== 'set-cookie')
  const cookies = headers.getSetCookie().map((one) => one.replace(/=[\w-]{43};/, '=…;'))
  return JSON.stringify([status, kept, cookies, text])
    .replaceAll(nonce, 'NONCE')
    .replaceAll(email, 'EMAIL')
    .replaceAll(headers.get('x-request-id') ?? '', 'ID')
    .replace(/name=\\"_csrf\\" value=\\"[^"]*\\"/g, 'CSRF')
}

async function answers(): Promise<ReadonlySet<string>> {
  const seen = new Set<string>()
  for (const [email, password] of Object.values(ACCOUNTS)) seen.add(await answerTo(email, password))
  return seen
}

test('every account that can’t be signed in to answers in the same bytes', async () => {
  await open()

  const seen = await answers()
  expect([...seen]).toHaveLength(1)
  expect([...seen][0]).toMatch(/^\[401,.*do not match/)
})

test('every account that can’t be signed in to costs the same number of hashes', async () => {
  await open()

  for (const [account, [email, password]] of Object.entries(ACCOUNTS)) {
    const { hashes } = await countingHashes(() => answerTo(email, password))
    expect([account, hashes]).toEqual([account, 1])
  }
})

test('control: an account that is looked up before anything is computed is seen by its hashes', async () => {
  await open((identity) => ({
    ...identity,
    async signIn(input, origin) {
      if (input.email.startsWith('nobody')) throw new AdminError('unauthenticated', 'They do not match.')
      return await identity.signIn(input, origin)
    },
  }))

  expect((await countingHashes(() => answerTo('nobody@example.com', WRONG))).hashes).toBe(0)
  expect((await countingHashes(() => answerTo('active@example.com', WRONG))).hashes).toBe(1)
})

test('control: one word more for a deactivated account is seen', async () => {
  await open((identity) => ({
    ...identity,
    async signIn(input, origin) {
      if (input.email.startsWith('closed')) throw new AdminError('unauthenticated', 'The account is closed.')
      return await identity.signIn(input, origin)
    },
  }))

  expect((await answers()).size).toBe(2)
})

test('control: the right password of an active account goes on', async () => {
  await open()

  expect(await answerTo('active@example.com', PASSWORD)).toMatch(/^\[303,/)
})

test('too many attempts at an account answer alike, whether there is one or not', async () => {
  await open()
  const locked = new Set<string>()

  for (const email of [
    'nobody@example.com',
    'active@example.com',
    'closed@example.com',
    'invite@example.com',
  ]) {
    for (let round = 0; round < 5; round += 1) await answerTo(email, WRONG)
    locked.add(await answerTo(email, WRONG))
  }
  expect([...locked]).toHaveLength(1)
  expect([...locked][0]).toMatch(/^\[429,/)
})

test('a right password tells nothing while the account waits', async () => {
  await open()
  for (let round = 0; round < 5; round += 1) await answerTo('active@example.com', WRONG)

  expect(await answerTo('active@example.com', PASSWORD)).toBe(await answerTo('active@example.com', WRONG))
})

test('every spelling of an address is the same account, and none beside it', async () => {
  await open()
  const [wrong] = await answers()

  for (const email of ['ACTIVE@example.com', ' active@example.com ', 'active@EXAMPLE.com'])
    expect(await answerTo(email, PASSWORD), email).toMatch(/^\[303,/)
  for (const email of [
    'active@exämple.com',
    'actıve@example.com',
    'active+x@example.com',
    'active@example.com.',
  ])
    expect((await answerTo(email, PASSWORD)).slice(0, 4), email).toBe(wrong?.slice(0, 4))
})
