/**
 * How many statements and transactions a page takes. A page that begins to ask
 * for each of its rows is slow on a large database and on no small one.
 */

import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/database/url.ts'
import { api } from '../attack/api.ts'
import { BASE } from '../client.ts'
import { type Asked, counted } from '../counted.ts'
import { openTestDatabase, STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { openHouse, type SignedIn } from '../house.ts'

const ORDERS = 130
const KEY = { sqlite: 'INTEGER PRIMARY KEY', postgres: 'BIGINT PRIMARY KEY', mariadb: 'BIGINT PRIMARY KEY' }
const TEXT = { sqlite: 'TEXT', postgres: 'TEXT', mariadb: 'VARCHAR(80)' }
const WHOLE = { sqlite: 'INTEGER', postgres: 'BIGINT', mariadb: 'BIGINT' }

function shop(engine: StoreEngine): string {
  const [key, text, whole] = [KEY[engine], TEXT[engine], WHOLE[engine]]
  const orders = Array.from({ length: ORDERS }, (_, n) => `(${n + 1}, ${(n % 40) + 1}, 'paid', 'note ${n}')`)
  const customers = Array.from({ length: 40 }, (_, n) => `(${n + 1}, 'Customer ${n}')`)
  return `
    CREATE TABLE customers (id ${key}, name ${text} NOT NULL);
    CREATE TABLE orders (
      id ${key},
      customer_id ${whole} NOT NULL, status ${text} NOT NULL, note ${text},
      FOREIGN KEY (customer_id) REFERENCES customers (id)
    );
    CREATE INDEX orders_by_customer ON orders (customer_id);
    INSERT INTO customers VALUES ${customers.join()};
    INSERT INTO orders VALUES ${orders.join()}`
}

interface World {
  readonly ana: SignedIn
  /** What one visit asks that comes after another like it: the read is recorded, and folded into the one before. */
  visit(path: string): Promise<readonly Asked[]>
  taken(): readonly Asked[]
}

async function openWorld(engine: StoreEngine): Promise<World> {
  const home = await openTestDatabase(engine)
  await home.run(shop(engine))
  const { database, taken } = counted(await openDatabase(home.url, { place: 'database' }))
  const house = await openHouse({
    engine,
    home,
    database: { writes: 'refuse', open: async () => ({ database, overlay: null }) },
  })
  onTestFinished(() => house.close())
  const ana = await house.signIn({ role: 'superadmin' })
  return {
    ana,
    taken,
    async visit(path) {
      await ana.client.get(path)
      taken()
      const { status } = await ana.client.get(path)
      expect(status).toBe(200)
      return taken()
    },
  }
}

/** "1 now, 3 in a read": by themselves, then by transaction, in no order: parts of a page ask at the same time. */
function summary(asked: readonly Asked[]): string {
  const alone = asked.filter(({ transaction }) => transaction === null).length
  const together = Map.groupBy(
    asked.filter(({ transaction }) => transaction !== null),
    ({ transaction }) => transaction,
  )
  const parts = [...together.values()].map((one) => `${one.length} in a ${one[0]?.by}`)
  return [`${alone} now`, ...parts.toSorted()].join(', ')
}

/** PostgreSQL reads what the records of a page lead to along with the page; elsewhere it is a statement of its own. */
const isReadAlong = (engine: StoreEngine): boolean => engine === 'postgres'

const ordersOn = (engine: StoreEngine): string => `1 now, ${isReadAlong(engine) ? 2 : 3} in a read`

/**
 * Each page by its path. By itself stands the statement that says who asks; the list of orders reads the page, the
 * count and the titles of the customers.
 */
const pagesOn = (engine: StoreEngine): readonly (readonly [path: string, asked: string])[] => [
  // the models, what happened of late, and of the log its last verification and its alarms
  ['', '3 now, 1 in a read, 1 in a read, 2 in a read, 2 in a read, 2 in a read, 2 in a read'],
  ...['', '?sort=customer_id', '?f=status:eq:paid&per=100', '?q=paid'].map(
    (asked) => [`/m/orders${asked}`, ordersOn(engine)] as const,
  ),
  ['/m/orders/~options?q=paid', '1 now, 1 in a read'],
  ['/m/customers', '1 now, 2 in a read'],
  ['/m/orders/7', '1 now, 2 in a read, 3 in a read'],
  ['/m/customers/7', `1 now, 1 in a read, 2 in a read, ${isReadAlong(engine) ? 2 : 3} in a read`],
  ['/m/orders/7/edit', '1 now, 1 in a read, 2 in a read'],
  ['/m/orders/new', '1 now, 1 in a read'],
  ['/m/orders/7/history', '1 now, 2 in a read, 3 in a read'],
  // a page of the log and its events; then its last verification and its alarms
  ['/audit', '1 now, 1 in a read, 1 in a read, 2 in a read'],
  ['/audit?model=customers&period=&reads=1', '1 now, 1 in a read, 1 in a read, 2 in a read'],
  ['/audit/activity', '1 now, 4 in a read'],
  ['/people', '1 now, 6 in a read'],
  ['/profile', '4 now, 2 in a read'],
]

/** In the transactions of asking and of doing, of an update and of a deletion of up to 100 records. */
const BULK = [
  [5, 9],
  [4, 8],
]

test.each(STORE_ENGINES)('a page takes a fixed number of statements: %s', async (engine) => {
  const { visit } = await openWorld(engine)
  const pages = pagesOn(engine)

  const found = []
  for (const [path] of pages) found.push([path, summary(await visit(`${BASE}${path}`))])
  expect(found).toEqual(pages)
})

test.each(STORE_ENGINES)('a page far behind the first takes no more than the first: %s', async (engine) => {
  const { ana, visit } = await openWorld(engine)
  let address = `${BASE}/m/orders?per=25`
  for (let page = 0; page < 3; page += 1) {
    const { text } = await ana.client.get(address)
    const link = text.match(/<a [^>]*>/g)?.find((tag) => tag.includes('"Next page"')) ?? ''
    address = /href="([^"]+)"/.exec(link)?.[1]?.replaceAll('&amp;', '&') ?? ''
  }

  expect(address).toContain('cursor=')
  expect(summary(await visit(address))).toBe(ordersOn(engine))
})

test.each(STORE_ENGINES)('saving a record takes a fixed number of statements: %s', async (engine) => {
  const { ana, taken } = await openWorld(engine)
  const edit = `${BASE}/m/orders/7/edit`
  const csrf = await ana.client.csrf(edit)
  const { text } = await ana.client.get(edit)
  const inputOf = (name: string): string =>
    new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(text)?.[1]?.replaceAll('&quot;', '"') ?? ''
  taken()

  const { status } = await ana.client.post(
    edit,
    {
      _version: inputOf('_version'),
      _original: inputOf('_original'),
      note: 'called',
      customer_id: '7',
      status: 'paid',
    },
    { csrf },
  )

  expect(status).toBe(303)
  // the record as the form shows it; then in one transaction: lock, check, change, read again, record
  expect(summary(taken())).toBe('1 now, 2 in a read, 9 in a write')
})

const range = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n))

test.each(STORE_ENGINES)(
  'changing several records takes as many statements as changing few: %s',
  async (engine) => {
    const { ana, taken } = await openWorld(engine)
    /** In the transactions of asking for the confirmation, and of doing it. */
    const statements = async (verb: string, keys: readonly string[]): Promise<readonly number[]> => {
      const body = { keys, ...(verb === 'update' && { input: { values: { note: `by ${keys.length}` } } }) }
      const counts: number[] = []
      let confirmation = {}
      for (const status of [428, 200]) {
        taken()
        const reply = await api(ana.client, 'POST', `/models/orders/actions/${verb}`, {
          ...body,
          ...confirmation,
        })
        expect(reply.status, reply.text).toBe(status)
        counts.push(taken().filter(({ by }) => by === 'write').length)
        confirmation = { confirmation: reply.json['confirmation'] }
      }
      return counts
    }

    // what was done before is recorded by then
    await statements('update', range(1, 3))
    const few = await statements('update', range(1, 2))
    expect(await statements('update', range(1, 100))).toEqual(few)
    const fewDeleted = await statements('delete', range(1, 2))
    expect(await statements('delete', range(11, 110))).toEqual(fewDeleted)
    expect([few, fewDeleted]).toEqual(BULK)
  },
)
