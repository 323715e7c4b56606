/**
 * How long signing in takes tells nothing of the account: the times of every class of account against those of
 * one that is not there, by the test of Mann and Whitney, which asks whether one of two is the longer more often.
 */

import { afterEach, expect, test } from 'vitest'
import { AdminError } from '../../src/errors.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { withParts } from '../attack/assemble.ts'
import { BASE } from '../client.ts'
import { asSystem, type House, openHouse, PASSWORD } from '../house.ts'

const WRONG = 'another quiet harbour'
const ACCOUNTS = {
  unknown: ['nobody@example.com', WRONG],
  'unknown, once more': ['no-one@example.com', WRONG],
  'wrong password': ['active@example.com', WRONG],
  'deactivated, right password': ['closed@example.com', PASSWORD],
  'without a password': ['invite@example.com', WRONG],
} as const
type Account = keyof typeof ACCOUNTS
const NAMES = Object.keys(ACCOUNTS) as readonly Account[]

/** Of each account; in turns, so that a machine that slows down slows all of them. */
const ROUNDS = 200
const HOUR_MS = 3_600_000
/** A standard score that chance reaches once in a million times. */
const TOO_MUCH = 4.9

let house: House
afterEach(() => house.close())

async function open(identity: (identity: Identity) => Identity = (one) => one): Promise<void> {
  house = await openHouse({
    sql: 'create table things (id integer primary key)',
    assemble: withParts({ identity }),
  })
  const add = (email: string, more: object): Promise<unknown> =>
    asSystem(house.admin, house.clock.now, 'castellan.people.create', {
      name: email,
      email,
      roles: ['support'],
      ...more,
    })
  await add('active@example.com', { password: PASSWORD, withTotp: true })
  await add('closed@example.com', { password: PASSWORD, withTotp: true })
  await add('invite@example.com', {})
  await house.sql("update castellan_person set is_active = 0 where email = 'closed@example.com'")
}

/** Milliseconds, by account. */
async function times(): Promise<Readonly<Record<Account, readonly number[]>>> {
  const taken = Object.fromEntries(NAMES.map((name) => [name, [] as number[]])) as Record<Account, number[]>
  for (let round = 0; round < ROUNDS; round += 1) {
    // each is the first of its round as often as any other
    for (const turn of NAMES.keys()) {
      const name = NAMES[(turn + round) % NAMES.length] ?? 'unknown'
      const [email, password] = ACCOUNTS[name]
      const client = house.visitor()
      await client.get(`${BASE}/sign-in`)
      // what was counted against guessing is over
      house.clock.now += HOUR_MS
      const begun = performance.now()
      await client.post(`${BASE}/sign-in`, { email, password })
      taken[name].push(performance.now() - begun)
    }
  }
  return taken
}

/** How far the ranks of one stand from what chance would make of them, in standard deviations. */
function standardScore(one: readonly number[], other: readonly number[]): number {
  const all = [...one.map((ms) => ({ ms, isOne: true })), ...other.map((ms) => ({ ms, isOne: false }))]
  all.sort((left, right) => left.ms - right.ms)
  const ranks = all.reduce((sum, { isOne }, index) => sum + (isOne ? index + 1 : 0), 0)
  const [n, m] = [one.length, other.length]
  const u = ranks - (n * (n + 1)) / 2
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12)
}

test('no account is answered faster or slower than one that is not there', async () => {
  await open()

  const { unknown, ...others } = await times()
  const scores = Object.entries(others).map(([name, ms]) => [name, standardScore(ms, unknown)] as const)
  for (const [name, score] of scores) expect(Math.abs(score), name).toBeLessThan(TOO_MUCH)
})

test('control: an account that is looked up before anything is computed is seen', async () => {
  await open((identity) => ({
    ...identity,
    async signIn(input, origin) {
      if (input.email.startsWith('nobody')) throw new AdminError('unauthenticated', 'They do not match.')
      return await identity.signIn(input, origin)
    },
  }))

  const { unknown, ...others } = await times()
  expect(standardScore(others['wrong password'], unknown)).toBeGreaterThan(TOO_MUCH)
})
