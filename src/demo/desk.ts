/** What the shop's own people wrote down, and when its doors are open. */

import type { Customer } from './customers.ts'
import type { Row } from './insert.ts'
import { DAY_MS, TODAY, timestamp } from './moment.ts'
import type { Random } from './random.ts'

const STAFF: readonly string[] = ['Dana Ruiz', 'Jonas Lindqvist', 'Lena Fischer', 'Grace Kim', 'Tomasz Nowak']

const BODIES: readonly string[] = [
  'Called back, everything is fine.',
  'Sent a replacement; the courier has the old parcel.',
  'Asked for an invoice with the VAT number. Done.',
  'Address corrected after talking to the customer.',
  'Promised 10 % off the next order.',
  'Do not refund without the photo of the damage.\nSee the mail thread.',
  'Très sympathique, à rappeler lundi.',
  'Bitte nur nachmittags anrufen.',
  'Waiting for stock: expected in week 48.',
  '<b>Not</b> a duplicate: two people of the same name.',
]

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

export function makeNotes(
  random: Random,
  customers: readonly Customer[],
  orders: readonly Row[],
): readonly Row[] {
  return Array.from({ length: 420 }, (_, index): Row => {
    const isAboutOrder = random.chance(0.6)
    return {
      id: index + 1,
      customer_id: isAboutOrder ? null : random.pick(customers).id,
      order_id: isAboutOrder ? (random.pick(orders)['id'] ?? null) : null,
      author: random.pick(STAFF),
      body: random.pick(BODIES),
      is_pinned: random.chance(0.08),
      created_at: timestamp(TODAY - Math.floor(random.next() * 700 * DAY_MS)),
    }
  })
}

export function makeOpeningHours(): readonly Row[] {
  const shops = ['Leeds, Oak Road', 'Köln, Lindenstraße']
  return shops.flatMap((shop, index) =>
    WEEKDAYS.filter((weekday) => weekday !== 'sunday').map(
      (weekday, day): Row => ({
        id: index * WEEKDAYS.length + day + 1,
        shop,
        weekday,
        opens_at: weekday === 'saturday' ? '10:00:00' : '09:30:00',
        closes_at: weekday === 'thursday' ? '20:00:00' : '18:30:00',
      }),
    ),
  )
}
