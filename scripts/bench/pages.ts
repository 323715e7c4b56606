/** What is asked of the admin, and of the bare handler where it has an equal. */

import { type Asked, ask } from './load.ts'
import { latency, ratesInTurns } from './measure.ts'
import type { Shop } from './postgres.ts'
import { type Compared, compared, type Timed, timed } from './report.ts'

export interface Measured {
  /** `http://…/admin` */
  readonly admin: string
  /** Where the bare handler listens. */
  readonly plain: string
  readonly cookie: string
  readonly token: string
  readonly orders: number
  readonly durationMs: number
  /** Of the admin, of the bare handler, and of the database where it is a process of its own. */
  readonly pids: { readonly admin: number; readonly plain: number; readonly database: number | null }
  /** Null where nobody can tell which statements were sent. */
  readonly shop: Pick<Shop, 'statementsOf' | 'indexSearch' | 'pid'> | null
  tell(line: string): void
}

/** The same page of the two. */
interface Pair {
  readonly what: string
  readonly ours: string
  readonly theirs: string
  readonly budget?: string
}

export async function listsOf(measured: Measured): Promise<readonly Compared[]> {
  const page = `${measured.admin}/m/orders`
  const plain = `${measured.plain}/orders`
  const pairs: readonly Pair[] = [
    { what: 'list, first page', ours: page, theirs: plain, budget: 'within 2 ×' },
    {
      what: 'list, deep page',
      ours: await pagesOn(page, measured.cookie),
      theirs: await pagesOn(plain, null),
      budget: 'within 2 ×',
    },
    {
      what: 'list, sorted by an indexed column',
      ours: `${page}?sort=placed_at`,
      theirs: `${plain}?sort=placed_at`,
      budget: 'within 2 ×',
    },
    {
      what: 'list, filtered and sorted',
      ours: `${page}?f=status:eq:paid&sort=-placed_at`,
      theirs: `${plain}?status=paid`,
    },
  ]
  const rows: Compared[] = []
  for (const pair of pairs) rows.push(await listOf(measured, pair))
  return rows
}

async function listOf(measured: Measured, { what, ours, theirs, budget }: Pair): Promise<Compared> {
  const { cookie, durationMs, tell } = measured
  tell(`${what} …`)
  const page = (): Asked => ({ url: ours, headers: { cookie } })
  const plain = (): Asked => ({ url: theirs })
  const { admin: ourPids, plain: theirPids } = pidsOf(measured)
  const rates = await ratesInTurns(
    durationMs,
    { next: page, pids: ourPids },
    { next: plain, pids: theirPids },
  )
  const counts = [await statementsOf(measured, page), await statementsOf(measured, plain)]
  return compared(what, 'pages', rates, {
    ...(measured.shop && { statements: counts.join(' and ') }),
    ...(budget !== undefined && { budget }),
  })
}

function pidsOf({ pids: { admin, plain, database } }: Measured): {
  readonly admin: readonly number[]
  readonly plain: readonly number[]
} {
  const shared = database === null ? [] : [database]
  return { admin: [admin, ...shared], plain: [plain, ...shared] }
}

/** "4 + 2": statements that read or write, and those that begin and end transactions. */
async function statementsOf({ shop }: Measured, asked: () => Asked): Promise<string> {
  if (!shop) return ''
  const { url, ...rest } = asked()
  // what is noted once a minute, that somebody is there, is noted now
  await ask(url, rest)
  const statements = await shop.statementsOf(() => ask(url, rest))
  const framing = statements.filter((one) => /^(?:BEGIN|COMMIT|ROLLBACK)/.test(one)).length
  return framing === 0 ? `${statements.length}` : `${statements.length - framing} + ${framing}`
}

const PAGES_ON = 20

/** Twenty pages further on: keyset paging has no other way to get deep, and none is slower than the first. */
async function pagesOn(first: string, cookie: string | null): Promise<string> {
  let address = first
  for (let page = 0; page < PAGES_ON; page += 1) {
    const { text } = await ask(address, { ...(cookie !== null && { headers: { cookie } }) })
    const links = text.match(/<a [^>]*>(?:Next<)?/g) ?? []
    const link = links.find((tag) => tag.includes('"Next page"') || tag.endsWith('Next<'))
    const [, found] = /href="([^"]+)"/.exec(link ?? '') ?? []
    if (!found) throw new Error(`${address} has no next page.`)
    address = new URL(found.replaceAll('&amp;', '&'), address).href
  }
  return address
}

export async function writesOf(measured: Measured): Promise<Compared> {
  const { plain, orders, durationMs, tell } = measured
  tell('writes …')
  const pids = pidsOf(measured)
  let sent = 0
  // each turn goes on where the one before ended: a note that is there already is no change
  const ours = (): Asked => noteOf(measured, sent++, 'ours')
  const asked = (n: number): Asked => ({
    url: `${plain}/orders/${(n % orders) + 1}`,
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ note: `theirs ${n}` }),
  })
  const rates = await ratesInTurns(
    durationMs,
    { next: ours, pids: pids.admin },
    { next: asked, pids: pids.plain },
  )
  const what = 'audited write, against the same write without gate and log'
  return compared(what, 'writes', rates)
}

function noteOf({ admin, token, orders }: Measured, n: number, word: string): Asked {
  return {
    url: `${admin}/api/v1/models/orders/records/${(n % orders) + 1}`,
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ values: { note: `${word} ${n}` } }),
  }
}

/** Searches take turns, so that no answer is warm from the one before. */
const NAMES = ['Ada', 'Ben', 'Cleo', 'Dara', 'Eli', 'Femi', 'Gus', 'Hana', 'Ivo', 'Jun']
const RARE = ['c4ca4', 'c81e7', 'eccbc', 'a87ff', 'e4da3', '16790', '8f14e', 'c9f0f', '45c48', 'd3d94']

/** Castellan alone, one request at a time. */
export async function singlesOf(measured: Measured): Promise<readonly Timed[]> {
  const { admin, cookie, token, orders, shop, tell } = measured
  tell('one at a time …')
  const page =
    (path: (n: number) => string) =>
    (n: number): Asked => ({ url: `${admin}${path(n)}`, headers: { cookie } })
  const nth = (list: readonly string[], n: number): string => list[n % list.length] ?? ''
  const key = (n: number): number => ((n * 7919) % orders) + 1
  const counted = (): Asked => ({
    url: `${admin}/api/v1/models/orders/records?limit=1&count=exact`,
    headers: { authorization: `Bearer ${token}` },
  })
  const rows = [
    timed('orders list, first page', await latency(page(() => '/m/orders')), '10 ms'),
    timed(
      'orders list, filtered and sorted',
      await latency(page(() => '/m/orders?f=status:eq:paid&sort=-placed_at')),
    ),
    timed('open one order', await latency(page((n) => `/m/orders/${key(n)}`)), '5 ms'),
    timed('save one order, with its event', await latency((n) => noteOf(measured, n, 'again')), '10 ms'),
    timed('all orders counted exactly', await latency(counted, 5)),
  ]
  if (!shop) return rows
  rows.push(timed('products list, first page', await latency(page(() => '/m/products')), '5 ms'))
  const searches = async (how: string, goal: string, count: number): Promise<void> => {
    const many = page((n) => `/m/customers?q=${nth(NAMES, n)}`)
    const few = page((n) => `/m/customers?q=${nth(RARE, n)}`)
    const picked = page((n) => `/m/customers/~options?q=${nth(RARE, n)}`)
    rows.push(timed(`customers search, many hits, ${how}`, await latency(many, count), goal))
    rows.push(timed(`customers search, few hits, ${how}`, await latency(few, count), goal))
    rows.push(timed(`picker of customers, few hits, ${how}`, await latency(picked, count), goal))
  }
  await searches('no index', 'bounded', 10)
  tell('an index for searching …')
  await shop.indexSearch()
  await searches('trigram index', '10 ms', 30)
  return rows
}
