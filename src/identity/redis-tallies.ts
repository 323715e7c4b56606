/**
 * Counters of attempts in Redis: one script counts on all of them at once, so
 * parallel attempts are counted exactly, and no transaction of ours takes a
 * count back. Each ends by itself when its cycle does.
 *
 * A Redis that is away neither opens the door nor bars it: attempts are then
 * counted in the store, from what it has counted before, until it answers again.
 */

import type { IdentityLog } from './parts.ts'
import type { Redis } from './redis.ts'
import type { Counted, KeyedCounter, Tallies } from './throttle.ts'

/** In braces: all of them lie in the same part of a cluster, which a script needs. */
const PREFIX = '{castellan}:throttle:'

/** Of each counter `failures`, `blocked` and `expires`, instants in milliseconds as the admin's own clock has them. */
const COUNT = `
  local now = tonumber(ARGV[1])
  local tallies, longest, which = {}, now, 0
  for index, key in ipairs(KEYS) do
    local kept = redis.call('HMGET', key, 'failures', 'blocked', 'expires')
    local failures, blocked, expires = tonumber(kept[1]), tonumber(kept[2]), tonumber(kept[3])
    if not expires or expires <= now then
      failures, blocked, expires = 0, 0, now + tonumber(ARGV[index * 5 + 1])
    end
    tallies[index] = { failures + 1, expires }
    if blocked > longest then longest, which = blocked, index end
  end
  if which > 0 then return { which, string.format('%.0f', longest - now) } end
  for index, key in ipairs(KEYS) do
    local failures, expires = tallies[index][1], tallies[index][2]
    local free, first = tonumber(ARGV[index * 5 - 3]), tonumber(ARGV[index * 5 - 2])
    local longestWait, most = tonumber(ARGV[index * 5 - 1]), tonumber(ARGV[index * 5])
    local wait = 0
    if failures >= most then wait = expires - now
    elseif failures >= free then wait = math.min(longestWait, first * 2 ^ math.min(failures - free, 30)) end
    local blocked = wait > 0 and now + wait or 0
    redis.call('HSET', key, 'failures', failures,
      'blocked', string.format('%.0f', blocked), 'expires', string.format('%.0f', expires))
    redis.call('PEXPIRE', key, string.format('%.0f', expires - now))
  end
  return { 0, '0' }`

/** An account starts again; the others lose one, and the wait that this attempt itself began. */
const TAKE_BACK = `
  for index, key in ipairs(KEYS) do
    if ARGV[index] == 'account' then
      redis.call('DEL', key)
    elseif tonumber(redis.call('HGET', key, 'failures') or '0') > 0 then
      redis.call('HINCRBY', key, 'failures', -1)
      redis.call('HSET', key, 'blocked', '0')
    end
  end
  return 0`

const SAID_AGAIN_AFTER_MS = 60_000

/** @param otherwise Counts while Redis is away. */
export function redisTallies(redis: Redis, otherwise: Tallies, log: IdentityLog | null): Tallies {
  let saidAt = Number.NEGATIVE_INFINITY
  const say = (error: unknown, now: number): void => {
    if (Math.abs(now - saidAt) < SAID_AGAIN_AFTER_MS) return
    saidAt = now
    const reason = error instanceof Error ? error.name : 'unknown'
    log?.warn({ reason }, 'Redis does not answer; attempts to sign in are counted in the store.')
  }
  return {
    async count(counters, now) {
      try {
        return await countIn(redis, counters, now, (error) => say(error, now))
      } catch (error) {
        say(error, now)
        return await otherwise.count(counters, now)
      }
    },
  }
}

async function countIn(
  redis: Redis,
  counters: readonly KeyedCounter[],
  now: number,
  say: (error: unknown) => void,
): Promise<Counted> {
  const keys = counters.map(({ key }) => `${PREFIX}${key}`)
  const limits = counters.flatMap(({ limit }) =>
    [limit.free, limit.firstWaitMs, limit.maxWaitMs, limit.most, limit.cycleMs].map(String),
  )
  const [which, waitMs] = readAnswer(await redis.run(COUNT, keys, [String(now), ...limits]))
  const waiting = counters[which - 1]
  if (waiting) return { kind: 'waits', about: waiting.about, waitMs }

  let isTakenBack = false
  return {
    kind: 'counted',
    // a transaction that is run again takes nothing back twice
    async takeBack() {
      if (isTakenBack) return
      isTakenBack = true
      const kinds = counters.map(({ about }) => about)
      // who has proved who they are comes in, whether that is forgotten or not
      await redis.run(TAKE_BACK, keys, kinds).catch(say)
    },
  }
}

function readAnswer(answer: unknown): readonly [number, number] {
  if (!Array.isArray(answer) || answer.length !== 2) throw new Error('Redis answered something else.')
  return [Number(answer[0]), Number(answer[1])]
}
