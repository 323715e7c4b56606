import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { openSqlite } from '../database/sqlite/sqlite.ts'
import { createDemoShop } from './generate.ts'
import { run } from './insert.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

let shop: Database

async function made(): Promise<Database> {
  const database = await openSqlite({ file: ':memory:' })
  await createDemoShop(database)
  return database
}

async function rowsOf(statement: string, database = shop): Promise<Rows> {
  // the statement says which columns there are
  return (await database.read((connection) => run(connection, statement))) as Rows
}

async function countOf(what: string): Promise<number> {
  const [row] = await rowsOf(`SELECT count(*) AS n FROM ${what}`)
  return Number(row?.['n'])
}

beforeAll(async () => {
  shop = await made()
})
afterAll(() => shop.close())

const TABLES =
  'customers addresses categories products tags product_tags orders order_items payments returns staff_notes opening_hours'.split(
    ' ',
  )

test('has some ten thousand rows, and some in every table', async () => {
  const counts = await Promise.all(TABLES.map(countOf))

  expect(counts.filter((count) => count === 0)).toEqual([])
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(9_500)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThan(13_000)
  expect(await countOf('customer_totals')).toBe(await countOf('customers'))
})

test('is the same everywhere, row by row', async () => {
  const another = await made()
  const digest = async (database: Database) => {
    const hash = createHash('sha256')
    for (const table of TABLES) {
      const rows = await rowsOf(`SELECT * FROM ${table}`, database)
      hash.update(JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))
    }
    return hash.digest('hex')
  }

  expect(await digest(another)).toBe(await digest(shop))
  await another.close()
})

test('leaves a shop that is there as it is', async () => {
  const before = await countOf('orders')
  await shop.write((connection) => run(connection, "UPDATE orders SET status = 'paid' WHERE id = 10500"))

  await createDemoShop(shop)

  expect(await countOf('orders')).toBe(before)
  expect(await rowsOf('SELECT status FROM orders WHERE id = 10500')).toEqual([{ status: 'paid' }])
})

test('holds together', async () => {
  expect(await rowsOf('PRAGMA foreign_key_check')).toEqual([])
  expect(await rowsOf('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  expect(
    await countOf('orders o WHERE NOT EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = o.id)'),
  ).toBe(0)
  expect(
    await countOf('orders o JOIN customers c ON c.id = o.customer_id WHERE o.placed_at < c.created_at'),
  ).toBe(0)
  expect(
    await countOf(
      'orders o WHERE abs(o.total - (SELECT sum(line_total) FROM order_items i WHERE i.order_id = o.id)) > 0.05',
    ),
  ).toBe(0)
})

test('has the customer and the order of the documentation', async () => {
  const [amara, ...others] = await rowsOf("SELECT * FROM customers WHERE name = 'Amara Okafor'")
  const orders = await rowsOf('SELECT * FROM orders WHERE customer_id = 7 ORDER BY id')

  expect(others).toEqual([])
  expect(amara).toMatchObject({ id: 7n, email: expect.stringMatching(/^amara\.okafor@/), region: 'emea' })
  expect(orders.map((order) => order['number'])).toEqual([8611n, 9020n, 9407n, 9983n, 10391n, 10482n])
  expect(orders.at(-1)).toMatchObject({ status: 'unpaid', paid_at: null })
})

test('looks like a shop: every status, several scripts, gaps where there may be gaps', async () => {
  const distinct = async (column: string, table: string) =>
    (await rowsOf(`SELECT DISTINCT ${column} AS v FROM ${table}`)).length

  expect(await distinct('status', 'orders')).toBe(7)
  expect(await distinct('channel', 'orders')).toBe(3)
  expect(await distinct('region', 'customers')).toBe(3)
  expect(await countOf("customers WHERE name GLOB '*[ぁ-龠]*'")).toBeGreaterThan(10)
  expect(await countOf('products WHERE deleted_at IS NOT NULL')).toBeGreaterThan(5)
  expect(await countOf('customers WHERE avatar IS NOT NULL')).toBeGreaterThan(100)
  expect(await countOf('customers WHERE avatar IS NULL')).toBeGreaterThan(100)
  expect(await countOf('categories WHERE parent_id IS NOT NULL')).toBeGreaterThan(5)
  expect(await countOf('customers WHERE NOT json_valid(preferences)')).toBe(0)
})
