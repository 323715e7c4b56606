/** The database that is measured: customers and orders, generated the same each time. */

import { DatabaseSync } from 'node:sqlite'

export const STATUSES = ['open', 'paid', 'shipped', 'cancelled'] as const

const SEED = 20_261_121

/** Fills a new SQLite file with that many orders and customers. */
export function generate(file: string, orders: number, customers: number): void {
  const database = new DatabaseSync(file)
  database.exec(`
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
    CREATE TABLE orders (
      id INTEGER PRIMARY KEY,
      customer_id INTEGER NOT NULL REFERENCES customers (id),
      status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'shipped', 'cancelled')),
      total DECIMAL(10, 2) NOT NULL,
      placed_at TIMESTAMP NOT NULL,
      note TEXT
    );
    CREATE INDEX orders_by_time ON orders (placed_at);
    CREATE INDEX orders_by_status ON orders (status, placed_at);
    CREATE INDEX orders_by_customer ON orders (customer_id);
    BEGIN;`)
  const random = numbers(SEED)
  const customer = database.prepare('INSERT INTO customers (name, city) VALUES (?, ?)')
  for (let index = 0; index < customers; index += 1) customer.run(`Customer ${index}`, `City ${index % 97}`)
  const order = database.prepare(
    'INSERT INTO orders (customer_id, status, total, placed_at, note) VALUES (?, ?, ?, ?, ?)',
  )
  const start = Date.UTC(2026, 0, 1)
  for (let index = 0; index < orders; index += 1) {
    const placedAt = new Date(start + index * 1000).toISOString().slice(0, 19)
    const total = (random() % 100_000) / 100
    order.run(
      (random() % customers) + 1,
      STATUSES[random() % STATUSES.length] ?? 'open',
      total.toFixed(2),
      placedAt,
      index % 7 === 0 ? `Note ${index}` : null,
    )
  }
  database.exec('COMMIT; ANALYZE; PRAGMA journal_mode = WAL')
  database.close()
}

/** A linear congruential generator (Numerical Recipes): enough for sample data, and the same everywhere. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
}
