/**
 * `npm run bench`: how fast the built server is, as ratios against a bare
 * handler in the same run on the same machine.
 *
 *   --rows N       orders in the table (10000)
 *   --seconds N    how long each load lasts (5)
 *   --write        also write docs/benchmarks.md
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generate } from './bench/database.ts'
import { decisionMicroseconds } from './bench/decision.ts'
import { type Asked, ask, perSecond } from './bench/load.ts'
import { bare, castellan, type Started, serve } from './bench/process.ts'
import { signIn } from './bench/visitor.ts'

interface Row {
  readonly what: string
  readonly castellan: string
  readonly bare: string
  readonly ratio: string
  readonly budget: string
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
})
const ORDERS = Number(values.rows)
const DURATION_MS = Number(values.seconds) * 1000
const CONNECTIONS = 16
const PERSON = { email: 'bench@example.com', name: 'Bench', password: 'a long and winding pass phrase' }

/** What is measured against what, once both servers run and somebody is signed in. */
interface Bench {
  readonly admin: string
  readonly plain: string
  readonly cookie: string
  readonly token: string
}

async function measured(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'castellan-bench-'))
  const [ours, theirs, empty] = [join(folder, 'ours.db'), join(folder, 'theirs.db'), join(folder, 'empty.db')]
  const running: Started[] = []
  try {
    tell(`${ORDERS} orders …`)
    generate(ours, ORDERS)
    generate(theirs, ORDERS)
    generate(empty, 1)
    castellan(['migrate', '--database', `sqlite:${empty}`])
    const where = ['--database', `sqlite:${ours}`]
    castellan(['migrate', ...where])
    const totpUri = castellan(
      [
        ...['user', 'create', '--email', PERSON.email, '--name', PERSON.name, '--role', 'superadmin'],
        ...['--password-stdin', '--totp', ...where],
      ],
      PERSON.password,
    )
    const token = castellan(['token', 'create', '--name', 'bench', '--role', 'superadmin', ...where])
    const cold = await coldStart(ours)
    const server = await serve(ours)
    running.push(server)
    const baseline = await bare(theirs)
    running.push(baseline)
    const { cookie } = await signIn(server.url, { ...PERSON, totpUri })
    const bench: Bench = { admin: server.url, plain: baseline.url, cookie, token }
    const rows = [...(await lists(bench)), await writes(bench)]
    for (const one of running.splice(0)) await one.stop()
    return [...rows, decisions(), verification(ours, empty), cold]
  } finally {
    for (const one of running) await one.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From the start of the process to its first answer. */
async function coldStart(file: string): Promise<Row> {
  tell('cold start …')
  const begun = performance.now()
  const server = await serve(file)
  await ask(`${server.url}/sign-in`, {})
  const castellanMs = performance.now() - begun
  await server.stop()
  const baseline = await bare(file)
  await baseline.stop()
  return {
    what: 'cold start to the first answer',
    castellan: `${Math.round(castellanMs)} ms`,
    bare: `${Math.round(baseline.readyMs)} ms`,
    ratio: times(castellanMs / baseline.readyMs),
    budget: 'under 1 s',
  }
}

async function lists({ admin, plain, cookie }: Bench): Promise<readonly Row[]> {
  const page = `${admin}/m/orders`
  const next = await nextPage(page, cookie)
  const middle = Math.floor(ORDERS / 2)
  return [
    await list('list, first page', { admin: page, plain: `${plain}/orders`, cookie }),
    await list('list, deep page', { admin: next, plain: `${plain}/orders?after=${middle}`, cookie }),
    await list('list, filtered and sorted', {
      admin: `${page}?f=status:eq:paid&sort=-placed_at`,
      plain: `${plain}/orders?status=paid`,
      cookie,
    }),
  ]
}

/** Ten pages further on: keyset paging has no other way to get deep, and none is slower than the first. */
async function nextPage(first: string, cookie: string): Promise<string> {
  let address = first
  for (let page = 0; page < 10; page += 1) {
    const { text } = await ask(address, { headers: { cookie } })
    const link = text.match(/<a [^>]*>/g)?.find((tag) => tag.includes('"Next page"'))
    const [, found] = /href="([^"]+)"/.exec(link ?? '') ?? []
    if (!found) throw new Error(`${address} has no next page.`)
    address = new URL(found.replaceAll('&amp;', '&'), address).href
  }
  return address
}

interface Pages {
  readonly admin: string
  readonly plain: string
  readonly cookie: string
}

async function list(what: string, { admin, plain, cookie }: Pages): Promise<Row> {
  tell(`${what} …`)
  const ours = await rate(() => ({ url: admin, headers: { cookie } }))
  const theirs = await rate(() => ({ url: plain }))
  return compared(what, ours, theirs, 'pages', 'within 2 ×')
}

async function writes({ admin, plain, token }: Bench): Promise<Row> {
  tell('writes …')
  const key = (n: number): number => (n % ORDERS) + 1
  const ours = await rate((n) => ({
    url: `${admin}/api/v1/models/orders/records/${key(n)}`,
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ values: { note: `ours ${n}` } }),
  }))
  const theirs = await rate((n) => ({
    url: `${plain}/orders/${key(n)}`,
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ note: `theirs ${n}` }),
  }))
  return compared('audited write, against the same write without gate and log', ours, theirs, 'writes', '–')
}

/** A short load first, so that neither side is measured while it is being compiled. */
async function rate(next: (n: number) => Asked): Promise<number> {
  await perSecond({ connections: CONNECTIONS, durationMs: Math.min(1500, DURATION_MS), next })
  return await perSecond({ connections: CONNECTIONS, durationMs: DURATION_MS, next })
}

function decisions(): Row {
  tell('decisions …')
  const { p50, p99 } = decisionMicroseconds(500)
  return {
    what: 'one decision at 500 rules, median and p99',
    castellan: `${p50.toFixed(1)} and ${p99.toFixed(1)} µs`,
    bare: '',
    ratio: '',
    budget: 'p99 under 50 µs',
  }
}

/** Without the start of the process, which verifying a log with next to nothing in it shows. */
function verification(file: string, empty: string): Row {
  tell('verification …')
  const start = verified(empty)
  const full = verified(file)
  const seconds = Math.max(full.seconds - start.seconds, 0.001)
  return {
    what: `audit verify, ${full.events} events`,
    castellan: `${Math.round((full.events - start.events) / seconds)} events/s`,
    bare: '',
    ratio: '',
    budget: '33,000 events/s',
  }
}

function verified(file: string): { readonly events: number; readonly seconds: number } {
  const begun = performance.now()
  const [line = ''] = castellan(['audit', 'verify', '--database', `sqlite:${file}`]).split('\n')
  const seconds = (performance.now() - begun) / 1000
  const events = Number(/^verified (\d+) events/.exec(line)?.[1] ?? 0)
  if (events === 0) throw new Error(`The log did not verify: ${line}`)
  return { events, seconds }
}

function compared(what: string, ours: number, theirs: number, unit: string, budget: string): Row {
  return {
    what,
    castellan: `${Math.round(ours)} ${unit}/s`,
    bare: `${Math.round(theirs)} ${unit}/s`,
    ratio: times(theirs / ours),
    budget,
  }
}

function times(factor: number): string {
  return `${factor.toFixed(2)} ×`
}

function tableOf(rows: readonly Row[]): string {
  const heading = ['what', 'Castellan', 'bare handler', 'slower by', 'budget']
  const cells = rows.map((row) => [row.what, row.castellan, row.bare, row.ratio, row.budget])
  const all = [heading, heading.map(() => '---'), ...cells]
  return all.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function pageOf(rows: readonly Row[]): string {
  const machine = `Node.js ${process.versions.node}, ${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'})`
  return [
    '# Benchmarks',
    '',
    '`npm run bench -- --write` wrote this page. Figures of one run on one machine: read the ratios. The bare handler',
    'is `scripts/bench/bare.ts`: the same bounded queries and the same table, with no session, no policy and no log.',
    'The load comes from the same machine and takes its share of the processors.',
    '',
    `${ORDERS} orders, ${CONNECTIONS} connections, one process each. ${machine}.`,
    '',
    tableOf(rows),
    '',
  ].join('\n')
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

const rows = await measured()
process.stdout.write(`${tableOf(rows)}\n`)
if (values.write) writeFileSync('docs/benchmarks.md', pageOf(rows))
