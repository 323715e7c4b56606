/**
 * A connection to Redis, for counters that several processes share: one command,
 * a script that runs whole or not at all. The package is loaded where Redis is
 * configured and nowhere else.
 *
 * Nothing waits for a Redis that is away: a command without a connection, or
 * without an answer in time, throws, and the connection is made again behind it.
 */

import { misconfigured } from '../errors.ts'

export interface Redis {
  /** What the script answers. @throws Error when there is no answer in time. */
  run(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown>
  close(): Promise<void>
}

const CONNECT_MS = 2000
const ANSWER_MS = 1000
const AGAIN_AFTER_MS = 1000

/**
 * Waits for the first connection, or for its failure: an admin starts without it as well.
 * @param url `redis://name:password@host:6379/0`, `rediss://…` over TLS.
 * @throws AdminError `misconfigured` when the package is not installed.
 */
export async function openRedis(url: string): Promise<Redis> {
  const { createClient } = await redisPackage()
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: AGAIN_AFTER_MS },
  })
  // a connection that breaks is said by the command that finds it broken
  client.on('error', () => {})
  await new Promise<void>((settle) => {
    client.once('ready', settle).once('error', () => settle())
    client.connect().catch(() => settle())
  })
  return {
    run: (script, keys, values) =>
      inTime(client.eval(script, { keys: [...keys], arguments: [...values] }), ANSWER_MS),
    async close() {
      if (client.isOpen) client.destroy()
    },
  }
}

async function inTime<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`Redis gave no answer within ${withinMs} ms.`)), withinMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

async function redisPackage(): Promise<typeof import('@redis/client')> {
  try {
    return await import('@redis/client')
  } catch (cause) {
    const missing = {
      id: 'C602',
      place: '@redis/client',
      problem: 'The package is not installed, and "redis" is configured.',
      remedy: 'Install it: npm install @redis/client',
    }
    throw misconfigured([missing], { cause })
  }
}
