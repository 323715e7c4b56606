/** Measuring one thing: how often a second under load, and how long one at a time. */

import { Agent } from 'node:http'
import { type Asked, ask, perSecond } from './load.ts'

export const CONNECTIONS = 16
const WARM_UP_MS = 2000
const ONE_BY_ONE = 60

/** Answers a second over 16 connections; a short load first, so that nothing is measured while it is compiled. */
export async function rate(durationMs: number, next: (n: number) => Asked): Promise<number> {
  await perSecond({ connections: CONNECTIONS, durationMs: Math.min(WARM_UP_MS, durationMs), next })
  return await perSecond({ connections: CONNECTIONS, durationMs, next })
}

export interface Latency {
  readonly median: number
  readonly p95: number
}

/** Milliseconds of one request at a time, after as many that don't count. @throws Error for an answer that is no success. */
export async function latency(next: (n: number) => Asked, times: number = ONE_BY_ONE): Promise<Latency> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const taken: number[] = []
  for (let n = 0; n < 2 * times; n += 1) {
    const { url, ...rest } = next(n)
    const begun = performance.now()
    const { status, text } = await ask(url, rest, agent)
    const ms = performance.now() - begun
    if (status >= 300) throw new Error(`${url} answered ${status}: ${text.slice(0, 300)}`)
    if (n >= times) taken.push(ms)
  }
  agent.destroy()
  taken.sort((a, b) => a - b)
  return { median: taken[Math.floor(times / 2)] ?? 0, p95: taken[Math.floor(times * 0.95)] ?? 0 }
}
