/** What the bench has found out, as tables. */

import { cpus, totalmem } from 'node:os'
import type { Latency, Rate, Rates } from './measure.ts'

/** Castellan against the bare handler. */
export interface Compared {
  readonly what: string
  readonly castellan: string
  readonly bare: string
  readonly ratio: string
  /** Processor time of one answer: of the server and of its database, for each of them. */
  readonly processor: string
  /** How many statements each of them sends. */
  readonly statements: string
  readonly budget: string
}

/** Castellan alone, one request at a time. */
export interface Timed {
  readonly what: string
  readonly median: string
  readonly p95: string
  readonly goal: string
}

export function compared(
  what: string,
  unit: string,
  rates: Rates,
  { statements = '–', budget = '–' }: Partial<Compared> = {},
): Compared {
  const text = (perSecond: number): string => `${Math.round(perSecond)} ${unit}/s`
  return {
    what,
    castellan: text(rates.ours.perSecond),
    bare: text(rates.theirs.perSecond),
    ratio: times(rates.ratio),
    processor: `${processorText(rates.ours)} and ${processorText(rates.theirs)}`,
    statements,
    budget,
  }
}

function processorText({ processorMs }: Rate): string {
  const known = processorMs.filter((ms) => ms !== null)
  return known.length === 0 ? '–' : `${known.map((ms) => ms.toFixed(2)).join(' + ')} ms`
}

export function timed(what: string, { median, p95 }: Latency, goal = '–'): Timed {
  return { what, median: `${median.toFixed(1)} ms`, p95: `${p95.toFixed(1)} ms`, goal }
}

export function times(factor: number): string {
  return `${factor.toFixed(2)} ×`
}

export function comparedTable(rows: readonly Compared[]): string {
  const heading = ['what', 'Castellan', 'bare handler', 'slower by', 'processor time', 'statements', 'budget']
  return table(
    heading,
    rows.map((row) => [
      ...[row.what, row.castellan, row.bare, row.ratio],
      ...[row.processor, row.statements, row.budget],
    ]),
  )
}

export function timedTable(rows: readonly Timed[]): string {
  const heading = ['what', 'median', '95th percentile', 'goal']
  return table(
    heading,
    rows.map((row) => [row.what, row.median, row.p95, row.goal]),
  )
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30)
  const [first] = cpus()
  return `Node.js ${process.versions.node}, ${cpus().length} processors (${first?.model ?? 'unknown'}), ${memory} GiB`
}

export interface Report {
  readonly data: string
  readonly rows: readonly Compared[]
  readonly singles: readonly Timed[]
}

/** @param processes In how many of them each of the two served. */
export function pageOf({ data, rows, singles }: Report, processes: number): string {
  const each = processes === 1 ? 'one process' : `${processes} processes`
  return [
    '# Benchmarks',
    '',
    '`npm run bench -- --write` wrote this page. Figures of one run on one machine: read the ratios. The bare handler',
    'is `scripts/bench/bare.ts`: the same bounded queries and the same table, with no session, no policy and no log.',
    'The load and the database are on the same machine and take their share of the processors. What the figures mean',
    'stands in [performance.md](performance.md).',
    '',
    `${data}, ${machine()}.`,
    '',
    `16 connections, ${each} each; processor time of the server and, behind the plus, of PostgreSQL; statements and,`,
    'behind the plus, beginnings and ends of transactions:',
    '',
    comparedTable(rows),
    ...(singles.length > 0 ? ['', 'Castellan alone, one request at a time:', '', timedTable(singles)] : []),
    '',
  ].join('\n')
}
