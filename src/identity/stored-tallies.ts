/**
 * Counters of attempts in the store, in transactions of their own: a rollback
 * forgets none, and every process over the store sees the same count.
 */

import { sql } from 'kysely'
import type { Connection, Database } from '../database/database.ts'
import { insertOrUpdate } from '../store/insert-or-update.ts'
import { familyOf, inStore } from '../store/tables.ts'
import { toInstant, toText } from './instant.ts'
import { LOCKING, tidy } from './lock.ts'
import type { Counted, KeyedCounter, Limit, Tallies } from './throttle.ts'

export function storedTallies(store: Database): Tallies {
  return {
    // a wait is answered as a value: a throw would roll the counters back
    count: (counters, now) => store.write((connection) => count(connection, counters, now), LOCKING),
  }
}

async function count(
  connection: Connection,
  counters: readonly KeyedCounter[],
  now: number,
): Promise<Counted> {
  await tidy(connection, 'castellan_throttle', 'counter', sql`expires_at <= ${toText(now)}`)
  await lock(connection, counters, now)
  const tallies = await talliesOf(connection, counters, now)
  const blocked = tallies
    .filter((tally) => tally.blockedUntil > now)
    .sort((one, other) => other.blockedUntil - one.blockedUntil)
  const [longest] = blocked
  if (longest) return { kind: 'waits', about: longest.counter.about, waitMs: longest.blockedUntil - now }

  for (const tally of tallies) await save(connection, tally, now)
  return { kind: 'counted', takeBack: (success) => takeBack(success, counters) }
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
