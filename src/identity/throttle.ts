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

import type { Clock } from '../clock.ts'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { DAY, HOUR, MINUTE } from './instant.ts'
import { networkOf } from './network.ts'
import { hashOf } from './random.ts'
import type { Seals } from './seal.ts'

/** How a counter of one kind answers to the attempts it has seen. */
export interface Limit {
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

/** A counter with the name under which it is kept. */
export type KeyedCounter = Counter & { readonly key: string }

export type Counted =
  | { readonly kind: 'counted'; readonly takeBack: Attempt['succeeded'] }
  /** Nothing was counted: this counter waits longest. */
  | { readonly kind: 'waits'; readonly about: Counter['about']; readonly waitMs: number }

/** Where counters are kept. */
export interface Tallies {
  /** Counts one attempt on all of them at once, unless one of them waits. Shared by every process, exact for parallel attempts. */
  count(counters: readonly KeyedCounter[], now: number): Promise<Counted>
}

/** What has to wait: an account, a network, or everything. */
export class TooManyAttempts extends AdminError {
  readonly about: Counter['about']

  constructor(about: Counter['about'], sentence: string, retryAfterSeconds: number) {
    super('limit-exceeded', sentence, { retryAfterSeconds })
    this.about = about
  }
}

export interface Throttle {
  /** @throws TooManyAttempts with the time to wait; such an attempt is not counted. */
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

/** Those counters are kept by `tallies`: in the store, or in Redis. */
export function createThrottle(tallies: Tallies, seals: Seals, clock: Clock): Throttle {
  const keyOf = (counter: Counter): string => hashOf(seals.mark('seal', 'throttle', counter.name))

  return {
    async attempt(counters) {
      // everybody locks them in the same order
      const keyed = counters
        .map((counter) => ({ ...counter, key: keyOf(counter) }))
        .toSorted((one, other) => (one.key < other.key ? -1 : 1))
      const counted = await tallies.count(keyed, clock())
      if (counted.kind === 'waits') throw tooMany(counted.about, counted.waitMs)
      return { succeeded: counted.takeBack }
    },
  }
}

const SUBJECTS: Readonly<Record<Counter['about'], string>> = {
  account: ' for this account',
  network: ' from your network',
  total: '',
}

function tooMany(about: Counter['about'], waitMs: number): TooManyAttempts {
  const minutes = Math.ceil(waitMs / MINUTE)
  const wait = minutes === 1 ? '1 minute' : `${minutes} minutes`
  const sentence = `Too many sign-in attempts${SUBJECTS[about]}. Try again in ${wait}.`
  return new TooManyAttempts(about, sentence, Math.ceil(waitMs / 1000))
}
