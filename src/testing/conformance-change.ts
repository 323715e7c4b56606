/** Conformance: what is written is read back exactly, and what the source refuses is said at the field. */

import { expect, test } from 'vitest'
import type { Key, Value } from '../model/model.ts'
import { NOTHING, type Predicate } from '../model/predicate.ts'
import { HOSTILE } from './conformance-condition.ts'
import { inWorld, type Kind, type OpenSource, type Tables, type World } from './conformance-world.ts'

const TYPES: Tables = (v) => [
  `CREATE TABLE kinds (
    id ${v.identityKey},
    whole ${v.integer}, price ${v.decimal(10, 2)}, long_price ${v.decimal(38, 10)}, ratio ${v.float},
    flag ${v.boolean}, words ${v.text}, short ${v.varchar(5)},
    kind ${v.varchar(20)} CHECK (kind IN ('a', 'b')), uuid ${v.uuid}, day ${v.date}, hour ${v.time},
    moment ${v.timestamp}, instant ${v.timestamptz}, document ${v.json}, raw ${v.bytes})`,
]

const EXTREMES: Readonly<Record<string, readonly [Kind, readonly Value[]]>> = {
  whole: ['integer', [0n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]],
  price: ['decimal', ['0.00', '0.10', '99999999.99', '-99999999.99', '-0.01', '10.00']],
  long_price: [
    'decimal',
    [
      '1234567890123456789012345678.0123456789',
      '9999999999999999999999999999.9999999999',
      '-9999999999999999999999999999.9999999999',
      '-0.0000000001',
      '0.0000000000',
    ],
  ],
  ratio: [
    'float',
    [
      ...[0, 0.1, 1 / 3, -1e-300, 1.7976931348623157e308, 5e-324, 2 ** 53],
      ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    ],
  ],
  flag: ['boolean', [true, false]],
  words: ['text', ['', ' ', 'a ', 'ä€🙂\u200d', 'a\r\nb', 'NULL', '\u0000', 'x'.repeat(100_000), ...HOSTILE]],
  short: ['varchar', ['', 'äöüß€', '🙂🙂🙂🙂🙂', 'a    ']],
  kind: ['varchar', ['a', 'b']],
  uuid: [
    'uuid',
    [
      '1b4e28ba-2fa1-41d2-883f-0016d3cca427',
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ],
  ],
  day: ['date', ['0001-01-01', '1000-01-01', '2024-02-29', '9999-12-31']],
  hour: ['time', ['00:00:00', '12:00:00.000001', '23:59:59.999999']],
  moment: [
    'timestamp',
    [
      '0001-01-01T00:00:00',
      '2026-11-21T10:00:00',
      '2026-11-21T10:00:00.000001',
      '2026-11-21T10:00:00.500000',
      '9999-12-31T23:59:59.999999',
    ],
  ],
  instant: [
    'timestamptz',
    [
      '0001-01-01T00:00:00Z',
      '1969-12-31T23:59:59.999000Z',
      '2026-11-21T10:00:00Z',
      '2026-11-21T10:00:00.123456Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:30:00Z',
      '9999-12-31T23:59:59.999999Z',
    ],
  ],
  document: ['json', ['{"n":9007199254740993}', 'null', '[]', '"text"', '{"a": [1.50, true]}']],
  raw: ['bytes', [new Uint8Array([]), new Uint8Array([0, 1, 255])]],
}

const SHOP: Tables = (v) => [
  `CREATE TABLE customers (id ${v.identityKey}, email ${v.varchar(100)} NOT NULL UNIQUE)`,
  `CREATE TABLE orders (
    id ${v.identityKey},
    customer_id ${v.integer} NOT NULL,
    number ${v.varchar(20)} NOT NULL DEFAULT 'none',
    status ${v.varchar(20)} NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid')),
    net ${v.integer} NOT NULL DEFAULT 0, tax ${v.integer} NOT NULL DEFAULT 0,
    total ${v.integer} GENERATED ALWAYS AS (net + tax) STORED,
    CONSTRAINT net_is_more CHECK (net >= tax),
    UNIQUE (customer_id, number),
    FOREIGN KEY (customer_id) REFERENCES customers (id))`,
  `CREATE TABLE order_items (
    order_id ${v.integer} NOT NULL,
    line ${v.integer} NOT NULL, name ${v.text}, PRIMARY KEY (order_id, line),
    FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE)`,
  `CREATE TABLE categories (
    id ${v.identityKey}, name ${v.text}, parent_id ${v.integer},
    FOREIGN KEY (parent_id) REFERENCES categories (id))`,
  `CREATE TABLE log (line ${v.text})`,
  `CREATE VIEW paid_orders AS SELECT id, number FROM orders WHERE status = 'paid'`,
  `INSERT INTO customers VALUES (1, 'ana@example.com'), (2, 'bo@example.com')`,
  `INSERT INTO orders (id, customer_id, number, status) VALUES (1, 1, 'A', 'paid'), (2, 2, 'B', 'new')`,
  `INSERT INTO order_items VALUES (1, 1, 'chair'), (1, 2, 'table'), (2, 1, 'lamp')`,
  `INSERT INTO categories VALUES (1, 'all', NULL), (2, 'chairs', 1)`,
  `INSERT INTO log VALUES ('one'), ('one'), (NULL)`,
]

export function changeTests(open: OpenSource): void {
  test.each(Object.entries(EXTREMES))(
    'keeps every value of %s exactly, or refuses it there',
    async (field, [kind, values]) => {
      await inWorld(open, TYPES, async (world) => {
        for (const value of [...values, null]) {
          if (world.vocabulary.cannotHold(kind, value)) await refusesValue(world, field, value)
          else await keepsValue(world, field, value)
        }
        expect((await world.list('kinds')).records).toEqual([])
      })
    },
  )

  test('answers the length of bytes, where a list asks for no more', async () => {
    await inWorld(open, TYPES, async (world) => {
      for (const raw of [new Uint8Array([]), new Uint8Array([0, 1, 255]), null]) {
        await world.insert('kinds', { raw })
      }
      const lengths = async (measured: readonly string[]): Promise<readonly unknown[]> => {
        const { records } = await world.list('kinds', { measured: new Set(measured) })
        return records.map((record) => record['raw'])
      }

      expect(await lengths(['raw'])).toEqual([0, 3, null])
      expect(await lengths([])).toEqual([new Uint8Array([]), new Uint8Array([0, 1, 255]), null])
    })
  })

  test('refuses what a column would change, at the field', async () => {
    await inWorld(open, TYPES, async (world) => {
      const long = world.insert('kinds', {
        price: '12345678901234567890123456.78',
        long_price: '0.00000000001',
        whole: 2n ** 64n,
      })

      await expect(long).rejects.toMatchObject({
        code: 'invalid-input',
        fields: {
          price: [expect.any(String)],
          ...(world.vocabulary.cannotHold('decimal', '0.00000000001') && {
            long_price: [expect.any(String)],
          }),
          whole: [expect.any(String)],
        },
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
      let inserting: Promise<Key> | null = null
      const counts = await world.source.read(async (reader) => {
        const before = await reader.count(query)
        inserting = world.insert('customers', { email: 'new@example.com' })
        // where nothing runs beside a read, the other waits until it has ended
        if (world.source.capabilities.concurrentReads) await inserting
        return [before.value, (await reader.count(query)).value]
      })

      expect(counts).toEqual([2, 2])
      await expect(inserting).resolves.toHaveLength(1)
      expect((await world.count('customers', query.where, 9)).value).toBe(3)
    })
  })
}

async function keepsValue(world: World, field: string, value: Value): Promise<void> {
  const key = await world.insert('kinds', { [field]: value })
  expect((await world.get('kinds', key))?.[field]).toEqual(value)
  if (value === null) {
    expect(await world.where('kinds', { kind: 'isNull', field })).toHaveLength(1)
  } else {
    // what is no number equals nothing, itself included
    const isNumber = !Number.isNaN(value)
    const eq: Predicate = { kind: 'compare', field, operator: 'eq', value }
    expect(await world.where('kinds', eq)).toHaveLength(isNumber ? 1 : 0)
  }
  expect(await world.update('kinds', key, { [field]: null })).toBe(1)
  expect(await world.update('kinds', key, { [field]: value })).toBe(1)
  expect((await world.get('kinds', key))?.[field]).toEqual(value)
  expect(await world.remove('kinds', key)).toBe(1)
}

async function refusesValue(world: World, field: string, value: Value): Promise<void> {
  const refusal = { code: 'invalid-input', fields: { [field]: [expect.any(String)] } }
  await expect(world.insert('kinds', { [field]: value })).rejects.toMatchObject(refusal)
  const key = await world.insert('kinds', { [field]: null })
  await expect(world.update('kinds', key, { [field]: value })).rejects.toMatchObject(refusal)
  expect(await world.remove('kinds', key)).toBe(1)
}
