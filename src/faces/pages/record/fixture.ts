/** A page over an order model, for tests of what the pages of records draw. Not part of the product. */

import type { RecordView } from '../../../gate/records.ts'
import { field, model } from '../../../model/fixture.ts'
import type { Model } from '../../../model/model.ts'
import { page as bare } from '../components/fixture.ts'
import type { PageContext } from '../context.ts'

const STATUS = field('status', 'enum', {
  label: 'Status',
  choices: [
    { value: 'unpaid', label: 'Unpaid' },
    { value: 'paid', label: 'Paid' },
  ],
})

const FIELDS = [
  field('id', 'bigint', { label: 'ID' }),
  STATUS,
  field('channel', 'enum', { label: 'Channel', choices: [{ value: 'web', label: 'Web' }] }),
  field('customer_id', 'bigint', { label: 'Customer ID' }),
  field('total', 'decimal', { label: 'Total', scale: 2 }),
  field('gift', 'bool', { label: 'Gift' }),
  field('placed_at', 'timestamptz', { label: 'Placed' }),
  field('note', 'text', { label: 'Note', nullable: true }),
  field('tax_number', 'text', { label: 'Tax number', nullable: true, sensitivity: 'personal' }),
  field('meta', 'json', { label: 'Meta', nullable: true }),
]

export const ORDERS: Model = model('orders', FIELDS, {
  label: 'Order',
  labelPlural: 'Orders',
  title: ['id'],
  relations: [
    {
      name: 'customer',
      label: 'Customer',
      kind: 'one',
      target: 'customers',
      from: ['customer_id'],
      to: ['id'],
      onDelete: 'restrict',
    },
  ],
  list: {
    columns: ['id', 'customer_id', 'status', 'total'],
    filters: ['status', 'total', 'placed_at'],
    search: ['id', 'customer.name', 'note'],
    sort: [{ field: 'id', direction: 'desc' }],
    perPage: 50,
  },
})

const CUSTOMERS: Model = model('customers', [field('id', 'bigint'), field('name')], {
  label: 'Customer',
  labelPlural: 'Customers',
  title: ['name'],
})

export const page: PageContext = {
  ...bare,
  house: {
    clock: () => Date.UTC(2026, 10, 20, 12),
    gate: {
      models: new Map([
        ['orders', ORDERS],
        ['customers', CUSTOMERS],
      ]),
    },
  },
  // The gate is never asked by what is drawn from it.
} as unknown as PageContext

/** An order that is readable but for its masked tax number. */
export function order(values: RecordView['values'] = {}): RecordView {
  return {
    model: 'orders',
    key: '7',
    title: '#7',
    values: {
      id: 7n,
      status: 'paid',
      channel: 'web',
      customer_id: 3n,
      total: '1234567.50',
      gift: true,
      placed_at: '2026-11-20T11:57:00.000Z',
      note: null,
      meta: null,
      ...values,
    },
    masked: ['tax_number'],
    related: { customer: { model: 'customers', key: '3', title: 'Lena <b>' } },
    version: 'v1',
  }
}
