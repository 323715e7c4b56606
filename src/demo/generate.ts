/**
 * The sample shop: some ten thousand records that look like a shop's, the same
 * on every machine.
 */

import type { Database } from '../database/database.ts'
import { makeCustomers } from './customers.ts'
import { makeNotes, makeOpeningHours } from './desk.ts'
import { insert, run } from './insert.ts'
import { makeTrade } from './orders.ts'
import { makeAssortment } from './products.ts'
import { createRandom } from './random.ts'
import { SCHEMA } from './schema.ts'

const SEED = 20_261_121

/**
 * Makes the shop's tables and fills them, in one transaction; leaves a database
 * that has the shop already as it is.
 */
export async function createDemoShop(database: Database): Promise<void> {
  await database.write(async (connection) => {
    const known = await run(
      connection,
      "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'orders'",
    )
    if (known.length > 0) return

    for (const statement of SCHEMA) await run(connection, statement)
    const random = createRandom(SEED)
    const { customers, addresses } = makeCustomers(random)
    const assortment = makeAssortment(random)
    const trade = makeTrade(random, customers, assortment.products)
    const rows = {
      customers: customers.map((customer) => customer.row),
      addresses,
      categories: assortment.categories,
      products: assortment.products.map((product) => product.row),
      tags: assortment.tags,
      product_tags: assortment.productTags,
      orders: trade.orders,
      order_items: trade.items,
      payments: trade.payments,
      returns: trade.returns,
      staff_notes: makeNotes(random, customers, trade.orders),
      opening_hours: makeOpeningHours(),
    }
    for (const [table, records] of Object.entries(rows)) await insert(connection, table, records)
    await run(connection, 'ANALYZE')
  })
}
