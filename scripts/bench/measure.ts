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

/** One of two that are compared. */
export interface Side {
  readonly next: (n: number) => Asked
  /** What takes part: the server, its database. */
  readonly pids: readonly number[]
}

export interface Rates {
  readonly ours: Rate
  readonly theirs: Rate
  /** How many times as often they answer: the median of the turns. */
  readonly ratio: number
}

/** Short enough that a machine that others share is the same for both. */
const TURNS = 5

/**
 * Answers over 16 connections, of the two in turns, so that a machine that slows down slows both; a load of each
 * first, so that nothing is measured while it is compiled.
 */
export async function ratesInTurns(durationMs: number, ours: Side, theirs: Side): Promise<Rates> {
  for (const { next } of [ours, theirs]) await load(Math.min(WARM_UP_MS, durationMs), next)
  const turns: { readonly ours: Rate; readonly theirs: Rate }[] = []
  for (let turn = 0; turn < TURNS; turn += 1) {
    turns.push({ ours: await rate(durationMs / 2, ours), theirs: await rate(durationMs / 2, theirs) })
  }
  return {
    ours: meanOf(turns.map((turn) => turn.ours)),
    theirs: meanOf(turns.map((turn) => turn.theirs)),
    ratio: median(turns.map((turn) => turn.theirs.perSecond / turn.ours.perSecond)),
  }
}

function load(durationMs: number, next: Side['next']): Promise<number> {
  return perSecond({ connections: CONNECTIONS, durationMs, next })
}

async function rate(durationMs: number, { next, pids }: Side): Promise<Rate> {
  const before = pids.map(processorMs)
  const found = await load(durationMs, next)
  const answers = (found * durationMs) / 1000
  const taken = pids.map((pid, index) => {
    const [begun, ended] = [before[index] ?? null, processorMs(pid)]
    return begun === null || ended === null ? null : (ended - begun) / answers
  })
  return { perSecond: found, processorMs: taken }
}

function meanOf(rates: readonly Rate[]): Rate {
  const mean = (numbers: readonly (number | null)[]): number | null => {
    const known = numbers.filter((one) => one !== null)
    return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length
  }
  const pids = rates[0]?.processorMs ?? []
  return {
    perSecond: mean(rates.map(({ perSecond }) => perSecond)) ?? 0,
    processorMs: pids.map((_, index) => mean(rates.map(({ processorMs }) => processorMs[index] ?? null))),
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0
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
