/**
 * `npm run bench`: how fast the built server is, as ratios against a bare
 * handler in the same run on the same machine.
 *
 *   --engine NAME    postgres (by default) or sqlite
 *   --customers N    customers in the table (1,000,000; on SQLite 1000)
 *   --orders N       orders in the table (3,000,000; on SQLite 10,000)
 *   --seconds N      how long each load lasts (5)
 *   --processes N    in how many processes each of the two serves (1)
 *   --write          also write docs/benchmarks.md
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generate } from './bench/database.ts'
import { decisionMicroseconds } from './bench/decision.ts'
import { ask } from './bench/load.ts'
import { listsOf, type Measured, singlesOf, writesOf } from './bench/pages.ts'
import { openShop } from './bench/postgres.ts'
import { bare, castellan, type Started, serve } from './bench/process.ts'
import { type Compared, comparedTable, pageOf, type Report, timedTable, times } from './bench/report.ts'
import { signIn } from './bench/visitor.ts'
import { wideOn } from './bench/wide.ts'

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'postgres' },
    customers: { type: 'string' },
    orders: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    processes: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
})
const DURATION_MS = Number(values.seconds) * 1000
const PROCESSES = Number(values.processes)
const PERSON = { email: 'bench@example.com', name: 'Bench', password: 'a long and winding pass phrase' }

async function onPostgres(): Promise<Report> {
  const size = {
    customers: Number(values.customers ?? 1_000_000),
    orders: Number(values.orders ?? 3_000_000),
  }
  tell(`generating ${size.customers} customers and ${size.orders} orders …`)
  const shop = await openShop(size)
  try {
    const { rows, singles } = await measured(shop.url, shop.url, size.orders, shop)
    tell('a database of 375 tables …')
    return {
      data: `PostgreSQL, ${size.customers} customers, ${size.orders} orders`,
      rows,
      singles: [...singles, ...(await wideOn(shop.url, PERSON))],
    }
  } finally {
    await shop.stop()
  }
}

async function onSqlite(): Promise<Report> {
  const orders = Number(values.orders ?? 10_000)
  const folder = mkdtempSync(join(tmpdir(), 'castellan-bench-'))
  const [ours, theirs] = [join(folder, 'ours.db'), join(folder, 'theirs.db')]
  try {
    tell(`${orders} orders …`)
    for (const file of [ours, theirs]) generate(file, orders, Number(values.customers ?? 1000))
    return { data: `SQLite, ${orders} orders`, ...(await measured(`sqlite:${ours}`, theirs, orders, null)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param theirs The same data for the bare handler. */
async function measured(
  database: string,
  theirs: string,
  orders: number,
  shop: Measured['shop'],
): Promise<Omit<Report, 'data'>> {
  const where = ['--database', database]
  castellan(['migrate', ...where])
  const totpUri = castellan(
    [
      ...['user', 'create', '--email', PERSON.email, '--name', PERSON.name, '--role', 'superadmin'],
      ...['--password-stdin', '--totp', ...where],
    ],
    PERSON.password,
  )
  const token = castellan(['token', 'create', '--name', 'bench', '--role', 'superadmin', ...where])
  const cold = await coldStart(database, theirs)
  const before = verified(database)
  const running: Started[] = []
  try {
    const server = await serve(database, PROCESSES)
    running.push(server)
    const baseline = await bare(theirs, PROCESSES)
    running.push(baseline)
    const { cookie } = await signIn(server.url, { ...PERSON, totpUri })
    const page: Measured = {
      ...{ admin: server.url, plain: baseline.url, cookie, token, orders, shop, tell },
      durationMs: DURATION_MS,
      pids: { admin: server.pid, plain: baseline.pid, database: shop?.pid ?? null },
    }
    const lists = await listsOf(page)
    const writes = await writesOf(page)
    const singles = await singlesOf(page)
    for (const one of running.splice(0)) await one.stop()
    return { rows: [...lists, writes, decisions(), verification(database, before), cold], singles }
  } finally {
    for (const one of running) await one.stop()
  }
}

/** From the start of the process to its first answer. */
async function coldStart(database: string, theirs: string): Promise<Compared> {
  tell('cold start …')
  const begun = performance.now()
  const server = await serve(database)
  await ask(`${server.url}/sign-in`, {})
  const castellanMs = performance.now() - begun
  await server.stop()
  const baseline = await bare(theirs)
  await baseline.stop()
  return {
    ...alone('cold start to the first answer', `${Math.round(castellanMs)} ms`, 'under 1 s'),
    bare: `${Math.round(baseline.readyMs)} ms`,
    ratio: times(castellanMs / baseline.readyMs),
  }
}

function decisions(): Compared {
  tell('decisions …')
  const { p50, p99 } = decisionMicroseconds(500)
  const text = `${p50.toFixed(1)} and ${p99.toFixed(1)} µs`
  return alone('one decision at 500 rules, median and p99', text, 'p99 under 50 µs')
}

interface Verified {
  readonly events: number
  readonly seconds: number
}

/** Without the start of the process, which verifying a log with next to nothing in it shows. */
function verification(database: string, start: Verified): Compared {
  tell('verification …')
  const full = verified(database)
  const seconds = Math.max(full.seconds - start.seconds, 0.001)
  const text = `${Math.round((full.events - start.events) / seconds)} events/s`
  return alone(`audit verify, ${full.events} events`, text, '33,000 events/s')
}

function verified(database: string): Verified {
  const begun = performance.now()
  const [line = ''] = castellan(['audit', 'verify', '--database', database]).split('\n')
  const seconds = (performance.now() - begun) / 1000
  const events = Number(/^verified (\d+) events/.exec(line)?.[1] ?? 0)
  if (events === 0) throw new Error(`The log did not verify: ${line}`)
  return { events, seconds }
}

function alone(what: string, text: string, budget: string): Compared {
  return { what, castellan: text, bare: '', ratio: '', processor: '', statements: '', budget }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

const report = values.engine === 'sqlite' ? await onSqlite() : await onPostgres()
process.stdout.write(`${comparedTable(report.rows)}\n\n${timedTable(report.singles)}\n`)
if (values.write) writeFileSync('docs/benchmarks.md', pageOf(report, PROCESSES))
