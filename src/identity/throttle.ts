/**
 * Slowing down whoever guesses: counters of attempts per account, per network and in total.
 *
 * An attempt is counted before it is made and taken back when it succeeds, in a
 * transaction of its own: so parallel guesses are counted exactly, a rollback
 * forgets none, and every process over the store sees the same count. What is
 * counted stands in the store only as a keyed hash, for people type passwords
 * into e-mail fields.
 *
 * Own code rather than `rate-limiter-flexible`: that takes one transaction a
 * counter where a sign-in has three, blocks by one fixed duration where ours
 * grows, and reads the machine's clock.
 */

import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Connection, Database } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { insertOrUpdate } from '../store/insert-or-update.ts'
import { familyOf, inStore } from '../store/tables.ts'
import { DAY, HOUR, MINUTE, toInstant, toText } from './instant.ts'
import { LOCKING, tidy } from './lock.ts'
import { networkOf } from './network.ts'
import { hashOf } from './random.ts'
import type { Seals } from './seal.ts'

/** How a counter of one kind answers to the attempts it has seen. */
interface Limit {
  /** The wait begins after this many. */
  readonly free: number
  /** The first wait; each further attempt doubles it. */
  readonly firstWaitMs: number
  readonly maxWaitMs: number
  /** After this many, nothing more until the counter starts again. */
  readonly most: number
  /** How long after its first attempt a counter starts again. */
  readonly cycleMs: number
}

const ACCOUNT: Limit = { free: 5, firstWaitMs: MINUTE, maxWaitMs: 15 * MINUTE, most: 100, cycleMs: DAY }
/** A code has a million values and three of them fit: NIST's hundred would be too many. */
const TOTP: Limit = { free: 5, firstWaitMs: 5 * MINUTE, maxWaitMs: 15 * MINUTE, most: 20, cycleMs: DAY }
const NETWORK: Limit = { free: 30, firstWaitMs: MINUTE, maxWaitMs: 15 * MINUTE, most: 1000, cycleMs: HOUR }
const TOTAL: Limit = {
  free: 1000,
  firstWaitMs: MINUTE,
  maxWaitMs: 5 * MINUTE,
  most: 10_000,
  cycleMs: 15 * MINUTE,
}

export interface Counter {
  readonly about: 'account' | 'network' | 'total'
  /** What tells it from all others. */
  readonly name: readonly string[]
  readonly limit: Limit
}

/** One attempt that has been counted. */
export interface Attempt {
  /** Takes it back, in the transaction of its success: the account's counter starts again, the others lose one. */
  succeeded(connection: Connection): Promise<void>
}

export interface Throttle {
  /** @throws AdminError `limit-exceeded` with the time to wait; such an attempt is not counted. */
  attempt(counters: readonly Counter[]): Promise<Attempt>
}

/** The password of an account, by its canonical e-mail, whether it exists or not. */
export function passwordCounters(email: string, address: string, isKnownPlace: boolean): readonly Counter[] {
  // from where the person has signed in before, strangers' attempts do not count, and theirs not against others
  if (isKnownPlace) return [account(['password', email, networkOf(address)], ACCOUNT)]
  return [account(['password', email], ACCOUNT), ...placeCounters(address)]
}

/** The second factor of a person: the same counter in every sign-in and step-up, so that starting over gains nothing. */
export function secondFactorCounters(
  personId: string,
  kind: 'totp' | 'recovery',
  address: string,
): readonly Counter[] {
  const limit = kind === 'totp' ? TOTP : ACCOUNT
  return [account([kind, personId], limit), ...placeCounters(address)]
}

/** The current password, asked of someone who is signed in. */
export function currentPasswordCounters(personId: string): readonly Counter[] {
  return [account(['current-password', personId], ACCOUNT)]
}

/** Asking for a letter: by the address it would go to, from where it is asked for, so that nobody asks others out of it. */
export function wishCounters(email: string, address: string): readonly Counter[] {
  return [account(['letter', email, networkOf(address)], ACCOUNT), ...placeCounters(address)]
}

/** Where an attempt comes from, and everything. */
export function placeCounters(address: string): readonly Counter[] {
  const total: Counter = { about: 'total', name: ['total'], limit: TOTAL }
  if (address === '') return [total]
  return [{ about: 'network', name: ['network', networkOf(address)], limit: NETWORK }, total]
}

function account(name: readonly string[], limit: Limit): Counter {
  return { about: 'account', name, limit }
}

export function createThrottle(store: Database, seals: Seals, clock: Clock): Throttle {
  const keyOf = (counter: Counter): string => hashOf(seals.mark('seal', 'throttle', counter.name))

  return {
    async attempt(counters) {
      const now = clock()
      // everybody locks them in the same order
      const keyed = counters
        .map((counter) => ({ ...counter, key: keyOf(counter) }))
        .toSorted((one, other) => (one.key < other.key ? -1 : 1))
      // answered as a value: a throw would roll the counters back
      const refusal = await store.write((connection) => count(connection, keyed, now), LOCKING)
      if (refusal) throw refusal
      return { succeeded: (connection) => takeBack(connection, keyed) }
    },
  }
}

type KeyedCounter = Counter & { readonly key: string }

async function count(
  connection: Connection,
  counters: readonly KeyedCounter[],
  now: number,
): Promise<AdminError | null> {
  await tidy(connection, 'castellan_throttle', 'counter', sql`expires_at <= ${toText(now)}`)
  await lock(connection, counters, now)
  const tallies = await talliesOf(connection, counters, now)
  const blocked = tallies
    .filter((tally) => tally.blockedUntil > now)
    .sort((one, other) => other.blockedUntil - one.blockedUntil)
  const [longest] = blocked
  if (longest) return tooMany(longest.counter.about, longest.blockedUntil - now)

  for (const tally of tallies) await save(connection, tally, now)
  return null
}

/** Nobody else counts on them before the transaction ends; one that is not there yet is made. */
async function lock(connection: Connection, counters: readonly KeyedCounter[], now: number): Promise<void> {
  if (familyOf(connection) === 'sqlite') return
  for (const { key, limit } of counters) {
    const row = { counter: key, failures: 0, blocked_until: null, expires_at: toText(now + limit.cycleMs) }
    await insertOrUpdate(connection, 'castellan_throttle', [row], { key: ['counter'], update: ['counter'] })
  }
}

interface Tally {
  readonly counter: KeyedCounter
  readonly failures: number
  /** 0: not blocked. */
  readonly blockedUntil: number
  readonly expiresAt: number
}

async function talliesOf(
  connection: Connection,
  counters: readonly KeyedCounter[],
  now: number,
): Promise<readonly Tally[]> {
  const keys = counters.map(({ key }) => key)
  const rows = await inStore(connection)
    .selectFrom('castellan_throttle')
    .selectAll()
    .where('counter', 'in', keys)
    .where('expires_at', '>', toText(now))
    .execute()
  return counters.map((counter) => {
    const row = rows.find((one) => one.counter === counter.key)
    if (!row) return { counter, failures: 0, blockedUntil: 0, expiresAt: now + counter.limit.cycleMs }
    return {
      counter,
      failures: Number(row.failures),
      blockedUntil: row.blocked_until === null ? 0 : toInstant(row.blocked_until),
      expiresAt: toInstant(row.expires_at),
    }
  })
}

async function save(connection: Connection, { counter, ...tally }: Tally, now: number): Promise<void> {
  const failures = tally.failures + 1
  const wait = waitAfter(counter.limit, failures, tally.expiresAt - now)
  const row = {
    counter: counter.key,
    failures,
    blocked_until: wait === 0 ? null : toText(now + wait),
    expires_at: toText(tally.expiresAt),
  }
  await insertOrUpdate(connection, 'castellan_throttle', [row], {
    key: ['counter'],
    update: ['failures', 'blocked_until', 'expires_at'],
  })
}

function waitAfter(limit: Limit, failures: number, untilNextCycleMs: number): number {
  if (failures < limit.free) return 0
  if (failures >= limit.most) return untilNextCycleMs
  return Math.min(limit.maxWaitMs, limit.firstWaitMs * 2 ** Math.min(failures - limit.free, 30))
}

async function takeBack(connection: Connection, counters: readonly KeyedCounter[]): Promise<void> {
  const store = inStore(connection)
  for (const { about, key } of counters) {
    if (about === 'account') {
      await store.deleteFrom('castellan_throttle').where('counter', '=', key).execute()
    } else {
      await store
        .updateTable('castellan_throttle')
        // an attempt is only made unblocked, so a wait that stands now is one that itself began
        .set({ failures: sql<number>`failures - 1`, blocked_until: null })
        .where('counter', '=', key)
        .where('failures', '>', 0)
        .execute()
    }
  }
}

const SUBJECTS: Readonly<Record<Counter['about'], string>> = {
  account: ' for this account',
  network: ' from your network',
  total: '',
}

function tooMany(about: Counter['about'], waitMs: number): AdminError {
  const minutes = Math.ceil(waitMs / MINUTE)
  const wait = minutes === 1 ? '1 minute' : `${minutes} minutes`
  return new AdminError(
    'limit-exceeded',
    `Too many sign-in attempts${SUBJECTS[about]}. Try again in ${wait}.`,
    { retryAfterSeconds: Math.ceil(waitMs / 1000) },
  )
}
