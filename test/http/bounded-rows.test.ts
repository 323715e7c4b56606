/**
 * However large a table is, a list reads a bounded part of it: every request
 * that a page can make is made, the very statements that the house sent are
 * taken, and the database is asked what it read for them.
 */

import { DatabaseSync } from 'node:sqlite'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/database/url.ts'
import { api } from '../attack/api.ts'
import { BASE } from '../client.ts'
import { type Asked, counted } from '../counted.ts'
import { openTestDatabase, STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { openHouse, type SignedIn } from '../house.ts'
import { fillLarge, LARGE } from '../large.ts'

/** Rows that one statement may read of its tables: some pages, or what is sorted in no time. */
const MOST_ROWS = 12_000

/** Some hundred pages, with their plans: on a busy machine that takes its time. */
const ENOUGH_MS = 1_800_000

interface World {
  readonly engine: StoreEngine
  readonly url: string
  readonly ana: SignedIn
  taken(): readonly Asked[]
}

async function openLarge(engine: StoreEngine): Promise<World> {
  const home = await openTestDatabase(engine)
  await fillLarge(home, engine)
  const { database, taken } = counted(await openDatabase(home.url, { place: 'database' }))
  const house = await openHouse({
    engine,
    home,
    database: { writes: 'refuse', open: async () => ({ database, overlay: null }) },
  })
  onTestFinished(() => house.close())
  return { engine, url: home.url, ana: await house.signIn({ role: 'superadmin' }), taken }
}

/** Paths of list pages: first, last, by each column that is a link, at a value, by each filter that is offered. */
async function pathsOf({ ana }: World): Promise<readonly string[]> {
  const { text } = await ana.client.get(`${BASE}/m/events`)
  const sorts = [...text.matchAll(/href="[^"]*[?&;]sort=(-?\w+)"/g)].map(([, sort = '']) =>
    sort.replace('-', ''),
  )
  const both = [...new Set(sorts)].flatMap((sort) => [sort, `-${sort}`])
  return [
    '/m/events',
    '/m/events?page=last',
    ...both.flatMap((sort) => [
      `/m/events?sort=${sort}`,
      `/m/events?sort=${sort}&page=last`,
      `/m/events?sort=${sort}&at=${encodeURIComponent(VALUES[sort.replace('-', '')] ?? '1')}`,
    ]),
    '/m/events?sort=kind,happened_at',
    '/m/events?sort=-kind,-happened_at&page=last',
    '/m/events/~options?q=',
    '/m/customers/7',
    ...FILTERS.map((filter) => `/m/events?f=${encodeURIComponent(filter)}`),
    ...FILTERS.map((filter) => `/m/events?f=${encodeURIComponent(filter)}&page=last`),
  ]
}

const VALUES: Readonly<Record<string, string>> = {
  id: String(LARGE / 2),
  customer_id: '1000',
  kind: 'order',
  ref: 'R5',
  happened_at: '2024-01-10',
  closed_at: '2024-01-10',
}

/** What the API takes for a filter, it must serve; what it refuses, the page does not ask. */
const FIELDS = ['id', 'customer_id', 'kind', 'ref', 'happened_at', 'closed_at', 'amount', 'note', 'region']
const OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'contains', 'startsWith', 'isNull']
const FILTERS: readonly string[] = FIELDS.flatMap((field) =>
  OPERATORS.map(
    (operator) => `${field}:${operator}:${operator === 'isNull' ? 'true' : valueFor(field, operator)}`,
  ),
)

function valueFor(field: string, operator: string): string {
  const value = VALUES[field] ?? '17'
  const whole = value.length === 10 && value.includes('-') ? `${value}T00:00:00` : value
  return operator === 'in' ? `${whole},${field === 'kind' ? 'call' : whole}` : whole
}

/** The page behind a page, some times over. */
async function deep({ ana }: World, path: string, pages: number): Promise<readonly string[]> {
  const found: string[] = []
  let address = `${BASE}${path}`
  for (let page = 0; page < pages; page += 1) {
    const { text } = await ana.client.get(address)
    const link = text.match(/<a [^>]*>/g)?.find((tag) => /"(Next|Previous) page"/.test(tag)) ?? ''
    address = /href="([^"]+)"/.exec(link)?.[1]?.replaceAll('&amp;', '&') ?? ''
    if (address === '') break
    found.push(address.slice(BASE.length))
  }
  return found
}

/** Of the application's tables alone, without counts, which end at a cap and at a time limit of their own. */
function overLarge(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(
    ({ text }) =>
      /^\s*SELECT/i.test(text) && /["`](events|customers)["`] AS/.test(text) && !/\) AS counted$/.test(text),
  )
}

test.each(STORE_ENGINES)(
  'no list reads more than a bounded part of a large table: %s',
  async (engine) => {
    const world = await openLarge(engine)
    const plans = await plansOn(engine, world.url)
    onTestFinished(() => plans.close())
    const paths = await pathsOf(world)
    const far = [
      ...(await deep(world, '/m/events', 3)),
      ...(await deep(world, '/m/events?sort=kind,happened_at&page=last', 2)),
      ...(await deep(world, `/m/events?sort=ref&at=R5`, 2)),
      ...(await deep(world, `/m/events?sort=closed_at&page=last`, 2)),
    ]
    world.taken()
    const worst: [path: string, problem: string][] = []
    let seen = 0
    for (const path of [...paths, ...far]) {
      const { status } = await world.ana.client.get(`${BASE}${path}`)
      expect([path, status]).toEqual([path, 200])
      for (const asked of overLarge(world.taken())) {
        seen += 1
        const problem = await plans.problemOf(asked)
        if (problem) worst.push([path, `${problem}: ${asked.text}`])
      }
    }

    expect(worst).toEqual([])
    expect(seen).toBeGreaterThan(paths.length)
  },
  ENOUGH_MS,
)

test.each(STORE_ENGINES)(
  'a sort or filter that no index serves is refused with what would help: %s',
  async (engine) => {
    const { ana } = await openLarge(engine)
    const asked = (query: string) => api(ana.client, 'GET', `/models/events/records?limit=1&${query}`)

    const sorted = await asked('sort=amount')
    expect(sorted.status).toBe(422)
    expect(JSON.stringify(sorted.json['fields'])).toMatch(
      /no index that sorts by it.*an index over amount, id would serve/,
    )
    expect((await asked('filter=amount:eq:7')).status).toBe(422)
    expect((await asked('sort=ref')).status).toBe(200)

    const page = await ana.client.get(`${BASE}/m/events?sort=amount&f=amount:eq:7`)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Not sorted by Amount')
    expect(page.text).toContain('Filter ignored')
    expect(page.text).toMatch(/<th[^>]*title="Can’t be sorted: it has no index that sorts by it/)
  },
)

test('the owner of a model may allow it', async () => {
  const home = await openTestDatabase('sqlite')
  await fillLarge(home, 'sqlite')
  const house = await openHouse({
    engine: 'sqlite',
    home,
    models: { events: { list: { allowScans: ['amount'] } } },
  })
  onTestFinished(() => house.close())
  const { client } = await house.signIn({ role: 'superadmin' })

  expect(
    (await api(client, 'GET', '/models/events/records?limit=1&sort=amount&filter=amount:lt:9')).status,
  ).toBe(200)
  expect((await api(client, 'GET', '/models/events/records?limit=1&sort=note')).status).toBe(422)
})

interface Plans {
  /** What is wrong with how a statement is answered; null: nothing. */
  problemOf(asked: Asked): Promise<string | null>
  close(): Promise<void>
}

async function plansOn(engine: StoreEngine, url: string): Promise<Plans> {
  if (engine === 'postgres') return await postgresPlans(url)
  return engine === 'mariadb' ? await mariadbPlans(url) : sqlitePlans(url)
}

/** Steps that walk through a table or sort what they read; an index may be read from end to end in its order. */
function sqlitePlans(url: string): Plans {
  const database = new DatabaseSync(url.replace(/^sqlite:/, ''), { readOnly: true })
  return {
    async problemOf({ text, parameters }) {
      const values = parameters.map((one) => (typeof one === 'boolean' ? Number(one) : one))
      const steps = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...(values as string[]))
      const details = steps.map(({ detail }) => String(detail))
      const isLookedUp = details.some((one) => /^SEARCH t USING .*(id|rowid|customer_id)=\?/.test(one))
      const bad = details.find(
        (one) =>
          (/^SCAN t$/.test(one) && !isInRowOrder(text)) || (/TEMP B-TREE FOR ORDER/.test(one) && !isLookedUp),
      )
      return bad ?? null
    },
    close: async () => database.close(),
  }
}

/** A page in the order of the rows themselves. */
function isInRowOrder(text: string): boolean {
  return /ORDER BY "t"."id" (ASC|DESC) LIMIT/.test(text)
}

interface PostgresNode {
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly PostgresNode[]
}

async function postgresPlans(url: string): Promise<Plans> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const rowsIn = (node: PostgresNode): number => {
    const own =
      node['Actual Rows'] +
      (node['Rows Removed by Filter'] ?? 0) +
      (node['Rows Removed by Index Recheck'] ?? 0)
    return Math.max(own * node['Actual Loops'], ...(node.Plans ?? []).map(rowsIn))
  }
  return {
    async problemOf({ text, parameters }) {
      const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...parameters])
      const read = rowsIn(rows[0]['QUERY PLAN'][0].Plan)
      return read > MOST_ROWS ? `${read} rows` : null
    },
    close: () => client.end(),
  }
}

async function mariadbPlans(url: string): Promise<Plans> {
  const connection = await mysql.createConnection(url.replace(/^mariadb:/, 'mysql:'))
  const rowsIn = (node: unknown): number => {
    if (typeof node !== 'object' || node === null) return 0
    const own = 'r_rows' in node && 'r_loops' in node ? Number(node.r_rows) * Number(node.r_loops) : 0
    return Math.max(own, ...Object.values(node).map(rowsIn))
  }
  return {
    async problemOf({ text, parameters }) {
      const [rows] = await connection.query(`ANALYZE FORMAT=JSON ${text}`, [...parameters])
      const [plan] = rows as { ANALYZE: string }[]
      const read = rowsIn(JSON.parse(plan?.ANALYZE ?? '{}'))
      return read > MOST_ROWS ? `${read} rows` : null
    },
    close: () => connection.end(),
  }
}
