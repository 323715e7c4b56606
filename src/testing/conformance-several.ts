/** Conformance: several records changed or removed by one statement are those of the keys, within the scope, and no others. */

import { expect, test } from 'vitest'
import type { Transaction } from '../data/data-source.ts'
import type { Key, Values } from '../model/model.ts'
import { EVERYTHING, NOTHING, type Predicate } from '../model/predicate.ts'
import { inWorld, type OpenSource, type Tables, type World } from './conformance-world.ts'

const TABLES: Tables = (v) => [
  `CREATE TABLE customers (id ${v.identityKey}, email ${v.varchar(100)} NOT NULL UNIQUE)`,
  `CREATE TABLE orders (
    id ${v.identityKey}, customer_id ${v.integer} NOT NULL, status ${v.varchar(20)} NOT NULL,
    note ${v.text}, n ${v.integer} NOT NULL, CONSTRAINT known CHECK (status IN ('new', 'paid')),
    FOREIGN KEY (customer_id) REFERENCES customers (id))`,
  `CREATE TABLE order_items (
    order_id ${v.integer} NOT NULL, line ${v.integer} NOT NULL, name ${v.text}, PRIMARY KEY (order_id, line),
    FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE)`,
  `CREATE TABLE categories (
    id ${v.identityKey}, name ${v.text}, parent_id ${v.integer},
    FOREIGN KEY (parent_id) REFERENCES categories (id))`,
  `INSERT INTO customers VALUES (1, 'ana@example.com'), (2, 'bo@example.com'), (3, 'cy@example.com')`,
  `INSERT INTO orders VALUES (1, 1, 'paid', NULL, 0), (2, 1, 'new', 'x', 0), (3, 2, 'paid', NULL, 0), (4, 2, 'new', NULL, 0)`,
  `INSERT INTO order_items VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c'), (2, 2, 'd'), (3, 1, 'e')`,
  `INSERT INTO categories VALUES (1, 'all', NULL), (2, 'chairs', 1), (3, 'tables', 1), (4, 'other', NULL)`,
]

/** As many as the gate puts into one statement. */
const MANY = 200
const WRITERS = 4

const PAID: Predicate = { kind: 'compare', field: 'status', operator: 'eq', value: 'paid' }
const UNDER_ALL: Predicate = {
  kind: 'related',
  relation: 'parent',
  where: { kind: 'compare', field: 'name', operator: 'eq', value: 'all' },
}

export function severalTests(open: OpenSource): void {
  test('changes the records of all keys, and no others', async () => {
    await inWorld(open, TABLES, async (world) => {
      expect(await updateMany(world, 'orders', [[3n], [1n]], { note: 'seen' })).toBe(2)
      expect(await column(world, 'orders', 'note')).toEqual(['seen', 'x', 'seen', null])
    })
  })

  test('removes the records of all keys with what hangs on them, and no others', async () => {
    await inWorld(open, TABLES, async (world) => {
      expect(await removeMany(world, 'orders', [[1n], [2n]])).toBe(2)
      expect(await column(world, 'orders', 'id')).toEqual([3n, 4n])
      expect(await column(world, 'order_items', 'name')).toEqual(['e'])
    })
  })

  test('takes a key of several fields as one, and not each of its values with each other', async () => {
    await inWorld(open, TABLES, async (world) => {
      const crossed = [
        [1n, 2n],
        [2n, 1n],
      ]

      expect(await updateMany(world, 'order_items', crossed, { name: 'z' })).toBe(2)
      expect(await column(world, 'order_items', 'name')).toEqual(['a', 'z', 'z', 'd', 'e'])
      expect(await removeMany(world, 'order_items', crossed)).toBe(2)
      expect(await column(world, 'order_items', 'name')).toEqual(['a', 'd', 'e'])
    })
  })

  test('says how many it changed: fewer, where some are not there or not within the scope', async () => {
    await inWorld(open, TABLES, async (world) => {
      expect(await updateMany(world, 'orders', [[1n], [99n]], { note: 'y' })).toBeLessThan(2)
      expect(await updateMany(world, 'orders', [[3n], [4n]], { note: 'y' }, PAID)).toBeLessThan(2)
      expect(await removeMany(world, 'orders', [[3n], [4n]], PAID)).toBeLessThan(2)
      expect(await world.get('orders', [4n])).toMatchObject({ note: null })
    })
  })

  test('changes nothing without a key, by a key of another length or outside the scope', async () => {
    await inWorld(open, TABLES, async (world) => {
      const before = (await world.list('order_items')).records

      for (const [keys, scope] of [
        [[], EVERYTHING],
        [[[1n]], EVERYTHING],
        [[[1n, 1n, 1n]], EVERYTHING],
        [[[1n, 1n]], NOTHING],
      ] as const) {
        expect(await updateMany(world, 'order_items', keys, { name: 'z' }, scope)).toBe(0)
        expect(await removeMany(world, 'order_items', keys, scope)).toBe(0)
      }
      expect((await world.list('order_items')).records).toEqual(before)
    })
  })

  test('counts the records that are there where nothing is to be written', async () => {
    await inWorld(open, TABLES, async (world) => {
      expect(await updateMany(world, 'orders', [[1n], [3n]], {}, PAID)).toBe(2)
      expect(await updateMany(world, 'orders', [[1n], [4n]], {}, PAID)).toBeLessThan(2)
    })
  })

  test('counts those that are the same as before', async () => {
    await inWorld(open, TABLES, async (world) => {
      expect(await updateMany(world, 'orders', [[1n], [2n]], { status: 'paid' })).toBe(2)
    })
  })

  test('takes a scope that looks at the very table', async () => {
    await inWorld(open, TABLES, async (world) => {
      expect(await updateMany(world, 'categories', [[2n], [3n]], { name: 'z' }, UNDER_ALL)).toBe(2)
      expect(await updateMany(world, 'categories', [[2n], [4n]], { name: 'y' }, UNDER_ALL)).toBeLessThan(2)
      expect((await column(world, 'categories', 'name'))[3]).toBe('other')
      expect(await removeMany(world, 'categories', [[2n], [3n]], UNDER_ALL)).toBe(2)
      expect(await column(world, 'categories', 'id')).toEqual([1n, 4n])
    })
  })

  test.each<readonly [string, string, Values, readonly string[]]>([
    ['a value that is taken by another', 'customers', { email: 'cy@example.com' }, ['email']],
    ['a value that only one can have', 'customers', { email: 'new@example.com' }, ['email']],
    ['a missing value', 'customers', { email: null }, ['email']],
    ['a record that is not there', 'orders', { customer_id: 99n }, ['customer_id']],
    ['a value outside the list', 'orders', { status: 'lost' }, ['status']],
  ])('says which fields it is about, and leaves all as they were: %s', async (_, table, values, fields) => {
    await inWorld(open, TABLES, async (world) => {
      const before = (await world.list(table)).records

      const refusal = await updateMany(world, table, [[1n], [2n]], values).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ code: 'invalid-input' })
      expect(Object.keys((refusal as { readonly fields: object }).fields)).toEqual(fields)
      expect(String(refusal)).not.toContain('constraint')
      expect((await world.list(table)).records).toEqual(before)
    })
  })

  test('removes none where others refer to one of them', async () => {
    await inWorld(open, TABLES, async (world) => {
      await expect(removeMany(world, 'customers', [[2n], [3n]])).rejects.toMatchObject({ code: 'conflict' })
      expect(await column(world, 'customers', 'id')).toEqual([1n, 2n, 3n])
      expect(await removeMany(world, 'customers', [[3n]])).toBe(1)
    })
  })

  test(`takes ${MANY} at once, by one field and by two`, async () => {
    await inWorld(open, TABLES, async (world) => {
      const numbers = Array.from({ length: MANY }, (_, index) => BigInt(index + 100))
      await world.execute([
        `INSERT INTO customers VALUES ${numbers.map((n) => `(${n}, '${n}@example.com')`).join()}`,
        `INSERT INTO order_items VALUES ${numbers.map((n) => `(4, ${n}, 'many')`).join()}`,
      ])
      const lines = numbers.map((n): Key => [4n, n])

      expect(await updateMany(world, 'order_items', lines, { name: 'all' })).toBe(MANY)
      expect(await removeMany(world, 'order_items', lines)).toBe(MANY)
      const customers = numbers.map((n): Key => [n])
      expect(await removeMany(world, 'customers', customers)).toBe(MANY)
      expect(await column(world, 'customers', 'id')).toEqual([1n, 2n, 3n])
    })
  })

  test('loses nothing where several change overlapping records, each on what it locked', async () => {
    await inWorld(open, TABLES, async (world) => {
      const sets = Array.from({ length: WRITERS }, (_, index): readonly Key[] =>
        index % 2 === 0 ? [[1n], [2n], [3n]] : [[4n], [3n], [2n]],
      )
      await Promise.all(
        sets.map((keys) =>
          world.source.transaction((transaction) => countUp(world, transaction, keys), {
            isolation: 'read-committed',
          }),
        ),
      )

      expect(await column(world, 'orders', 'n')).toEqual([2n, 4n, 4n, 2n])
    })
  })
}

/** Locks all of them, and counts each up: those that stand at the same number by one statement. */
async function countUp(world: World, transaction: Transaction, keys: readonly Key[]): Promise<void> {
  const query = { ...queryOf(world, 'orders'), scope: EVERYTHING }
  const locked = await transaction.getMany({
    ...query,
    match: ['id'],
    keys,
    fields: ['id', 'n'],
    limit: keys.length,
    isLocked: true,
  })
  for (const [n, same] of Map.groupBy(locked, (values) => values['n'])) {
    const those = same.map((values): Key => [values['id'] ?? null])
    await transaction.updateMany({ ...query, keys: those, values: { n: BigInt(String(n)) + 1n } })
  }
}

const queryOf = (
  world: World,
  name: string,
): Pick<World, 'models'> & { model: ReturnType<World['model']> } => ({
  model: world.model(name),
  models: world.models,
})

function updateMany(
  world: World,
  name: string,
  keys: readonly Key[],
  values: Values,
  scope: Predicate = EVERYTHING,
): Promise<number> {
  return world.source.transaction((one) => one.updateMany({ ...queryOf(world, name), scope, keys, values }))
}

function removeMany(
  world: World,
  name: string,
  keys: readonly Key[],
  scope: Predicate = EVERYTHING,
): Promise<number> {
  return world.source.transaction((one) => one.removeMany({ ...queryOf(world, name), scope, keys }))
}

/** Of all records, in the order of their keys. */
async function column(world: World, name: string, field: string): Promise<readonly unknown[]> {
  return (await world.list(name)).records.map((values) => values[field])
}
