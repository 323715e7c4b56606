/** Measuring one thing: how often a second under load, and how long one at a time. */

import { Agent } from 'node:http'
import { type Asked, ask, perSecond } from './load.ts'
import { processorMs } from './processor.ts'

export const CONNECTIONS = 16
const WARM_UP_MS = 5000
const ONE_BY_ONE = 60

export interface Rate {
  readonly perSecond: number
  /** Processor time of one answer, of each of the processes; null where the system does not tell. */
  readonly processorMs: readonly (number | null)[]
}

/**
 * Answers over 16 connections; a short load first, so that nothing is measured while it is compiled.
 * @param pids What takes part: the server, its database.
 */
export async function rate(
  durationMs: number,
  next: (n: number) => Asked,
  pids: readonly number[] = [],
): Promise<Rate> {
  await perSecond({ connections: CONNECTIONS, durationMs: Math.min(WARM_UP_MS, durationMs), next })
  const before = pids.map(processorMs)
  const found = await perSecond({ connections: CONNECTIONS, durationMs, next })
  const answers = (found * durationMs) / 1000
  const taken = pids.map((pid, index) => {
    const [begun, ended] = [before[index] ?? null, processorMs(pid)]
    return begun === null || ended === null ? null : (ended - begun) / answers
  })
  return { perSecond: found, processorMs: taken }
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
