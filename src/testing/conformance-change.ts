/** Conformance: what is written is read back exactly, and what the source refuses is said at the field. */

import { expect, test } from 'vitest'
import type { Value } from '../model/model.ts'
import { NOTHING, type Predicate } from '../model/predicate.ts'
import { HOSTILE } from './conformance-condition.ts'
import { inWorld, type OpenSource } from './conformance-world.ts'

const TYPES = [
  `CREATE TABLE kinds (
    id INTEGER PRIMARY KEY,
    whole BIGINT, price DECIMAL(10, 2), long_price VARCHAR_DECIMAL(38, 10), ratio DOUBLE, flag BOOLEAN,
    words TEXT, short VARCHAR(5), kind TEXT CHECK (kind IN ('a', 'b')), uuid UUID,
    day DATE, hour TIME, moment TIMESTAMP, instant TIMESTAMPTZ, document JSON, raw BLOB)`,
]

const EXTREMES: Readonly<Record<string, readonly Value[]>> = {
  whole: [0n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n],
  price: ['0.00', '0.10', '99999999.99', '-0.01', '10.00'],
  long_price: ['1234567890123456789012345678.0123456789', '-0.0000000001', '0.0000000000'],
  ratio: [0, 0.1, -1e-300, 1.7976931348623157e308, 5e-324],
  flag: [true, false],
  words: ['', ' ', 'ä€🙂\u200d', 'a\r\nb', 'NULL', '\u0000', 'x'.repeat(100_000), ...HOSTILE],
  short: ['', 'äöüß€'],
  kind: ['a', 'b'],
  uuid: ['1b4e28ba-2fa1-41d2-883f-0016d3cca427'],
  day: ['0001-01-01', '2024-02-29', '9999-12-31'],
  hour: ['00:00:00', '23:59:59.999999'],
  moment: ['2026-11-21T10:00:00', '2026-11-21T10:00:00.000001', '2026-11-21T10:00:00.500000'],
  instant: ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.123456Z', '1969-12-31T23:59:59.999000Z'],
  document: ['{"n":9007199254740993}', 'null', '[]', '"text"'],
  raw: [new Uint8Array([]), new Uint8Array([0, 1, 255])],
}

const SHOP = [
  `CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE)`,
  `CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    number TEXT NOT NULL DEFAULT 'none',
    status TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid')),
    net INTEGER NOT NULL DEFAULT 0, tax INTEGER NOT NULL DEFAULT 0,
    total INTEGER GENERATED ALWAYS AS (net + tax) STORED,
    CONSTRAINT net_is_more CHECK (net >= tax),
    UNIQUE (customer_id, number))`,
  `CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line INTEGER NOT NULL, name TEXT, PRIMARY KEY (order_id, line))`,
  `CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT, parent_id INTEGER REFERENCES categories (id))`,
  `CREATE TABLE log (line TEXT)`,
  `CREATE VIEW paid_orders AS SELECT id, number FROM orders WHERE status = 'paid'`,
  `INSERT INTO customers VALUES (1, 'ana@example.com'), (2, 'bo@example.com')`,
  `INSERT INTO orders (id, customer_id, number, status) VALUES (1, 1, 'A', 'paid'), (2, 2, 'B', 'new')`,
  `INSERT INTO order_items VALUES (1, 1, 'chair'), (1, 2, 'table'), (2, 1, 'lamp')`,
  `INSERT INTO categories VALUES (1, 'all', NULL), (2, 'chairs', 1)`,
  `INSERT INTO log VALUES ('one'), ('one'), (NULL)`,
]

export function changeTests(open: OpenSource): void {
  test.each(Object.entries(EXTREMES))('keeps every value of %s exactly', async (field, values) => {
    await inWorld(open, TYPES, async (world) => {
      for (const value of [...values, null]) {
        const key = await world.insert('kinds', { [field]: value })
        const eq: Predicate = { kind: 'compare', field, operator: 'eq', value }

        expect((await world.get('kinds', key))?.[field]).toEqual(value)
        const found = await world.where('kinds', value === null ? { kind: 'isNull', field } : eq)
        expect(found).toHaveLength(1)
        expect(await world.update('kinds', key, { [field]: null })).toBe(1)
        expect(await world.update('kinds', key, { [field]: value })).toBe(1)
        expect((await world.get('kinds', key))?.[field]).toEqual(value)
        expect(await world.remove('kinds', key)).toBe(1)
      }
    })
  })

  test('refuses what a column would change, at the field', async () => {
    await inWorld(open, TYPES, async (world) => {
      const long = world.insert('kinds', { price: '12345678901234567890123456.78', whole: 2n ** 64n })

      await expect(long).rejects.toMatchObject({
        code: 'invalid-input',
        fields: { price: [expect.any(String)], whole: [expect.any(String)] },
      })
      expect((await world.list('kinds')).records).toEqual([])
    })
  })

  test.each<readonly [string, string, Readonly<Record<string, Value>>, readonly string[]]>([
    ['a value that is taken', 'customers', { email: 'ana@example.com' }, ['email']],
    ['a key that is taken', 'customers', { id: 1n, email: 'new@example.com' }, ['id']],
    ['a pair that is taken', 'orders', { customer_id: 1n, number: 'A' }, ['customer_id', 'number']],
    ['a missing value', 'customers', { email: null }, ['email']],
    ['a record that is not there', 'orders', { customer_id: 99n }, ['customer_id']],
    ['a value outside the list', 'orders', { customer_id: 1n, status: 'lost' }, ['status']],
    ['a rule over two fields', 'orders', { customer_id: 1n, net: 1n, tax: 2n }, ['net', 'tax']],
    ['a computed field', 'orders', { customer_id: 1n, total: 3n }, ['total']],
  ])('says which fields it is about: %s', async (_, table, values, fields) => {
    await inWorld(open, SHOP, async (world) => {
      const refusal = await world.insert(table, values).catch((error: unknown) => error)

      expect(refusal).toMatchObject({ code: 'invalid-input' })
      expect(Object.keys((refusal as { readonly fields: object }).fields)).toEqual(fields)
      expect(String(refusal)).not.toContain('constraint')
    })
  })

  test('says the same for an update, and leaves the record as it was', async () => {
    await inWorld(open, SHOP, async (world) => {
      const before = await world.get('orders', [1n])

      await expect(world.update('orders', [1n], { status: 'lost' })).rejects.toMatchObject({
        fields: { status: [expect.any(String)] },
      })
      await expect(world.update('orders', [1n], { customer_id: 99n })).rejects.toMatchObject({
        fields: { customer_id: [expect.any(String)] },
      })
      await expect(world.update('orders', [1n], { total: 3n })).rejects.toMatchObject({
        fields: { total: [expect.any(String)] },
      })
      expect(await world.get('orders', [1n])).toEqual(before)
      expect(await world.update('orders', [1n], { status: 'new' })).toBe(1)
    })
  })

  test('refuses to remove what others refer to, and removes what only hangs on it', async () => {
    await inWorld(open, SHOP, async (world) => {
      await expect(world.remove('customers', [1n])).rejects.toMatchObject({ code: 'conflict' })
      expect(await world.remove('orders', [1n])).toBe(1)
      expect(await world.remove('customers', [1n])).toBe(1)
      expect((await world.list('order_items')).records).toHaveLength(1)
    })
  })

  test('changes nothing outside the scope', async () => {
    await inWorld(open, SHOP, async (world) => {
      const before = await world.list('orders')
      const scope: Predicate = { kind: 'compare', field: 'status', operator: 'eq', value: 'paid' }

      expect(await world.update('orders', [2n], { number: 'X' }, scope)).toBe(0)
      expect(await world.update('orders', [2n], {}, scope)).toBe(0)
      expect(await world.remove('orders', [2n], scope)).toBe(0)
      expect(await world.remove('orders', [1n], NOTHING)).toBe(0)
      expect(await world.list('orders')).toEqual(before)
      expect(await world.update('orders', [1n], { number: 'X' }, scope)).toBe(1)
      expect(await world.update('orders', [1n], {}, scope)).toBe(1)
    })
  })

  test('rolls back when the work of a transaction throws', async () => {
    await inWorld(open, SHOP, async (world) => {
      const model = world.model('customers')
      const failing = world.source.transaction(async (transaction) => {
        await transaction.insert({ model, values: { email: 'new@example.com' } })
        throw new RangeError('no')
      })

      await expect(failing).rejects.toThrow(RangeError)
      expect((await world.list('customers')).records).toHaveLength(2)
    })
  })

  test('fills defaults and computes what is generated', async () => {
    await inWorld(open, SHOP, async (world) => {
      const key = await world.insert('orders', { customer_id: 1n, net: 5n, tax: 2n })

      expect(await world.get('orders', key)).toMatchObject({ number: 'none', status: 'new', total: 7n })
      await expect(world.insert('log', {})).resolves.toEqual([])
    })
  })

  test('knows composite keys, self references, tables without a key and views', async () => {
    await inWorld(open, SHOP, async (world) => {
      expect(world.model('order_items').key).toEqual(['order_id', 'line'])
      expect(await world.get('order_items', [1n, 2n])).toMatchObject({ name: 'table' })
      expect(await world.get('order_items', [1n])).toBeNull()
      expect(await world.update('order_items', [1n, 2n], { line: 3n })).toBe(1)
      expect(await world.get('order_items', [1n, 3n])).toMatchObject({ name: 'table' })

      expect(world.model('categories').relations).toMatchObject([
        { name: 'parent', kind: 'one', target: 'categories' },
        { name: 'categories', kind: 'many', target: 'categories' },
      ])
      const chairs: Predicate = {
        kind: 'related',
        relation: 'parent',
        where: { kind: 'compare', field: 'name', operator: 'eq', value: 'all' },
      }
      expect(await world.where('categories', chairs)).toMatchObject([{ name: 'chairs' }])

      expect(world.model('log')).toMatchObject({
        key: null,
        writable: { create: true, update: false, delete: false },
      })
      expect((await world.list('log')).records).toHaveLength(3)
      await expect(world.get('log', [1n])).rejects.toThrow(TypeError)

      expect(world.model('paid_orders')).toMatchObject({ kind: 'view', key: null })
      expect((await world.list('paid_orders')).records).toEqual([{ id: 1n, number: 'A' }])
      await expect(world.insert('paid_orders', { number: 'Z' })).rejects.toMatchObject({ code: 'denied' })
    })
  })

  test('reads one snapshot', async () => {
    await inWorld(open, SHOP, async (world) => {
      const model = world.model('customers')
      const query = {
        model,
        models: world.models,
        scope: { kind: 'constant', value: true },
        where: { kind: 'constant', value: true },
        cap: 9,
      } as const
      const counts = await world.source.read(async (reader) => {
        const before = await reader.count(query)
        await world.insert('customers', { email: 'new@example.com' })
        return [before.value, (await reader.count(query)).value]
      })

      expect(counts).toEqual([2, 2])
      expect((await world.count('customers', query.where, 9)).value).toBe(3)
    })
  })
}
