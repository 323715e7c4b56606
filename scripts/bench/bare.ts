/**
 * The baseline: a Hono handler with nothing around it, that runs the same
 * bounded queries over the same data and renders the same table as a string.
 * No session, no policy, no log. Run as a process of its own: FILE or
 * postgres://…, then PORT.
 *
 * Its statements are those of Castellan's list in the form that one would write
 * by hand: newest first, keyset paging, a count that stops behind 10,000, the
 * customers of one page in one query. On PostgreSQL over a pool of as many
 * connections, and with no snapshot around them.
 */

import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import pg from 'pg'

interface Order {
  readonly id: unknown
  readonly customer_id: unknown
  readonly status: unknown
  readonly total: unknown
  readonly placed_at: unknown
}

/** Where a page begins: behind that order, in the sense of the list. */
interface After {
  readonly placedAt: string
  readonly id: string
}

interface Shop {
  /** Newest first; one more than a page. */
  orders(after: After | null): Promise<readonly Order[]>
  oldest(): Promise<readonly Order[]>
  ofStatus(status: string): Promise<readonly Order[]>
  count(status: string | null): Promise<number>
  names(customers: readonly unknown[]): Promise<ReadonlyMap<unknown, unknown>>
  note(id: string, text: string): Promise<unknown>
}

const PER_PAGE = 50
const COUNTED = 10_001
const COLUMNS = 'id, customer_id, status, total, placed_at'
const CONNECTIONS = 10

const [where = '', port = '0'] = process.argv.slice(2)
const shop = where.startsWith('postgres:') ? onPostgres(where) : onSqlite(where)

const app = new Hono()
app.get('/orders', async (c) => {
  const { status = null, after, sort } = c.req.query()
  const [orders, count] = await Promise.all([listed(status, after, sort), shop.count(status)])
  return c.html(await page(orders, count))
})
app.patch('/orders/:id', async (c) => {
  const { note } = await c.req.json<{ readonly note: string }>()
  return c.json({ record: await shop.note(c.req.param('id'), note) })
})

function listed(
  status: string | null,
  after: string | undefined,
  sort: string | undefined,
): Promise<readonly Order[]> {
  if (status !== null) return shop.ofStatus(status)
  if (sort === 'placed_at') return shop.oldest()
  const [placedAt = '', id = ''] = after?.split(',') ?? []
  return shop.orders(after === undefined ? null : { placedAt, id })
}

async function page(orders: readonly Order[], count: number): Promise<string> {
  const shown = orders.slice(0, PER_PAGE)
  const nameOf = await shop.names(shown.map(({ customer_id }) => customer_id))
  const body = shown.map((order) => {
    const cells = [order.id, nameOf.get(order.customer_id), order.status, order.total, order.placed_at]
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`
  })
  const last = shown.at(-1)
  const next =
    orders.length > PER_PAGE ? `<a href="?after=${text(last?.placed_at)},${last?.id}">Next</a>` : ''
  return `<!doctype html><title>Orders</title><h1>Orders</h1><p>${count}</p><table>${body.join('')}</table>${next}`
}

function text(cell: unknown): string {
  return cell instanceof Date ? cell.toISOString() : String(cell ?? '')
}

function escaped(cell: unknown): string {
  return text(cell).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

function onPostgres(connectionString: string): Shop {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS })
  const rows = async (statement: string, values: readonly unknown[]) =>
    (await pool.query<Record<string, unknown>>(statement, [...values])).rows
  const orders = async (statement: string, ...values: readonly unknown[]) =>
    (await rows(`SELECT ${COLUMNS} FROM orders ${statement} LIMIT ${PER_PAGE + 1}`, values)).map(orderOf)
  return {
    orders: (after) =>
      after === null
        ? orders('ORDER BY placed_at DESC, id DESC')
        : orders(
            `WHERE placed_at <= $1 AND (placed_at < $1 OR (placed_at = $1 AND id < $2))
             ORDER BY placed_at DESC, id DESC`,
            after.placedAt,
            after.id,
          ),
    oldest: () => orders('ORDER BY placed_at, id'),
    ofStatus: (status) => orders('WHERE status = $1 ORDER BY placed_at DESC, id DESC', status),
    async count(status) {
      const [filter, values] = status === null ? ['', []] : ['WHERE status = $1', [status]]
      const counted = `SELECT count(*) AS n FROM (SELECT 1 FROM orders ${filter} LIMIT ${COUNTED}) AS counted`
      return Number((await rows(counted, values))[0]?.['n'] ?? 0)
    },
    async names(customers) {
      const found = await rows('SELECT id, name FROM customers WHERE id = ANY($1)', [customers])
      return new Map(found.map(({ id, name }) => [id, name]))
    },
    async note(id, note) {
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query(`SELECT ${COLUMNS}, note FROM orders WHERE id = $1 FOR UPDATE`, [id])
      await client.query('UPDATE orders SET note = $1 WHERE id = $2', [note, id])
      const changed = await client.query(`SELECT ${COLUMNS}, note FROM orders WHERE id = $1`, [id])
      await client.query('COMMIT')
      client.release()
      return changed.rows[0] ?? null
    },
  }
}

function onSqlite(file: string): Shop {
  const database = new DatabaseSync(file)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000',
  )
  const select = (statement: string) =>
    database.prepare(`SELECT ${COLUMNS} FROM orders ${statement} LIMIT ${PER_PAGE + 1}`)
  const count = (filter: string) =>
    database.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM orders ${filter} LIMIT ${COUNTED})`)
  const first = select('ORDER BY placed_at DESC, id DESC')
  const deep = select(
    'WHERE placed_at <= ?1 AND (placed_at < ?1 OR (placed_at = ?1 AND id < ?2)) ORDER BY placed_at DESC, id DESC',
  )
  const ascending = select('ORDER BY placed_at, id')
  const filtered = select('WHERE status = ? ORDER BY placed_at DESC, id DESC')
  const countAll = count('')
  const countFiltered = count('WHERE status = ?')
  const names = database.prepare(
    'SELECT id, name FROM customers WHERE id IN (SELECT value FROM json_each(?))',
  )
  const one = database.prepare('SELECT * FROM orders WHERE id = ?')
  const update = database.prepare('UPDATE orders SET note = ? WHERE id = ?')
  return {
    orders: async (after) =>
      (after === null ? first.all() : deep.all(after.placedAt, Number(after.id))).map(orderOf),
    oldest: async () => ascending.all().map(orderOf),
    ofStatus: async (status) => filtered.all(status).map(orderOf),
    count: async (status) =>
      Number((status === null ? countAll.get() : countFiltered.get(status))?.['n'] ?? 0),
    names: async (customers) =>
      new Map(names.all(JSON.stringify(customers)).map(({ id, name }) => [id, name])),
    async note(id, note) {
      database.exec('BEGIN IMMEDIATE')
      one.get(Number(id))
      update.run(note, Number(id))
      const changed = one.get(Number(id))
      database.exec('COMMIT')
      return changed ?? null
    },
  }
}

function orderOf(row: Readonly<Record<string, unknown>>): Order {
  const { id, customer_id, status, total, placed_at } = row
  return { id, customer_id, status, total, placed_at }
}

serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' }, ({ port: taken }) => {
  process.stdout.write(`ready http://127.0.0.1:${taken}\n`)
})
