/** What was ordered, paid and sent back. */

import { AMARA_ID, type Customer } from './customers.ts'
import type { Row } from './insert.ts'
import { DAY_MS, TODAY, timestamp } from './moment.ts'
import { money, type Product } from './products.ts'
import type { Random } from './random.ts'

export interface Trade {
  readonly orders: readonly Row[]
  readonly items: readonly Row[]
  readonly payments: readonly Row[]
  readonly returns: readonly Row[]
}

const COUNT = 2000
/** The number of the newest order is this plus `COUNT`. */
const NUMBERS_BEFORE = 8500
/** Orders of Amara Okafor, by number; the last is not paid yet. */
const AMARAS: ReadonlySet<number> = new Set([8611, 9020, 9407, 9983, 10_391, 10_482])
const UNPAID_NUMBER = 10_482

const HOUR_MS = DAY_MS / 24

type Status = 'unpaid' | 'paid' | 'packed' | 'shipped' | 'delivered' | 'cancelled' | 'refunded'

const PAID: ReadonlySet<Status> = new Set<Status>(['paid', 'packed', 'shipped', 'delivered', 'refunded'])

const ORDER_NOTES: readonly string[] = [
  'Customer asked to hold delivery until Friday.',
  'Gift: no invoice in the parcel.',
  'Second attempt; the first courier did not ring.',
  'Replaces a damaged delivery.',
]

interface Order {
  readonly id: number
  readonly placedAt: number
  readonly status: Status
  readonly customer: Customer
}

/** Makes the orders, oldest first, with everything that hangs on them. */
export function makeTrade(
  random: Random,
  customers: readonly Customer[],
  products: readonly Product[],
): Trade {
  const trade = { orders: [] as Row[], items: [] as Row[], payments: [] as Row[], returns: [] as Row[] }
  const amara = customers.find((customer) => customer.id === AMARA_ID) ?? random.pick(customers)
  const earliest = amara.createdAt + DAY_MS
  const moments = placings(random, earliest)
  for (const [index, placedAt] of moments.entries()) {
    const id = NUMBERS_BEFORE + index + 1
    const customer = AMARAS.has(id) ? amara : customerAt(random, customers, placedAt)
    const status = id === UNPAID_NUMBER ? 'unpaid' : statusAt(random, placedAt)
    const order = { id, placedAt, status, customer }
    const { rows, cents } = makeItems(random, order, products)
    trade.items.push(...rows)
    trade.orders.push(makeOrder(random, order, cents))
    trade.payments.push(...makePayments(random, order, cents))
    if (status === 'delivered' && random.chance(0.08)) trade.returns.push(makeReturn(random, order, rows))
  }
  return {
    ...trade,
    payments: numbered(trade.payments),
    returns: numbered(trade.returns),
  }
}

function numbered(rows: readonly Row[]): readonly Row[] {
  return rows.map((row, index) => ({ id: index + 1, ...row }))
}

/** Growing over the years, by day rather than by night, and the newest this very morning. */
function placings(random: Random, earliest: number): readonly number[] {
  const span = TODAY - HOUR_MS - earliest
  return Array.from({ length: COUNT }, () => {
    const at = earliest + span * random.next() ** 0.4
    const hours = random.weighted({ 8: 2, 11: 4, 13: 3, 17: 5, 20: 6, 23: 1 })
    const day = Math.floor(at / DAY_MS) * DAY_MS
    const moment = day + Number(hours) * HOUR_MS + random.int(0, 3599) * 1000
    return moment < TODAY ? moment : Math.floor((TODAY - random.int(60, 9000) * 1000) / 1000) * 1000
  }).sort((a, b) => a - b)
}

/** Somebody who is a customer by then; a few come back often. */
function customerAt(random: Random, customers: readonly Customer[], placedAt: number): Customer {
  for (let attempt = 0; attempt < 50; attempt++) {
    const index = Math.floor(customers.length * random.next() ** 1.8)
    const customer = customers[index]
    if (customer && customer.id !== AMARA_ID && customer.createdAt < placedAt) return customer
  }
  return customers[0] ?? random.pick(customers)
}

/** Old orders are settled, new ones are under way. */
function statusAt(random: Random, placedAt: number): Status {
  const days = (TODAY - placedAt) / DAY_MS
  if (days > 60) return random.weighted({ delivered: 88, cancelled: 6, refunded: 5, unpaid: 1 })
  if (days > 14) return random.weighted({ delivered: 70, shipped: 18, cancelled: 5, refunded: 3, unpaid: 4 })
  if (days > 3) return random.weighted({ shipped: 50, packed: 20, paid: 15, unpaid: 10, cancelled: 5 })
  return random.weighted({ paid: 45, packed: 20, unpaid: 30, cancelled: 5 })
}

function makeItems(
  random: Random,
  order: Order,
  products: readonly Product[],
): { readonly rows: readonly Row[]; readonly cents: number } {
  const count = Number(random.weighted({ 1: 45, 2: 30, 3: 15, 4: 6, 6: 3, 9: 1 }))
  let cents = 0
  const rows = random.some(products, count).map((product, index): Row => {
    const quantity = Number(random.weighted({ 1: 70, 2: 18, 4: 8, 6: 3, 12: 1 }))
    const discount = random.chance(0.1) ? random.pick([5, 10, 12.5, 20]) : 0
    cents += Math.round(quantity * product.cents * (1 - discount / 100))
    return {
      order_id: order.id,
      line_number: index + 1,
      product_id: product.id,
      quantity,
      unit_price: money(product.cents),
      discount_percent: discount,
    }
  })
  return { rows, cents }
}

function makeOrder(random: Random, order: Order, cents: number): Row {
  const { id, placedAt, status, customer } = order
  return {
    id,
    number: id,
    customer_id: customer.id,
    status,
    channel: id === UNPAID_NUMBER ? 'web' : random.weighted({ web: 55, marketplace: 30, retail: 15 }),
    total: money(cents),
    currency: customer.culture.currency,
    shipping_address_id: customer.addressIds[0] ?? null,
    billing_address_id: customer.addressIds.at(-1) ?? null,
    placed_at: timestamp(placedAt),
    paid_at: PAID.has(status) ? timestamp(placedAt + random.int(1, 40) * 60_000) : null,
    archived: TODAY - placedAt > 730 * DAY_MS,
    internal_note: random.chance(0.05) ? random.pick(ORDER_NOTES) : null,
  }
}

function makePayments(random: Random, order: Order, cents: number): readonly Row[] {
  const hasFailed = random.chance(0.04)
  const isPaid = PAID.has(order.status)
  const method = random.weighted({ card: 60, paypal: 18, 'bank-transfer': 12, invoice: 7, cash: 3 })
  const payment = (state: string, minutes: number): Row => ({
    order_id: order.id,
    method,
    state,
    amount: money(cents),
    card_last4: method === 'card' ? random.digits(4) : null,
    provider_token: method === 'cash' ? null : `tok_${Buffer.from(random.bytes(12)).toString('hex')}`,
    captured_at:
      state === 'captured' || state === 'refunded' ? timestamp(order.placedAt + minutes * 60_000) : null,
  })
  const settled = order.status === 'refunded' ? 'refunded' : 'captured'
  return [
    ...(hasFailed ? [payment('failed', 1)] : []),
    ...(isPaid ? [payment(settled, random.int(1, 40))] : []),
  ]
}

function makeReturn(random: Random, order: Order, items: readonly Row[]): Row {
  const item = random.pick(items)
  const requestedAt = Math.min(order.placedAt + random.int(4, 28) * DAY_MS, TODAY - HOUR_MS)
  const state = random.weighted({ requested: 2, received: 2, refunded: 7, declined: 1 })
  return {
    order_id: order.id,
    line_number: item['line_number'] ?? null,
    quantity: 1,
    reason: random.weighted({
      damaged: 3,
      'wrong-product': 1,
      'too-late': 1,
      'not-as-described': 2,
      'no-reason': 4,
    }),
    state,
    refund: state === 'refunded' ? (item['unit_price'] ?? null) : null,
    comment: random.chance(0.4)
      ? random.pick(['Arrived chipped.', 'Smaller than it looked.', 'Changed my mind, sorry!'])
      : null,
    requested_at: timestamp(requestedAt),
  }
}
