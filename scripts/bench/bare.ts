/**
 * The baseline: a Hono handler with nothing around it, that runs the same
 * bounded queries over the same file and renders the same table as a string.
 * No session, no policy, no log. Run as a process of its own: FILE, then PORT.
 */

import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

interface Order {
  readonly id: number
  readonly customer_id: number
  readonly status: string
  readonly total: number
  readonly placed_at: string
  readonly note: string | null
}

const PER_PAGE = 50
const [file = '', port = '0'] = process.argv.slice(2)
const database = new DatabaseSync(file)
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000',
)

const first = database.prepare(`SELECT * FROM orders ORDER BY id LIMIT ${PER_PAGE + 1}`)
const deep = database.prepare(`SELECT * FROM orders WHERE id > ? ORDER BY id LIMIT ${PER_PAGE + 1}`)
const filtered = database.prepare(
  `SELECT * FROM orders WHERE status = ? ORDER BY placed_at DESC, id DESC LIMIT ${PER_PAGE + 1}`,
)
const countAll = database.prepare('SELECT count(*) AS n FROM (SELECT 1 FROM orders LIMIT 1001)')
const countFiltered = database.prepare(
  'SELECT count(*) AS n FROM (SELECT 1 FROM orders WHERE status = ? LIMIT 1001)',
)
const names = database.prepare('SELECT id, name FROM customers WHERE id IN (SELECT value FROM json_each(?))')
const one = database.prepare('SELECT * FROM orders WHERE id = ?')
const update = database.prepare('UPDATE orders SET note = ? WHERE id = ?')

const app = new Hono()
app.get('/orders', (c) => {
  const status = c.req.query('status')
  const after = c.req.query('after')
  let orders: readonly Order[]
  if (status) orders = rows(filtered.all(status))
  else orders = rows(after ? deep.all(Number(after)) : first.all())
  const count = status ? countFiltered.get(status) : countAll.get()
  return c.html(page(orders, Number(count?.['n'] ?? 0)))
})
app.patch('/orders/:id', async (c) => {
  const id = Number(c.req.param('id'))
  const { note } = await c.req.json<{ readonly note: string }>()
  database.exec('BEGIN IMMEDIATE')
  one.get(id)
  update.run(note, id)
  const changed = one.get(id)
  database.exec('COMMIT')
  return c.json({ record: changed ?? null })
})

function rows(found: readonly Record<string, unknown>[]): readonly Order[] {
  // the statements above select these very columns
  return found as unknown as readonly Order[]
}

function page(orders: readonly Order[], count: number): string {
  const shown = orders.slice(0, PER_PAGE)
  const found = names.all(JSON.stringify(shown.map(({ customer_id }) => customer_id)))
  const nameOf = new Map(found.map(({ id, name }) => [id, name]))
  const body = shown.map((order) => {
    const cells = [
      order.id,
      nameOf.get(order.customer_id),
      order.status,
      order.total,
      order.placed_at,
      order.note,
    ]
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`
  })
  const next = orders.length > PER_PAGE ? `<a href="?after=${shown.at(-1)?.id}">Next</a>` : ''
  return `<!doctype html><title>Orders</title><h1>Orders</h1><p>${count}</p><table>${body.join('')}</table>${next}`
}

function escaped(cell: unknown): string {
  return String(cell ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
}

serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' }, ({ port: taken }) => {
  process.stdout.write(`ready http://127.0.0.1:${taken}\n`)
})
