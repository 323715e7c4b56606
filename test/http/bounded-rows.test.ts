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
import { type HouseOptions, openHouse, type SignedIn } from '../house.ts'
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

async function openLarge(
  engine: StoreEngine,
  {
    models,
    isSearchable = false,
  }: { readonly models?: HouseOptions['models']; readonly isSearchable?: boolean } = {},
): Promise<World> {
  const home = await openTestDatabase(engine)
  await fillLarge(home, engine, { isSearchable })
  const { database, taken } = counted(await openDatabase(home.url, { place: 'database' }))
  const house = await openHouse({
    engine,
    home,
    database: { writes: 'refuse', open: async () => ({ database, overlay: null }) },
    ...(models && { models }),
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

    // however the database would weigh it: on a larger table it would walk along the key
    await world.ana.client.get(`${BASE}/m/events?f=customer_id:in:1000,1001`)
    const isFenced = overLarge(world.taken()).some(({ text }) => text.includes('OFFSET 0'))
    expect(isFenced).toBe(engine === 'postgres')
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

/** The record with the key 1998, of the customer `R1999`. */
const REF = 'R5822143'
/** What is searched for, with the key of a record that it finds; null: of none. */
const SEARCHES: readonly (readonly [string, string | null])[] = [
  [REF, '1998'],
  [REF.toLowerCase(), '1998'],
  ['R99999999', null],
  ['4321', '4321'],
  ['123456789', null],
  ['R1999', '1998'],
  [`R1999 ${REF}`, '1998'],
]

const NOTES: Readonly<Record<StoreEngine, RegExp>> = {
  sqlite: /Searches id, the beginning of ref and customer name; not note: no index/i,
  postgres: /Searches id, ref and customer name; not note: no index/i,
  mariadb: /Searches id and words of ref; not note or customer name: no index/i,
}

test.each(STORE_ENGINES)(
  'a search that an index serves reads a bounded part of a large table, and so does a picker: %s',
  async (engine) => {
    const world = await openLarge(engine, {
      isSearchable: true,
      models: { events: { list: { search: ['id', 'ref', 'note', 'customer.name'] } } },
    })
    const plans = await plansOn(engine, world.url)
    onTestFinished(() => plans.close())
    const worst: [path: string, problem: string][] = []
    const searches = SEARCHES.filter(([search]) => engine !== 'mariadb' || !search.includes('R1999'))
    for (const [search, key] of searches) {
      for (const path of [`/m/events?q=${search}`, `/m/events/~options?q=${search}`]) {
        world.taken()
        const { status, text } = await world.ana.client.get(`${BASE}${path.replace(' ', '%20')}`)
        expect([path, status]).toEqual([path, 200])
        const found = [...text.matchAll(/\/m\/events\/(\d+)"|"value":"(\d+)"/g)].map(
          ([, linked, picked]) => linked ?? picked,
        )
        expect([path, key === null ? found : found.includes(key)]).toEqual([path, key === null ? [] : true])
        const [asked] = overLarge(world.taken()).filter((one) => / LIMIT /.test(one.text))
        if (!asked) throw new Error(`${path} asked nothing`)
        const problem = await plans.problemOf(asked)
        if (problem) worst.push([path, `${problem}: ${asked.text}`])
      }
    }

    expect(worst).toEqual([])
    const { text } = await world.ana.client.get(`${BASE}/m/events?q=${REF}`)
    expect(text).toMatch(NOTES[engine])
  },
  ENOUGH_MS,
)

test('a search that no index serves looks through everything and says so', async () => {
  const world = await openLarge('sqlite', {
    models: { events: { list: { search: ['id', 'ref', 'note'] } } },
  })

  const found = await world.ana.client.get(`${BASE}/m/events?q=${REF}`)
  expect(found.text).toContain('/m/events/1998"')
  expect(found.text).toMatch(
    /Searches ref and note without an index: an index with COLLATE NOCASE would help\. What could be id is/i,
  )
  // a number is no part of another field: it would be looked for in all of them
  const plans = sqlitePlans(world.url)
  onTestFinished(() => plans.close())
  world.taken()
  await world.ana.client.get(`${BASE}/m/events?q=7777`)
  for (const asked of overLarge(world.taken())) expect(await plans.problemOf(asked)).toBeNull()
})

test('related records that no index finds among too many say why they are not shown', async () => {
  const home = await openTestDatabase('sqlite')
  await fillLarge(home, 'sqlite')
  await home.run('DROP INDEX events_by_customer')
  const house = await openHouse({ engine: 'sqlite', home })
  onTestFinished(() => house.close())
  const { client } = await house.signIn({ role: 'superadmin' })

  const { text } = await client.get(`${BASE}/m/customers/7`)
  expect(text).toMatch(
    /Not shown: customer has no index that serves the filter.*customer_id, id would serve/i,
  )
  expect(text).not.toContain('be shown now')
})

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
      const isLookedUp = details.some(
        (one) => /^SEARCH t USING .*(id|rowid|customer_id)=\?/.test(one) || one === 'MULTI-INDEX OR',
      )
      const bad = details.find(
        (one) =>
          (/^SCAN t$/.test(one) && !isInRowOrder(text)) ||
          (/^SCAN t$/.test(one) && / LIKE /.test(text)) ||
          (/TEMP B-TREE FOR ORDER/.test(one) && !isLookedUp),
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
